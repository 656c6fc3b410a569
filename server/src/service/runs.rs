//! The course of a session in the background: clone, then scan (setup) or boot (work).

use super::{Keyslot, ServiceError, live};
use crate::git::{Address, Place};
use crate::sandbox::LocalSandbox;
use crate::store::SessionRow;
use crate::wall::{Wall, hand_over};
use app::api::sessions::{SessionKind, SessionState};
use app::api::thread::ThreadEvent;
use domain::ids::{OrganizationId, SessionId};
use domain::receipt::Occasion;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;

/// What a boot is doing, for people.
pub(super) const WRITING: &str = "Writing the env files";
/// Shortest time between two progress reports: people cannot read faster, and each one is a write.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

impl Keyslot {
    /// Runs a new session's course; a failure ends the session with its reason.
    pub(super) fn run_in_background(&self, organization: OrganizationId, session: SessionId) {
        let keyslot = self.clone();
        self.0.tasks.spawn(async move {
            let course = {
                let (keyslot, organization, session) = (keyslot.clone(), organization.clone(), session.clone());
                // A task of its own, so that even a panic ends the session in words.
                tokio::spawn(async move { keyslot.run(&organization, &session).await })
            };
            let result = course.await.unwrap_or_else(|broken| Err(ServiceError::Task(broken)));
            if let Err(error) = result {
                keyslot.fail(&organization, &session, error).await;
            }
        });
    }

    /// Ends sessions whose course was cut off by a stop of this server process, and auto-start commands that outlived it.
    pub async fn fail_interrupted(&self) -> Result<(), ServiceError> {
        self.clear_temporary()?;
        let stale = self.0.commands.end_stale().await;
        if stale > 0 {
            tracing::warn!(stale, "auto-start commands of an earlier run of this server were ended");
        }
        for organization in self.store().organizations().await? {
            self.fail_interrupted_snapshots(&organization.id).await?;
            for session in self.store().running_sessions(&organization.id).await? {
                if self.hosts(&session) && SessionState::from_word(&session.state).is_busy() {
                    let message = "The server was stopped before this session was ready. Start a new one.";
                    self.fail(&organization.id, &session.id, ServiceError::conflict(message)).await;
                }
            }
        }
        Ok(())
    }

    async fn run(&self, organization: &OrganizationId, id: &SessionId) -> Result<(), ServiceError> {
        let session = self.session_row(organization, id).await?;
        if self.restore(organization, &session).await? && matches!(self.wall(), Wall::Bubblewrap(_)) {
            // What the server unpacked belongs to the user that programs in the workspace are.
            let workspace = LocalSandbox::workspace(&PathBuf::from(&session.workspace_dir));
            tokio::task::spawn_blocking(move || hand_over(&workspace)).await??;
        }
        self.clone_repositories(organization, &session).await?;
        match session.kind {
            SessionKind::Setup => self.set_up(organization, session).await,
            SessionKind::Work => self.boot(organization, session).await,
        }
    }

