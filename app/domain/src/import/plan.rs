//! Where the values of a pasted text would go, and what that would change.

use super::{Fault, Row};
use crate::dotenv::read::Note;
use crate::environment::{AttachedRepository, FileView, Scope, SlotView, StoredValue};
use crate::reader;
use crate::warnings::{Hints, Warning, warnings};
use crate::words::words;
use crate::{Environment, KeyName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where imported values shall count, said once for many keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Choice {
    /// The repository that owns each file. A file that belongs to no single one wants another choice.
    Repository,
    /// The whole organization.
    Organization,
    /// The session alone.
    Session,
}

words!(Choice, "choice of scope", Repository = "repository", Organization = "organization", Session = "session");

impl From<Choice> for String {
    fn from(choice: Choice) -> String {
        choice.as_str().to_owned()
    }
}

/// What a person decided of one row; what they did not decide follows from the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ruling {
    /// Whether to save it.
    pub ticked: Option<bool>,
    /// Where, other than the rest.
    pub choice: Option<Choice>,
}

/// The keys and scopes whose stored value is what was pasted.
pub type SameAsNow = BTreeSet<(KeyName, Scope)>;

/// What saving a row would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// There is no value at its scope.
    New,
    /// There is another one, or nobody knows yet whether it is another.
    Replaces,
    /// The same value is stored.
    Same,
    /// No file asks for the key; it would be an organization secret.
    NotInSpec,
    /// It cannot be saved.
    Invalid,
    /// The same key stands further down, and the last one counts.
    Repeated,
}

/// What would become of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What saving it would do.
    pub verdict: Verdict,
    /// Whether it would be saved.
    pub ticked: bool,
    /// Whether it can be saved at all.
    pub possible: bool,
    /// Whether only the organization could keep it, and nobody chose that: it is not saved unasked.
    pub wants_choice: bool,
    /// Where it would count.
    pub choice: Choice,
    /// Where else it could.
    pub choices: Vec<Choice>,
    /// The scopes at which it would be stored, each with the version that stands there now; 0 where there is none.
    pub at: Vec<(Scope, i64)>,
    /// The stored values that it would replace.
    pub replaced: Vec<StoredValue>,
    /// The organization's value of the key, where the configuration may not use it yet.
    pub held: Option<StoredValue>,
    /// Why it cannot be saved.
    pub reason: Option<String>,
    /// What looks wrong with it.
    pub warnings: Vec<Warning>,
    /// What readers of env files would take differently.
    pub notes: Vec<Note>,
}

/// An environment as an import sees it.
pub struct Plan<'a> {
    slots: BTreeMap<&'a KeyName, Vec<(&'a FileView, &'a SlotView)>>,
    /// The organization's values, as far as they were given: of keys that no slot names nothing else tells.
    organization: BTreeMap<&'a KeyName, &'a StoredValue>,
    in_session: bool,
    any_key: bool,
}

impl<'a> Plan<'a> {
    /// For the environment of a session, or of a configuration as its next session would get it.
    pub fn new(environment: &'a Environment, in_session: bool) -> Self {
        let mut slots: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (file, slot) in environment.slots() {
            slots.entry(&slot.key).or_default().push((file, slot));
        }
        Self { slots, organization: BTreeMap::new(), in_session, any_key: false }
    }

    /// For an organization as such, where any key may be stored.
    pub fn of_organization() -> Self {
        Self { slots: BTreeMap::new(), organization: BTreeMap::new(), in_session: false, any_key: true }
    }

    /// Adds the organization's values among those `stored`. An environment tells only of the keys that its slots name.
    pub fn with_stored(mut self, stored: &'a [StoredValue]) -> Self {
        let of_organization = stored.iter().filter(|value| value.scope == Scope::Organization);
        self.organization.extend(of_organization.map(|value| (&value.key, value)));
        self
    }

    /// Where values may count, the usual choice first: the organization, which reaches furthest, is never that unless
    /// values are imported for it.
    pub fn choices(&self) -> Vec<Choice> {
        if self.any_key {
            return vec![Choice::Organization];
        }
        let session = self.in_session.then_some(Choice::Session);
        [Some(Choice::Repository), session, Some(Choice::Organization)].into_iter().flatten().collect()
    }

    /// Whether a file asks for the key.
    pub fn asks_for(&self, key: &KeyName) -> bool {
        self.slots.contains_key(key)
    }

    /// What would become of every row.
    pub fn rows(&self, rows: &[Row], all: Choice, rulings: &[Ruling], same: &SameAsNow) -> Vec<Planned> {
        let ruling = |index: usize| rulings.get(index).copied().unwrap_or_default();
        rows.iter().enumerate().map(|(index, row)| self.row(row, all, ruling(index), same)).collect()
    }

