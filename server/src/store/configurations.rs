//! Configurations: their repositories at workspace paths, and how setup was finished.

use super::connect::new_id;
use super::sql::{all, execute};
use super::{Store, StoreError};
use domain::environment::AttachedRepository;
use domain::ids::{ConfigurationId, OrganizationId, RepositoryId};
use domain::release::{ReleaseMode, Releases};
use domain::words::UnknownWord;
use domain::{KeyName, RelativePath};
use std::collections::HashMap;
use vault::SecretScope;

pub use domain::configuration::BootPolicy;

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

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationRow {
    /// Its id.
    pub id: ConfigurationId,
    /// Its name.
    pub name: String,
    /// What missing required keys do at boot.
    pub boot_policy: BootPolicy,
    /// Whether the commands that agents save apply without asking people.
    pub trust_agent_commands: bool,
    /// How many proposals wait for a person, in all of its sessions.
    pub pending_proposals: i64,
    /// How setup was finished; nothing until then.
    pub finished: Option<Finish>,
    /// When it was made.
    pub created_at: i64,
    /// Newest version of its spec; 0 while there is none.
    pub spec_version: i64,
    /// Its repositories, in order.
    pub repositories: Vec<AttachedRow>,
    /// Which of the organization's values it may use.
    pub releases: Releases,
}

impl ConfigurationRow {
    /// Whether a value is the configuration's to use: a value of the organization only once it was released to it.
    pub fn may_use(&self, scope: &SecretScope, key: &KeyName) -> bool {
        *scope != SecretScope::Organization || self.releases.cover(key)
    }
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
    /// How it comes to the organization's values.
    pub release_mode: ReleaseMode,
}

type AttachedColumns = (String, String, String, String, String, Option<String>);

#[derive(sqlx::FromRow)]
struct Columns {
    #[sqlx(try_from = "String")]
    id: ConfigurationId,
    name: String,
    #[sqlx(try_from = "String")]
    boot_policy: BootPolicy,
    trust_agent_commands: bool,
    pending_proposals: i64,
    finished_at: Option<i64>,
    finished_by: Option<String>,
    finished_anyway: bool,
    missing_at_finish: i64,
    created_at: i64,
    #[sqlx(try_from = "String")]
    release_mode: ReleaseMode,
    spec_version: i64,
}

impl From<Columns> for ConfigurationRow {
    fn from(columns: Columns) -> Self {
        let (anyway, missing) = (columns.finished_anyway, columns.missing_at_finish);
        Self {
            id: columns.id,
            name: columns.name,
            boot_policy: columns.boot_policy,
            trust_agent_commands: columns.trust_agent_commands,
            pending_proposals: columns.pending_proposals,
            finished: columns.finished_at.zip(columns.finished_by).map(|(at, by)| Finish { at, by, anyway, missing }),
            created_at: columns.created_at,
            spec_version: columns.spec_version,
            repositories: Vec::new(),
            releases: Releases { mode: columns.release_mode, ..Releases::default() },
        }
    }
}

impl Store {
    /// Makes a configuration.
    pub async fn create_configuration(
        &self,
        organization: &OrganizationId,
        new: NewConfiguration<'_>,
    ) -> Result<ConfigurationId, StoreError> {
        let id = ConfigurationId(new_id());
        let mut tx = self.begin().await?;
        execute!(
            tx,
            "INSERT INTO configurations (organization_id, id, name, release_mode, created_at)
             VALUES ($1, $2, $3, $4, $5)",
            organization.as_str(),
            id.as_str(),
            new.name,
            new.release_mode.as_str(),
            self.now(),
        )
        .map_err(|error| error.or_not_found("the organization"))?;
        for (position, attachment) in (1_i64..).zip(new.repositories) {
            execute!(
                tx,
                "INSERT INTO configuration_repositories
                 (organization_id, configuration_id, position, repository_id, workspace_path)
                 VALUES ($1, $2, $3, $4, $5)",
                organization.as_str(),
                id.as_str(),
                position,
                attachment.repository.as_str(),
                attachment.workspace_path.as_str(),
            )
            .map_err(|error| error.or_not_found("the repository").or_exists("a repository at this workspace path"))?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// One configuration.
    pub async fn configuration(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Option<ConfigurationRow>, StoreError> {
        Ok(self.read_configurations(organization, Some(configuration)).await?.pop())
    }

    /// All configurations, oldest first, in three queries however many there are.
    pub async fn configurations(&self, organization: &OrganizationId) -> Result<Vec<ConfigurationRow>, StoreError> {
        self.read_configurations(organization, None).await
    }

    async fn read_configurations(
        &self,
        organization: &OrganizationId,
        only: Option<&ConfigurationId>,
    ) -> Result<Vec<ConfigurationRow>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT c.id, c.name, c.boot_policy, c.trust_agent_commands, c.finished_at, m.name AS finished_by, c.finished_anyway,
                    c.missing_at_finish, c.created_at,
                    (SELECT count(*) FROM proposals p
                     JOIN sessions w ON w.organization_id = p.organization_id AND w.id = p.session_id
                     WHERE w.organization_id = c.organization_id AND w.configuration_id = c.id AND p.state = 'pending')
                    AS pending_proposals, c.release_mode,
                    coalesce((SELECT max(s.version) FROM env_specs s WHERE s.configuration_id = c.id), 0) AS spec_version
             FROM configurations c
             LEFT JOIN members m ON m.organization_id = c.organization_id AND m.id = c.finished_by
             WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND (c.id = $2 OR $2 IS NULL)
             ORDER BY c.created_at, c.id",
            organization.as_str(),
            only.map(ConfigurationId::as_str),
        )?;
        let mut rows: Vec<ConfigurationRow> = rows.into_iter().map(ConfigurationRow::from).collect();
        let places: HashMap<_, _> = rows.iter().enumerate().map(|(place, row)| (row.id.0.clone(), place)).collect();
        for (configuration, attached) in self.read_attached(organization, only).await? {
            if let Some(row) = places.get(&configuration).and_then(|place| rows.get_mut(*place)) {
                row.repositories.push(attached);
            }
        }
        for released in self.read_releases(organization, only).await? {
            if let Some(row) = places.get(&released.configuration_id).and_then(|place| rows.get_mut(*place)) {
                row.releases.keys.insert(released.key);
            }
        }
        Ok(rows)
    }

    async fn read_attached(
        &self,
        organization: &OrganizationId,
        only: Option<&ConfigurationId>,
    ) -> Result<Vec<(String, AttachedRow)>, StoreError> {
        let rows = all!(
            self.db,
            AttachedColumns,
            "SELECT a.configuration_id, a.workspace_path, r.id, r.name, r.location, r.default_branch
             FROM configuration_repositories a
             JOIN repositories r ON r.organization_id = a.organization_id AND r.id = a.repository_id
             WHERE a.organization_id = $1 AND (a.configuration_id = $2 OR $2 IS NULL)
             ORDER BY a.configuration_id, a.position",
            organization.as_str(),
            only.map(ConfigurationId::as_str),
        )?;
        let read = |(configuration, path, id, name, location, default_branch): AttachedColumns| {
            let workspace_path = RelativePath::new(&path).map_err(|_| UnknownWord("workspace path"))?;
            let repository = AttachedRepository { id: id.into(), name, workspace_path };
            Ok((configuration, AttachedRow { repository, location, default_branch }))
        };
        rows.into_iter().map(read).collect()
    }
}
