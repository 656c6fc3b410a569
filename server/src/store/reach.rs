//! How far a change reaches, and what it makes sessions want.
//!
//! A session's `wanted_revision` counts up in the same transaction as any change that may alter its files ([`want`]).

use super::dialect::list_text;
use super::sql::{Tx, all, execute, to_json};
use super::{Store, StoreError};
use domain::KeyName;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use serde_json::Value;
use sqlx::types::Json;
use std::collections::BTreeSet;
use vault::SecretScope;

/// Whose files a change may alter.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// Those of every session in which values of this scope may count, if its spec or its requests ask for one of the
    /// keys.
    Values(&'a SecretScope, &'a BTreeSet<KeyName>),
    /// Those of every session of a configuration, when its spec changes.
    Spec(&'a ConfigurationId),
    /// Those of one session.
    Session(&'a SessionId),
}

impl<'a> Reach<'a> {
    /// The one repository, session or configuration that it is limited to.
    fn parts(self) -> (Option<&'a str>, Option<&'a str>, Option<&'a str>) {
        match self {
            Self::Values(SecretScope::Organization, _) => (None, None, None),
            Self::Values(SecretScope::Repository(repository), _) => (Some(repository.as_str()), None, None),
            Self::Values(SecretScope::Session(session), _) | Self::Session(session) => {
                (None, Some(session.as_str()), None)
            }
            Self::Spec(configuration) => (None, None, Some(configuration.as_str())),
        }
    }

    /// The keys that a session must ask for. A session's own values are its own whoever asks.
    fn keys(self) -> Result<Option<Json<Value>>, StoreError> {
        match self {
            Self::Values(SecretScope::Organization | SecretScope::Repository(_), keys) => {
                to_json("the keys", keys).map(Some)
            }
            Self::Values(SecretScope::Session(_), _) | Self::Spec(_) | Self::Session(_) => Ok(None),
        }
    }
}

/// Which rows of `sessions` are within reach of [`Reach::parts`] and [`Reach::keys`], which are `$5`. A session with
/// requests counts whatever they ask for: they are few.
macro_rules! within {
    ($($in_list:tt)*) => {
        concat!(" WHERE organization_id = $1 AND ended_at IS NULL
           AND ($2 IS NULL OR configuration_id IN
                (SELECT a.configuration_id FROM configuration_repositories a
                 WHERE a.organization_id = $1 AND a.repository_id = $2))
           AND ($3 IS NULL OR id = $3)
           AND ($4 IS NULL OR configuration_id = $4)
           AND ($5 IS NULL
                OR configuration_id IN
                   (SELECT k.configuration_id FROM spec_keys k WHERE k.organization_id = $1 AND k.key ", $($in_list)*, ")
                OR EXISTS (SELECT 1 FROM value_requests r WHERE r.organization_id = $1 AND r.session_id = sessions.id))")
    };
}

macro_rules! want_within {
    ($($in_list:tt)*) => {
        concat!("UPDATE sessions SET wanted_revision = wanted_revision + 1", within!($($in_list)*))
    };
}

macro_rules! sessions_within {
    ($($in_list:tt)*) => {
        concat!("SELECT id, configuration_id FROM sessions", within!($($in_list)*), " ORDER BY created_at, id")
    };
}

/// Makes every running session within reach want a new revision. The **last** statement of its transaction: it lets
/// the changes of an organization go one by one, and whoever took that turn must not wait for a row any more.
pub(super) async fn want(tx: &mut Tx, organization: &OrganizationId, reach: Reach<'_>) -> Result<(), StoreError> {
    execute!(tx, "UPDATE organizations SET id = id WHERE id = $1", organization.as_str())?;
    let ((repository, session, configuration), keys) = (reach.parts(), reach.keys()?);
    let text = list_text!(*tx, keys, want_within, "$5");
    execute!(tx, text, organization.as_str(), repository, session, configuration, &keys)?;
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
        let ((repository, session, configuration), keys) = (reach.parts(), reach.keys()?);
        let rows = all!(
            self.db,
            (String, String),
            list_text!(self.db, keys, sessions_within, "$5"),
            organization.as_str(),
            repository,
            session,
            configuration,
            &keys,
        )?;
        Ok(rows.into_iter().map(|(id, of)| (id.into(), of.into())).collect())
    }
}
