//! Applying an environment to a sandbox on this process's disk: at boot, live, and taken out again at the end.

use super::{Keyslot, ServiceError};
use crate::boot::{self, Opened};
use crate::sandbox::{LocalSandbox, Sandbox};
use crate::store::{SandboxRow, SessionRow};
use app::api::live::Change;
use app::api::thread::ThreadEvent;
use domain::ids::{OrganizationId, SessionId};
use domain::receipt::{BootReceipt, Occasion};
use domain::{KeyName, RelativePath};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

impl Keyslot {
    pub(super) fn sandbox(&self, session: &SessionRow) -> impl Sandbox + use<> {
        LocalSandbox::new(self.config().sandbox_program(), PathBuf::from(&session.workspace_dir))
    }

    /// Whether a session's own sandbox lies on this process's disk.
    pub(super) fn hosts(&self, session: &SessionRow) -> bool {
        session.host.as_deref() == Some(self.0.instance.as_str())
    }

    /// Applies the environment of one session as it stands now, in any case, and records the receipt.
    pub async fn apply(
        &self,
        organization: &OrganizationId,
        session: SessionRow,
        occasion: Occasion,
    ) -> Result<BootReceipt, ServiceError> {
        let turn = self.turn(&session.id);
        let _held = turn.lock().await;
        self.apply_in_turn(organization, session, occasion).await
    }

    /// The same for whoever holds the session's turn.
    pub(super) async fn apply_in_turn(
        &self,
        organization: &OrganizationId,
        session: SessionRow,
        occasion: Occasion,
    ) -> Result<BootReceipt, ServiceError> {
        let local = self.local_sandbox(organization, &session.id).await?;
        let opened = self.opened(organization, session.clone()).await?;
        let receipt = self.write(organization, &session, &local, opened, occasion).await?;
        self.record(organization, &session, &receipt).await?;
        self.delivered(organization, &session.configuration);
        Ok(receipt)
    }

    /// Writes what the session wants by now; nothing where just that stands in the files already.
    pub(super) async fn catch_up(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        local: &SandboxRow,
    ) -> Result<(), ServiceError> {
        let opened = self.opened(organization, session.clone()).await?;
        // What is masked may change although no file does: people say what is plain.
        self.learn_values(&session.id, &opened).await;
        let state = opened.state()?;
        if local.applied_state.as_ref() == Some(&state) {
            return Ok(self.store().acknowledge(organization, &local.id, local.wanted_revision, &state).await?);
        }
        let receipt = self.write(organization, session, local, opened, Occasion::Live).await?;
        let (before, after) = (local.error.as_ref(), refusal(&receipt));
        if after.is_some() && after.as_ref() == before {
            // What fails again and again in the same way is told once.
            return Ok(());
        }
        self.record(organization, session, &receipt).await?;
        if before.is_some() || after.is_some() {
            self.say(organization, &session.id, applied(&receipt)).await?;
        }
        Ok(())
    }

    /// Writes the files and notes how far the sandbox is. `local` was read before `opened`, so what is acknowledged is
    /// never newer than what is written.
    async fn write(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        local: &SandboxRow,
        opened: Opened,
        occasion: Occasion,
    ) -> Result<BootReceipt, ServiceError> {
        let (state, input) = (opened.state()?, opened.input()?);
        // Before anything stands in a file, so that no command can print what is not known yet.
        self.learn_values(&session.id, &opened).await;
        self.store().note_hand_over(organization, &session.id, &state, &opened.given()).await?;
        let (values, of_organization) = opened.handed_over();
        let configuration = &session.configuration;
        tracing::info!(session = %session.id, %configuration, values, of_organization, "values were handed to a sandbox");
        let report = self.sandbox(session).apply(&opened.spec, input).await?;
        let mut receipt = boot::receipt(occasion, self.store().now(), &opened.environment, report);
        if occasion == Occasion::Boot {
            receipt.started_anyway = session.started_anyway_by.clone();
            match self.unfilled_submodules(organization, session).await {
                Ok(submodules) => receipt.submodules = submodules,
                Err(error) => {
                    tracing::warn!(session = %session.id, %error, "submodules could not be looked up");
                    receipt.warnings.push("it is not known whether the repositories have submodules".to_owned());
                }
            }
        }
        let (store, revision) = (self.store(), local.wanted_revision);
        match refusal(&receipt) {
            None => store.acknowledge(organization, &local.id, revision, &state).await?,
            Some(reason) => {
                store.fail_sandbox(organization, &local.id, revision, &reason).await?;
                self.0.behind.notify_one();
            }
        }
        Ok(receipt)
    }

