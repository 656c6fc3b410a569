//! Puts the example files and everything that names a key together into one spec.

use super::mention::{Mention, Need, Origin};
use super::names::comes_by_itself;
use app::domain::discover::{ExampleValue, Said, split};
use app::domain::spec::{EnvFile, Evidence, Format, Generate, Mode, Slot};
use app::domain::{EnvSpec, KeyName, RelativePath, reader};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Places in the code that a key lists at most.
const PLACES: usize = 10;

/// A key that is read and that no file of the spec lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlisted {
    /// The key.
    pub key: KeyName,
    /// Where it is read first.
    pub evidence: Evidence,
}

/// All mentions of the keys of one repository.
pub type Mentions = BTreeMap<String, Vec<Mention>>;

/// Lets code and schemas decide which keys of the example files are required, and adds where they are used.
pub fn decide_listed(spec: &mut EnvSpec, said: &[Vec<Said>], mentions: &Mentions) {
    for (file, said) in spec.files.iter_mut().zip(said) {
        let place = file.place();
        let folder = place.as_str().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let read = file
            .keys
            .iter()
            .filter(|slot| mentions.get(slot.key.as_str()).is_some_and(|all| all.iter().any(decides)))
            .count();
        let code_is_known = read * 2 >= file.keys.len();
        for (slot, said) in file.keys.iter_mut().zip(said) {
            let all = mentions.get(slot.key.as_str()).map_or(&[][..], Vec::as_slice);
            let near: Vec<&Mention> = all.iter().filter(|mention| below(&folder, mention.path.as_str())).collect();
            let near = if near.iter().any(|mention| decides(mention)) { near } else { all.iter().collect() };
            let decided = decide(&near, Some(*said), slot.generate);
            slot.required = match decided {
                Some(required) => required,
                None if code_is_known && !near.iter().any(|mention| mention.origin != Origin::Aside) => {
                    said.optional == Some(false) && slot.required
                }
                None => slot.required && said.value != ExampleValue::None || said.optional == Some(false),
            };
            complete(slot, &near);
        }
    }
}

