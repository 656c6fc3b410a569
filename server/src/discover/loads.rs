//! Which example files a project's documents, scripts and settings copy or load, and under which name.

use app::domain::{RelativePath, discover, is_env_file};
use std::sync::Arc;

/// An example file that a line copies, or that it names at least.
#[derive(Clone, Debug)]
pub struct Load {
    /// The file with the line.
    pub path: Arc<RelativePath>,
    pub line: u32,
    /// Folders that the example may be meant from, the likeliest first: beside the file, or from the top.
    folders: Vec<String>,
    example: String,
    real: Option<String>,
    /// Whether the line copies it; otherwise it only names it.
    pub copies: bool,
}

/// Words with which commands, scripts and people copy a file.
const COPIES: [&str; 22] = [
    "cp",
    "copy",
    "copying",
    "copied",
    "mv",
    "rename",
    "renaming",
    "ln",
    "install",
    "duplicate",
    "cat",
    "copyFile",
    "copyFileSync",
    "FileUtils.cp",
    "shutil.copy",
    "shutil.copyfile",
    "File.copy",
    "rsync",
    "Copy-Item",
    "create",
    "make",
    "envsubst",
];

/// What the lines of one file copy and name.
pub fn read(path: &Arc<RelativePath>, text: &[u8]) -> Vec<Load> {
    if memchr::memmem::find(text, b"env").is_none() {
        return Vec::new();
    }
    let own = path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut found = Vec::new();
    let mut inside = String::new();
    for (number, line) in (1..).zip(text.split(|c| *c == b'\n')) {
        if line.len() > 2_000 {
            continue;
        }
        let Ok(line) = std::str::from_utf8(line) else { continue };
        if line.trim_start().starts_with("```") || line.starts_with('#') {
            inside.clear();
        }
        if let Some(at) = line.find("cd ").filter(|at| !line[..*at].ends_with(char::is_alphanumeric)) {
            let folder = line[at + 3..].trim_start().split([' ', '&', ';', '"', '`', ')']).next().unwrap_or_default();
            inside = if folder.starts_with(['$', '/', '~']) || folder == ".." {
                String::new()
            } else {
                join(&inside, folder).unwrap_or_default()
            };
        }
        if !line.contains("env") && !line.contains("dev.vars") {
            continue;
        }
        found.extend(of_line(path, number, line, &own, &inside));
    }
    found
}

fn of_line(path: &Arc<RelativePath>, number: u32, line: &str, own: &str, inside: &str) -> Option<Load> {
    let tokens: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || "\"'`()[]{}<>,;=|&*".contains(c))
        .map(|token| token.trim_end_matches(['.', ':', '!', '\\']))
        .filter(|token| !token.is_empty())
        .collect();
    let name = |token: &str| RelativePath::new(token.rsplit('/').next().unwrap_or(token));
    let is_example =
        |token: &str| !token.contains("://") && name(token).is_ok_and(|name| discover::real_path(&name).is_some());
    let is_real = |token: &str| !is_example(token) && name(token).is_ok_and(|name| is_env_file(&name));
    let at = tokens.iter().position(|token| is_example(token))?;
    let example = tokens[at];
    if example.contains('$') {
        return None;
    }
    let behind = tokens[at + 1..].iter().find(|token| is_real(token));
    let real = behind.or_else(|| tokens[..at].iter().rfind(|token| is_real(token)));
    let copies = tokens.iter().any(|token| {
        COPIES.iter().any(|word| token.eq_ignore_ascii_case(word) || token.ends_with(&format!(".{word}")))
    });
    let from = |folder: &str| join(folder, inside);
    let mut folders: Vec<String> = [from(own), from("")].into_iter().flatten().collect();
    folders.extend([own.to_owned(), String::new()]);
    folders.dedup();
    let real = real.filter(|real| copies && !real.contains('$')).map(|real| (*real).to_owned());
    Some(Load { path: Arc::clone(path), line: number, folders, example: example.to_owned(), real, copies })
}

impl Load {
    /// The example that is meant, of those that there are, and the file it is copied to.
    pub fn resolve(
        &self,
        root: &RelativePath,
        is_example: impl Fn(&RelativePath) -> bool,
    ) -> Option<(RelativePath, Option<RelativePath>)> {
        let folders = self.folders.iter().map(String::as_str).chain([root.as_str()]);
        for folder in folders {
            let folder = if folder == "." { "" } else { folder };
            let Some(example) = join(folder, &self.example).and_then(|path| RelativePath::file(&path).ok()) else {
                continue;
            };
            if is_example(&example) {
                let real = self
                    .real
                    .as_deref()
                    .and_then(|real| join(folder, real))
                    .and_then(|path| RelativePath::file(&path).ok());
                return Some((example, real));
            }
        }
        None
    }

    /// How much the place speaks for the file, of at most 100.
    pub fn weight(&self, example: &RelativePath) -> u32 {
        let path = self.path.as_str();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let lower = name.to_ascii_lowercase();
        let beside = example.as_str().rsplit_once('/').map_or("", |(folder, _)| folder) == folder;
        let base = if lower.starts_with("readme") && (folder.is_empty() || beside) {
            100
        } else if lower.starts_with("contributing") || lower.starts_with("development") {
            95
        } else if [
            "setup",
            "dev",
            "makefile",
            "justfile",
            "package.json",
            "composer.json",
            "bootstrap",
            "taskfile",
            "start",
            "mise",
        ]
        .iter()
        .any(|start| lower.starts_with(start))
        {
            90
        } else if path.contains("devcontainer") || path.contains("gitpod") {
            70
        } else if path.contains(".github/") {
            20
        } else if lower.contains("docker") || path.contains("docker/") {
            40
        } else if super::kind::is_aside(path) {
            45
        } else {
            60
        };
        if self.copies { base } else { base / 4 }
    }
}

/// A path below a folder, `.` and `..` resolved; `None` if it leaves the top.
pub fn join(folder: &str, path: &str) -> Option<String> {
    let path = if let Some(absolute) = path.strip_prefix('/') { absolute } else { path };
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
