//! Env specs: each save a new version, with what it changed.

use super::chosen_readers::with_choices;
use super::configuration_edits::lock;
use super::reach::want;
use super::sql::{Tx, all, execute, from_json, one, optional};
use super::{Reach, Store, StoreError, spec_keys};
use domain::EnvSpec;
use domain::ids::{ConfigurationId, OrganizationId};
use domain::spec::SpecDiff;
use serde_json::Value;
use sqlx::types::Json;

/// One saved version of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecRow {
    /// Whose spec it is.
    pub configuration: ConfigurationId,
    /// From 1.
    pub version: i64,
    /// The spec.
    pub spec: EnvSpec,
    /// What this save changed.
    pub diff: SpecDiff,
    /// Who saved it: a member's name, or what agent.
    pub saved_by: String,
    /// When.
    pub saved_at: i64,
}

/// What a save did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSpec {
    /// The newest version now.
    pub version: i64,
    /// Slots that came, went or changed.
    pub diff: SpecDiff,
    /// Whether this save made a new version.
    pub is_new: bool,
}

pub(super) type Columns = (String, i64, Json<Value>, Json<Value>, String, i64);

impl TryFrom<Columns> for SpecRow {
    type Error = StoreError;

    fn try_from((configuration, version, spec, diff, saved_by, saved_at): Columns) -> Result<Self, StoreError> {
        let (spec, diff) = (from_json("the spec", spec)?, from_json("the spec's diff", diff)?);
        Ok(Self { configuration: configuration.into(), version, spec, diff, saved_by, saved_at })
    }
}

impl Store {
    /// Saves a spec as the next version. With `expected_version` (0: none yet) the newest version must still be that
    /// one, else [`StoreError::VersionConflict`]. An identical spec makes no new version.
    pub async fn save_spec(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        spec: &EnvSpec,
        saved_by: &str,
        expected_version: Option<i64>,
    ) -> Result<SavedSpec, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        let (current, before) = newest(&mut tx, organization, configuration).await?;
        let spec = &with_choices(&mut tx, organization, configuration, spec).await?;
        if expected_version.is_some_and(|expected| expected != current) {
            return Err(StoreError::VersionConflict { current });
        }
        if current > 0 && before == *spec {
            // What it names beside the choices of people may be new all the same.
            tx.commit().await?;
            return Ok(SavedSpec { version: current, diff: SpecDiff::default(), is_new: false });
        }
        let saved = SavedSpec { version: current + 1, diff: before.diff(spec), is_new: true };
        self.insert_spec(&mut tx, organization, configuration, spec, &saved, saved_by).await?;
        tx.commit().await?;
        Ok(saved)
    }

    /// Inserts a new version and has running sessions take it: the end of its transaction.
    pub(super) async fn insert_spec(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        spec: &EnvSpec,
        saved: &SavedSpec,
        saved_by: &str,
    ) -> Result<(), StoreError> {
        execute!(
            tx,
            "INSERT INTO env_specs (organization_id, configuration_id, version, spec, diff, saved_by, saved_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            organization.as_str(),
            configuration.as_str(),
            saved.version,
            Json(spec),
            Json(&saved.diff),
            saved_by,
            self.now(),
        )?;
        spec_keys::replace(tx, organization, configuration, &spec.key_names()).await?;
        want(tx, organization, Reach::Spec(configuration)).await
    }

    /// How many versions were saved since a time, and when the first of them was.
    pub async fn specs_since(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        time: i64,
    ) -> Result<(i64, Option<i64>), StoreError> {
        one!(
            self.db,
            (i64, Option<i64>),
            "SELECT count(*), min(saved_at) FROM env_specs
             WHERE organization_id = $1 AND configuration_id = $2 AND saved_at > $3",
            organization.as_str(),
            configuration.as_str(),
            time,
        )
    }

    /// Removes all but the newest versions of every configuration. Returns how many.
    pub async fn remove_old_specs(&self, kept: u32) -> Result<u64, StoreError> {
        execute!(
            self.db,
            "DELETE FROM env_specs WHERE version <=
                 (SELECT max(n.version) FROM env_specs n WHERE n.configuration_id = env_specs.configuration_id) - $1",
            i64::from(kept.max(1)),
        )
    }

    /// The newest version of a configuration's spec.
    pub async fn spec(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Option<SpecRow>, StoreError> {
        let row = optional!(
            self.db,
            Columns,
            "SELECT configuration_id, version, spec, diff, saved_by, saved_at FROM env_specs
             WHERE organization_id = $1 AND configuration_id = $2 ORDER BY version DESC LIMIT 1",
            organization.as_str(),
            configuration.as_str(),
        )?;
        row.map(SpecRow::try_from).transpose()
    }

    /// The newest spec of every configuration that has one, in one query.
    pub async fn specs(&self, organization: &OrganizationId) -> Result<Vec<SpecRow>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT configuration_id, version, spec, diff, saved_by, saved_at FROM env_specs e
             WHERE organization_id = $1 AND version =
                   (SELECT max(n.version) FROM env_specs n WHERE n.configuration_id = e.configuration_id)
               AND EXISTS (SELECT 1 FROM configurations c WHERE c.id = e.configuration_id AND c.deleted_at IS NULL)
             ORDER BY configuration_id",
            organization.as_str(),
        )?;
        rows.into_iter().map(SpecRow::try_from).collect()
    }

    /// Every version of a configuration's spec, newest first.
    pub async fn spec_history(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<SpecRow>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT configuration_id, version, spec, diff, saved_by, saved_at FROM env_specs
             WHERE organization_id = $1 AND configuration_id = $2 ORDER BY version DESC",
            organization.as_str(),
            configuration.as_str(),
        )?;
        rows.into_iter().map(SpecRow::try_from).collect()
    }
}

/// The newest version with its spec; version 0 and an empty spec while there is none.
pub(super) async fn newest(
    tx: &mut Tx,
    organization: &OrganizationId,
    configuration: &ConfigurationId,
) -> Result<(i64, EnvSpec), StoreError> {
    let row = optional!(
        tx,
        (i64, Json<Value>),
        "SELECT version, spec FROM env_specs
         WHERE organization_id = $1 AND configuration_id = $2 ORDER BY version DESC LIMIT 1",
        organization.as_str(),
        configuration.as_str(),
    )?;
    match row {
        Some((version, spec)) => Ok((version, from_json("the spec", spec)?)),
        None => Ok((0, EnvSpec::default())),
    }
}
