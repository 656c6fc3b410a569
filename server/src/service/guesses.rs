//! The one budget for everything that answers whether a value is a certain one: comparisons, imports, saves (their
//! fingerprints tell), names and snapshots of agents.

use super::{Keyslot, ServiceError};
use app::api::{Actor, ApiError};
use domain::KeyName;
use domain::ids::{MemberId, OrganizationId, SessionId};
use std::collections::BTreeSet;

/// What names are counted under; no key has a space.
const NAMES: &str = "a name";
/// The same for snapshots that agents save.
const SNAPSHOTS: &str = "a snapshot";

impl Keyslot {
    /// Counts a guess at each of these keys, unless one of them must wait. Only keys of which others set a value count:
    /// what a member set, they know. Returns those that were counted.
    pub(super) async fn spend_guesses<'a>(
        &self,
        actor: &Actor,
        keys: impl IntoIterator<Item = &'a KeyName>,
    ) -> Result<BTreeSet<KeyName>, ServiceError> {
        let mut keys: BTreeSet<_> = keys.into_iter().cloned().collect();
        let of_others = self.store().keys_of_others(&actor.organization, &actor.member, &keys).await?;
        keys.retain(|key| of_others.contains(key.as_str()));
        self.spend(&actor.organization, actor.member.as_str(), &keys.iter().map(KeyName::as_str).collect()).await?;
        Ok(keys)
    }

    /// Gives guesses back that were right: whoever asked knew the value.
    pub(super) async fn return_guesses(&self, actor: &Actor, keys: &BTreeSet<KeyName>) -> Result<(), ServiceError> {
        let keys = keys.iter().map(KeyName::as_str).collect();
        Ok(self.store().return_guesses(&actor.organization, actor.member.as_str(), &keys).await?)
    }

    /// Counts a name that a member gave: it is stored without the values in it, so it tells what they are.
    pub(super) async fn spend_name(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
    ) -> Result<(), ServiceError> {
        if !self.store().others_set_values(organization, member).await? {
            return Ok(());
        }
        self.spend(organization, member.as_str(), &BTreeSet::from([NAMES])).await
    }

    /// Counts a snapshot of an agent: it tells whether the workspace holds a value.
    pub(crate) async fn spend_snapshot(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), ServiceError> {
        self.spend(organization, session.as_str(), &BTreeSet::from([SNAPSHOTS])).await
    }

    /// Gives it back for one that found nothing.
    pub(crate) async fn return_snapshot(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), ServiceError> {
        Ok(self.store().return_guesses(organization, session.as_str(), &BTreeSet::from([SNAPSHOTS])).await?)
    }

    async fn spend(
        &self,
        organization: &OrganizationId,
        guesser: &str,
        keys: &BTreeSet<&str>,
    ) -> Result<(), ServiceError> {
        if keys.is_empty() {
            return Ok(());
        }
        let Some((key, wait)) = self.store().spend_guesses(organization, guesser, keys).await? else { return Ok(()) };
        tracing::warn!(%organization, guesser, key, wait, "too many guesses at a value");
        let what = match key.as_str() {
            NAMES => "Too many names were given".to_owned(),
            SNAPSHOTS => "Too many snapshots of this session held values".to_owned(),
            key => format!("Too many values were tried for {key}"),
        };
        Err(ApiError::TooOften { what, seconds: u64::try_from(wait).unwrap_or(0).div_ceil(1_000) }.into())
    }
}
