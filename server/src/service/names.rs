//! Names that everybody reads: values are taken out of them, and nobody is told whose.

use super::{Keyslot, ServiceError};
use crate::guard::{Guard, Needles};
use app::api::Actor;
use app::domain::KeyName;
use app::domain::ids::{MemberId, OrganizationId};
use app::domain::spec::Mode;
use std::collections::BTreeMap;

impl Keyslot {
    /// A configuration's name without the values of the organization's secrets in it.
    pub(super) async fn clean_configuration_name(&self, actor: &Actor, name: &str) -> Result<String, ServiceError> {
        let organization = &actor.organization;
        let data_key = self.data_key(organization).await?;
        let plain = self.plain_settings(organization).await?;
        let rows = self.store().secrets(organization).await?;
        let sought = rows.iter().filter(|row| plain.get(&row.key) != Some(&true));
        let opened =
            sought.filter_map(|row| Some((&row.key, data_key.open(&row.identity(organization), &row.record).ok()?)));
        let values: Vec<_> = opened.collect();
        let guard = Guard::new(&Needles::new(values.iter().map(|(key, value)| (*key, value))))?;
        self.clean_name(organization, &actor.member, &guard, name).await
    }

    /// A name without the values that a guard knows.
    pub(super) async fn clean_name(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
        guard: &Guard,
        name: &str,
    ) -> Result<String, ServiceError> {
        if name.is_empty() {
            return Ok(String::new());
        }
        self.spend_name(organization, member).await?;
        Ok(guard.clean_unnamed(name))
    }

    /// For each key that a spec names, whether all files that do are plain settings.
    async fn plain_settings(&self, organization: &OrganizationId) -> Result<BTreeMap<KeyName, bool>, ServiceError> {
        let mut plain = BTreeMap::new();
        for row in self.store().specs(organization).await? {
            for file in row.spec.files {
                for slot in file.keys {
                    *plain.entry(slot.key).or_insert(true) &= file.mode == Mode::Shared;
                }
            }
        }
        Ok(plain)
    }
}
