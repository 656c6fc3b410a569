//! Telling which pasted values are stored already, by one-time digests.

use super::{Keyslot, ServiceError, require};
use crate::store::{Keys, ValueRow};
use app::api::Actor;
use app::api::import::{Compared, Destination, KeyDigest, digest};
use domain::limits;
use domain::member::Role;
use std::collections::BTreeMap;
use vault::SecretScope;

impl Keyslot {
    pub(super) async fn compare(
        &self,
        actor: &Actor,
        destination: &Destination,
        nonce: &str,
        digests: Vec<KeyDigest>,
    ) -> Result<Vec<Compared>, ServiceError> {
        require(actor, Role::Member, "compare values")?;
        let nonce = digest::nonce(nonce).ok_or_else(|| ServiceError::invalid("nonce", "The nonce is malformed."))?;
        let count = digests.len();
        let digests: BTreeMap<_, _> = digests.into_iter().map(|one| (one.key, one.digest)).collect();
        if digests.len() < count || count > limits::IMPORT_KEYS {
            let message = format!("At most {} keys are compared, each once.", limits::IMPORT_KEYS);
            return Err(ServiceError::invalid("digests", message));
        }
        let data_key = self.data_key(&actor.organization).await?;
        let keys = digests.keys().cloned().collect();
        let rows = self.rows_at(actor, destination, Keys::Named(&keys)).await?;
        // Counted before anything is known, so that guesses at the same time count each.
        let mut right = self.spend_guesses(actor, rows.iter().map(|row| &row.key)).await?;
        let compared: Vec<_> = rows
            .iter()
            .filter_map(|row| {
                let digest = digests.get(&row.key)?;
                let opened = data_key.open(&row.identity(&actor.organization), &row.record);
                let stored = row.stored(opened.is_ok());
                let same = opened.is_ok_and(|value| digest::matches(&nonce, &row.key, &value, digest));
                Some(Compared { stored, same })
            })
            .collect();
        for wrong in compared.iter().filter(|one| !one.same) {
            right.remove(&wrong.stored.key);
        }
        self.return_guesses(actor, &right).await?;
        Ok(compared)
    }

    async fn rows_at(
        &self,
        actor: &Actor,
        destination: &Destination,
        keys: Keys<'_>,
    ) -> Result<Vec<ValueRow>, ServiceError> {
        let organization = &actor.organization;
        match destination {
            Destination::Environment(target) => {
                let target = self.target(organization, target).await?;
                let session = target.session.as_ref().map(|session| &session.id);
                Ok(self.store().values_for(organization, &target.configuration.id, session, keys).await?)
            }
            Destination::Organization => {
                let mut rows = self.store().secrets(organization, keys).await?;
                rows.retain(|row| row.scope == SecretScope::Organization);
                Ok(rows)
            }
        }
    }
}
