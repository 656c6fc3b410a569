//! Names that everybody reads: values are taken out of them, and nobody is told whose.

use super::{Keyslot, ServiceError};
use crate::guard::Guard;
use crate::store::Keys;
use app::api::Actor;
use domain::ids::{MemberId, OrganizationId};
use domain::plain::PlainKeys;
use sandbox::mask::Needles;

impl Keyslot {
    /// A configuration's name without the values of the organization's secrets in it.
    pub(super) async fn clean_configuration_name(&self, actor: &Actor, name: &str) -> Result<String, ServiceError> {
        let organization = &actor.organization;
        let data_key = self.data_key(organization).await?;
        let plain: PlainKeys = self.store().plain_keys_anywhere(organization).await?.into_iter().collect();
        let rows = self.store().secrets(organization, Keys::All).await?;
        let opened = rows
            .iter()
            .filter_map(|row| Some((&row.key, data_key.open(&row.identity(organization), &row.record).ok()?)));
        let values: Vec<_> = opened.filter(|(key, value)| plain.seeks(key, value.expose())).collect();
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
}
