//! What a snapshot must not hold: every value that the session may know.

use crate::guard::{Guard, Needles};
use crate::service::{Keyslot, ServiceError};
use crate::store::SessionRow;
use app::domain::ids::{MemberId, OrganizationId};
use app::domain::plain::PlainKeys;
use app::domain::snapshot::GuardReport;
use app::domain::{KeyName, SecretValue, limits};
use std::collections::BTreeSet;

/// The guard of one snapshot, with what it will say of itself.
pub(super) struct Guarding {
    pub guard: Guard,
    pub report: GuardReport,
}

impl Keyslot {
    /// Every value of the session, of its repositories and of the organization, made ready to be looked for. Also those
    /// that the spec does not name, and those that were replaced or deleted since the session began: they may be in the
    /// workspace all the same. Only people say what is plain: what an agent writes into a spec takes nothing out.
    pub(super) async fn guarding(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<Guarding, ServiceError> {
        let configuration = &session.configuration;
        let plain = self.store().plain_keys(organization, configuration).await?;
        let plain: PlainKeys = plain.into_iter().map(|mark| mark.key).collect();
        let rows = self.store().values_for(organization, configuration, Some(&session.id)).await?;
        let replaced = self.store().replaced_values(organization, configuration, &session.id).await?;
        let data_key = self.data_key(organization).await?;
        let now = rows.iter().map(|row| (&row.key, row.identity(organization), &row.record));
        let earlier = replaced.iter().map(|row| (&row.key, row.identity(organization), &row.record));
        let (mut values, mut not_sought) = (Vec::<(KeyName, SecretValue)>::new(), BTreeSet::new());
        for (key, identity, record) in now.chain(earlier) {
            match data_key.open(&identity, record) {
                Ok(value) if plain.seeks(key, value.expose()) => values.push((key.clone(), value)),
                Ok(_) | Err(_) => {
                    not_sought.insert(key.clone());
                }
            }
        }
        let needles = Needles::new(values.iter().map(|(key, value)| (key, value)));
        let report = GuardReport {
            searched_keys: needles.keys().len(),
            too_short: needles.too_short().iter().cloned().collect(),
            not_sought: not_sought.into_iter().collect(),
            ..GuardReport::default()
        };
        Ok(Guarding { guard: Guard::new(&needles)?, report })
    }

    /// A snapshot's name as everybody may read it: without values and blanks around it. Refuses one that is too long.
    pub(super) async fn checked_name(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        member: &MemberId,
        name: &str,
    ) -> Result<String, ServiceError> {
        let limit = limits::SNAPSHOT_NAME_CHARS;
        if name.chars().count() > limit {
            return Err(ServiceError::invalid("name", format!("A snapshot's name has at most {limit} characters.")));
        }
        if name.chars().any(char::is_control) {
            return Err(ServiceError::invalid("name", "A snapshot's name is one line of text."));
        }
        let name = name.trim();
        if name.is_empty() {
            return Ok(String::new());
        }
        let guard = self.guarding(organization, session).await?.guard;
        self.clean_name(organization, member, &guard, name).await
    }
}