    async fn clone_repositories(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<(), ServiceError> {
        let folder = PathBuf::from(&session.workspace_dir);
        let workspace = LocalSandbox::workspace(&folder);
        let mut configuration = self.configuration(organization, &session.configuration).await?;
        // The outer one first: a checkout takes an empty place only.
        configuration.repositories.sort_by_key(|row| row.repository.workspace_path.depth());
        for row in &configuration.repositories {
            let place = Place::new(folder.clone(), workspace.clone(), row.repository.workspace_path.clone());
            // A snapshot had it. One that was attached since is put beside what was unpacked.
            if place.is_taken()? {
                continue;
            }
            let address = Address::parse(&row.location)?;
            let (say, hear) = watch::channel(String::from("Asking git"));
            let clone = self.git().clone(&address, &place, move |line| {
                say.send_replace(line.to_owned());
            });
            // Together to the end: a report that is cut off may still be written, after what comes next.
            let report = self.report_progress(organization, session, &row.repository.name, hear);
            let (cloned, reported) = tokio::join!(clone, report);
            cloned?;
            reported?;
        }
        Ok(())
    }

    /// Shows git's progress until there is no more.
    async fn report_progress(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        name: &str,
        mut hear: watch::Receiver<String>,
    ) -> Result<(), ServiceError> {
        loop {
            let text = format!("Cloning {name}: {}", hear.borrow_and_update().as_str());
            self.enter(organization, &session.id, SessionState::Cloning, Some(&text), None).await?;
            let mut pause = pin!(tokio::time::sleep(PROGRESS_EVERY));
            let mut more = false;
            while !more || !pause.is_elapsed() {
                tokio::select! {
                    changed = hear.changed() => match changed {
                        Ok(()) => more = true,
                        // The clone is over.
                        Err(_) => return Ok(()),
                    },
                    () = &mut pause, if !pause.is_elapsed() => {}
                }
            }
        }
    }

    async fn set_up(&self, organization: &OrganizationId, session: SessionRow) -> Result<(), ServiceError> {
        let progress = Some("Looking for example env files");
        self.enter(organization, &session.id, SessionState::Scanning, progress, None).await?;
        self.run_setup_agent(organization, &session).await?;
        self.enter(organization, &session.id, SessionState::Open, None, None).await?;
        // What is known already (organization secrets, defaults) is in the files from here on.
        let session = self.session_row(organization, &session.id).await?;
        self.apply_and_say(organization, session, Occasion::Boot).await
    }

    async fn boot(&self, organization: &OrganizationId, session: SessionRow) -> Result<(), ServiceError> {
        if self.waits(organization, &session).await? {
            return Ok(());
        }
        self.enter(organization, &session.id, SessionState::Booting, Some(WRITING), None).await?;
        self.boot_now(organization, session).await
    }

    /// The boot itself, of a session that has entered it.
    pub(super) async fn boot_now(
        &self,
        organization: &OrganizationId,
        session: SessionRow,
    ) -> Result<(), ServiceError> {
        let id = session.id.clone();
        self.apply_and_say(organization, session, Occasion::Boot).await?;
        self.enter(organization, &id, SessionState::Running, None, None).await?;
        // What changed while the boot was under way found no running session to follow it.
        self.follow(organization, &id).await;
        // The session runs, whatever becomes of its commands.
        if let Err(error) = self.start_commands(organization, &id).await {
            let text = match error {
                ServiceError::Wall(refused) => format!("The auto-start commands were not started. {refused}"),
                ServiceError::NoRoom(reason) => format!("The auto-start commands were not started. {reason}"),
                error => {
                    tracing::error!(session = %id, %error, "auto-start commands could not be started");
                    "The auto-start commands could not be started; the server's log says why.".to_owned()
                }
            };
            self.say(organization, &id, ThreadEvent::Failure { text }).await?;
        }
        Ok(())
    }

    async fn apply_and_say(
        &self,
        organization: &OrganizationId,
        session: SessionRow,
        occasion: Occasion,
    ) -> Result<(), ServiceError> {
        let id = session.id.clone();
        let receipt = self.apply(organization, session, occasion).await?;
        if !receipt.submodules.is_empty() {
            let event = ThreadEvent::Submodules { places: receipt.submodules.clone() };
            self.say(organization, &id, event).await?;
        }
        self.say(organization, &id, live::applied(&receipt)).await
    }

    /// Ends a session with the reason why it could not go on.
    pub(super) async fn fail(&self, organization: &OrganizationId, session: &SessionId, error: ServiceError) {
        // The one mapping to words for people; it also logs what is our own fault.
        let text = app::api::ApiError::from(error).to_string();
        let entered = self.enter(organization, session, SessionState::Failed, None, Some(&text)).await;
        let said = self.say(organization, session, ThreadEvent::Failure { text }).await;
        let forgotten = self.forget(organization, session).await;
        if let Err(error) = entered.and(said).and(forgotten) {
            tracing::error!(%session, %error, "the failure of a session could not be recorded");
        }
    }
}
