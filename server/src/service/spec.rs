//! Saving a spec: what an agent saves, and what a person accepted of it.

use super::{Keyslot, ServiceError};
use crate::events::Fact;
use crate::store::{Reach, SavedSpec, SessionRow};
use app::api::ApiError;
use app::api::thread::ThreadEvent;
use domain::EnvSpec;
use domain::ids::{ConfigurationId, OrganizationId};
use domain::proposal::{Proposal, ProposalKind, ProposedChange, part_files, with_files};
use domain::spec::{EnvFile, SlotRef, SpecDiff};

/// In milliseconds.
const MINUTE: i64 = 60_000;

/// What saving a spec on behalf of an agent did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFiles {
    /// What stands now.
    pub saved: SavedSpec,
    /// The files that wait for a person.
    pub proposal: Option<Proposal>,
}

impl Keyslot {
    /// Checks and saves a spec for a session's configuration on behalf of an agent. Its env files stand at once; files
    /// that are none by their name wait until a person accepts them. A bad spec is refused whole: it changes and
    /// proposes nothing.
    pub async fn save_env_files(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        spec: EnvSpec,
        saved_by: &str,
    ) -> Result<SavedFiles, ServiceError> {
        let chosen = self.store().chosen_readers(organization, &session.configuration).await?;
        let spec = spec.with_chosen_readers(&chosen).checked()?;
        self.count_spec_save(organization, &session.configuration).await?;
        let known = self.store().spec(organization, &session.configuration).await?;
        let (at_once, files) = part_files(&known.map(|row| row.spec).unwrap_or_default(), spec);
        let saved = self.save_spec_version(organization, session, at_once, saved_by, None).await?;
        let proposal = if files.is_empty() {
            self.supersede_proposal(organization, &session.id, ProposalKind::Files).await?;
            None
        } else {
            Some(self.propose(organization, session, saved_by, ProposedChange::Files { files }).await?)
        };
        Ok(SavedFiles { saved, proposal })
    }

    /// Refuses one more version where there were too many within a minute. Saves that change nothing make none.
    async fn count_spec_save(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<(), ServiceError> {
        let (now, limit) = (self.store().now(), self.config().quotas.max_spec_saves_per_minute);
        let (count, first) = self.store().specs_since(organization, configuration, now - MINUTE).await?;
        if count < i64::from(limit) {
            return Ok(());
        }
        let left = first.map_or(MINUTE, |first| first + MINUTE - now).max(1);
        let seconds = u64::try_from(left).unwrap_or_default().div_ceil(1_000);
        let what = format!("More than {limit} versions of the files were saved within a minute");
        Err(ApiError::TooOften { what, seconds }.into())
    }

    /// Adds files to a spec that a person accepted.
    pub(super) async fn accept_files(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        files: &[EnvFile],
        saved_by: &str,
    ) -> Result<(), ServiceError> {
        let known = self.store().spec(organization, &session.configuration).await?;
        let (version, spec) = known.map_or((0, EnvSpec::default()), |row| (row.version, row.spec));
        let spec = with_files(spec, files).checked()?;
        self.save_spec_version(organization, session, spec, saved_by, Some(version)).await.map(drop)
    }

    /// Saves a spec that passed every check as a new version, and brings every running sandbox and screen up to date.
    async fn save_spec_version(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        spec: EnvSpec,
        saved_by: &str,
        expected: Option<i64>,
    ) -> Result<SavedSpec, ServiceError> {
        let saved = self.store().save_spec(organization, &session.configuration, &spec, saved_by, expected).await?;
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
