//! From what is stored to what a sandbox is given: open, resolve, hand over, write down.

use crate::store::{ConfigurationRow, SpecRow, ValueRow};
use crate::vault::DataKey;
use app::domain::environment::{AttachedRepository, Environment, Scope, SlotView, Status};
use app::domain::ids::OrganizationId;
use app::domain::receipt::{BootReceipt, Occasion, ReceiptFile};
use app::domain::report::{ApplyReport, Outcome};
use app::domain::{EnvSpec, KeyName, RelativePath, SecretValue, resolve};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, HashMap, HashSet};
use zeroize::Zeroizing;

/// An environment together with the opened values behind it. What people see is [`Opened::environment`]; a boot hands
/// over [`Opened::input`]; both come from the same rows and the same resolver.
pub struct Opened {
    /// The spec; empty while there is none.
    pub spec: EnvSpec,
    /// What every surface shows.
    pub environment: Environment,
    values: HashMap<(KeyName, Scope), SecretValue>,
}

impl Opened {
    /// Opens every value that a slot names and resolves. A value that does not open is unreadable, not absent.
    pub fn new(
        data_key: &DataKey,
        organization: &OrganizationId,
        spec: Option<SpecRow>,
        attached: &[AttachedRepository],
        rows: &[ValueRow],
    ) -> Self {
        let (version, spec) = spec.map_or((0, EnvSpec::default()), |row| (row.version, row.spec));
        let named: HashSet<&KeyName> = spec.files.iter().flat_map(|file| &file.keys).map(|slot| &slot.key).collect();
        let mut values = HashMap::new();
        let stored: Vec<_> = rows
            .iter()
            .map(|row| {
                let opened = named.contains(&row.key).then(|| data_key.open(&row.identity(organization), &row.record));
                let readable = !matches!(opened, Some(Err(_)));
                if let Some(Ok(value)) = opened {
                    values.insert((row.key.clone(), Scope::from(&row.scope)), value);
                }
                row.stored(readable)
            })
            .collect();
        let environment = resolve(version, &spec, attached, &stored);
        Self { spec, environment, values }
    }

    /// The repositories of a configuration, as the resolver takes them.
    pub fn attached(configuration: &ConfigurationRow) -> Vec<AttachedRepository> {
        configuration.repositories.iter().map(|row| row.repository.clone()).collect()
    }

    /// What a boot writes into a slot: the winning value, or the default.
    pub fn value_of<'a>(&'a self, slot: &'a SlotView) -> Option<&'a str> {
        match slot.status {
            Status::Set => {
                let winner = slot.winner.as_ref()?;
                self.values.get(&(slot.key.clone(), winner.scope.clone())).map(SecretValue::expose)
            }
            Status::Default => slot.default.as_deref(),
            Status::Missing | Status::Conflict | Status::Unreadable => None,
        }
    }

    /// The standard input of `keyslot env apply`: each file's own values, in the clear.
    pub fn input(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let files: BTreeMap<&RelativePath, Values<'_>> = self
            .environment
            .files
            .iter()
            .map(|file| (&file.place, Values { opened: self, slots: &file.slots }))
            .collect();
        // Room for the worst case, so that the buffer is never moved and no unwiped copy is left behind.
        let mut room = 64;
        for (file, slot) in self.environment.slots() {
            room += file.place.as_str().len() + slot.key.as_str().len() + 16;
            room += self.value_of(slot).map_or(0, |value| value.len() * 6);
        }
        let mut input = Zeroizing::new(Vec::with_capacity(room));
        serde_json::to_writer(&mut *input, &Input { values: BTreeMap::new(), files })?;
        Ok(input)
    }
}

#[derive(Serialize)]
struct Input<'a> {
    values: BTreeMap<&'a str, &'a str>,
    files: BTreeMap<&'a RelativePath, Values<'a>>,
}

struct Values<'a> {
    opened: &'a Opened,
    slots: &'a [SlotView],
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for slot in self.slots {
            if let Some(value) = self.opened.value_of(slot) {
                map.serialize_entry(slot.key.as_str(), value)?;
            }
        }
        map.end()
    }
}

/// The receipt of an apply: what the resolver decided, corrected by what the sandbox could do.
pub fn receipt(occasion: Occasion, at: i64, environment: &Environment, report: ApplyReport) -> BootReceipt {
    let mut files = ReceiptFile::all_of(environment);
    let mut removed = Vec::new();
    for done in report.files {
        match done.outcome {
            Outcome::Refused | Outcome::Held => {
                let held = || "left alone, because another file could not be written".to_owned();
                if let Some(file) = files.iter_mut().find(|file| file.place == done.place) {
                    file.refused = Some(done.reason.unwrap_or_else(held));
                }
            }
            Outcome::Removed => removed.push(done.place),
            Outcome::Written | Outcome::Unchanged => {}
        }
    }
    BootReceipt { occasion, at, spec_version: environment.spec_version, files, removed, warnings: report.warnings }
}
