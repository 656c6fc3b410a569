//! Which programs read an env file, guessed from what a checkout says: dependencies, compose files, scripts and units.

use crate::RelativePath;
use crate::file_readers::ReaderEvidence;
use crate::reader::Reader;
use crate::{is_env_file, limits};

/// A file of a checkout that may show which programs read its env files.
pub struct Sign<'a> {
    /// Its path, from the workspace down.
    pub source: &'a RelativePath,
    /// Its content.
    pub text: &'a str,
}

/// What kind of file shows readers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Lists dependencies; counts for the env files of its folder and, where those have no such file, of folders below.
    Package(Manifest),
    Compose,
    Script,
    Makefile,
    Unit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manifest {
    Npm,
    Deno,
    Python,
    Ruby,
    Php,
    Go,
    Cargo,
}

/// Whether a file of this name may show readers.
pub fn is_sign(path: &RelativePath) -> bool {
    kind(path).is_some()
}

fn kind(path: &RelativePath) -> Option<Kind> {
    let name = path.parts().last()?;
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    Some(match name {
        "package.json" => Kind::Package(Manifest::Npm),
        "deno.json" | "deno.jsonc" => Kind::Package(Manifest::Deno),
        "pyproject.toml" | "Pipfile" | "setup.cfg" => Kind::Package(Manifest::Python),
        "Gemfile" => Kind::Package(Manifest::Ruby),
        "composer.json" => Kind::Package(Manifest::Php),
        "go.mod" => Kind::Package(Manifest::Go),
        "Cargo.toml" => Kind::Package(Manifest::Cargo),
        "Makefile" | "makefile" | "GNUmakefile" => Kind::Makefile,
        _ if name.starts_with("requirements") && name.ends_with(".txt") => Kind::Package(Manifest::Python),
        _ if yaml && (name.starts_with("compose") || name.starts_with("docker-compose")) => Kind::Compose,
        _ if name.ends_with(".sh") || name.ends_with(".bash") || name == ".envrc" => Kind::Script,
        _ if name.ends_with(".service") => Kind::Unit,
        _ => return None,
    })
}

/// The dependencies by which a manifest names a reader.
fn dependencies(manifest: Manifest) -> &'static [(&'static str, Reader)] {
    match manifest {
        Manifest::Npm => &[
            ("dotenv", Reader::NpmDotenv),
            ("dotenv-expand", Reader::DotenvExpand),
            ("next", Reader::Next),
            ("vite", Reader::Vite),
            ("nuxt", Reader::Nuxt),
            ("expo", Reader::Expo),
        ],
        Manifest::Python => &[
            ("python-dotenv", Reader::PythonDotenv),
            ("pydantic-settings", Reader::PythonDotenv),
            ("environs", Reader::PythonDotenv),
            ("django-environ", Reader::DjangoEnviron),
            ("python-decouple", Reader::Decouple),
        ],
        Manifest::Ruby => {
            &[("dotenv", Reader::RubyDotenv), ("dotenv-rails", Reader::RubyDotenv), ("foreman", Reader::Foreman)]
        }
        Manifest::Php => &[
            ("vlucas/phpdotenv", Reader::Phpdotenv),
            ("laravel/framework", Reader::Phpdotenv),
            ("symfony/dotenv", Reader::Symfony),
        ],
        Manifest::Go => &[("github.com/joho/godotenv", Reader::Godotenv)],
        Manifest::Cargo => &[("dotenvy", Reader::Dotenvy)],
        Manifest::Deno => &[],
    }
}

/// What the files of a checkout show about who reads the env file at `place`, each reader once.
pub(super) fn evidence(place: &RelativePath, signs: &[Sign]) -> Vec<ReaderEvidence> {
    let mut found: Vec<ReaderEvidence> = Vec::new();
    let manifests = nearest_manifests(place, signs);
    for sign in signs {
        let Some(kind) = kind(sign.source) else { continue };
        let at = folder(sign.source);
        for (number, line) in sign.text.lines().enumerate() {
            for reader in readers_in_line(place, kind, &at, line, manifests.as_ref()) {
                if found.len() < limits::READERS && found.iter().all(|one| one.reader != reader) {
                    let (path, line) = (sign.source.to_string(), u32::try_from(number + 1).ok());
                    found.push(ReaderEvidence { reader, path, line });
                }
            }
        }
    }
    found
}

