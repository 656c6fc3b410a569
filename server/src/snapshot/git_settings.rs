//! What of git's own files may reach another session: whatever makes git run a program stays behind. Those are hooks, and
//! settings outside of a short list, in every folder that git would take for a repository or a part of one: of the
//! checkout, of its submodules and worktrees, and of repositories that are tracked as files.

use rustix::fs::FileType;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Bytes that a file of settings may have.
pub(super) const SETTINGS_BYTES: u64 = 1024 * 1024;
/// Settings that are kept, with `*` for a name in quotes.
const KEPT: [&str; 38] = [
    "branch.*.merge",
    "branch.*.rebase",
    "branch.*.remote",
    "core.abbrev",
    "core.autocrlf",
    "core.bare",
    "core.compression",
    "core.eol",
    "core.filemode",
    "core.ignorecase",
    "core.logallrefupdates",
    "core.precomposeunicode",
    "core.quotepath",
    "core.repositoryformatversion",
    "core.safecrlf",
    "core.sharedrepository",
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
    "core.symlinks",
    "core.worktree",
    "extensions.objectformat",
    "extensions.partialclone",
    "extensions.refstorage",
    "extensions.worktreeconfig",
    "fetch.prune",
    "index.sparse",
    "index.version",
    "lfs.repositoryformatversion",
    "pull.rebase",
    "push.default",
    "remote.*.fetch",
    "remote.*.partialclonefilter",
    "remote.*.promisor",
    "remote.*.tagopt",
    "remote.*.url",
    "submodule.*.url",
    "user.email",
    "user.name",
];

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Keep,
    /// Kept without the settings that are not on the list.
    Settings,
    LeaveOut(&'static str),
}

/// The folders of a tree that git would read settings or run hooks of.
#[derive(Default)]
pub(super) struct GitFolders(HashSet<PathBuf>);

impl GitFolders {
    /// Takes a folder with the names in it, before anything in it.
    pub fn add(&mut self, path: &Path, names: &[OsString]) {
        let has = |name: &str| names.iter().any(|known| known == name);
        let is_repository = has("objects") && has("refs");
        let is_worktree = has("HEAD") && (has("commondir") || has("gitdir"));
        if is_repository || is_worktree || path.file_name() == Some(OsStr::new(".git")) {
            self.0.insert(path.to_owned());
        }
    }

    /// What becomes of an entry.
    pub fn rule(&self, path: &Path, kind: FileType) -> Rule {
        let is_hooks = |path: &Path| path.file_name() == Some(OsStr::new("hooks")) && self.holds(path);
        if path.ancestors().skip(1).any(is_hooks) {
            // Git runs none of the samples that it puts there.
            let is_sample = path.extension() == Some(OsStr::new("sample")) && kind == FileType::RegularFile;
            return if is_sample { Rule::Keep } else { Rule::LeaveOut("hooks of git are not kept") };
        }
        if is_hooks(path) && kind != FileType::Directory {
            return Rule::LeaveOut("hooks of git are not kept");
        }
        let is_settings = matches!(path.file_name().map(OsStr::as_bytes), Some(b"config" | b"config.worktree"));
        match kind {
            _ if !is_settings || !self.holds(path) => Rule::Keep,
            FileType::Directory => Rule::Keep,
            FileType::RegularFile => Rule::Settings,
            _ => Rule::LeaveOut("git's settings are kept only where they are a file"),
        }
    }

    fn holds(&self, path: &Path) -> bool {
        path.parent().is_some_and(|folder| self.0.contains(folder))
    }
}

/// The settings without those that are not on the list, and the names of these; nothing where all of them are.
pub(super) fn clean(settings: &[u8]) -> Option<(Vec<u8>, Vec<String>)> {
    let (mut kept, mut removed) = (Vec::with_capacity(settings.len()), Vec::new());
    let mut section = None;
    for line in logical_lines(settings) {
        match Line::read(&line, section.as_deref()) {
            Line::Blank => kept.extend_from_slice(&line),
            Line::Section(name) => {
                section = Some(name);
                kept.extend_from_slice(&line);
            }
            Line::Setting(name, true) => {
                debug_assert!(!name.is_empty());
                kept.extend_from_slice(&line);
            }
            Line::Setting(name, false) => removed.push(name),
            Line::Unknown => {
                // Nobody can say which section what follows belongs to.
                section = None;
                removed.push("a line that is no plain setting".to_owned());
            }
        }
    }
    removed.sort();
    removed.dedup();
    (!removed.is_empty()).then_some((kept, removed))
}

