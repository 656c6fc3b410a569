//! The one resolver: from a spec and what is stored to the Environment.
//!
//! The panel and the boot both call [`resolve()`], so what people see is what boots.

use super::environment::{AttachedRepository, Environment, FileView, Scope, SlotView, Status, StoredValue};
use super::release::Releases;
use super::spec::{EnvFile, EnvSpec, Mode, Slot};
use super::{KeyName, RelativePath};
use std::collections::BTreeMap;

/// Gives each slot of the spec its status and source.
///
/// Narrowest wins: session, then the repository that owns the file, then the organization where its value was released
/// to the configuration, then the default. `stored` holds at most one value a key and scope; values of repositories that
/// are not attached are ignored. A value of the organization that is not among `releases` is never a slot's winner,
/// whoever names its key: it is only told that there is one ([`SlotView::held`]).
pub fn resolve(
    spec_version: i64,
    spec: &EnvSpec,
    attached: &[AttachedRepository],
    releases: &Releases,
    stored: &[StoredValue],
) -> Environment {
    let mut by_key: BTreeMap<&KeyName, Vec<&StoredValue>> = BTreeMap::new();
    for value in stored {
        by_key.entry(&value.key).or_default().push(value);
    }
    let files = spec.files.iter().map(|file| resolve_file(file, attached, releases, &by_key)).collect();
    let (plain, chosen_readers, release_mode) = (Vec::new(), Vec::new(), releases.mode);
    Environment { spec_version, files, plain, chosen_readers, release_mode }
}

/// The attached repository that owns a place: the one checked out at it or nearest above it.
pub fn owner_of<'a>(attached: &'a [AttachedRepository], place: &RelativePath) -> Option<&'a AttachedRepository> {
    let above = attached.iter().filter(|repository| repository.workspace_path.holds(place));
    above.max_by_key(|repository| repository.workspace_path.depth())
}

/// The spec's default where it may be used: not empty, and not for a secret file's sensitive key or a value that
/// carries credentials, because a default is stored and shown in the clear.
pub fn usable_default(mode: Mode, slot: &Slot) -> Option<&str> {
    let default = slot.default.as_deref().filter(|text| !text.is_empty())?;
    let hidden = mode == Mode::Secret && (slot.key.is_sensitive() || has_credentials(default));
    (!hidden).then_some(default)
}

/// Whether a value looks like a URL with a password in it, as in `postgres://user:password@host/db`.
pub fn has_credentials(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

fn resolve_file(
    file: &EnvFile,
    attached: &[AttachedRepository],
    releases: &Releases,
    by_key: &BTreeMap<&KeyName, Vec<&StoredValue>>,
) -> FileView {
    let place = file.place();
    let owner = owner_of(attached, &place);
    let slots = file.keys.iter().map(|slot| {
        let values = by_key.get(&slot.key).map_or(&[][..], Vec::as_slice);
        resolve_slot(file.mode, slot, owner, attached, releases, values)
    });
    FileView {
        format: file.format,
        mode: file.mode,
        readers: file.readers.clone(),
        reader_evidence: file.reader_evidence.clone(),
        slots: slots.collect(),
        owner: owner.cloned(),
        place,
    }
}

fn resolve_slot(
    mode: Mode,
    slot: &Slot,
    owner: Option<&AttachedRepository>,
    attached: &[AttachedRepository],
    releases: &Releases,
    values: &[&StoredValue],
) -> SlotView {
    let at = |scope: &Scope| values.iter().find(|value| value.scope == *scope).map(|value| (*value).clone());
    // A file of no single repository hears every attached one; an owned file hears its owner alone.
    let speaking: Vec<StoredValue> = match owner {
        Some(owner) => at(&Scope::Repository(owner.id.clone())).into_iter().collect(),
        None => attached.iter().filter_map(|repository| at(&Scope::Repository(repository.id.clone()))).collect(),
    };
    let disagree = speaking.iter().any(|value| value.fingerprint != speaking[0].fingerprint);
    let session = at(&Scope::Session);
    let in_conflict = disagree && session.is_none();
    let organization = at(&Scope::Organization);
    let (released, held) = if releases.cover(&slot.key) { (organization, None) } else { (None, organization) };
    let mut candidates: Vec<StoredValue> = session.into_iter().chain(speaking).chain(released).collect();

    let default = usable_default(mode, slot);
    let (status, winner, conflict) = if in_conflict {
        let sides = candidates.extract_if(.., |value| matches!(value.scope, Scope::Repository(_))).collect();
        (Status::Conflict, None, sides)
    } else if candidates.is_empty() {
        let status = match (default, &held) {
            (Some(_), _) => Status::Default,
            (None, Some(_)) => Status::Held,
            (None, None) => Status::Missing,
        };
        (status, None, Vec::new())
    } else {
        let winner = candidates.remove(0);
        (if winner.readable { Status::Set } else { Status::Unreadable }, Some(winner), Vec::new())
    };
    SlotView {
        key: slot.key.clone(),
        required: slot.required,
        description: slot.description.clone(),
        documentation_url: slot.documentation_url.clone(),
        default: default.map(str::to_owned),
        suggestions: slot.suggestions.clone(),
        generate: slot.generate,
        evidence: slot.evidence.clone(),
        sensitive: mode == Mode::Secret && slot.secret.unwrap_or(slot.key.is_sensitive() || default.is_none()),
        only_here: false,
        status,
        winner,
        hidden: candidates,
        conflict,
        held,
    }
}

#[cfg(test)]
mod tests;
