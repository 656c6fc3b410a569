//! What has to happen by itself while time passes.

use super::{Keyslot, ServiceError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Time between two looks for requests that nobody answered in time; whoever waits for one notices by itself.
const REQUESTS_EVERY: Duration = Duration::from_secs(5);
/// Looks for requests between two removals of old sign-ins: about an hour.
const SIGN_INS_EVERY: u32 = 720;

impl Keyslot {
    /// Closes overdue requests and removes expired sign-ins until the server closes. Any number of processes may do it
    /// on one database.
    pub async fn keep_house(&self, closing: CancellationToken) {
        let mut looks = 0u32;
        while closing.run_until_cancelled(tokio::time::sleep(REQUESTS_EVERY)).await.is_some() {
            if let Err(error) = self.tidy(looks.is_multiple_of(SIGN_INS_EVERY)).await {
                tracing::warn!(%error, "tidying up failed and is tried again");
            }
            looks = looks.wrapping_add(1);
        }
    }

    async fn tidy(&self, sign_ins: bool) -> Result<(), ServiceError> {
        self.expire_requests().await?;
        if sign_ins {
            self.store().remove_expired_sign_ins().await?;
        }
        Ok(())
    }
}
