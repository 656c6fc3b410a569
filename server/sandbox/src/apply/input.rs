//! The values, as they come on standard input.

use domain::{EnvSpec, KeyName, RelativePath, SecretValue, limits};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use zeroize::Zeroizing;

/// Bytes that standard input may have.
pub const INPUT_BYTES: u64 = 64 * 1024 * 1024;

/// Values by key.
pub type Values = BTreeMap<KeyName, SecretValue>;

/// The values of one run: for every file, and narrower ones for single files.
pub struct ApplyInput {
    values: Values,
    files: BTreeMap<RelativePath, Values>,
}

/// Why the values cannot be used. It never repeats what was sent: a name may be a value in the wrong place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not JSON.
    #[error("standard input is not valid JSON (line {line}, column {column})")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// JSON of another form.
    #[error(
        "standard input must be {{\"values\":{{\"KEY\":\"value\"}},\"files\":{{\"path/.env\":{{\"KEY\":\"value\"}}}}}} \
         with texts as values, \"files\" optional; it differs at line {line}, column {column}"
    )]
    Form {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// An entry whose name the spec does not have.
    #[error("{field}: entry {entry} (counted from 1) names {what} that the spec does not have")]
    Unknown {
        /// Which object.
        field: String,
        /// Which entry of it.
        entry: usize,
        /// A file or a key.
        what: &'static str,
    },
    /// An entry that is there twice.
    #[error("{field}: entry {entry} (counted from 1) is there twice")]
    Twice {
        /// Which object.
        field: String,
        /// Which entry of it.
        entry: usize,
    },
    /// A value over the limit.
    #[error("{field}.{key}: a value has at most {limit} bytes; this one has {bytes}", limit = limits::VALUE_BYTES)]
    TooLong {
        /// Which object.
        field: String,
        /// The key, which the spec has.
        key: KeyName,
        /// Its length.
        bytes: usize,
    },
}

impl ApplyInput {
    /// Reads the wire form. Every name must be one of the spec.
    pub fn from_json(json: &[u8], spec: &EnvSpec) -> Result<Self, InputError> {
        let wire: Wire = serde_json::from_slice(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            if error.is_data() { InputError::Form { line, column } } else { InputError::Syntax { line, column } }
        })?;
        let values = take_values("values", wire.values, |key| {
            spec.files.iter().any(|file| file.keys.iter().any(|slot| slot.key == *key))
        })?;
        let mut files = BTreeMap::new();
        for (index, (place, entries)) in wire.files.0.into_iter().enumerate() {
            let (field, entry) = ("files".to_owned(), index + 1);
            let place = RelativePath::file(&place).ok();
            let Some(file) = spec.files.iter().find(|file| Some(file.place()) == place) else {
                return Err(InputError::Unknown { field, entry, what: "a file" });
            };
            let name = format!("files[{:?}]", file.place().as_str());
            let narrow = take_values(&name, entries, |key| file.keys.iter().any(|slot| slot.key == *key))?;
            if files.insert(file.place(), narrow).is_some() {
                return Err(InputError::Twice { field, entry });
            }
        }
        Ok(Self { values, files })
    }

    /// The wire form, for whoever starts the sandbox program.
    pub fn to_json(
        values: &Values,
        files: &BTreeMap<RelativePath, Values>,
    ) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let wire = WireOut {
            values: plain(values),
            files: files.iter().map(|(place, values)| (place.as_str(), plain(values))).collect(),
        };
        // Room for the longest form (six bytes for each): a growing vector leaves copies of the values behind.
        let all = std::iter::once(values).chain(files.values()).flatten();
        let room = all.map(|(key, value)| key.as_str().len() + 6 * value.len() + 8).sum::<usize>();
        let names = files.keys().map(|place| 2 * place.as_str().len() + 8).sum::<usize>();
        let mut json = Zeroizing::new(Vec::with_capacity(room + names + 64));
        serde_json::to_writer(&mut *json, &wire)?;
        Ok(json)
    }

    /// The value of a key in one file: its own, else the one for every file.
    pub(super) fn value(&self, place: &RelativePath, key: &KeyName) -> Option<&SecretValue> {
        self.files.get(place).and_then(|file| file.get(key)).or_else(|| self.values.get(key))
    }
}

fn take_values(
    field: &str,
    entries: Entries<Zeroizing<String>>,
    known: impl Fn(&KeyName) -> bool,
) -> Result<Values, InputError> {
    let mut values = Values::new();
    for (index, (name, mut value)) in entries.0.into_iter().enumerate() {
        let (field, entry) = (field.to_owned(), index + 1);
        let Some(key) = KeyName::new(name.as_str()).ok().filter(&known) else {
            return Err(InputError::Unknown { field, entry, what: "a key" });
        };
        if value.len() > limits::VALUE_BYTES {
            return Err(InputError::TooLong { field, key, bytes: value.len() });
        }
        if values.insert(key, SecretValue::new(std::mem::take(&mut value))).is_some() {
            return Err(InputError::Twice { field, entry });
        }
    }
    Ok(values)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    values: Entries<Zeroizing<String>>,
    #[serde(default)]
    files: Entries<Entries<Zeroizing<String>>>,
}

#[derive(Serialize)]
struct WireOut<'a> {
    values: BTreeMap<&'a str, &'a str>,
    files: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
}

fn plain(values: &Values) -> BTreeMap<&str, &str> {
    values.iter().map(|(key, value)| (key.as_str(), value.expose())).collect()
}

/// The entries of a JSON object in the order sent, doubled ones too.
struct Entries<T>(Vec<(Zeroizing<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object(PhantomData))
    }
}

#[cfg(test)]
mod tests;
