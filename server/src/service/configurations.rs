//! Configurations: making, changing and deleting them.

use super::places::{Fields, checked_path, free, taken};
use super::{Keyslot, ServiceError, require};
use crate::events::Fact;
use crate::store::{NewAttachment, NewConfiguration, Reach, RepositoryRow};
use app::api::configurations::{ConfigurationBackend, ConfigurationView, ConnectedRepository, Place};
use app::api::live::Change;
use app::api::repositories::SessionRow;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{ConfigurationId, OrganizationId, RepositoryId, SessionId};
use domain::limits;
use domain::member::Role;
use domain::release::ReleaseMode;
use domain::session::{SessionKind, SessionState};

/// What only members may do.
const CHANGE: &str = "change configurations";

#[async_trait]
impl ConfigurationBackend for Keyslot {
    async fn repositories(&self, actor: &Actor) -> Result<Vec<ConnectedRepository>, ApiError> {
        Ok(self.connected(&actor.organization).await?)
    }

    async fn configuration_view(&self, actor: &Actor, id: &ConfigurationId) -> Result<ConfigurationView, ApiError> {
        Ok(self.view_configuration(actor, id).await?)
    }

    async fn create_configuration(
        &self,
        actor: &Actor,
        name: &str,
        places: Vec<Place>,
        release: Option<ReleaseMode>,
    ) -> Result<SessionId, ApiError> {
        Ok(self.make_configuration(actor, name, places, release).await?)
    }

    async fn rename_configuration(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        name: &str,
    ) -> Result<ConfigurationView, ApiError> {
        Ok(self.rename(actor, id, name).await?)
    }

    async fn attach_repository(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        place: Place,
    ) -> Result<ConfigurationView, ApiError> {
        Ok(self.attach(actor, id, place).await?)
    }

    async fn move_repository(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        repository: &RepositoryId,
        path: &str,
    ) -> Result<ConfigurationView, ApiError> {
        Ok(self.move_to(actor, id, repository, path).await?)
    }

    async fn detach_repository(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        repository: &RepositoryId,
    ) -> Result<ConfigurationView, ApiError> {
        Ok(self.detach(actor, id, repository).await?)
    }

    async fn delete_configuration(&self, actor: &Actor, id: &ConfigurationId) -> Result<(), ApiError> {
        Ok(self.delete(actor, id).await?)
    }
}

impl Keyslot {
    async fn connected(&self, organization: &OrganizationId) -> Result<Vec<ConnectedRepository>, ServiceError> {
        let rows = self.store().repositories(organization).await?;
        let view = |row: RepositoryRow| ConnectedRepository { id: row.id, name: row.name, location: row.location };
        Ok(rows.into_iter().map(view).collect())
    }

    async fn view_configuration(&self, actor: &Actor, id: &ConfigurationId) -> Result<ConfigurationView, ServiceError> {
        let organization = &actor.organization;
        let row = self.configuration(organization, id).await?;
        let sessions = self.store().sessions_of(organization, id).await?;
        let running = sessions.iter().filter(|session| session.ended_at.is_none()).map(|session| SessionRow {
            id: session.id.clone(),
            kind: session.kind,
            state: SessionState::from_word(&session.state),
            created_at: session.created_at,
        });
        Ok(ConfigurationView {
            running: running.collect(),
            sessions: sessions.len(),
            row: self.configuration_row(organization, row).await?,
            connected: self.connected(organization).await?,
        })
    }

