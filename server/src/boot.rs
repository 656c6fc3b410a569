//! From what is stored to what a sandbox is given: open, resolve, hand over, write down.

use crate::store::{ConfigurationRow, GivenValue, SpecRow, ValueRow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::environment::{AttachedRepository, Environment, FileView, Scope, SlotView, Status, StoredValue};
use domain::ids::OrganizationId;
use domain::receipt::{BootReceipt, Occasion, ReceiptFile};
use domain::report::{ApplyReport, Outcome};
use domain::request::RequestedKey;
use domain::spec::Slot;
use domain::warnings::{Hints, warnings};
use domain::{EnvSpec, KeyName, SecretValue, resolve};
use sandbox::apply::{ApplyInput, Values};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use vault::DataKey;
use zeroize::Zeroizing;

/// An environment together with the opened values behind it. What people see is [`Opened::environment`]; a boot hands
/// over [`Opened::input`]; both come from the same rows and the same resolver.
pub struct Opened {
    /// The spec with what agents asked for beside it; empty while there is none.
    pub spec: EnvSpec,
    /// What every surface shows.
    pub environment: Environment,
    values: HashMap<(KeyName, Scope), SecretValue>,
}

impl Opened {
    /// Adds what agents `asked` for to the spec, opens every value that a slot names and the configuration may use, and
    /// resolves. A value that does not open is unreadable, not absent; one that was not released stays shut.
    pub fn new(
        data_key: &DataKey,
        organization: &OrganizationId,
        spec: Option<SpecRow>,
        asked: &[RequestedKey],
        configuration: &ConfigurationRow,
        rows: &[ValueRow],
    ) -> Self {
        let (version, saved) = spec.map_or((0, EnvSpec::default()), |row| (row.version, row.spec));
        let spec = saved.with_asked(asked);
        let named: HashMap<&KeyName, &Slot> =
            spec.files.iter().flat_map(|file| &file.keys).map(|slot| (&slot.key, slot)).collect();
        let mut values = HashMap::new();
        let stored: Vec<_> = rows
            .iter()
            .map(|row| {
                let Some(slot) = named.get(&row.key).filter(|_| configuration.may_use(&row.scope, &row.key)) else {
                    return row.stored(true);
                };
                let Ok(value) = data_key.open(&row.identity(organization), &row.record) else {
                    return row.stored(false);
                };
                let warnings = warnings(&row.key, Hints::from(*slot), value.expose());
                values.insert((row.key.clone(), Scope::from(&row.scope)), value);
                StoredValue { warnings, ..row.stored(true) }
            })
            .collect();
        let mut environment = resolve(version, &spec, &Self::attached(configuration), &configuration.releases, &stored);
        environment.mark_only_here(&saved);
        Self { spec, environment, values }
    }

    /// The repositories of a configuration, as the resolver takes them.
    pub fn attached(configuration: &ConfigurationRow) -> Vec<AttachedRepository> {
        configuration.repositories.iter().map(|row| row.repository.clone()).collect()
    }

    /// The opened value of a key at one scope; none where there is none or it does not open.
    pub fn value_at(&self, key: &KeyName, scope: &Scope) -> Option<&SecretValue> {
        self.values.get(&(key.clone(), scope.clone()))
    }

    /// Every opened value with its key, whatever its scope and whether it wins or not.
    pub fn values(&self) -> impl Iterator<Item = (&KeyName, &SecretValue)> {
        self.values.iter().map(|((key, _), value)| (key, value))
    }

    /// What a boot writes into a slot: the winning value, or the default.
    fn value_of(&self, slot: &SlotView) -> Option<SecretValue> {
        match slot.status {
            Status::Set => {
                let winner = slot.winner.as_ref()?;
                self.values.get(&(slot.key.clone(), winner.scope.clone())).cloned()
            }
            Status::Default => slot.default.clone().map(SecretValue::new),
            Status::Missing | Status::Held | Status::Conflict | Status::Unreadable => None,
        }
    }

    /// What is handed over, by versions: a boot and a sandbox elsewhere note it before they have it.
    pub fn given(&self) -> BTreeSet<GivenValue> {
        GivenValue::all_of(&self.environment)
    }

    /// How many slots are written, and how many of them with a value of the organization: what is logged of a hand-over.
    pub fn handed_over(&self) -> (usize, usize) {
        let written = self.environment.slots().filter(|(_, slot)| slot.status.is_written());
        let own = |slot: &SlotView| slot.winner.as_ref().is_some_and(|value| value.scope == Scope::Organization);
        written
            .fold((0, 0), |(values, of_organization), (_, slot)| (values + 1, of_organization + usize::from(own(slot))))
    }

    /// The standard input of `keyslot env apply`: each file's own values, in the clear.
    pub fn input(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let file = |file: &FileView| {
            let values = file.slots.iter().filter_map(|slot| Some((slot.key.clone(), self.value_of(slot)?)));
            (file.place.clone(), values.collect())
        };
        ApplyInput::to_json(&Values::new(), &self.environment.files.iter().map(file).collect())
    }

    /// Names what a sandbox is given by its versions alone: equal states have equal files. A digest, so that it stays
    /// short however many keys there are.
    pub fn state(&self) -> Result<String, serde_json::Error> {
        let given = (self.environment.spec_version, ReceiptFile::all_of(&self.environment));
        Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(serde_json::to_vec(&given)?)))
    }
}

/// The receipt of an apply: what the resolver decided, corrected by what the sandbox could do.
pub fn receipt(occasion: Occasion, at: i64, environment: &Environment, report: ApplyReport) -> BootReceipt {
    let mut files = ReceiptFile::all_of(environment);
    let mut removed = Vec::new();
    for done in report.files {
        match done.outcome {
            Outcome::Refused => {
                // An earlier version of the program gave no reason where another file was in the way.
                let unnamed = || "another file could not be written".to_owned();
                if let Some(file) = files.iter_mut().find(|file| file.place == done.place) {
                    file.refused = Some(done.reason.unwrap_or_else(unnamed));
                }
            }
            Outcome::Removed => removed.push(done.place),
            Outcome::Written | Outcome::Unchanged => {}
        }
    }
    let (spec_version, warnings) = (environment.spec_version, report.warnings);
    BootReceipt { occasion, at, spec_version, files, removed, warnings, started_anyway: None, submodules: Vec::new() }
}
