//! Telling which pasted values are stored already, by one-time digests.

use super::{Keyslot, ServiceError, require};
use crate::store::ValueRow;
use crate::vault::SecretScope;
use app::api::Actor;
use app::api::import::{Compared, Destination, KeyDigest, digest};
use app::domain::environment::Scope;
use app::domain::ids::MemberId;
use app::domain::limits;
use app::domain::member::Role;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// Members that are kept in mind before those that have been quiet are let go.
const MEMBERS: usize = 1_000;

/// How often each member compared, within this process: a comparison answers a guess, and nobody guesses for hours.
pub(super) struct Comparisons(DefaultKeyedRateLimiter<MemberId>);

impl Comparisons {
    pub fn new() -> Self {
        let calls = NonZeroU32::new(limits::COMPARISONS_PER_MINUTE).unwrap_or(NonZeroU32::MIN);
        Self(RateLimiter::keyed(Quota::per_minute(calls)))
    }

    fn count(&self, member: &MemberId) -> Result<(), ServiceError> {
        if self.0.len() > MEMBERS {
            self.0.retain_recent();
        }
        self.0.check_key(member).map_err(|_| {
            let message = format!("At most {} comparisons a minute are answered.", limits::COMPARISONS_PER_MINUTE);
            ServiceError::conflict(message)
        })
    }
}

impl Keyslot {
    pub(super) async fn compare(
        &self,
        actor: &Actor,
        destination: &Destination,
        nonce: &str,
        digests: Vec<KeyDigest>,
    ) -> Result<Vec<Compared>, ServiceError> {
        require(actor, Role::Member, "compare values")?;
        self.0.comparisons.count(&actor.member)?;
        let nonce = digest::nonce(nonce).ok_or_else(|| ServiceError::invalid("nonce", "The nonce is none."))?;
        let count = digests.len();
        let digests: BTreeMap<_, _> = digests.into_iter().map(|one| (one.key, one.digest)).collect();
        if digests.len() < count || count > limits::IMPORT_KEYS {
            let message = format!("At most {} keys are compared, each once.", limits::IMPORT_KEYS);
            return Err(ServiceError::invalid("digests", message));
        }
        let data_key = self.data_key(&actor.organization).await?;
        let rows = self.rows_at(actor, destination).await?;
        let compared = rows.iter().filter_map(|row| {
            let digest = digests.get(&row.key)?;
            let opened = data_key.open(&row.identity(&actor.organization), &row.record);
            let same = opened.is_ok_and(|value| digest::matches(&nonce, &row.key, &value, digest));
            Some(Compared { key: row.key.clone(), scope: Scope::from(&row.scope), same })
        });
        Ok(compared.collect())
    }

    async fn rows_at(&self, actor: &Actor, destination: &Destination) -> Result<Vec<ValueRow>, ServiceError> {
        let organization = &actor.organization;
        match destination {
            Destination::Environment(target) => {
                let target = self.target(organization, target).await?;
                let session = target.session.as_ref().map(|session| &session.id);
                Ok(self.store().values_for(organization, &target.configuration.id, session).await?)
            }
            Destination::Organization => {
                let mut rows = self.store().secrets(organization).await?;
                rows.retain(|row| row.scope == SecretScope::Organization);
                Ok(rows)
            }
        }
    }
}
