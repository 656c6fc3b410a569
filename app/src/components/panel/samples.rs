//! Short ways to write environments in tests.

use domain::environment::{AttachedRepository, FileView, Scope, SlotView, Status, StoredValue};
use domain::request::{Ask, KeyOutcome, RequestState, ValueRequest};
use domain::{EnvSpec, Environment, KeyName, RelativePath};

pub fn environment<const N: usize>(files: [FileView; N]) -> Environment {
    Environment { spec_version: 1, files: files.into(), ..Environment::default() }
}

pub fn file<const N: usize>(place: &str, slots: [SlotView; N]) -> FileView {
    FileView {
        readers: Vec::new(),
        reader_evidence: Vec::new(),
        place: RelativePath::file(place).expect("a path"),
        format: Default::default(),
        mode: Default::default(),
        owner: None,
        slots: slots.into(),
    }
}

pub fn slot(key: &str, required: bool, status: Status) -> SlotView {
    SlotView {
        key: KeyName::new(key).expect("a key"),
        required,
        description: None,
        documentation_url: None,
        default: None,
        suggestions: Vec::new(),
        generate: None,
        evidence: Vec::new(),
        sensitive: true,
        only_here: false,
        status,
        winner: None,
        hidden: Vec::new(),
        conflict: Vec::new(),
        held: None,
    }
}

pub fn stored(scope: Scope, fingerprint: &str) -> StoredValue {
    StoredValue {
        key: KeyName::new("KEY").expect("a key"),
        scope,
        version: 2,
        set_by: "Ada".into(),
        set_at: 0,
        length: Some(3),
        fingerprint: fingerprint.into(),
        readable: true,
        releasers: Default::default(),
        warnings: Vec::new(),
    }
}

pub fn repository(id: &str, name: &str) -> AttachedRepository {
    AttachedRepository { id: id.into(), name: name.into(), workspace_path: RelativePath::root() }
}

/// A pending request of an agent named Agent for keys of `.env`: name, required, outcome.
pub fn request<const N: usize>(id: &str, keys: [(&str, bool, Option<KeyOutcome>); N]) -> ValueRequest {
    let asked = keys.map(|(key, required, _)| serde_json::json!({ "key": key, "required": required })).to_vec();
    let ask: Ask = serde_json::from_value(serde_json::json!({ "keys": asked })).expect("an ask");
    let mut asked = ask.checked(&EnvSpec::default()).expect("a good ask");
    for (key, (.., outcome)) in asked.iter_mut().zip(keys) {
        key.outcome = outcome;
    }
    ValueRequest {
        id: id.into(),
        session: "s".into(),
        asked_by: "Agent".into(),
        message: None,
        state: RequestState::Pending,
        created_at: 0,
        expires_at: 0,
        closed_at: None,
        keys: asked,
    }
}
