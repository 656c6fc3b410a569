//! Configurations: repositories at their workspace paths, boot policy, auto-start commands.

use super::{SessionKind, Store, StoreError};
use app::domain::RelativePath;
use app::domain::environment::AttachedRepository;
use app::domain::ids::{ConfigurationId, MemberId, OrganizationId, RepositoryId, SessionId};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What missing required keys do at boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BootPolicy {
    /// Boot and say so.
    #[default]
    Warn,
    /// Do not boot.
    Block,
}

/// How a setup was finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// When.
    pub at: i64,
    /// Name of the member.
    pub by: String,
    /// Whether a person said "finish anyway" with required keys missing.
    pub anyway: bool,
    /// Required keys that were missing then.
    pub missing: i64,
}

/// A repository of a configuration, with what a clone needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedRow {
    /// Which, its name, and where it is checked out.
    pub repository: AttachedRepository,
    /// Git URL or local path.
    pub location: String,
    /// The branch that a clone gets.
    pub default_branch: Option<String>,
}

/// One of a configuration's newest sessions, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationSession {
    /// Its id.
    pub id: SessionId,
    /// Setup or work.
    pub kind: SessionKind,
    /// Its state.
    pub state: String,
    /// When it started.
    pub created_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
}

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationRow {
    /// Its id.
    pub id: ConfigurationId,
    /// Its name.
    pub name: String,
    /// What missing required keys do at boot.
    pub boot_policy: BootPolicy,
    /// How setup was finished; nothing until then.
    pub finished: Option<Finish>,
    /// When it was made.
    pub created_at: i64,
    /// Newest version of its spec; 0 while there is none.
    pub spec_version: i64,
    /// Its repositories, in order.
    pub repositories: Vec<AttachedRow>,
    /// Its newest sessions (at most [`ConfigurationRow::SESSIONS`]), newest first.
    pub sessions: Vec<ConfigurationSession>,
}

/// A repository to attach.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    /// Which.
    pub repository: RepositoryId,
    /// Where it is checked out.
    pub workspace_path: RelativePath,
}

/// A configuration to make.
#[derive(Clone, Copy, Debug)]
pub struct NewConfiguration<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its repositories, in order.
    pub repositories: &'a [NewAttachment],
}

impl ConfigurationRow {
    /// How many of its newest sessions a configuration lists.
    pub const SESSIONS: i64 = 5;
}

impl Store {
    /// Makes a configuration.
    pub async fn create_configuration(
        &self,
        organization: &OrganizationId,
        new: NewConfiguration<'_>,
    ) -> Result<ConfigurationId, StoreError> {
        todo!()
    }

    /// One configuration.
    pub async fn configuration(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Option<ConfigurationRow>, StoreError> {
        todo!()
    }

    /// All configurations, oldest first, in three queries however many there are.
    pub async fn configurations(&self, organization: &OrganizationId) -> Result<Vec<ConfigurationRow>, StoreError> {
        todo!()
    }

    /// Says what missing required keys do at boot.
    pub async fn set_boot_policy(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        policy: BootPolicy,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Records that setup was finished, with so many required keys missing; `anyway` if a person insisted.
    pub async fn finish_configuration(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        by: &MemberId,
        anyway: bool,
        missing: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The auto-start commands, in order.
    pub async fn auto_start<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Option<Vec<T>>, StoreError> {
        todo!()
    }

    /// Replaces the auto-start commands.
    pub async fn save_auto_start<T: Serialize>(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        commands: &[T],
    ) -> Result<(), StoreError> {
        todo!()
    }
}
