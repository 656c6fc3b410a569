//! Keys that people called plain: their values are no secrets in a configuration.

use super::reach::want;
use super::sql::{all, execute};
use super::{Reach, Store, StoreError};
use domain::KeyName;
use domain::ids::{ConfigurationId, MemberId, OrganizationId};
use domain::plain::PlainKey;
use std::collections::BTreeSet;

impl Store {
    /// The keys that people called plain in a configuration, by name.
    pub async fn plain_keys(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<PlainKey>, StoreError> {
        let rows = all!(
            self.db,
            (String, String, i64),
            "SELECT p.key, m.name, p.called_at FROM plain_keys p
             JOIN members m ON m.organization_id = p.organization_id AND m.id = p.called_by
             WHERE p.organization_id = $1 AND p.configuration_id = $2",
            organization.as_str(),
            configuration.as_str(),
        )?;
        let named = |(key, by, at)| Some(PlainKey { key: KeyName::new(key).ok()?, by, at });
        let mut keys: Vec<PlainKey> = rows.into_iter().filter_map(named).collect();
        keys.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(keys)
    }

    /// The keys that people called plain in any configuration of an organization.
    pub async fn plain_keys_anywhere(&self, organization: &OrganizationId) -> Result<BTreeSet<KeyName>, StoreError> {
        let rows = all!(
            self.db,
            (String,),
            "SELECT DISTINCT key FROM plain_keys WHERE organization_id = $1",
            organization.as_str(),
        )?;
        Ok(rows.into_iter().filter_map(|(key,)| KeyName::new(key).ok()).collect())
    }

    /// Notes that a key is plain in a configuration, or that it is none any more. Who called it so first stays noted. Every
    /// running session wants a new revision, so that whoever shows what its commands print hears of it.
    pub async fn set_plain_key(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        key: &KeyName,
        by: &MemberId,
        plain: bool,
    ) -> Result<(), StoreError> {
        let (id, key) = (configuration.as_str(), key.as_str());
        let (mut tx, now) = (self.begin().await?, self.now());
        let done = match plain {
            true => execute!(
                tx,
                "INSERT INTO plain_keys (organization_id, configuration_id, key, called_by, called_at)
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, configuration_id, key) DO NOTHING",
                organization.as_str(),
                id,
                key,
                by.as_str(),
                now,
            ),
            false => execute!(
                tx,
                "DELETE FROM plain_keys WHERE organization_id = $1 AND configuration_id = $2 AND key = $3",
                organization.as_str(),
                id,
                key,
            ),
        };
        done.map_err(|error| error.or_not_found("the configuration"))?;
        want(&mut tx, organization, Reach::Spec(configuration)).await?;
        tx.commit().await
    }
}
