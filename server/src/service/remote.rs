//! Sandboxes elsewhere: what `keyslot env watch` is handed, and what it reports.

use super::{Keyslot, ServiceError};
use crate::events::Heard;
use crate::store::SandboxRow;
use app::api::live::Change;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use domain::report::{ApplyReport, Outcome};
use domain::sandbox::{NAME_CHARS, REMOTE_SANDBOXES};
use domain::session::SessionState;
use sandbox::watch::wire::{Applied, NextCall, ReportCall};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

/// How long somebody who asks may be kept waiting: shorter than the patience of usual proxies.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// How often a waiting sandbox's session is looked at even if nothing is heard.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Characters that are kept of a sandbox's reason.
const REASON_CHARS: usize = 1_000;

/// What a sandbox is handed.
pub struct Given {
    body: Zeroizing<Vec<u8>>,
    /// Whose environment it is.
    pub configuration: ConfigurationId,
    /// How many slots have a value in it, and how many of them one of the organization.
    pub handed_over: (usize, usize),
}

impl Given {
    /// The body of the answer, with the values in the clear.
    pub fn into_body(self) -> Zeroizing<Vec<u8>> {
        self.body
    }
}

/// Why a waiting sandbox is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// There is something newer than it has.
    Newer,
    /// Its time is up.
    Nothing,
    /// Its session ended.
    Ended,
}

impl Keyslot {
    /// Waits until a session has something newer than one of its sandboxes elsewhere has, or failed to apply.
    pub async fn await_newer(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        call: &NextCall,
    ) -> Result<Waited, ServiceError> {
        let name = checked_name(&call.name)?;
        // Subscribed before the first look, so that nothing falls between.
        let mut news = self.events().subscribe();
        let until = Instant::now() + Duration::from_secs(u64::from(call.wait)).min(LONGEST_WAIT);
        let mut known = call.applied.as_ref().map_or(0, |applied| applied.revision).max(call.failed.unwrap_or(0));
        let is_new = self.sandbox_elsewhere(organization, session, name).await?.applied_at.is_none();
        if is_new {
            self.delivered_to(organization, session).await?;
        }
        loop {
            let row = self.sandbox_elsewhere(organization, session, name).await?;
            if row.ended_at.is_some() {
                return Ok(Waited::Ended);
            }
            if known > row.wanted_revision {
                // It knows of what this database does not, as after a restored backup: what it has is not known.
                known = 0;
            }
            // Before the session's own sandbox has its files, nobody else gets them.
            let ready = SessionState::from_word(&row.session_state).is_live();
            if ready && row.wanted_revision > known {
                if !self.is_the_same(organization, session, &row, call.applied.as_ref()).await? {
                    return Ok(Waited::Newer);
                }
                known = row.wanted_revision;
            }
            if Instant::now() >= until {
                return Ok(Waited::Nothing);
            }
            something_about(&mut news, session, until.min(Instant::now() + LOOK_EVERY)).await;
        }
    }

    /// Whether what a sandbox has is what it should have, although the revision is newer; then that is noted.
    async fn is_the_same(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        row: &SandboxRow,
        applied: Option<&Applied>,
    ) -> Result<bool, ServiceError> {
        let Some(applied) = applied else { return Ok(false) };
        let session = self.session_row(organization, session).await?;
        let configuration = session.configuration.clone();
        let state = self.opened(organization, session).await?.state()?;
        if state != applied.state {
            return Ok(false);
        }
        self.store().acknowledge(organization, &row.id, row.wanted_revision, &state).await?;
        self.delivered(organization, &configuration);
        Ok(true)
    }