/// The folder whose manifests count for an env file: its own, or the nearest one above that has any.
fn nearest_manifests(place: &RelativePath, signs: &[Sign]) -> Option<RelativePath> {
    let folders = signs.iter().filter(|sign| matches!(kind(sign.source), Some(Kind::Package(_))));
    let above = folders.map(|sign| folder(sign.source)).filter(|at| at.holds(place));
    above.max_by_key(RelativePath::depth)
}

/// The readers of an env file that one line of a sign in the folder `at` shows.
fn readers_in_line(
    place: &RelativePath,
    kind: Kind,
    at: &RelativePath,
    line: &str,
    manifests: Option<&RelativePath>,
) -> Vec<Reader> {
    let names_file = |named: &str| names(place, at, named);
    match kind {
        Kind::Package(manifest) => {
            let counts = manifests == Some(at) && is_env_file(place);
            let listed = dependencies(manifest).iter().filter(|(name, _)| counts && lists(manifest, line, name));
            let scripts = matches!(manifest, Manifest::Npm | Manifest::Deno);
            let calls = scripts.then(|| calls(line, names_file)).into_iter().flatten();
            listed.map(|(_, reader)| *reader).chain(calls).collect()
        }
        Kind::Compose => {
            let entry = line.trim().trim_start_matches("- ").trim();
            let named = entry.strip_prefix("env_file:").or_else(|| entry.strip_prefix("path:")).unwrap_or(entry);
            let named = named.trim().trim_matches(['"', '\'', '[', ']', ' ']);
            // Variables in the compose file itself come from the `.env` beside it.
            let own = line.contains("${")
                && !line.trim_start().starts_with('#')
                && *place == at.join(&RelativePath::dotenv());
            if own || names_file(named) { vec![Reader::Compose] } else { Vec::new() }
        }
        Kind::Script => {
            let sourced = sourced(line).is_some_and(names_file);
            sourced.then_some(Reader::Shell).into_iter().chain(calls(line, names_file)).collect()
        }
        Kind::Makefile => {
            let line = line.trim_start_matches('-');
            let included = line.strip_prefix("include ").or_else(|| line.strip_prefix("sinclude "));
            let included = included.is_some_and(|files| files.split_whitespace().any(names_file));
            let sourced = sourced(line).is_some_and(names_file);
            let own = included.then_some(Reader::Make).into_iter().chain(sourced.then_some(Reader::Shell));
            own.chain(calls(line, names_file)).collect()
        }
        Kind::Unit => {
            let file = line.trim().strip_prefix("EnvironmentFile=").map(|file| file.trim_start_matches('-'));
            // A unit names the place on the machine where it runs; only the end of the path says which file it is.
            let same = file.is_some_and(|file| file == place.as_str() || file.ends_with(&format!("/{place}")));
            if same { vec![Reader::Systemd] } else { Vec::new() }
        }
    }
}

fn folder(file: &RelativePath) -> RelativePath {
    upper(file, file.depth().saturating_sub(1))
}

/// The first parts of a path.
fn upper(path: &RelativePath, depth: usize) -> RelativePath {
    let parts: Vec<_> = path.parts().take(depth).collect();
    RelativePath::new(&parts.join("/")).unwrap_or_else(|_| RelativePath::root())
}

/// Whether a path in a file of the folder `at` means the env file: from there, or from a folder above it.
fn names(place: &RelativePath, at: &RelativePath, named: &str) -> bool {
    let named = named.trim_matches(['"', '\'']).trim_start_matches("./");
    let Ok(named) = RelativePath::file(named) else { return false };
    (0..=at.depth()).any(|depth| upper(at, depth).join(&named) == *place)
}