fn below(folder: &str, path: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn decides(mention: &Mention) -> bool {
    mention.origin != Origin::Aside && mention.need != Need::Named
}

/// Whether a key is required, by schemas and code first and by the example's words second; `None` if nothing tells.
fn decide(mentions: &[&Mention], said: Option<Said>, generate: Option<Generate>) -> Option<bool> {
    if let Some(said) = said.filter(|said| said.schema) {
        return said.optional.map(|optional| !optional);
    }
    let deciding: Vec<&&Mention> = mentions.iter().filter(|mention| decides(mention)).collect();
    let has = |origin: Option<Origin>, need: Need| {
        deciding.iter().any(|mention| origin.is_none_or(|origin| mention.origin == origin) && mention.need == need)
    };
    if deciding.iter().any(|mention| mention.origin == Origin::Schema) {
        return Some(has(Some(Origin::Schema), Need::Required));
    }
    let free = said.is_some_and(|said| said.commented_out || said.optional == Some(true));
    if deciding.is_empty() {
        return free.then_some(false);
    }
    if free {
        return Some(false);
    }
    if has(None, Need::Required) {
        return Some(true);
    }
    if has(None, Need::Optional) {
        return Some(said.is_some_and(|said| said.optional == Some(false)));
    }
    if has(None, Need::Bare) {
        return Some(true);
    }
    // The language would have a stricter way, and the project did not take it.
    Some(said.is_some_and(|said| said.optional == Some(false)) || generate.is_some())
}

/// Adds to a slot what code knows: places, a default worth offering, words, a way to make the value.
fn complete(slot: &mut Slot, mentions: &[&Mention]) {
    let mut places: Vec<&&Mention> = mentions.iter().collect();
    places.sort_by_key(|mention| (mention.origin, std::cmp::Reverse(mention.need), mention.path.clone(), mention.line));
    for mention in places.iter().take(PLACES) {
        let place = Evidence { path: mention.path.to_string(), line: Some(mention.line) };
        if !slot.evidence.contains(&place) {
            slot.evidence.push(place);
        }
    }
    let firm = |mention: &&&&Mention| mention.origin != Origin::Aside;
    slot.description =
        slot.description.take().or_else(|| places.iter().filter(firm).find_map(|mention| mention.description.clone()));
    if slot.default.is_none() {
        slot.generate = slot.generate.or_else(|| places.iter().find_map(|mention| mention.generate));
    }
    let hidden = slot.secret.unwrap_or_else(|| slot.key.is_sensitive());
    let offered = places.iter().filter(firm).filter_map(|mention| mention.default.as_deref());
    for default in offered.filter(|value| !hidden && offers(value)).take(3) {
        if slot.default.as_deref() != Some(default) && !slot.suggestions.iter().any(|known| known == default) {
            slot.suggestions.push(default.to_owned());
        }
    }
}

fn offers(value: &str) -> bool {
    value.len() <= 200
        && !app::domain::resolve::has_credentials(value)
        && !value.contains("${")
        && !value.contains(char::is_control)
        && reader::check(&[], value).is_ok()
}

/// Adds what code needs and no example lists. In a folder that an example speaks for, only what the project stops
/// without is added; the rest is returned by name.
pub fn add_unlisted(
    spec: &mut EnvSpec,
    known: &BTreeSet<String>,
    mentions: &Mentions,
    home: impl Fn(&RelativePath) -> (RelativePath, RelativePath),
) -> Vec<Unlisted> {
    let mut unlisted = Vec::new();
    let examples: Vec<RelativePath> = spec.files.iter().map(EnvFile::place).collect();
    let mut new: BTreeMap<RelativePath, (RelativePath, RelativePath, Vec<(u32, Slot)>)> = BTreeMap::new();
    let mut order = 0;
    for (name, all) in mentions {
        let firm: Vec<&Mention> = all.iter().filter(|mention| decides(mention)).collect();
        let Ok(key) = KeyName::new(name.as_str()) else { continue };
        if firm.is_empty() || comes_by_itself(name) || reader::check_key(&[], &key).is_err() {
            continue;
        }
        let required = decide(&firm, None, None) == Some(true);
        let hard = firm
            .iter()
            .any(|mention| mention.need == Need::Required && matches!(mention.origin, Origin::Schema | Origin::Code));
        let first = firm
            .iter()
            .min_by_key(|mention| (mention.origin, std::cmp::Reverse(mention.need), &mention.path, mention.line));
        let Some(first) = first else { continue };
        let evidence = Evidence { path: first.path.to_string(), line: Some(first.line) };
        let nearest = examples
            .iter()
            .filter(|place| below(folder_of(place), first.path.as_str()))
            .max_by_key(|place| place.depth());
        let listed = known.contains(name);
        if !examples.is_empty() && (listed || nearest.is_none() || !(hard && required)) {
            if !listed {
                unlisted.push(Unlisted { key, evidence });
            }
            continue;
        }
        let mut slot = Slot {
            key,
            required,
            default: None,
            suggestions: Vec::new(),
            generate: None,
            documentation_url: None,
            description: None,
            evidence: Vec::new(),
            secret: None,
        };
        complete(&mut slot, &all.iter().collect::<Vec<_>>());
        if let Some(nearest) = nearest {
            if let Some(file) = spec.files.iter_mut().find(|file| file.place() == *nearest) {
                file.keys.push(slot);
            }
            continue;
        }
        let (workspace_path, path) = home(&first.path);
        order += 1;
        let entry = new.entry(workspace_path.join(&path)).or_insert_with(|| (workspace_path, path, Vec::new()));
        entry.2.push((order, slot));
    }
    for (workspace_path, path, mut keys) in new.into_values() {
        keys.sort_by_key(|(order, slot)| (std::cmp::Reverse(slot.required), *order));
        let keys = keys.into_iter().map(|(_, slot)| slot).collect();
        spec.files.push(EnvFile {
            workspace_path,
            path,
            format: Format::Dotenv,
            mode: Mode::Secret,
            readers: Vec::new(),
            keys,
        });
    }
    unlisted
}

fn folder_of(place: &RelativePath) -> &str {
    place.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The `.env` of a folder in its repository.
pub fn dotenv_of(folder: &str, repository: &RelativePath) -> (RelativePath, RelativePath) {
    let place = RelativePath::file(&format!("{folder}/.env").trim_start_matches('/').to_owned())
        .unwrap_or_else(|_| RelativePath::dotenv());
    split(&place, repository)
}
