//! Derives an env spec from the example env files of a checkout.
//!
//! Pure: it is given paths and texts and reads no file. What the texts say about a key is kept as people wrote it; see
//! [`example_path`] for which files count, [`comments`] for descriptions and optional keys, [`values`] for defaults,
//! [`hints`] for choices and random values, [`readers`] for the programs that read a file.

mod comments;
mod example_path;
mod hints;
mod merge;
mod readers;
mod values;

pub use example_path::real_path;
pub use readers::{Sign, is_sign};

use super::dotenv::read::{Entry, Line, lines};
use super::reader;
use super::resolve::usable_default;
use super::spec::{EnvFile, Evidence, Format, Mode, Slot};
use super::{EnvSpec, KeyName, RelativePath, limits};
use comments::{Note, Reader};
use merge::Candidates;

/// An example env file of a checkout.
pub struct Example<'a> {
    /// Its path, from the workspace down; it becomes the evidence.
    pub source: &'a RelativePath,
    /// The repository that it belongs to: the deepest one that holds it, or the root.
    pub repository: &'a RelativePath,
    /// Its content.
    pub text: &'a str,
}

/// What the example files say.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The spec; always passes [`EnvSpec::checked`].
    pub spec: EnvSpec,
    /// Each example file with the number of keys that stand in it, in the order given.
    pub read: Vec<(RelativePath, usize)>,
    /// What did not become part of the spec: where (`path` or `path:line`), and why.
    pub skipped: Vec<(String, String)>,
}

/// Builds the spec from the example files, in the order given, and from what shows who reads them. Files that stand for
/// the same real file become one.
pub fn discover(examples: &[Example], signs: &[Sign]) -> Discovered {
    let mut found = Discovered::default();
    let mut files: Vec<(RelativePath, RelativePath, Candidates)> = Vec::new();
    for example in examples {
        let Some((workspace_path, path)) = target(example) else {
            let reason = "its name is not that of an example env file".to_owned();
            found.skipped.push((example.source.to_string(), reason));
            continue;
        };
        let known = files.iter().position(|(at, file, _)| at.join(file) == workspace_path.join(&path));
        let at = known.unwrap_or_else(|| {
            files.push((workspace_path, path, Candidates::default()));
            files.len() - 1
        });
        let count = read_example(example, &mut files[at].2, &mut found.skipped);
        found.read.push((example.source.clone(), count));
    }
    let files = files.into_iter().map(|(workspace_path, path, candidates)| {
        let reader_evidence = readers::evidence(&workspace_path.join(&path), signs);
        let readers: Vec<_> = reader_evidence.iter().map(|one| one.reader).collect();
        let mut keys = candidates.into_slots();
        for slot in &mut keys {
            slot.default = slot.default.take().filter(|text| reader::check(&readers, text).is_ok());
        }
        // An example cannot show that a real value is harmless, and only a secret file is scrubbed before a snapshot;
        // a person who knows better can still say `shared`.
        EnvFile { workspace_path, path, format: Format::Dotenv, readers, reader_evidence, mode: Mode::Secret, keys }
    });
    found.spec = EnvSpec { files: files.filter(|file| !file.keys.is_empty()).collect() };
    cut_to_limits(&mut found);
    found
}

/// The workspace path and the path below it of the file that an example stands for.
fn target(example: &Example) -> Option<(RelativePath, RelativePath)> {
    let real = real_path(example.source)?;
    if example.repository.holds(&real) {
        let below: Vec<&str> = real.parts().skip(example.repository.depth()).collect();
        if let Ok(path) = RelativePath::file(&below.join("/")) {
            return Some((example.repository.clone(), path));
        }
    }
    Some((RelativePath::root(), real))
}

/// Adds what one example says to its file, and returns how many different keys it has.
fn read_example(example: &Example, into: &mut Candidates, skipped: &mut Vec<(String, String)>) -> usize {
    let mut reader = Reader::default();
    let mut own = Candidates::default();
    for line in lines(example.text) {
        match line {
            Line::Blank => reader.blank(),
            Line::Comment(text) => reader.comment(&text),
            Line::Assignment(entry) => take(example, &mut reader, &mut own, skipped, &entry, false),
            Line::CommentedOut(entry) => take(example, &mut reader, &mut own, skipped, &entry, true),
        }
    }
    let count = own.len();
    into.absorb_all(own);
    count
}

fn take(
    example: &Example,
    reader: &mut Reader,
    own: &mut Candidates,
    skipped: &mut Vec<(String, String)>,
    entry: &Entry,
    commented_out: bool,
) {
    let usable = entry
        .key
        .as_ref()
        .map_err(ToString::to_string)
        .and_then(|key| reader::check_key(&[], key).map(|()| key).map_err(|reserved| format!("{key}: {reserved}")));
    match &usable {
        Ok(key) if entry.problem.is_none() || !entry.value.is_empty() => {
            let note = reader.key(key, commented_out, entry.comment.as_deref());
            own.absorb(slot(example, key, entry, note, commented_out), commented_out);
        }
        failed => {
            reader.blank();
            let reason = match (entry.problem, failed) {
                (Some(problem), _) => problem.to_string(),
                (None, Err(error)) => error.clone(),
                (None, Ok(_)) => return,
            };
            skipped.push((format!("{}:{}", example.source, entry.line), reason));
        }
    }
}

fn slot(example: &Example, key: &KeyName, entry: &Entry, note: Note, commented_out: bool) -> Slot {
    let sensitive = key.is_sensitive();
    let value = entry.value.expose();
    let said = note.description.as_deref().unwrap_or_default();
    let generate = hints::generate(said, if sensitive { value } else { "" });
    let mut slot = Slot {
        key: key.clone(),
        required: !commented_out && !note.optional,
        default: None,
        suggestions: if sensitive { Vec::new() } else { hints::choices(said) },
        generate,
        documentation_url: note.documentation_url,
        description: note.description,
        evidence: vec![Evidence { path: example.source.to_string(), line: Some(entry.line) }],
        secret: None,
    };
    if generate.is_none() && entry.problem.is_none() && values::is_meant_literally(value) {
        slot.default = Some(value.to_owned());
        let usable = usable_default(Mode::Secret, &slot).is_some() && reader::check(&[], value).is_ok();
        // A line that was commented out is not in force, so its value may be offered but not used by itself.
        if usable && commented_out && !slot.suggestions.iter().any(|known| known == value) {
            slot.suggestions.push(value.to_owned());
        }
        slot.default = slot.default.filter(|_| usable && !commented_out);
    }
    slot
}

/// Drops what is over the limits of a spec, and says so.
fn cut_to_limits(found: &mut Discovered) {
    for file in found.spec.files.iter().skip(limits::FILES) {
        let reason = format!("left out, because a spec has at most {} files", limits::FILES);
        found.skipped.push((file.place().to_string(), reason));
    }
    found.spec.files.truncate(limits::FILES);
    let mut left = limits::KEYS;
    for file in &mut found.spec.files {
        for (limit, holder) in [(limits::KEYS_PER_FILE, "file"), (left, "spec")] {
            if file.keys.len() > limit {
                let over = file.keys.len() - limit;
                let stated = if holder == "file" { limits::KEYS_PER_FILE } else { limits::KEYS };
                let reason = format!("{over} keys left out, because a {holder} has at most {stated}");
                found.skipped.push((file.place().to_string(), reason));
                file.keys.truncate(limit);
            }
        }
        left -= file.keys.len();
    }
    found.spec.files.retain(|file| !file.keys.is_empty());
}

#[cfg(test)]
mod tests;
