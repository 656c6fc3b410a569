//! Which files are env files by their name.
//!
//! Programs read an env file for variables and nothing else. Any other file may mean more to whoever reads it (`.npmrc`
//! names the registry that packages come from, `.bashrc` is run), so an agent needs a person's consent for one.

use super::RelativePath;

/// Endings that make `.env.X` or `env.X` something other than an env file, such as a module or a copy.
const OTHER_KINDS: [&str; 24] = [
    "js", "cjs", "mjs", "jsx", "ts", "mts", "tsx", "json", "yml", "yaml", "toml", "py", "rb", "php", "go", "sh", "md",
    "txt", "html", "enc", "gpg", "bak", "orig", "swp",
];
/// Files that are read as env files although nothing in their name says `env` on its own. `.envrc` is none of them:
/// direnv runs it as a script.
const KIN: [&str; 2] = [".dev.vars", ".flaskenv"];

/// Whether a file is an env file by its name: `.env`, `.env.X`, `X.env`, `.dev.vars`, `.dev.vars.X` or `.flaskenv`.
pub fn is_env_file(place: &RelativePath) -> bool {
    let name = place.parts().last().unwrap_or_default();
    real_name(name).is_some_and(|real| real == name)
}

/// The name of the env file that is meant, if one is: `env` and `env.X` are written for `.env` and `.env.X`.
pub(super) fn real_name(name: &str) -> Option<String> {
    let is_other_kind = |which: &str| {
        let last = which.rsplit('.').next().unwrap_or(which).to_ascii_lowercase();
        which.is_empty() || OTHER_KINDS.contains(&last.as_str())
    };
    if KIN.contains(&name) || name.strip_prefix(".dev.vars.").is_some_and(|which| !is_other_kind(which)) {
        return Some(name.to_owned());
    }
    let bare = name.strip_prefix('.').unwrap_or(name);
    if bare == "env" {
        return Some(".env".to_owned());
    }
    if let Some(which) = bare.strip_prefix("env.") {
        return (!is_other_kind(which)).then(|| format!(".env.{which}"));
    }
    bare.strip_suffix(".env").filter(|rest| !rest.is_empty()).map(|_| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(path: &str) -> bool {
        is_env_file(&RelativePath::new(path).expect("a good path"))
    }

    #[test]
    fn env_files_are_known_by_their_name_wherever_they_are() {
        for path in [
            ".env",
            "apps/web/.env",
            ".env.local",
            ".env.production.local",
            ".env.example",
            "docker/db.env",
            ".prod.env",
            ".dev.vars",
            ".dev.vars.staging",
            ".flaskenv",
        ] {
            assert!(is(path), "{path}");
        }
    }

    #[test]
    fn files_that_programs_run_or_read_for_more_are_none() {
        for path in [
            ".npmrc",
            ".yarnrc",
            ".yarnrc.yml",
            ".bashrc",
            ".profile",
            ".envrc",
            ".netrc",
            ".pypirc",
            "config.json",
            "Makefile",
            "package.json",
            ".env/activate",
            ".env/.npmrc",
            "env",
            "env.local",
            ".env.js",
            ".env.local.SH",
            ".dev.vars.ts",
            ".ENV",
            "dotenv",
            ".env.",
            ".",
        ] {
            assert!(!is(path), "{path}");
        }
    }
}
