//! What a snapshot must not hold: every value that the session may know.

use crate::guard::Guard;
use crate::service::{Keyslot, ServiceError};
use crate::store::{ConfigurationRow, GivenValue, Keys, SealedValue, SessionRow};
use domain::environment::Scope;
use domain::ids::{MemberId, OrganizationId, RepositoryId, SessionId};
use domain::plain::PlainKeys;
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
    /// Every value of the session, of its repositories and of the organization as far as its configuration may use them,
    /// and whatever the session was ever handed, made ready to be looked for. Also those that the spec does not name, and
    /// those that were replaced or deleted since the session began: they may be in the workspace all the same. Only people
    /// say what is plain: what an agent writes into a spec takes nothing out.
    pub(super) async fn guarding(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<Guarding, ServiceError> {
        let configuration = self.configuration(organization, &session.configuration).await?;
        let plain = self.store().plain_keys(organization, &configuration.id).await?;
        let plain: PlainKeys = plain.into_iter().map(|mark| mark.key).collect();
        let rows = self.store().values_for(organization, &configuration.id, Some(&session.id), Keys::All).await?;
        let given = self.store().given_values(organization, &session.id).await?;
        let mut others = self.store().replaced_values(organization, &configuration.id, &session.id).await?;
        others.extend(self.values_of_detached(organization, &configuration, &session.id, &given).await?);
        let data_key = self.data_key(organization).await?;
        let now = rows.iter().map(|row| (row.identity(organization), &row.record));
        let others = others.iter().map(|row| (row.identity(organization), &row.record));
        // Of a value that the session never got nobody learns by having it looked for.
        let known = |of: &RecordIdentity<'_>| {
            let one = GivenValue { key: of.key.clone(), scope: of.scope.into(), version: of.version };
            configuration.may_use(of.scope, of.key) || given.contains(&one)
        };
        let (mut values, mut not_sought) = (Vec::<(KeyName, SecretValue)>::new(), BTreeSet::new());
        for (identity, record) in now.chain(others).filter(|(identity, _)| known(identity)) {
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

    /// The values that a session was handed of repositories which were detached since.
    async fn values_of_detached(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationRow,
        session: &SessionId,
        given: &BTreeSet<GivenValue>,
    ) -> Result<Vec<SealedValue>, ServiceError> {
        let is_attached = |id: &RepositoryId| configuration.repositories.iter().any(|at| at.repository.id == *id);
        let detached: BTreeSet<&RepositoryId> = given
            .iter()
            .filter_map(|one| match &one.scope {
                Scope::Repository(id) if !is_attached(id) => Some(id),
                _ => None,
            })
            .collect();
        let mut values = Vec::new();
        for repository in detached {
            let all = self.store().values_of_repository(organization, repository, session).await?;
            let was_given = |value: &SealedValue| {
                let scope = Scope::from(&value.scope);
                given.contains(&GivenValue { key: value.key.clone(), scope, version: value.version })
            };
            values.extend(all.into_iter().filter(was_given));
        }
        Ok(values)
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
