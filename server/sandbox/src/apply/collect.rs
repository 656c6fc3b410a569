//! The values that `keyslot env run` gives to a command: those of the spec's keys, from its files or from what `apply`
//! would write into them.

use super::{ApplyError, ApplyInput, Values, Workspace};
use domain::reader::{Seen, read_found_file};
use domain::spec::{EnvFile, EnvSpec, SlotRef};
use domain::{KeyName, RelativePath, SecretValue};
use std::collections::BTreeMap;
use std::path::Path;

/// The values for one environment. Has no `Debug`: it holds values.
#[derive(Default)]
pub struct Collected {
    /// Each with its key.
    pub values: Values,
    /// Required keys without a value.
    pub missing: Vec<SlotRef>,
    /// In which file each value was found first.
    places: BTreeMap<KeyName, RelativePath>,
}

/// Why the values cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The workspace cannot be opened.
    #[error(transparent)]
    Workspace(#[from] ApplyError),
    /// The spec has no such file.
    #[error("--file {0}: the spec has no such file")]
    UnknownFile(RelativePath),
    /// Files cannot be read, or a key of theirs is not the same to everybody. Each with its file.
    #[error("{}", .0.join("; "))]
    Files(Vec<String>),
}

/// The values that stand in the files of the spec, as their readers get them; `only` names some of the files.
pub fn from_files(workspace: &Path, spec: &EnvSpec, only: &[RelativePath]) -> Result<Collected, CollectError> {
    let workspace = Workspace::open(workspace)?;
    let (mut collected, mut problems) = (Collected::default(), Vec::new());
    for file in chosen(spec, only)? {
        if let Err(reason) = collected.collect_file(&workspace, spec, file, &mut problems) {
            problems.push(format!("{}: {reason}", file.place()));
        }
    }
    collected.finish(problems)
}

/// The values that `apply` would write into the files of the spec; `only` names some of the files.
pub fn from_input(spec: &EnvSpec, input: &ApplyInput, only: &[RelativePath]) -> Result<Collected, CollectError> {
    let (mut collected, mut problems) = (Collected::default(), Vec::new());
    for file in chosen(spec, only)? {
        let place = file.place();
        for slot in &file.keys {
            match input.value(&place, &slot.key) {
                Some(value) => collected.add_value(&place, &slot.key, value.expose(), &mut problems),
                None if slot.required => collected.missing.push(SlotRef { file: place.clone(), key: slot.key.clone() }),
                None => {}
            }
        }
    }
    collected.finish(problems)
}

fn chosen<'a>(spec: &'a EnvSpec, only: &[RelativePath]) -> Result<Vec<&'a EnvFile>, CollectError> {
    if let Some(unknown) = only.iter().find(|place| !spec.files.iter().any(|file| file.place() == **place)) {
        return Err(CollectError::UnknownFile(unknown.clone()));
    }
    Ok(spec.files.iter().filter(|file| only.is_empty() || only.contains(&file.place())).collect())
}

impl Collected {
    fn collect_file(
        &mut self,
        workspace: &Workspace,
        spec: &EnvSpec,
        file: &EnvFile,
        problems: &mut Vec<String>,
    ) -> Result<(), String> {
        let place = file.place();
        let found = workspace.text_of(spec, file)?;
        let read = found.as_ref().map(|found| read_found_file(&file.readers, &found.text)).transpose();
        let read = read.map_err(|rejected| rejected.to_string())?;
        for slot in &file.keys {
            let key = &slot.key;
            let why = match read.as_ref().map_or(Seen::Missing(None), |read| read.seen(key)) {
                Seen::Text(text) => {
                    // Bytes of another encoding were replaced: the value would not be the one in the file.
                    let altered = text.contains('\u{fffd}') && found.as_ref().is_some_and(|found| found.replaced);
                    match altered {
                        true => "its value is not UTF-8; save the file as UTF-8".to_owned(),
                        false => {
                            self.add_value(&place, key, text, problems);
                            continue;
                        }
                    }
                }
                Seen::Missing(None) => {
                    if slot.required {
                        self.missing.push(SlotRef { file: place.clone(), key: key.clone() });
                    }
                    continue;
                }
                Seen::Missing(Some(reader)) => {
                    format!("{reader} does not take the line that sets it; correct the line")
                }
                Seen::Expanded(reader) => {
                    format!("its value depends on other variables for {reader}; quote it, or write it out")
                }
                Seen::Differs(one, other) => {
                    format!(
                        "{one} and {other} read different values from its line; name the file's readers in the spec"
                    )
                }
                Seen::Unclear => "the file does more than set variables, so its value is not known".to_owned(),
            };
            problems.push(format!("{place}: {key}: {why}"));
        }
        Ok(())
    }

    fn add_value(&mut self, place: &RelativePath, key: &KeyName, text: &str, problems: &mut Vec<String>) {
        match self.values.get(key) {
            None => {
                self.values.insert(key.clone(), SecretValue::new(text.to_owned()));
                self.places.insert(key.clone(), place.clone());
            }
            Some(known) if known.expose() == text => {}
            Some(_) => {
                let first = self.places.get(key).map_or("another file", RelativePath::as_str);
                problems.push(format!("{key} has different values in {first} and {place}; choose one with --file"));
            }
        }
    }

    fn finish(mut self, problems: Vec<String>) -> Result<Self, CollectError> {
        // Another file has a value for it: the command gets that one.
        let values = &self.values;
        self.missing.retain(|slot| !values.contains_key(&slot.key));
        if problems.is_empty() { Ok(self) } else { Err(CollectError::Files(problems)) }
    }
}
