//! What each session was handed, by versions: the guard of snapshots looks for it, whatever became of it since.

use super::replaced_values::SealedValue;
use super::sql::{all, execute, from_json, to_json};
use super::{Store, StoreError};
use domain::KeyName;
use domain::environment::{Environment, Scope};
use domain::ids::{OrganizationId, RepositoryId, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use std::collections::BTreeSet;

/// A value that a session was handed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GivenValue {
    /// Its key.
    pub key: KeyName,
    /// Where it counted.
    pub scope: Scope,
    /// Its version.
    pub version: i64,
}

impl GivenValue {
    /// What an environment hands over, each value once.
    pub fn all_of(environment: &Environment) -> BTreeSet<Self> {
        let written = environment.slots().filter(|(_, slot)| slot.status.is_written());
        let values = written.filter_map(|(_, slot)| {
            let winner = slot.winner.as_ref()?;
            Some(Self { key: slot.key.clone(), scope: winner.scope.clone(), version: winner.version })
        });
        values.collect()
    }
}

impl Store {
    /// Notes what a session is about to be handed; `state` names it. What was handed before is noted already.
    pub async fn note_hand_over(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        state: &str,
        given: &BTreeSet<GivenValue>,
    ) -> Result<(), StoreError> {
        if given.is_empty() {
            return Ok(());
        }
        execute!(
            self.db,
            "INSERT INTO hand_overs (organization_id, session_id, state, given) VALUES ($1, $2, $3, $4)
             ON CONFLICT (session_id, state) DO NOTHING",
            organization.as_str(),
            session.as_str(),
            state,
            to_json("what was handed over", given)?,
        )?;
        Ok(())
    }

    /// Everything that a session was ever handed.
    pub async fn given_values(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<BTreeSet<GivenValue>, StoreError> {
        let rows = all!(
            self.db,
            (Json<Value>,),
            "SELECT given FROM hand_overs WHERE organization_id = $1 AND session_id = $2",
            organization.as_str(),
            session.as_str(),
        )?;
        let mut all = BTreeSet::new();
        for (given,) in rows {
            all.extend(from_json::<Vec<GivenValue>>("what was handed over", given)?);
        }
        Ok(all)
    }

    /// The values that a repository has, and those that it had since a session began, whether or not it is attached to
    /// the session's configuration.
    pub async fn values_of_repository(
        &self,
        organization: &OrganizationId,
        repository: &RepositoryId,
        session: &SessionId,
    ) -> Result<Vec<SealedValue>, StoreError> {
        let rows = all!(
            self.db,
            super::replaced_values::Columns,
            "SELECT v.key, v.repository_id, CAST(NULL AS TEXT) AS session_id, v.version, v.record
             FROM secrets v
             WHERE v.organization_id = $1 AND v.repository_id = $2 AND v.record IS NOT NULL
             UNION ALL
             SELECT r.key, r.repository_id, r.session_id, r.version, r.record
             FROM sessions s
             JOIN replaced_values r ON r.organization_id = s.organization_id AND r.replaced_at >= s.created_at
             WHERE s.organization_id = $1 AND s.id = $3 AND r.repository_id = $2",
            organization.as_str(),
            repository.as_str(),
            session.as_str(),
        )?;
        Ok(rows.into_iter().map(SealedValue::from).collect())
    }

    /// Forgets what a session was handed: no snapshot is made of it any more.
    pub async fn delete_hand_overs(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), StoreError> {
        execute!(
            self.db,
            "DELETE FROM hand_overs WHERE organization_id = $1 AND session_id = $2",
            organization.as_str(),
            session.as_str(),
        )?;
        Ok(())
    }
}
