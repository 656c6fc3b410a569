//! `save_env_files`: the one way in which a spec is saved, whoever asks.

use super::{Keyslot, ServiceError};
use crate::events::Fact;
use crate::store::{Reach, SavedSpec, SessionRow};
use app::api::thread::ThreadEvent;
use app::domain::EnvSpec;
use app::domain::ids::OrganizationId;
use app::domain::spec::{SlotRef, SpecDiff};

impl Keyslot {
    /// Checks and saves a spec for a session's configuration, as a new version, and brings every running sandbox and
    /// screen up to date. A bad spec changes nothing.
    pub async fn save_env_files(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        spec: EnvSpec,
        saved_by: &str,
    ) -> Result<SavedSpec, ServiceError> {
        let spec = spec.checked()?;
        let saved = self.store().save_spec(organization, &session.configuration, &spec, saved_by, None).await?;
        let event = ThreadEvent::Tool {
            name: "save_env_files".to_owned(),
            summary: summary(&spec, &saved),
            details: details(&saved.diff),
        };
        // It is stored: screens need not wait for the sandboxes.
        self.events().tell(organization, Fact::Environment(session.configuration.clone()));
        self.say(organization, &session.id, event).await?;
        self.follow_all(organization, Reach::Spec(&session.configuration)).await?;
        Ok(saved)
    }
}

fn summary(spec: &EnvSpec, saved: &SavedSpec) -> String {
    if !saved.is_new {
        return format!("Nothing changed: version {} stands", saved.version);
    }
    format!(
        "Saved version {}: {} in {}",
        saved.version,
        counted(spec.slot_count(), "key"),
        counted(spec.files.len(), "file")
    )
}

fn details(diff: &SpecDiff) -> Vec<String> {
    let lines = |word: &'static str, slots: &[SlotRef]| {
        slots.iter().map(move |slot| format!("{word} {} in {}", slot.key, slot.file)).collect::<Vec<_>>()
    };
    [lines("added", &diff.added), lines("changed", &diff.changed), lines("removed", &diff.removed)].concat()
}

/// A number with its noun: `1 key`, `2 keys`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