    /// The submodules that are not checked out in the session's workspace.
    async fn unfilled_submodules(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<Vec<RelativePath>, ServiceError> {
        let configuration = self.configuration(organization, &session.configuration).await?;
        let places: Vec<_> = configuration.repositories.into_iter().map(|row| row.repository.workspace_path).collect();
        let workspace = LocalSandbox::workspace(&PathBuf::from(&session.workspace_dir));
        Ok(self.git().unfilled_submodules(&workspace, &places).await?)
    }

    async fn record(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        receipt: &BootReceipt,
    ) -> Result<(), ServiceError> {
        self.store().add_receipt(organization, &session.id, receipt).await?;
        self.events().publish(organization, &session.id, Change::Session);
        Ok(())
    }

    /// Notes why the files could not be brought up to date; what fails again and again in the same way is told once.
    pub(super) async fn record_failure(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        local: &SandboxRow,
        error: &ServiceError,
    ) -> Result<(), ServiceError> {
        tracing::warn!(session = %session.id, %error, "a live apply failed");
        let reason = reason(error);
        self.store().fail_sandbox(organization, &local.id, local.wanted_revision, &reason).await?;
        self.0.behind.notify_one();
        if local.error.as_ref() == Some(&reason) {
            return Ok(());
        }
        let text = format!("The files could not be brought up to date: {reason}. It is tried again.");
        self.say(organization, &session.id, ThreadEvent::Failure { text }).await
    }

    /// Takes every value out of an ended session's files if they lie on this process's disk. What fails is told, and
    /// tried again by the keeper.
    pub(super) async fn scrub_ended(&self, organization: &OrganizationId, id: &SessionId) {
        if let Err(error) = self.try_to_scrub(organization, id).await {
            tracing::error!(session = %id, %error, "the end of a session's sandbox could not be recorded");
        }
    }

    async fn try_to_scrub(&self, organization: &OrganizationId, id: &SessionId) -> Result<(), ServiceError> {
        let turn = self.turn(id);
        let _held = turn.lock().await;
        let session = self.session_row(organization, id).await?;
        self.delivered(organization, &session.configuration);
        if !self.hosts(&session) || session.ended_at.is_none() {
            return Ok(());
        }
        self.0.commands.end(id).await;
        let local = self.local_sandbox(organization, id).await?;
        let Err(error) = self.sandbox(&session).scrub().await else {
            return Ok(self.store().sandbox_scrubbed(organization, &local.id).await?);
        };
        let reason = format!("the values could not be taken out of this session's files: {error}");
        // Fails every revision that there may be: nothing is wanted any more.
        self.store().fail_sandbox(organization, &local.id, i64::MAX, &reason).await?;
        self.0.behind.notify_one();
        if local.error.as_ref() == Some(&reason) {
            return Ok(());
        }
        let text = format!("The values could not be taken out of this session's files: {error}. It is tried again.");
        self.say(organization, id, ThreadEvent::Failure { text }).await
    }

    pub(super) async fn local_sandbox(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<SandboxRow, ServiceError> {
        let found = self.store().local_sandbox(organization, session).await?;
        found.ok_or_else(|| ServiceError::not_found("sandbox"))
    }

    pub(super) fn turn(&self, session: &SessionId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Turns that nobody holds or waits for are dropped, so the map stays as small as the work at hand.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(session.clone()).or_default().clone()
    }
}

/// What the thread says of an apply.
pub(super) fn applied(receipt: &BootReceipt) -> ThreadEvent {
    let mut lacking: Vec<KeyName> = receipt.lacking().map(|(_, key)| key.key.clone()).collect();
    lacking.sort();
    lacking.dedup();
    ThreadEvent::Applied {
        occasion: receipt.occasion,
        written: receipt.written(),
        lacking,
        refused: refused(receipt).collect(),
    }
}

fn refused(receipt: &BootReceipt) -> impl Iterator<Item = String> {
    receipt.files.iter().filter_map(|file| Some(format!("{}: {}", file.place, file.refused.as_ref()?)))
}

/// Why an apply did not bring the sandbox up to date; nothing if it did.
fn refusal(receipt: &BootReceipt) -> Option<String> {
    let refused: Vec<String> = refused(receipt).collect();
    (!refused.is_empty()).then(|| refused.join("; "))
}

/// A failure in words that stay the same when it happens again.
fn reason(error: &ServiceError) -> String {
    match error {
        ServiceError::Sandbox(error) => error.to_string(),
        _ => "the environment could not be read; the server's log says why".to_owned(),
    }
}
