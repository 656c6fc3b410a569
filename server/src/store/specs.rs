//! Env specs: each save a new version, with what it changed.

use super::{Store, StoreError};
use app::domain::EnvSpec;
use app::domain::ids::{ConfigurationId, OrganizationId};
use app::domain::spec::SpecDiff;

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
    /// What changed; empty if the spec is as it was, and then no version was made.
    pub diff: SpecDiff,
    /// Whether this save made a new version.
    pub is_new: bool,
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
        todo!()
    }

    /// The newest version of a configuration's spec.
    pub async fn spec(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Option<SpecRow>, StoreError> {
        todo!()
    }

    /// The newest spec of every configuration that has one, in one query.
    pub async fn specs(&self, organization: &OrganizationId) -> Result<Vec<SpecRow>, StoreError> {
        todo!()
    }

    /// Every version of a configuration's spec, newest first.
    pub async fn spec_history(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<SpecRow>, StoreError> {
        todo!()
    }
}
