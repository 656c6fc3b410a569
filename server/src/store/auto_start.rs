//! A configuration's auto-start commands.

use super::error::found;
use super::sql::{execute, from_json, optional, to_json};
use super::{Store, StoreError};
use domain::ids::{ConfigurationId, OrganizationId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;

impl Store {
    /// The auto-start commands, in order; nothing if there is no such configuration.
    pub async fn auto_start<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Option<Vec<T>>, StoreError> {
        let stored = optional!(
            self.db,
            (Json<Value>,),
            "SELECT auto_start FROM configurations WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            configuration.as_str(),
        )?;
        stored.map(|(commands,)| from_json("the auto-start commands", commands)).transpose()
    }

    /// Replaces the auto-start commands.
    pub async fn save_auto_start<T: Serialize>(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        commands: &[T],
    ) -> Result<(), StoreError> {
        let commands = to_json("the auto-start commands", &commands)?;
        let touched = execute!(
            self.db,
            "UPDATE configurations SET auto_start = $3 WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            configuration.as_str(),
            commands,
        )?;
        found(touched, "the configuration")
    }
}
