//! What a snapshot must not hold: every value that the session may know.

use crate::guard::Guard;
use crate::service::{Keyslot, ServiceError};
use crate::store::{Keys, SessionRow};
use domain::environment::Scope;
use domain::ids::{MemberId, OrganizationId, SessionId};
use domain::plain::PlainKeys;
use domain::receipt::BootReceipt;
use domain::snapshot::GuardReport;
use domain::{KeyName, SecretValue, limits};
use sandbox::mask::Needles;
use std::collections::BTreeSet;
use vault::RecordIdentity;

/// The guard of one snapshot, with what it will say of itself.
pub(super) struct Guarding {
    pub guard: Guard,
    pub report: GuardReport,
}

impl Keyslot {
    /// Every value of the session, of its repositories and of the organization as far as its configuration may use them
    /// or the session was given them, made ready to be looked for. Also those that the spec does not name, and those that
    /// were replaced or deleted since the session began: they may be in the workspace all the same. Only people say what
    /// is plain: what an agent writes into a spec takes nothing out.
    pub(super) async fn guarding(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<Guarding, ServiceError> {
        let configuration = self.configuration(organization, &session.configuration).await?;
        let plain = self.store().plain_keys(organization, &configuration.id).await?;
        let plain: PlainKeys = plain.into_iter().map(|mark| mark.key).collect();
        let rows = self.store().values_for(organization, &configuration.id, Some(&session.id), Keys::All).await?;
        let replaced = self.store().replaced_values(organization, &configuration.id, &session.id).await?;
        let given = self.organization_values_given(organization, &session.id).await?;
        let data_key = self.data_key(organization).await?;
        let now = rows.iter().map(|row| (row.identity(organization), &row.record));
        let earlier = replaced.iter().map(|row| (row.identity(organization), &row.record));
        // Of a value that the session never got nobody learns by having it looked for.
        let known = |of: &RecordIdentity<'_>| {
            configuration.may_use(of.scope, of.key) || given.contains(&(of.key.clone(), of.version))
        };
        let (mut values, mut not_sought) = (Vec::<(KeyName, SecretValue)>::new(), BTreeSet::new());
        for (identity, record) in now.chain(earlier).filter(|(identity, _)| known(identity)) {
            match data_key.open(&identity, record) {
                Ok(value) if plain.seeks(identity.key, value.expose()) => values.push((identity.key.clone(), value)),
                Ok(_) | Err(_) => {
                    not_sought.insert(identity.key.clone());
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

    /// The values of the organization, each with its version, that were written for a session at any time. A release that
    /// was taken back does not take what was written before out of the workspace.
    async fn organization_values_given(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<BTreeSet<(KeyName, i64)>, ServiceError> {
        let receipts = self.store().receipts::<BootReceipt>(organization, session).await?;
        let keys = receipts.into_iter().flat_map(|row| row.receipt.files).flat_map(|file| file.keys);
        let written = keys.filter(|key| key.source == Some(Scope::Organization));
        Ok(written.filter_map(|key| Some((key.key, key.version?))).collect())
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
