//! Settling value requests: what was asked for has its value in the files by now.

use super::{Keyslot, ServiceError};
use app::api::live::Change;
use domain::KeyName;
use domain::environment::{Environment, Status};
use domain::ids::{OrganizationId, SessionId};
use domain::request::{KeyOutcome, RequestedKey, ValueRequest};
use domain::session::SessionState;
use std::collections::BTreeSet;

impl Keyslot {
    /// Notes in every pending request of a session that keys may have got their values. Other keys are left alone: a
    /// value that is stored is not in the files yet, and whoever brings it there comes here once it is.
    pub(super) async fn settle_requests(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        keys: &[KeyName],
    ) -> Result<(), ServiceError> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut requests = self.store().pending_requests(organization, session).await?;
        requests.retain(|request| request.open_keys().any(|open| keys.contains(&open.asked.key)));
        if requests.is_empty() {
            return Ok(());
        }
        let row = self.session_row(organization, session).await?;
        // Nothing is in the files of a session that waits; it settles what was answered once it has booted.
        if SessionState::from_word(&row.state) == SessionState::Waiting {
            return Ok(());
        }
        // Looked at once for all of them: what one of them hears changes nothing for another.
        let environment = self.opened(organization, row).await?.environment;
        for request in requests {
            self.settle(organization, &request, keys, &environment).await?;
        }
        Ok(())
    }

    async fn settle(
        &self,
        organization: &OrganizationId,
        request: &ValueRequest,
        keys: &[KeyName],
        environment: &Environment,
    ) -> Result<(), ServiceError> {
        let change =
            |request: ValueRequest, now| Ok::<_, ServiceError>(submitted(request, keys, environment).settled(now));
        if let Some(after) = self.store().change_request(organization, &request.id, change).await?
            && after != *request
        {
            self.events().publish(organization, &request.session, Change::Request);
        }
        Ok(())
    }

    /// Settles what people answered while nobody came here: the session waited for its boot, or the server stopped.
    pub(super) async fn settle_all(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), ServiceError> {
        let requests = self.store().pending_requests(organization, session).await?;
        let open = requests.iter().flat_map(|request| request.open_keys());
        let keys: BTreeSet<KeyName> = open.map(|open| open.asked.key.clone()).collect();
        self.settle_requests(organization, session, &keys.into_iter().collect::<Vec<_>>()).await
    }
}

/// Whether a key that was asked for has a value in its file.
pub(super) fn is_set(environment: &Environment, key: &RequestedKey) -> bool {
    let mut slots = environment.slots();
    slots.any(|(file, slot)| file.place == key.place && slot.key == key.asked.key && slot.status == Status::Set)
}

fn submitted(mut request: ValueRequest, keys: &[KeyName], environment: &Environment) -> ValueRequest {
    for asked in request.keys.iter_mut().filter(|asked| keys.contains(&asked.asked.key)) {
        if asked.outcome.is_none() && is_set(environment, asked) {
            asked.outcome = Some(KeyOutcome::Submitted);
        }
    }
    request
}
