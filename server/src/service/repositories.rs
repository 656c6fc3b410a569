//! Repositories and the rows of their configurations.

use super::{Keyslot, ServiceError, require};
use crate::boot::Opened;
use crate::git::{Address, FOLDER_ROLE, Found};
use crate::store::{
    ConfigurationRow, ConfigurationSession, Keys, NewAttachment, NewConfiguration, NewRepository, SpecRow, StoreError,
    ValueRow,
};
use app::api::repositories::{self as api, RepositoryBackend};
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::RelativePath;
use domain::ids::{OrganizationId, RepositoryId, SessionId};
use domain::member::Role;
use domain::release::ReleaseMode;
use domain::session::{SessionKind, SessionState};
use std::collections::HashMap;
use vault::{DataKey, SecretScope};

#[async_trait]
impl RepositoryBackend for Keyslot {
    async fn configurations(&self, actor: &Actor) -> Result<Vec<api::ConfigurationRow>, ApiError> {
        Ok(self.list_configurations(actor).await?)
    }

    async fn connect_repository(
        &self,
        actor: &Actor,
        location: &str,
        release: Option<ReleaseMode>,
    ) -> Result<SessionId, ApiError> {
        Ok(self.connect(actor, location, release).await?)
    }
}

impl Keyslot {
    /// Rows of the repositories page, newest first, in a constant number of queries.
    pub(super) async fn list_configurations(&self, actor: &Actor) -> Result<Vec<api::ConfigurationRow>, ServiceError> {
        let organization = &actor.organization;
        let data_key = self.data_key(organization).await?;
        let specs = self.store().specs(organization).await?;
        let named = specs.iter().flat_map(|row| row.spec.key_names()).collect();
        let secrets = self.store().secrets(organization, Keys::Named(&named)).await?;
        let mut specs: HashMap<_, _> = specs.into_iter().map(|row| (row.configuration.clone(), row)).collect();
        let mut rows = self.store().configurations(organization).await?;
        rows.reverse();
        let mut sessions = self.store().newest_sessions(organization, None).await?;
        let row = |row: ConfigurationRow| {
            let (spec, sessions) = (specs.remove(&row.id), sessions.remove(&row.id).unwrap_or_default());
            view(organization, &data_key, row, spec, &secrets, sessions)
        };
        rows.into_iter().map(row).collect()
    }

    /// Connects a repository, makes its configuration and opens the first setup session.
    pub(super) async fn connect(
        &self,
        actor: &Actor,
        location: &str,
        release: Option<ReleaseMode>,
    ) -> Result<SessionId, ServiceError> {
        require(actor, Role::Member, "connect repositories")?;
        let release_mode = self.first_release_mode(actor, release).await?;
        let address = Address::parse(location)?;
        let normal = address.to_string();
        if self.store().repository_at(&actor.organization, &normal).await?.is_some() {
            return Err(already_connected(&normal));
        }
        let found = self.look_up(actor, &address).await?;
        let repository = match self.create_repository(actor, &found).await {
            Err(StoreError::AlreadyExists { .. }) => return Err(already_connected(&found.location)),
            other => other?,
        };
        let attachment = NewAttachment { repository, workspace_path: RelativePath::root() };
        let new = NewConfiguration { name: &found.name, repositories: &[attachment], release_mode };
        let configuration = self.store().create_configuration(&actor.organization, new).await?;
        self.start(actor, &configuration, SessionKind::Setup).await
    }

    /// Asks git for a repository, if the actor may connect it.
    pub(super) async fn look_up(&self, actor: &Actor, address: &Address) -> Result<Found, ServiceError> {
        if matches!(address, Address::Folder(_)) {
            require(actor, FOLDER_ROLE, "connect folders of the server; give a git URL")?;
        }
        Ok(self.git().check(address).await?)
    }

    /// Stores a repository that git found.
    pub(super) async fn create_repository(&self, actor: &Actor, found: &Found) -> Result<RepositoryId, StoreError> {
        let new = NewRepository {
            name: &found.name,
            location: &found.location,
            default_branch: found.default_branch.as_deref(),
            created_by: &actor.member,
        };
        self.store().create_repository(&actor.organization, new).await
    }

    /// The row of one configuration.
    pub(super) async fn configuration_row(
        &self,
        organization: &OrganizationId,
        row: ConfigurationRow,
    ) -> Result<api::ConfigurationRow, ServiceError> {
        let data_key = self.data_key(organization).await?;
        let spec = self.store().spec(organization, &row.id).await?;
        let named = spec.as_ref().map(|row| row.spec.key_names()).unwrap_or_default();
        let values = self.store().values_for(organization, &row.id, None, Keys::Named(&named)).await?;
        let mut sessions = self.store().newest_sessions(organization, Some(&row.id)).await?;
        let sessions = sessions.remove(&row.id).unwrap_or_default();
        view(organization, &data_key, row, spec, &values, sessions)
    }
}

fn already_connected(location: &str) -> ServiceError {
    ServiceError::invalid("location", format!("{location} is already connected. Start a session from its row."))
}

fn view(
    organization: &OrganizationId,
    data_key: &DataKey,
    row: ConfigurationRow,
    spec: Option<SpecRow>,
    secrets: &[ValueRow],
    sessions: Vec<ConfigurationSession>,
) -> Result<api::ConfigurationRow, ServiceError> {
    let attached = Opened::attached(&row);
    let counts = |value: &&ValueRow| match &value.scope {
        SecretScope::Organization => true,
        SecretScope::Repository(id) => attached.iter().any(|repository| repository.id == *id),
        SecretScope::Session(_) => false,
    };
    let values: Vec<ValueRow> = secrets.iter().filter(counts).cloned().collect();
    let environment = Opened::new(data_key, organization, spec, &[], &row, &values).environment;
    let held = environment.releasable().into_iter();
    let held = held.map(|value| api::HeldKey { key: value.key.clone(), releasers: value.releasers });
    let session = |row: ConfigurationSession| {
        let state = SessionState::from_word(&row.state);
        api::SessionRow { id: row.id, kind: row.kind, state, created_at: row.created_at }
    };
    Ok(api::ConfigurationRow {
        id: row.id,
        name: row.name,
        locations: row.repositories.into_iter().map(|at| at.location).collect(),
        repositories: attached,
        readiness: environment.readiness(),
        files: environment.files.iter().map(|file| (file.place.clone(), file.counts())).collect(),
        sessions: sessions.into_iter().map(session).collect(),
        proposals: usize::try_from(row.pending_proposals).unwrap_or_default(),
        boot_policy: row.boot_policy,
        release_mode: row.releases.mode,
        held: held.collect(),
        set_up: row.finished.is_some(),
    })
}