    async fn make_configuration(
        &self,
        actor: &Actor,
        name: &str,
        places: Vec<Place>,
        release: Option<ReleaseMode>,
    ) -> Result<SessionId, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let release_mode = self.first_release_mode(actor, release).await?;
        let name = checked_name(name)?;
        let chosen = self.chosen_repositories(actor, places).await?;
        let name = self.clean_configuration_name(actor, &name).await?;
        let mut repositories = Vec::new();
        for (one, workspace_path) in chosen {
            repositories.push(NewAttachment { repository: self.register(actor, one).await?, workspace_path });
        }
        let new = NewConfiguration { name: &name, repositories: &repositories, release_mode };
        let configuration = self.store().create_configuration(&actor.organization, new).await?;
        self.events().tell(&actor.organization, Fact::Configurations);
        self.start(actor, &configuration, SessionKind::Setup).await
    }

    async fn rename(&self, actor: &Actor, id: &ConfigurationId, name: &str) -> Result<ConfigurationView, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let (organization, name) = (&actor.organization, checked_name(name)?);
        self.configuration(organization, id).await?;
        let name = self.clean_configuration_name(actor, &name).await?;
        self.store().rename_configuration(organization, id, &name).await?;
        self.events().tell(organization, Fact::Configurations);
        self.events().tell(organization, Fact::Secrets);
        // The pages of its sessions show the name.
        for session in self.store().sessions_of(organization, id).await? {
            self.events().publish(organization, &session.id, Change::Session);
        }
        self.view_configuration(actor, id).await
    }

    async fn attach(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        place: Place,
    ) -> Result<ConfigurationView, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let (organization, fields) = (&actor.organization, Fields::alone());
        let row = self.configuration(organization, id).await?;
        // It was called trusted for the repositories that it had then.
        if row.releases.mode == ReleaseMode::All {
            require(actor, Role::Admin, "attach repositories to a configuration that uses all organization values")?;
        }
        if row.repositories.len() >= limits::REPOSITORIES {
            let message = format!("A configuration has at most {} repositories.", limits::REPOSITORIES);
            return Err(ServiceError::conflict(message));
        }
        let workspace_path = checked_path(&fields, &place.path, false)?;
        free(&fields, &row, &workspace_path, None)?;
        let chosen = self.chosen_repository(actor, &fields, &place).await?;
        if row.repositories.iter().any(|known| known.location == chosen.location()) {
            return Err(fields.wrong("repository", &format!("{} is attached already", chosen.location())));
        }
        let repository = self.register(actor, chosen).await?;
        let new = NewAttachment { repository, workspace_path };
        self.store().attach_repository(organization, id, &new).await.map_err(|error| taken(&fields, error))?;
        self.places_changed(actor, id).await
    }

    async fn move_to(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        repository: &RepositoryId,
        path: &str,
    ) -> Result<ConfigurationView, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let (organization, fields) = (&actor.organization, Fields::alone());
        let row = self.configuration(organization, id).await?;
        let path = checked_path(&fields, path, row.repositories.len() == 1)?;
        free(&fields, &row, &path, Some(repository))?;
        let moved = self.store().move_repository(organization, id, repository, &path).await;
        moved.map_err(|error| taken(&fields, error))?;
        self.places_changed(actor, id).await
    }

    async fn detach(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        repository: &RepositoryId,
    ) -> Result<ConfigurationView, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        if !self.store().detach_repository(&actor.organization, id, repository).await? {
            let message = "It is the only repository of this configuration. Delete the configuration instead.";
            return Err(ServiceError::conflict(message));
        }
        self.places_changed(actor, id).await
    }

    async fn delete(&self, actor: &Actor, id: &ConfigurationId) -> Result<(), ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        if !self.store().delete_configuration(&actor.organization, id).await? {
            let message = "A session of this configuration still runs. Finish or end it first, so that nobody's work is \
                           cut off; then delete the configuration.";
            return Err(ServiceError::conflict(message));
        }
        self.events().tell(&actor.organization, Fact::Configurations);
        self.events().tell(&actor.organization, Fact::Secrets);
        Ok(())
    }

    /// Other values may reach its files now: running sandboxes and screens follow.
    async fn places_changed(&self, actor: &Actor, id: &ConfigurationId) -> Result<ConfigurationView, ServiceError> {
        let organization = &actor.organization;
        self.events().tell(organization, Fact::Environment(id.clone()));
        self.events().tell(organization, Fact::Secrets);
        self.follow_all_behind(organization, Reach::Spec(id)).await?;
        self.view_configuration(actor, id).await
    }
}

fn checked_name(name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    let count = name.chars().count();
    if count == 0 {
        return Err(ServiceError::invalid("name", "Give the configuration a name, such as Shop."));
    }
    if count > limits::NAME_CHARS || name.chars().any(char::is_control) {
        let message =
            format!("A name has at most {} characters, none of them a control character.", limits::NAME_CHARS);
        return Err(ServiceError::invalid("name", message));
    }
    Ok(name.to_owned())
}