/// Whether a line of a manifest lists a dependency of this very name.
fn lists(manifest: Manifest, line: &str, name: &str) -> bool {
    let line = line.trim();
    match manifest {
        // The file may stand on one line.
        Manifest::Npm | Manifest::Php | Manifest::Deno => {
            let quoted = format!("\"{name}\"");
            let after = line.match_indices(&quoted).map(|(at, _)| line[at + quoted.len()..].trim_start());
            after.into_iter().any(|rest| rest.strip_prefix(':').is_some_and(|rest| is_version(rest.trim_start())))
        }
        Manifest::Python => line.split(['"', '\'']).any(|part| begins_with(part.trim(), name)),
        Manifest::Ruby => {
            let gem = line.strip_prefix("gem ").or_else(|| line.strip_prefix("gem("));
            gem.is_some_and(|rest| rest.split(['"', '\'']).nth(1) == Some(name))
        }
        Manifest::Go => line.split_whitespace().any(|word| word == name),
        Manifest::Cargo => begins_with(line, name),
    }
}

/// Whether what stands behind the name of a dependency is its version; in `"scripts"` it is a command.
fn is_version(rest: &str) -> bool {
    let text = rest.strip_prefix('"').unwrap_or(rest).split('"').next().unwrap_or_default();
    !text.is_empty()
        && (!text.contains(' ')
            || text.starts_with(['^', '~', '>', '<', '='])
            || text.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a text begins with this word, and not with a longer one.
fn begins_with(text: &str, word: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(goes_on))
}

/// The file that a line of a shell script sources.
fn sourced(line: &str) -> Option<&str> {
    let mut words = line.split([' ', '\t', ';', '&', '|', '(']).map(str::trim).filter(|word| !word.is_empty());
    words.find(|word| matches!(*word, "source" | "." | "source_env" | "source_env_if_exists"))?;
    let file = words.next()?;
    (!line.trim_start().starts_with('#')).then(|| file.trim_end_matches(')'))
}

/// The programs that a command line gives the env file to.
fn calls(line: &str, names_file: impl Fn(&str) -> bool) -> Vec<Reader> {
    let words: Vec<&str> = line.split([' ', '\t', ',', '\\', '"', '\'']).filter(|word| !word.is_empty()).collect();
    let given = |at: usize, option: &str| match words[at].strip_prefix(option) {
        Some("") => words.get(at + 1).copied(),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    };
    let files = (0..words.len()).filter_map(|at| {
        let options = ["--env-file-if-exists", "--env-file", "--from-env-file"];
        let file = options.into_iter().find_map(|option| given(at, option))?;
        let program = words[..at].iter().rev().find_map(|word| program(word, &words[..at]))?;
        names_file(file).then_some(program)
    });
    if line.trim_start().starts_with('#') { Vec::new() } else { files.collect() }
}

/// The reader that a word of a command starts; what stands before `--env-file` tells docker and docker compose apart.
fn program(word: &str, before: &[&str]) -> Option<Reader> {
    let name = word.rsplit('/').next().unwrap_or(word);
    match name {
        "compose" | "docker-compose" => Some(Reader::Compose),
        "docker" | "podman" if before.contains(&"compose") => Some(Reader::Compose),
        "docker" | "podman" => Some(Reader::Docker),
        "kubectl" => Some(Reader::Kubectl),
        "node" => Some(Reader::Node),
        "bun" | "bunx" => Some(Reader::Bun),
        "deno" => Some(Reader::Deno),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(place: &str, files: &[(&str, &str)]) -> Vec<String> {
        let path = |text: &str| RelativePath::file(text).expect("a path");
        let paths: Vec<_> = files.iter().map(|(source, _)| path(source)).collect();
        assert!(paths.iter().all(is_sign), "{files:?}");
        let signs: Vec<_> = paths.iter().zip(files).map(|(source, (_, text))| Sign { source, text }).collect();
        let told = |one: ReaderEvidence| format!("{} {}:{}", one.reader.wire_name(), one.path, one.line.unwrap_or(0));
        evidence(&path(place), &signs).into_iter().map(told).collect()
    }

    #[test]
    fn each_kind_of_file_shows_the_readers_that_it_names() {
        for (place, source, text, reader) in [
            (".env", "package.json", "{\"dependencies\": {\"next\": \"^16\"}}", "next"),
            (".env.local", "package.json", "{\n \"devDependencies\": {\n  \"vite\": \"^8\" } }", "vite"),
            (".env", "package.json", "{\"scripts\": {\"start\": \"node --env-file=.env src\"}}", "node"),
            (".env", "package.json", "{\"scripts\": {\"start\": \"bun --env-file .env src\"}}", "bun"),
            (".env", "deno.json", "{\"tasks\": {\"dev\": \"deno run --env-file=.env main.ts\"}}", "deno"),
            (".env", "pyproject.toml", "dependencies = [\"pydantic-settings>=2\"]", "python-dotenv"),
            (".env", "requirements-dev.txt", "django-environ==0.14", "django-environ"),
            (".env", "Gemfile", "gem 'dotenv-rails', groups: [:test]", "ruby-dotenv"),
            (".env", "composer.json", "{\"require\": {\"laravel/framework\": \"^12\"}}", "phpdotenv"),
            (".env", "go.mod", "require github.com/joho/godotenv v1.5.1", "godotenv"),
            (".env", "Cargo.toml", "dotenvy = \"0.15\"", "dotenvy"),
            ("web/.env", "web/compose.yaml", "    env_file: .env", "compose"),
            ("web.env", "docker-compose.yml", "      - ./web.env", "compose"),
            (".env", "compose.yml", "    image: \"web:${TAG}\"", "compose"),
            (".env", "bin/start.sh", "set -a; . ./.env; set +a", "shell"),
            (".env", ".envrc", "source .env", "shell"),
            ("ops/app.env", "ops/run.sh", "docker run --rm --env-file ops/app.env app", "docker"),
            (".env", "run.sh", "docker compose --env-file .env up", "compose"),
            (".env", "deploy.sh", "kubectl create secret generic app --from-env-file=.env", "kubectl"),
            (".env", "Makefile", "-include .env", "make"),
            ("app.env", "app.service", "EnvironmentFile=-/srv/shop/app.env", "systemd"),
        ] {
            let told = guessed(place, &[(source, text)]);
            let expected = format!("{reader} {source}:");
            assert!(told.len() == 1 && told[0].starts_with(&expected), "{source} {text:?}: {told:?}, not {expected}");
        }
    }

    #[test]
    fn what_only_looks_alike_shows_nothing() {
        for (place, source, text) in [
            (".env", "package.json", "{\"scripts\": {\"next\": \"echo to the next\"}, \"name\": \"vite\"}"),
            (".env", "package.json", "{\"dependencies\": {\"next-auth\": \"^5\", \"vitest\": \"^4\"}}"),
            (".env", "requirements.txt", "# python-dotenv\npython-dotenvx==1"),
            (".env", "Gemfile", "# gem 'dotenv'\ngem 'dotenv-vault'"),
            (".env", "run.sh", "# source .env\nsource .env.local\necho --env-file .env"),
            ("web/.env", "compose.yaml", "env_file: .env"),
            ("settings.toml", "package.json", "{\"dependencies\": {\"next\": \"^16\"}}"),
            (".env", "app.service", "EnvironmentFile=/srv/shop/app.env"),
        ] {
            assert_eq!(guessed(place, &[(source, text)]), Vec::<String>::new(), "{source} {text:?}");
        }
    }

    #[test]
    fn the_nearest_manifests_count_and_every_reader_stands_once() {
        let files = [
            ("package.json", "{\"devDependencies\": {\"dotenv\": \"^17\"}}"),
            ("apps/web/package.json", "{\"dependencies\": {\n\"next\": \"16\",\n\"next\": \"16\"}}"),
            ("compose.yaml", "x: ${A}\ny:\n  env_file:\n    - apps/web/.env\n"),
        ];
        assert_eq!(guessed("apps/web/.env", &files), ["next apps/web/package.json:2", "compose compose.yaml:4"]);
        assert_eq!(guessed("apps/api/.env", &files), ["npm-dotenv package.json:1"]);
        assert_eq!(guessed(".env", &files), ["npm-dotenv package.json:1", "compose compose.yaml:1"]);
    }
}