/// Lines with those that they go on in, each with its end.
fn logical_lines(settings: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::<Vec<u8>>::new();
    let mut goes_on = false;
    for line in settings.split_inclusive(|byte| *byte == b'\n') {
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => last.extend_from_slice(line),
            None => lines.push(line.to_vec()),
        }
        let is_comment = !goes_on && matches!(line.trim_ascii_start().first(), Some(b'#' | b';'));
        goes_on = !is_comment && line.trim_ascii_end().ends_with(b"\\");
    }
    lines
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Blank, or a comment.
    Blank,
    /// `core`, or `remote.*`.
    Section(String),
    /// Its whole name, and whether it is kept.
    Setting(String, bool),
    Unknown,
}

impl Line {
    /// Knows only what git itself writes: a line is a section, a setting, a comment or blank, and stands for itself.
    fn read(line: &[u8], section: Option<&str>) -> Self {
        let Ok(line) = std::str::from_utf8(line) else { return Self::Unknown };
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line).trim_matches([' ', '\t']);
        if line.contains(|letter: char| letter.is_control() && letter != '\t') {
            return Self::named(line, section);
        }
        match line.chars().next() {
            None | Some('#' | ';') => Self::Blank,
            Some('[') => section_of(line).map_or(Self::Unknown, Self::Section),
            Some(_) => Self::setting(line, section),
        }
    }

    fn setting(line: &str, section: Option<&str>) -> Self {
        let (key, value) = line.split_once('=').map_or((line, None), |(key, value)| (key, Some(value.trim())));
        let key = key.trim_matches([' ', '\t']).to_ascii_lowercase();
        let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let (Some(section), true) = (section, plain && !key.is_empty()) else { return Self::Unknown };
        let name = format!("{section}.{key}");
        let kept = KEPT.contains(&name.as_str()) && is_harmless(&name, value.unwrap_or_default());
        Self::Setting(name, kept)
    }

    /// A setting of several lines, or one with strange characters: none on the list needs that.
    fn named(line: &str, section: Option<&str>) -> Self {
        match Self::setting(line.lines().next().unwrap_or_default(), section) {
            Self::Setting(name, _) => Self::Setting(name, false),
            _ => Self::Unknown,
        }
    }
}

/// The section in a line such as `[core]` or `[remote "origin"]` and nothing more.
fn section_of(line: &str) -> Option<String> {
    let inside = line.strip_prefix('[')?.strip_suffix(']')?;
    let (name, sub) = match inside.split_once([' ', '\t']) {
        None => (inside, None),
        Some((name, sub)) => (name, Some(sub.trim().strip_prefix('"')?.strip_suffix('"')?)),
    };
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !plain || sub.is_some_and(|sub| sub.contains(['"', '\\', '[', ']'])) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    Some(if sub.is_some() { format!("{name}.*") } else { name })
}

