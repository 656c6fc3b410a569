//! How far a change reaches, and what it makes sessions want.
//!
//! A session's `wanted_revision` counts up in the same transaction as any change that may alter its files ([`want`]).

use super::sql::{Tx, all, execute};
use super::{Store, StoreError};
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use vault::SecretScope;

/// Whose files a change may alter.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// Those of every session in which a value of this scope may count.
    Value(&'a SecretScope),
    /// Those of every session of a configuration, when its spec changes.
    Spec(&'a ConfigurationId),
    /// Those of one session.
    Session(&'a SessionId),
}

impl<'a> Reach<'a> {
    /// The one repository, session or configuration that it is limited to.
    fn parts(self) -> (Option<&'a str>, Option<&'a str>, Option<&'a str>) {
        match self {
            Self::Value(SecretScope::Organization) => (None, None, None),
            Self::Value(SecretScope::Repository(repository)) => (Some(repository.as_str()), None, None),
            Self::Value(SecretScope::Session(session)) | Self::Session(session) => (None, Some(session.as_str()), None),
            Self::Spec(configuration) => (None, None, Some(configuration.as_str())),
        }
    }
}

/// Which rows of `sessions` are within reach of [`Reach::parts`]; a macro, so that `concat!` can take it.
macro_rules! within {
    () => {
        " WHERE organization_id = $1 AND ended_at IS NULL
           AND ($2 IS NULL OR configuration_id IN
                (SELECT a.configuration_id FROM configuration_repositories a
                 WHERE a.organization_id = $1 AND a.repository_id = $2))
           AND ($3 IS NULL OR id = $3)
           AND ($4 IS NULL OR configuration_id = $4)"
    };
}

/// Makes every running session within reach want a new revision. The **last** statement of its transaction: it lets
/// the changes of an organization go one by one, and whoever took that turn must not wait for a row any more.
pub(super) async fn want(tx: &mut Tx, organization: &OrganizationId, reach: Reach<'_>) -> Result<(), StoreError> {
    execute!(tx, "UPDATE organizations SET id = id WHERE id = $1", organization.as_str())?;
    let (repository, session, configuration) = reach.parts();
    execute!(
        tx,
        concat!("UPDATE sessions SET wanted_revision = wanted_revision + 1", within!()),
        organization.as_str(),
        repository,
        session,
        configuration,
    )?;
    Ok(())
}

impl Store {
    /// Makes a session want a new revision although nothing changed, so that every sandbox of it is written again.
    pub async fn want_again(&self, organization: &OrganizationId, session: &SessionId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        want(&mut tx, organization, Reach::Session(session)).await?;
        tx.commit().await
    }

    /// The running sessions within reach of a change, each with its configuration.
    pub async fn sessions_within(
        &self,
        organization: &OrganizationId,
        reach: Reach<'_>,
    ) -> Result<Vec<(SessionId, ConfigurationId)>, StoreError> {
        let (repository, session, configuration) = reach.parts();
        let rows = all!(
            self.db,
            (String, String),
            concat!("SELECT id, configuration_id FROM sessions", within!(), " ORDER BY created_at, id"),
            organization.as_str(),
            repository,
            session,
            configuration,
        )?;
        Ok(rows.into_iter().map(|(id, of)| (id.into(), of.into())).collect())
    }
}