    /// What a sandbox elsewhere is to write now: revision, state, spec and values, as [`sandbox::watch::wire`] reads it.
    pub async fn given(&self, organization: &OrganizationId, session: &SessionId) -> Result<Given, ServiceError> {
        // The revision first: see `store::sandboxes`.
        let revision = self.local_sandbox(organization, session).await?.wanted_revision;
        let session = self.session_row(organization, session).await?;
        let (id, configuration) = (session.id.clone(), session.configuration.clone());
        let opened = self.opened(organization, session).await?;
        let (state, spec, input) = (opened.state()?, serde_json::to_string(&opened.spec)?, opened.input()?);
        self.store().note_hand_over(organization, &id, &state, &opened.given()).await?;
        let head = format!("{{\"revision\":{revision},\"state\":\"{state}\",\"spec\":{spec},\"input\":");
        // The right capacity from the start: a growing vector leaves copies of the values behind.
        let mut body = Zeroizing::new(Vec::with_capacity(head.len() + input.len() + 1));
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&input);
        body.push(b'}');
        Ok(Given { body, configuration, handed_over: opened.handed_over() })
    }

    /// Notes what a sandbox elsewhere did with a revision.
    pub async fn take_report(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        call: ReportCall,
    ) -> Result<(), ServiceError> {
        let row = self.sandbox_elsewhere(organization, session, checked_name(&call.name)?).await?;
        if call.revision > row.wanted_revision {
            return Err(ServiceError::invalid("revision", "This session has no such revision yet."));
        }
        match refusal(&call) {
            None => self.store().acknowledge(organization, &row.id, call.revision, &call.state).await?,
            Some(reason) => self.store().fail_sandbox(organization, &row.id, call.revision, &reason).await?,
        }
        self.delivered_to(organization, session).await
    }

    async fn sandbox_elsewhere(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        name: &str,
    ) -> Result<SandboxRow, ServiceError> {
        let found = self.store().remote_sandbox(organization, session, name, REMOTE_SANDBOXES).await?;
        found.ok_or_else(|| {
            ServiceError::conflict(format!(
                "This session has {REMOTE_SANDBOXES} sandboxes elsewhere already. Use the name of one that is gone."
            ))
        })
    }

    async fn delivered_to(&self, organization: &OrganizationId, session: &SessionId) -> Result<(), ServiceError> {
        let configuration = self.session_row(organization, session).await?.configuration;
        self.delivered(organization, &configuration);
        Ok(())
    }
}

/// Waits until something is heard that may be about the session, or until the time is up.
async fn something_about(news: &mut Receiver<Heard>, session: &SessionId, until: Instant) {
    let matters = |heard: &Heard| {
        [Change::Environment, Change::Session, Change::Token].iter().any(|change| heard.may_be(session, *change))
    };
    let heard = async {
        loop {
            match news.recv().await {
                Ok(heard) if !matters(&heard) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                // Nothing is ever heard again: only the clock helps.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    // Either way the session is looked at.
    let _ = timeout_at(until, heard).await;
}

fn checked_name(name: &str) -> Result<&str, ServiceError> {
    let name = name.trim();
    let fits = (1..=NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let message = || format!("A sandbox's name has 1 to {NAME_CHARS} characters, none of them a control character.");
    if fits { Ok(name) } else { Err(ServiceError::invalid("name", message())) }
}

/// Why a report is none of success, cut to a length that a screen can show.
fn refusal(call: &ReportCall) -> Option<String> {
    let reason = match (&call.error, &call.report) {
        (Some(error), _) => error.clone(),
        (None, Some(report)) if report.is_complete() => return None,
        (None, Some(report)) => reasons(report),
        (None, None) => "the sandbox reported nothing".to_owned(),
    };
    Some(reason.chars().filter(|letter| !letter.is_control()).take(REASON_CHARS).collect())
}

fn reasons(report: &ApplyReport) -> String {
    let refused = report.files.iter().filter(|file| file.outcome == Outcome::Refused);
    let each = refused.map(|file| format!("{}: {}", file.place, file.reason.as_deref().unwrap_or("refused")));
    each.collect::<Vec<_>>().join("; ")
}