/// Whether a value of a setting on the list leads git no further than the setting means.
fn is_harmless(name: &str, value: &str) -> bool {
    match name {
        // `ext::` and its like name programs; what begins with a dash is taken for an option.
        "remote.*.url" | "submodule.*.url" => !value.contains("::") && !value.trim_matches('"').starts_with('-'),
        // Submodules have one, which leads back into the workspace.
        "core.worktree" => value.trim_matches('"').starts_with("../"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_writes_at_a_clone_is_kept_as_it_is() {
        let written = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n\
                       [remote \"origin\"]\n\turl = https://git.example.test/shop.git\n\
                       \tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch \"main\"]\n\tremote = origin\n\
                       \tmerge = refs/heads/main\n[submodule \"lib\"]\n\turl = ../lib.git\n# mine\n\n";
        assert_eq!(clean(written.as_bytes()), None);
    }

    #[test]
    fn whatever_runs_a_program_goes_however_it_is_written() {
        for (settings, kept, removed) in [
            ("[core]\n\tfsmonitor = ./x\n\tbare = false\n", "[core]\n\tbare = false\n", "core.fsmonitor"),
            ("[CORE]\n\tHooksPath=x\n", "[CORE]\n", "core.hookspath"),
            ("[core]\n sshCommand = \"a \\\n b\"\nbare = true\n", "[core]\nbare = true\n", "core.sshcommand"),
            ("[filter \"x\"]\n\tsmudge = x\n", "[filter \"x\"]\n", "filter.*.smudge"),
            ("[include]\n\tpath = ../evil\n", "[include]\n", "include.path"),
            ("[includeIf \"gitdir:**\"]\n\tpath = x\n", "[includeIf \"gitdir:**\"]\n", "includeif.*.path"),
            ("[alias]\n\tst = !x\n", "[alias]\n", "alias.st"),
            ("[remote \"o\"]\n\turl = ext::sh -c x\n", "[remote \"o\"]\n", "remote.*.url"),
            ("[remote \"o\"]\n\turl = \"--upload-pack=x\"\n", "[remote \"o\"]\n", "remote.*.url"),
            ("[submodule \"o\"]\n\tupdate = !x\n", "[submodule \"o\"]\n", "submodule.*.update"),
            ("[core]\n\tworktree = /etc\n", "[core]\n", "core.worktree"),
            ("[core]\n\tbare = false\\\n\tfsmonitor = x\n", "[core]\n", "core.bare"),
            ("[core]\n\tbare = a\rfsmonitor = x\n", "[core]\n", "core.bare"),
        ] {
            let (left, names) = clean(settings.as_bytes()).expect(settings);
            assert_eq!((String::from_utf8_lossy(&left).as_ref(), names.join(", ").as_str()), (kept, removed));
        }
    }

    #[test]
    fn what_is_not_plainly_one_thing_goes_with_all_that_depends_on_it() {
        for settings in [
            "[core] fsmonitor = x\n\tsshCommand = x\n",
            "[core\n]\n\tfsmonitor = x\n",
            "[core.sub]\nfsmonitor = x\n",
            "[remote \"a\\\"]\n[core]\"]\nfsmonitor = x\n",
            "\u{feff}[core]\n\tfsmonitor = x\n",
            "fsmonitor = x\n",
        ] {
            let (left, _) = clean(settings.as_bytes()).expect(settings);
            let left = String::from_utf8_lossy(&left).into_owned();
            assert!(!left.contains("fsmonitor") && !left.contains("sshCommand"), "{settings:?}: {left:?}");
        }
    }

    #[test]
    fn a_comment_does_not_go_on_and_a_setting_does() {
        let (left, _) = clean(b"# a \\\n[core]\n\teditor = \\\n bare = false\n").expect("removed");
        assert_eq!(left, b"# a \\\n[core]\n");
    }

    #[test]
    fn every_folder_that_git_would_use_is_known() {
        let mut folders = GitFolders::default();
        let names = |names: &[&str]| names.iter().map(OsString::from).collect::<Vec<_>>();
        folders.add(Path::new(".git"), &names(&["config"]));
        folders.add(Path::new("docs/tracked"), &names(&["HEAD", "config", "hooks", "objects", "refs"]));
        folders.add(Path::new(".git/worktrees/w"), &names(&["HEAD", "commondir", "gitdir", "config.worktree"]));
        folders.add(Path::new("src"), &names(&["config", "hooks"]));
        let rule = |path: &str, kind| folders.rule(Path::new(path), kind);
        for place in [".git/config", "docs/tracked/config", ".git/worktrees/w/config.worktree"] {
            assert_eq!(rule(place, FileType::RegularFile), Rule::Settings, "{place}");
            assert!(matches!(rule(place, FileType::Symlink), Rule::LeaveOut(_)), "{place}");
        }
        for place in [".git/hooks/post-checkout", "docs/tracked/hooks/sub/x", "docs/tracked/hooks/sub"] {
            assert!(matches!(rule(place, FileType::RegularFile), Rule::LeaveOut(_)), "{place}");
        }
        assert!(matches!(rule(".git/hooks", FileType::Symlink), Rule::LeaveOut(_)));
        for place in [".git/hooks/pre-push.sample", "src/config", "src/hooks/use-it.js", ".git/HEAD"] {
            assert_eq!(rule(place, FileType::RegularFile), Rule::Keep, "{place}");
        }
    }
}
