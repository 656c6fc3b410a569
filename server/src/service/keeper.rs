//! The keeper: brings the sandboxes of this process up to date when nobody waits for it. It starts with what an earlier
//! run left undone, hears what other processes change, and tries again what failed.

use super::Keyslot;
use crate::events::{Fact, Heard};
use crate::store::{SandboxRow, StoreError};
use app::api::live::Change;
use backon::{BackoffBuilder, ExponentialBuilder};
use domain::ids::{OrganizationId, SessionId};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// How often the keeper looks even if it hears nothing: news of other processes may get lost.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The pause after the first failure; it doubles with each one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Keyslot {
    /// Keeps the sandboxes of this process up to date until the server closes.
    pub async fn keep_up(&self, closing: CancellationToken) {
        // Listening before looking: what changes between the two is heard.
        let mut news = self.events().subscribe();
        let mut next = Instant::now();
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                () = sleep_until(next) => next = Instant::now() + self.look().await,
                () = self.0.behind.notified() => next = Instant::now(),
                heard = hear(&mut news) => match heard {
                    Some(heard) => self.take(heard),
                    None => return,
                },
            }
        }
    }

    /// Starts on every sandbox that is behind and due. Answers how long nothing else is due.
    async fn look(&self) -> Duration {
        self.look_at_all().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the keeper could not see which sandboxes are behind");
            LOOK_EVERY
        })
    }

    async fn look_at_all(&self) -> Result<Duration, StoreError> {
        let mut next = LOOK_EVERY;
        for organization in self.store().organizations().await? {
            if let Err(error) = self.take_up_snapshots(&organization.id).await {
                tracing::warn!(%error, "the keeper could not see which snapshots wait");
            }
            for behind in self.store().sandboxes_behind(&organization.id, self.0.instance.as_str()).await? {
                match due_in(&behind, self.store().now()) {
                    Some(pause) => next = next.min(pause),
                    None => self.bring(organization.id.clone(), behind.session),
                }
            }
        }
        Ok(next)
    }

    fn take(&self, heard: Heard) {
        let (organization, fact) = match heard {
            // Whoever changed something in this process brings its sandboxes up to date itself.
            Heard::Told { local: true, .. } => return,
            Heard::Told { organization, fact, .. } => (organization, fact),
            Heard::Missed => return self.0.behind.notify_one(),
        };
        match fact {
            Fact::Session(session, Change::Environment | Change::Session) => self.bring(organization, session),
            Fact::Environment(_) | Fact::Snapshots(_) => self.0.behind.notify_one(),
            _ => {}
        }
    }

    /// Brings one session's sandbox up to date in the background: with the newest files while the session runs, with
    /// none after its end.
    fn bring(&self, organization: OrganizationId, session: SessionId) {
        let keyslot = self.clone();
        self.0.tasks.spawn(async move {
            match keyslot.store().session(&organization, &session).await {
                Ok(Some(row)) if !keyslot.hosts(&row) => {}
                Ok(Some(row)) if row.ended_at.is_some() => keyslot.scrub_if_needed(&organization, &session).await,
                Ok(_) => {
                    keyslot.follow(&organization, &session).await;
                    // Whoever stored the values may have been cut off before it came to this.
                    if let Err(error) = keyslot.settle_all(&organization, &session).await {
                        tracing::warn!(%session, %error, "value requests could not be settled");
                    }
                }
                Err(error) => tracing::warn!(%session, %error, "a session could not be brought up to date"),
            }
        });
    }

    async fn scrub_if_needed(&self, organization: &OrganizationId, session: &SessionId) {
        let host = self.0.instance.as_str();
        match self.store().sandboxes_behind(organization, host).await {
            Ok(behind) if behind.iter().any(|row| row.session == *session) => {
                self.scrub_ended(organization, session).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%session, %error, "a session could not be brought up to date"),
        }
    }
}

async fn hear(news: &mut Receiver<Heard>) -> Option<Heard> {
    match news.recv().await {
        Ok(heard) => Some(heard),
        Err(RecvError::Lagged(_)) => Some(Heard::Missed),
        Err(RecvError::Closed) => None,
    }
}

/// How long to wait with a sandbox that failed; nothing if it is due.
fn due_in(behind: &SandboxRow, now: i64) -> Option<Duration> {
    let passed = Duration::from_millis(u64::try_from(now - behind.failed_at?).unwrap_or(0));
    pause_after(behind.attempts).checked_sub(passed).filter(|left| !left.is_zero())
}

/// The pause after so many failures in a row.
fn pause_after(failures: i64) -> Duration {
    let pauses = ExponentialBuilder::default().with_min_delay(FIRST_PAUSE).with_max_delay(LONGEST_PAUSE);
    let before = usize::try_from(failures - 1).unwrap_or(0).min(32);
    pauses.without_max_times().build().nth(before).unwrap_or(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_less_and_less_often_but_for_ever() {
        let seconds = [1, 2, 3, 4, 7, 8, 1_000_000].map(|failures| pause_after(failures).as_secs());
        assert_eq!(seconds, [1, 2, 4, 8, 60, 60, 60]);
    }
}
