//! The Environment: the one computed view that every surface renders and that a boot acts on.

mod scope;

pub use scope::{Scope, ScopeError, Seen};

use super::file_readers::{ChosenReaders, ReaderEvidence};
use super::ids::RepositoryId;
use super::plain::PlainKey;
use super::reader::Reader;
use super::release::{ReleaseMode, Releasers};
use super::spec::{Evidence, Format, Generate, Mode};
use super::warnings::Warning;
use super::{EnvSpec, KeyName, RelativePath};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Files, slots and each slot's status, computed by [`super::resolve()`]. Holds no values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Version of the spec that this was computed from; 0 while there is none.
    pub spec_version: i64,
    /// The files, in the spec's order.
    pub files: Vec<FileView>,
    /// How the configuration comes to the organization's values.
    #[serde(default)]
    pub release_mode: ReleaseMode,
    /// Keys that people called plain in the configuration, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plain: Vec<PlainKey>,
    /// The readers of files that people chose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen_readers: Vec<ChosenReaders>,
}

/// One file with its slots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileView {
    /// Where the file lies, from the workspace down.
    pub place: RelativePath,
    /// How it is written.
    pub format: Format,
    /// Secrets or plain settings.
    pub mode: Mode,
    /// The programs that read it, where the spec names some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<Reader>,
    /// What of the checkout shows which programs read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reader_evidence: Vec<ReaderEvidence>,
    /// The attached repository that the file belongs to; none when it belongs to no single one.
    pub owner: Option<AttachedRepository>,
    /// The slots, in the spec's order.
    pub slots: Vec<SlotView>,
}

/// One slot with everything a row shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotView {
    /// The variable's name.
    pub key: KeyName,
    /// Whether the project does not run without it.
    pub required: bool,
    /// What the value is, in a person's words.
    pub description: Option<String>,
    /// Page that explains the value.
    pub documentation_url: Option<String>,
    /// The spec's default, only where it may be used (see [`super::resolve::usable_default`]).
    pub default: Option<String>,
    /// Values offered as buttons.
    pub suggestions: Vec<String>,
    /// How to make a random value.
    pub generate: Option<Generate>,
    /// Where the code uses the key.
    pub evidence: Vec<Evidence>,
    /// Whether a typed value is hidden.
    pub sensitive: bool,
    /// Whether the slot is here only because this session's agent asked for it: the spec does not have it (yet).
    pub only_here: bool,
    /// What a boot would do with the slot now.
    pub status: Status,
    /// The stored value that wins; for [`Status::Unreadable`] the one that cannot be opened.
    pub winner: Option<StoredValue>,
    /// Broader stored values that the winner hides, narrowest first.
    pub hidden: Vec<StoredValue>,
    /// The values that disagree, one a repository; filled only for [`Status::Conflict`].
    pub conflict: Vec<StoredValue>,
    /// The organization's value, where it was not released to the configuration: nothing uses it.
    #[serde(default)]
    pub held: Option<StoredValue>,
}

/// What a boot does with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A stored value is written.
    Set,
    /// The spec's default is written.
    Default,
    /// Nothing is written: nobody gave a value.
    Missing,
    /// Nothing is written: the organization has a value that was not released to the configuration.
    Held,
    /// Nothing is written: attached repositories disagree.
    Conflict,
    /// Nothing is written: the value that wins cannot be opened.
    Unreadable,
}

/// What may be known of a stored value. Never the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredValue {
    /// The key.
    pub key: KeyName,
    /// Where it counts.
    pub scope: Scope,
    /// Counts up with each replacement, from 1.
    pub version: i64,
    /// Name of the member who set it.
    pub set_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub set_at: i64,
    /// Length of the value in bytes, for those who may edit; others are told of an empty value alone.
    #[serde(default)]
    pub length: Option<i64>,
    /// Keyed fingerprint: equal for equal values of one key in one organization, and useless without the data key. For
    /// those who may not edit a number in its place, which tells only the same values of one view.
    pub fingerprint: String,
    /// Whether the vault can open it.
    pub readable: bool,
    /// Who may release it; matters for the organization's values alone.
    #[serde(default)]
    pub releasers: Releasers,
    /// What looks wrong with it; filled only where values are opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// A value for tests, as Ada may have saved it.
#[cfg(test)]
pub(crate) fn stored_value(key: &str, scope: Scope, fingerprint: &str) -> StoredValue {
    StoredValue {
        key: KeyName::new(key).expect("a key"),
        scope,
        version: 1,
        set_by: "Ada".to_owned(),
        set_at: 0,
        length: Some(1),
        fingerprint: fingerprint.to_owned(),
        readable: true,
        releasers: Default::default(),
        warnings: Vec::new(),
    }
}

/// A repository at its place in the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedRepository {
    /// Which repository.
    pub id: RepositoryId,
    /// Its short name, for people.
    pub name: String,
    /// Where it is checked out.
    pub workspace_path: RelativePath,
}

/// How far a configuration is from booting complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state", content = "count")]
pub enum Readiness {
    /// No spec was saved yet.
    NoSpec,
    /// Every required slot is written at boot.
    Ready,
    /// So many values are missing (or unreadable).
    Needs(usize),
    /// So many slots are in conflict, and nothing else is missing.
    Conflict(usize),
}

/// Counts of slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Required slots that a boot writes.
    pub required_set: usize,
    /// Required slots.
    pub required: usize,
    /// Optional slots that a boot writes.
    pub optional_set: usize,
    /// Optional slots.
    pub optional: usize,
}

impl Status {
    /// Whether a boot writes the slot.
    pub fn is_written(self) -> bool {
        matches!(self, Self::Set | Self::Default)
    }
}

