//! Short ways to write environments in tests.

use crate::domain::environment::{AttachedRepository, FileView, Scope, SlotView, Status, StoredValue};
use crate::domain::{Environment, KeyName, RelativePath};

pub fn environment<const N: usize>(files: [FileView; N]) -> Environment {
    Environment { spec_version: 1, files: files.into(), unused: Vec::new() }
}

pub fn file<const N: usize>(place: &str, slots: [SlotView; N]) -> FileView {
    FileView {
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
    }
}

pub fn stored(scope: Scope, fingerprint: &str) -> StoredValue {
    StoredValue {
        key: KeyName::new("KEY").expect("a key"),
        scope,
        version: 2,
        set_by: "Ada".into(),
        set_at: 0,
        length: 3,
        fingerprint: fingerprint.into(),
        readable: true,
    }
}

pub fn repository(id: &str, name: &str) -> AttachedRepository {
    AttachedRepository { id: id.into(), name: name.into(), workspace_path: RelativePath::root() }
}
