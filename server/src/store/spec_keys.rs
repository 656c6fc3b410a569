//! The keys that the newest specs name, by key: who uses one is found without reading every spec.

use super::dialect::{list_text, unfolded_text};
use super::specs::Columns;
use super::sql::{Tx, all, execute, to_json};
use super::{SpecRow, Store, StoreError};
use domain::KeyName;
use domain::ids::{ConfigurationId, OrganizationId, RepositoryId};
use std::collections::BTreeSet;

/// `$3` is the list of keys.
macro_rules! insert_keys {
    ($($entries:tt)*) => {
        concat!("INSERT INTO spec_keys (organization_id, configuration_id, key) SELECT $1, $2, value FROM (", $($entries)*, ") k")
    };
}

/// Notes the keys of a configuration's newest spec in place of those of the spec before.
pub(super) async fn replace(
    tx: &mut Tx,
    organization: &OrganizationId,
    configuration: &ConfigurationId,
    keys: &BTreeSet<KeyName>,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "DELETE FROM spec_keys WHERE organization_id = $1 AND configuration_id = $2",
        organization.as_str(),
        configuration.as_str(),
    )?;
    let text = unfolded_text!(*tx, insert_keys, "$3");
    execute!(tx, text, organization.as_str(), configuration.as_str(), to_json("the keys", keys)?)?;
    Ok(())
}

/// `$2` is the list of keys.
macro_rules! configurations_naming {
    ($($in_list:tt)*) => {
        concat!(
            "SELECT DISTINCT c.id FROM spec_keys k
             JOIN configurations c ON c.organization_id = k.organization_id AND c.id = k.configuration_id
             WHERE k.organization_id = $1 AND c.deleted_at IS NULL AND k.key ", $($in_list)*, "
               AND ($3 IS NULL OR EXISTS
                    (SELECT 1 FROM configuration_repositories a
                     WHERE a.configuration_id = c.id AND a.repository_id = $3))")
    };
}

/// `$2` is the list of keys.
macro_rules! specs_naming {
    ($($in_list:tt)*) => {
        concat!(
            "SELECT configuration_id, version, spec, diff, saved_by, saved_at FROM env_specs e
             WHERE organization_id = $1 AND version =
                   (SELECT max(n.version) FROM env_specs n WHERE n.configuration_id = e.configuration_id)
               AND configuration_id IN
                   (SELECT k.configuration_id FROM spec_keys k
                    JOIN configurations c ON c.organization_id = k.organization_id AND c.id = k.configuration_id
                    WHERE k.organization_id = $1 AND c.deleted_at IS NULL AND k.key ", $($in_list)*, ")
             ORDER BY configuration_id")
    };
}

impl Store {
    /// The configurations whose newest spec names one of the keys; with a repository only those that it is attached to.
    pub async fn configurations_naming(
        &self,
        organization: &OrganizationId,
        keys: &BTreeSet<KeyName>,
        repository: Option<&RepositoryId>,
    ) -> Result<Vec<ConfigurationId>, StoreError> {
        let list = Some(to_json("the keys", keys)?);
        let rows = all!(
            self.db,
            (String,),
            list_text!(self.db, list, configurations_naming, "$2"),
            organization.as_str(),
            &list,
            repository.map(RepositoryId::as_str),
        )?;
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// The newest specs that name one of the keys, in one query.
    pub async fn specs_naming(
        &self,
        organization: &OrganizationId,
        keys: &BTreeSet<KeyName>,
    ) -> Result<Vec<SpecRow>, StoreError> {
        let list = Some(to_json("the keys", keys)?);
        let rows =
            all!(self.db, Columns, list_text!(self.db, list, specs_naming, "$2"), organization.as_str(), &list,)?;
        rows.into_iter().map(SpecRow::try_from).collect()
    }
}