    fn row(&self, row: &Row, all: Choice, ruling: Ruling, same: &SameAsNow) -> Planned {
        let key = match (&row.key, row.repeated_on) {
            (Err(fault), _) => return Planned::impossible(Verdict::Invalid, all, Some(fault.to_string())),
            (Ok(_), Some(line)) => {
                let reason = format!("line {line} gives this key again, and the last one counts");
                return Planned::impossible(Verdict::Repeated, all, Some(reason));
            }
            (Ok(key), None) => key,
        };
        let found = self.slots.get(key).map_or(&[][..], Vec::as_slice);
        if let Some(reason) = unwritable(found, row) {
            return Planned::impossible(Verdict::Invalid, all, Some(reason));
        }
        let choices = self.choices_for(found);
        let usual = if choices.contains(&all) { all } else { choices[0] };
        let chosen = ruling.choice.filter(|choice| choices.contains(choice));
        let choice = chosen.unwrap_or(usual);
        let wants_choice = choice == Choice::Organization && chosen.is_none() && all != Choice::Organization;
        let scopes = scopes(found, choice);
        let stored: Vec<_> = scopes.iter().map(|scope| self.stored(key, found, scope)).collect();
        let held = found.iter().find_map(|(_, slot)| slot.held.as_ref());
        // Saving the organization's own value here lets the configuration use it.
        let releases = held.is_some() && choice == Choice::Organization;
        let is_same = |at: &Scope| !releases && same.contains(&(key.clone(), at.clone()));
        let verdict = match (found.is_empty() && !self.any_key, stored.iter().any(Option::is_some)) {
            (true, _) => Verdict::NotInSpec,
            (false, false) => Verdict::New,
            (false, true) if scopes.iter().all(is_same) => Verdict::Same,
            (false, true) => Verdict::Replaces,
        };
        let usually = matches!(verdict, Verdict::New | Verdict::Replaces) && !wants_choice;
        let hints = found.first().map_or_else(Hints::default, |(_, slot)| Hints::from(*slot));
        Planned {
            verdict,
            ticked: ruling.ticked.unwrap_or(usually),
            possible: true,
            wants_choice,
            choice,
            choices,
            at: scopes.into_iter().zip(&stored).map(|(scope, at)| (scope, at.map_or(0, |at| at.version))).collect(),
            replaced: stored.into_iter().flatten().cloned().collect(),
            held: held.cloned(),
            reason: None,
            warnings: warnings(key, hints, row.value.expose()),
            notes: row.notes.clone(),
        }
    }

    /// A key that no file asks for can only be an organization secret.
    fn choices_for(&self, found: &[(&FileView, &SlotView)]) -> Vec<Choice> {
        if found.is_empty() {
            return vec![Choice::Organization];
        }
        let owned = found.iter().any(|(file, _)| file.owner.is_some());
        self.choices().into_iter().filter(|choice| owned || *choice != Choice::Repository).collect()
    }

    fn stored(&self, key: &KeyName, found: &[(&'a FileView, &'a SlotView)], scope: &Scope) -> Option<&'a StoredValue> {
        let known = found.iter().flat_map(|(_, slot)| slot.known());
        let of_organization = self.organization.get(key).copied();
        known.chain(of_organization).find(|value| value.scope == *scope)
    }
}

impl Planned {
    fn impossible(verdict: Verdict, choice: Choice, reason: Option<String>) -> Self {
        Self {
            verdict,
            ticked: false,
            possible: false,
            wants_choice: false,
            choice,
            choices: Vec::new(),
            at: Vec::new(),
            replaced: Vec::new(),
            held: None,
            reason,
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The scopes that a choice means for the files that ask for a key.
fn scopes(found: &[(&FileView, &SlotView)], choice: Choice) -> Vec<Scope> {
    let scope = |owner: &Option<AttachedRepository>| match choice {
        Choice::Session => Some(Scope::Session),
        Choice::Repository => owner.as_ref().map(|owner| Scope::Repository(owner.id.clone())),
        Choice::Organization => Some(Scope::Organization),
    };
    if found.is_empty() {
        return vec![Scope::Organization];
    }
    found.iter().filter_map(|(file, _)| scope(&file.owner)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Why a file that asks for the key could not carry the value.
fn unwritable(found: &[(&FileView, &SlotView)], row: &Row) -> Option<String> {
    let value = row.value.expose();
    let refused = |(file, _): &(&FileView, &SlotView)| {
        reader::check(&file.readers, value).err().map(|problem| format!("{} cannot hold it: {problem}", file.place))
    };
    match found {
        [] => reader::check(&[], value).err().map(|problem| problem.to_string()),
        found => found.iter().find_map(refused),
    }
}

impl Row {
    /// The fault, where there is one.
    pub fn fault(&self) -> Option<&Fault> {
        self.key.as_ref().err()
    }
}
