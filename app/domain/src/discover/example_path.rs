//! Which files are example env files, and which real file each stands for.

use crate::RelativePath;
use crate::env_file_name::real_name;

/// Words that mark a file as an example of another.
const MARKERS: [&str; 4] = ["example", "sample", "template", "dist"];
/// What stands between a marker and the rest of a name.
const JOINTS: [char; 3] = ['.', '-', '_'];
/// The real file that an example env file stands for, beside it; `None` for every other file.
///
/// The marker may stand behind the name (`.env.example`, `.env.local.sample`, `.env-dist`), inside it
/// (`.env.example.local`) or before it (`example.env`). Without the marker the name must be that of an env file:
/// `.env`, `.env.X`, `X.env` or `env`, which is written for `.env`.
pub fn real_path(example: &RelativePath) -> Option<RelativePath> {
    let (folder, name) = match example.as_str().rsplit_once('/') {
        Some((folder, name)) => (Some(folder), name),
        None => (None, example.as_str()),
    };
    let real = real_name(&without_marker(name)?)?;
    RelativePath::file(&folder.map_or(real.clone(), |folder| format!("{folder}/{real}"))).ok()
}

/// The name with every marker taken out; `None` if it has none.
fn without_marker(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let shorter = MARKERS.iter().find_map(|marker| {
        let behind = lower.strip_suffix(marker).filter(|rest| rest.ends_with(JOINTS));
        let before = lower.strip_prefix('.').unwrap_or(&lower).strip_prefix(marker);
        let before = before.filter(|rest| rest.starts_with('.') || ["-env", "_env"].contains(rest));
        let inside = lower.find(&format!(".{marker}.")).filter(|at| *at > 0);
        // The marker and the rest are ASCII where they are cut, so positions in `lower` are positions in `name`.
        match (behind, inside, before) {
            (Some(rest), ..) => Some(name[..rest.len() - 1].to_owned()),
            (None, Some(at), _) => Some(format!("{}{}", &name[..at], &name[at + marker.len() + 1..])),
            (None, None, Some(rest)) => Some(name[name.len() - rest.len() + 1..].to_owned()),
            _ => None,
        }
    })?;
    Some(without_marker(&shorter).unwrap_or(shorter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn real(path: &str) -> Option<String> {
        real_path(&RelativePath::new(path).expect("a good path")).map(String::from)
    }

    #[test]
    fn an_example_stands_for_the_real_file_beside_it() {
        for (example, expected) in [
            (".env.example", ".env"),
            (".env.sample", ".env"),
            (".env.template", ".env"),
            (".env.dist", ".env"),
            (".env.EXAMPLE", ".env"),
            (".env-example", ".env"),
            (".env_sample", ".env"),
            ("env.example", ".env"),
            ("env-example", ".env"),
            ("example.env", ".env"),
            ("sample.env", ".env"),
            (".example.env", ".env"),
            ("sample-env", ".env"),
            (".env.local.example", ".env.local"),
            (".env.example.local", ".env.local"),
            (".env.development.example", ".env.development"),
            (".env.test.dist", ".env.test"),
            ("env.production.sample", ".env.production"),
            ("config.env.example", "config.env"),
            ("example.config.env", "config.env"),
            (".dev.vars.example", ".dev.vars"),
            ("apps/web/.env.local.example", "apps/web/.env.local"),
            ("docker/db.env.dist", "docker/db.env"),
        ] {
            assert_eq!(real(example).as_deref(), Some(expected), "{example}");
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        for path in [
            ".env",
            ".env.local",
            "nginx.conf.example",
            "settings.json.example",
            "example",
            "example.ts",
            ".env.example.md",
            ".env.example.ts",
            "env.ts.example",
            "env.d.ts.sample",
            "environment.example",
            "environment.example.ts",
            "myenv.example",
            ".envrc.example",
            "example.env/readme",
            "examples/.env",
        ] {
            assert_eq!(real(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_real_file_is_a_short_enough_path_and_no_example(
            name in "[.a-zE\u{130}\u{df}_-]{0,4}(env)?[._-]?(example|SAMPLE|dist)[._-]?(env)?[.a-z\u{130}-]{0,4}",
        ) {
            if let Ok(path) = RelativePath::new(&name)
                && let Some(real) = real_path(&path)
            {
                prop_assert!(real.as_str().chars().count() <= path.as_str().chars().count());
                prop_assert_eq!(real_path(&real), None);
            }
        }
    }
}