impl SlotView {
    /// Whether the slot is required and a boot would not write it.
    pub fn is_lacking(&self) -> bool {
        self.required && !self.status.is_written()
    }

    /// Whether the slot is required and the next session would boot without it: session values end with their session.
    pub fn is_lacking_next(&self) -> bool {
        let of_session = self.winner.as_ref().is_some_and(|winner| winner.scope == Scope::Session);
        // The next session does not have a slot that only this one asks for; what matters is that it was answered.
        if !of_session || self.only_here {
            return self.is_lacking();
        }
        let spoken: Vec<_> = self.hidden.iter().filter(|value| matches!(value.scope, Scope::Repository(_))).collect();
        let in_conflict = spoken.iter().any(|value| value.fingerprint != spoken[0].fingerprint);
        let written = match self.hidden.first() {
            Some(next) => next.readable && !in_conflict,
            None => self.default.is_some(),
        };
        self.required && !written
    }

    /// Every stored value that stands behind the slot, whether it is used or not: the winner first.
    pub fn known(&self) -> impl Iterator<Item = &StoredValue> {
        self.winner.iter().chain(&self.conflict).chain(&self.hidden).chain(&self.held)
    }

    /// The stored values that a form of this slot knows of.
    pub fn seen(&self) -> Seen {
        self.known().map(|value| (value.scope.clone(), value.version)).collect()
    }

    /// The organization's value that would be written if somebody released it.
    pub fn releasable(&self) -> Option<&StoredValue> {
        self.held.as_ref().filter(|_| matches!(self.status, Status::Held | Status::Default))
    }
}

impl FileView {
    /// Counts of this file.
    pub fn counts(&self) -> Counts {
        self.slots.iter().fold(Counts::default(), Counts::with)
    }
}

impl Counts {
    fn with(mut self, slot: &SlotView) -> Self {
        let written = usize::from(slot.status.is_written());
        if slot.required {
            self.required += 1;
            self.required_set += written;
        } else {
            self.optional += 1;
            self.optional_set += written;
        }
        self
    }
}

impl Environment {
    /// Counts over all files.
    pub fn counts(&self) -> Counts {
        self.slots().fold(Counts::default(), |counts, (_, slot)| counts.with(slot))
    }

    /// Marks the slots that `spec` does not have: only this session asks for them.
    pub fn mark_only_here(&mut self, spec: &EnvSpec) {
        for file in &mut self.files {
            let known = spec.files.iter().find(|known| known.place() == file.place);
            for slot in &mut file.slots {
                slot.only_here = !known.is_some_and(|known| known.keys.iter().any(|one| one.key == slot.key));
            }
        }
    }

    /// Takes out what only those who may edit are told: exact lengths and fingerprints.
    pub fn hide_measures(&mut self) {
        let slots = self.files.iter_mut().flat_map(|file| &mut file.slots);
        let of_slots = slots.flat_map(|slot| {
            slot.winner.iter_mut().chain(&mut slot.hidden).chain(&mut slot.conflict).chain(&mut slot.held)
        });
        hide_measures(of_slots);
    }

    /// Every slot with its file.
    pub fn slots(&self) -> impl Iterator<Item = (&FileView, &SlotView)> {
        self.files.iter().flat_map(|file| file.slots.iter().map(move |slot| (file, slot)))
    }

    /// How many values people still have to give: a key that stands in several files of one owner counts once, for
    /// one value fills them all.
    pub fn missing_required(&self) -> usize {
        self.distinct(|slot| slot.is_lacking())
    }

    /// The required keys that a boot would not write now, each once, in order of name.
    pub fn lacking(&self) -> Vec<KeyName> {
        let keys: BTreeSet<_> = self.slots().filter(|(_, slot)| slot.is_lacking()).map(|(_, slot)| &slot.key).collect();
        keys.into_iter().cloned().collect()
    }

    /// The keys that would be written if somebody released the organization's value, each once, in order of name.
    pub fn releasable(&self) -> Vec<&StoredValue> {
        let held = self.slots().filter_map(|(_, slot)| slot.releasable());
        held.map(|value| (&value.key, value)).collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// How far from complete.
    pub fn readiness(&self) -> Readiness {
        if self.spec_version == 0 && self.files.is_empty() {
            return Readiness::NoSpec;
        }
        let conflicts = self.distinct(|slot| slot.is_lacking() && slot.status == Status::Conflict);
        match self.missing_required() {
            0 => Readiness::Ready,
            all if all == conflicts => Readiness::Conflict(all),
            all => Readiness::Needs(all),
        }
    }

    /// The required keys that the next session would boot without, each once, in order of name.
    pub fn lacking_next(&self) -> Vec<KeyName> {
        let keys: BTreeSet<_> =
            self.slots().filter(|(_, slot)| slot.is_lacking_next()).map(|(_, slot)| &slot.key).collect();
        keys.into_iter().cloned().collect()
    }

    fn distinct(&self, wanted: impl Fn(&SlotView) -> bool) -> usize {
        let slots = self.slots().filter(|(_, slot)| wanted(slot));
        slots
            .map(|(file, slot)| (&slot.key, file.owner.as_ref().map(|owner| &owner.id.0)))
            .collect::<BTreeSet<_>>()
            .len()
    }
}

/// Takes out of values what only those who may edit are told: exact lengths and fingerprints. Equal fingerprints of one
/// key stay equal.
pub fn hide_measures<'a>(values: impl IntoIterator<Item = &'a mut StoredValue>) {
    let mut known: BTreeMap<(KeyName, String), usize> = BTreeMap::new();
    for value in values {
        value.length = value.length.filter(|length| *length == 0);
        let next = known.len();
        let number = known.entry((value.key.clone(), std::mem::take(&mut value.fingerprint))).or_insert(next);
        value.fingerprint = number.to_string();
    }
}
