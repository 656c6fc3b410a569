//! Folders that hold a program, and whether it loads an env file of its own.

use super::kind::Kind;
use app::domain::RelativePath;
use std::collections::BTreeSet;

/// Files at the top of a package in every language but JavaScript.
const MANIFESTS: [&str; 13] = [
    "composer.json",
    "pyproject.toml",
    "requirements.txt",
    "manage.py",
    "Gemfile",
    "go.mod",
    "Cargo.toml",
    "mix.exs",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "artisan",
    "Pipfile",
];
/// Files with which a framework shows that it loads the env files of its folder.
const FRAMEWORKS: [&str; 10] = [
    "next.config.",
    "vite.config.",
    "nuxt.config.",
    "astro.config.",
    "svelte.config.",
    "remix.config.",
    "wrangler.",
    "nest-cli.",
    "gatsby-config.",
    "app.config.",
];
/// What in a `package.json` tells of a program rather than a library.
const PROGRAMS: [&str; 10] = [
    "\"dev\":",
    "\"start\":",
    "\"start:dev\":",
    "dotenv",
    "--env-file",
    "\"next\":",
    "\"vite\":",
    "\"nuxt\":",
    "\"astro\":",
    "\"expo\":",
];

/// The packages of a checkout.
#[derive(Default)]
pub struct Packages {
    loading: BTreeSet<String>,
    composed: BTreeSet<String>,
}

impl Packages {
    /// Takes note of a file.
    pub fn take(&mut self, path: &str, kind: Kind, loads_env: bool) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if loads_env {
            self.loading.insert(folder.to_owned());
        }
        if kind == Kind::Compose {
            self.composed.insert(folder.to_owned());
        }
    }

    /// Whether an env file in a folder is loaded: by a program there, or by the repository as a whole.
    pub fn loads(&self, folder: &str, repository: &RelativePath) -> bool {
        let at_top = folder == repository.as_str() || (folder.is_empty() && repository.is_root());
        at_top || self.loading.contains(folder)
    }

    /// The folder whose env file a source file reads, where no example tells.
    pub fn home(&self, path: &str, repository: &RelativePath) -> String {
        let top = if repository.is_root() { "" } else { repository.as_str() };
        let mut folder = path;
        while let Some((above, _)) = folder.rsplit_once('/') {
            folder = above;
            if folder.len() <= top.len() {
                break;
            }
            if self.loading.contains(folder) && !folder.contains("packages/") && !folder.contains("libs/") {
                return folder.to_owned();
            }
        }
        top.to_owned()
    }
}

/// Whether a file shows that the program of its folder loads an env file.
pub fn loads_env(path: &str, bytes: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "package.json" {
        return PROGRAMS.iter().any(|mark| memchr::memmem::find(bytes, mark.as_bytes()).is_some());
    }
    MANIFESTS.contains(&name) || FRAMEWORKS.iter().any(|start| name.starts_with(start))
}

/// Whether a script may copy an example file.
pub fn may_copy(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    (has(".env") || has("env."))
        && ["example", "sample", "template", "dist", "tpl"].iter().any(|word| has(word))
        && ["cp", "cop", "install", "mv"].iter().any(|word| has(word))
}
