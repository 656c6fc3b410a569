//! Configurations: making, changing and deleting them.

use super::secrets::sentence;
use super::{Keyslot, ServiceError, require};
use crate::events::Fact;
use crate::git::{self, Found, GitError};
use crate::store::{ConfigurationRow, NewAttachment, NewConfiguration, Reach, RepositoryRow, StoreError};
use app::api::configurations::{ConfigurationBackend, ConfigurationView, ConnectedRepository, Place};
use app::api::live::Change;
use app::api::repositories::SessionRow;
use app::api::{Actor, ApiError};
use app::domain::ids::{ConfigurationId, OrganizationId, RepositoryId, SessionId};
use app::domain::member::Role;
use app::domain::session::{SessionKind, SessionState};
use app::domain::{RelativePath, limits};
use async_trait::async_trait;

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

    async fn create_configuration(&self, actor: &Actor, name: &str, places: Vec<Place>) -> Result<SessionId, ApiError> {
        Ok(self.make_configuration(actor, name, places).await?)
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

/// A repository that a form names, looked up. Nothing is stored yet.
enum Chosen {
    Known(RepositoryRow),
    New(Found),
}

impl Chosen {
    fn location(&self) -> &str {
        match self {
            Self::Known(row) => &row.location,
            Self::New(found) => &found.location,
        }
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
    ) -> Result<SessionId, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let name = checked_name(name)?;
        let lines: Vec<_> = places.into_iter().enumerate().filter(|(_, place)| is_filled(place)).collect();
        if lines.is_empty() {
            let message = "Choose a connected repository, or type the address of a new one.";
            return Err(ServiceError::invalid("places[0][repository]", message));
        }
        if lines.len() > limits::REPOSITORIES {
            let message = format!("A configuration has at most {} repositories.", limits::REPOSITORIES);
            return Err(ServiceError::invalid("places[0][repository]", message));
        }
        // Everything that can be checked is, before git is asked or anything is stored.
        let mut taken = Vec::new();
        for (line, place) in &lines {
            let fields = Fields::of_line(*line);
            let path = checked_path(&fields, &place.path, lines.len() == 1)?;
            if let Some((other, _)) = taken.iter().find(|(_, known)| *known == path) {
                return Err(fields.wrong("path", &format!("it has the folder of repository {other} ({path})")));
            }
            taken.push((line + 1, path));
        }
        let mut chosen: Vec<Chosen> = Vec::new();
        for (line, place) in &lines {
            let fields = Fields::of_line(*line);
            let one = self.chosen_repository(&actor.organization, &fields, place).await?;
            if chosen.iter().any(|known| known.location() == one.location()) {
                return Err(fields.wrong("repository", &format!("{} stands in the list twice", one.location())));
            }
            chosen.push(one);
        }
        let mut repositories = Vec::new();
        for (one, (_, workspace_path)) in chosen.into_iter().zip(taken) {
            repositories.push(NewAttachment { repository: self.register(actor, one).await?, workspace_path });
        }
        let new = NewConfiguration { name: &name, repositories: &repositories };
        let configuration = self.store().create_configuration(&actor.organization, new).await?;
        self.events().tell(&actor.organization, Fact::Configurations);
        self.start(actor, &configuration, SessionKind::Setup).await
    }

    async fn rename(&self, actor: &Actor, id: &ConfigurationId, name: &str) -> Result<ConfigurationView, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let (organization, name) = (&actor.organization, checked_name(name)?);
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
        if row.repositories.len() >= limits::REPOSITORIES {
            let message = format!("A configuration has at most {} repositories.", limits::REPOSITORIES);
            return Err(ServiceError::conflict(message));
        }
        let workspace_path = checked_path(&fields, &place.path, false)?;
        free(&fields, &row, &workspace_path, None)?;
        let chosen = self.chosen_repository(organization, &fields, &place).await?;
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
        self.follow_all(organization, Reach::Spec(id)).await?;
        self.view_configuration(actor, id).await
    }

    /// Looks up what a form names; a new location is asked for with git.
    async fn chosen_repository(
        &self,
        organization: &OrganizationId,
        fields: &Fields,
        place: &Place,
    ) -> Result<Chosen, ServiceError> {
        let (id, location) = (place.repository.trim(), place.location.trim());
        if !id.is_empty() && !location.is_empty() {
            return Err(fields.wrong("location", "choose a connected repository or type a new address, not both"));
        }
        if !id.is_empty() {
            let known = self.store().repository(organization, &RepositoryId::from(id)).await?;
            let unknown = || fields.wrong("repository", "it is not connected any more; reload the page");
            return known.map(Chosen::Known).ok_or_else(unknown);
        }
        if location.is_empty() {
            return Err(fields.wrong("repository", "choose a connected repository, or type the address of a new one"));
        }
        let refused = |error: GitError| fields.says("location", &error.to_string());
        let normal = git::normalize(location).map_err(refused)?;
        if let Some(known) = self.store().repository_at(organization, &normal).await? {
            return Ok(Chosen::Known(known));
        }
        git::check(&normal).await.map(Chosen::New).map_err(refused)
    }

    async fn register(&self, actor: &Actor, chosen: Chosen) -> Result<RepositoryId, ServiceError> {
        let found = match chosen {
            Chosen::Known(row) => return Ok(row.id),
            Chosen::New(found) => found,
        };
        match self.create_repository(actor, &found).await {
            // Somebody else connected it in this very moment.
            Err(StoreError::AlreadyExists(_)) => {
                let known = self.store().repository_at(&actor.organization, &found.location).await?;
                known.map(|row| row.id).ok_or_else(|| ServiceError::not_found("repository"))
            }
            made => Ok(made?),
        }
    }
}

/// The fields of one repository in a form, and how they are spoken of.
struct Fields {
    prefix: String,
    spoken: String,
}

impl Fields {
    /// Those of a line among others.
    fn of_line(line: usize) -> Self {
        Self { prefix: format!("places[{line}]"), spoken: format!("Repository {}: ", line + 1) }
    }

    /// Those of a form for one repository.
    fn alone() -> Self {
        Self { prefix: "place".to_owned(), spoken: String::new() }
    }

    /// A refusal of one of the fields, for a reason that is no sentence yet.
    fn wrong(&self, field: &str, reason: &str) -> ServiceError {
        let reason = if self.spoken.is_empty() { sentence(reason) } else { format!("{reason}.") };
        self.says(field, &reason)
    }

    fn says(&self, field: &str, sentence: &str) -> ServiceError {
        ServiceError::invalid(&format!("{}[{field}]", self.prefix), format!("{}{sentence}", self.spoken))
    }
}

/// Whether somebody filled a line in; the others are left out.
fn is_filled(place: &Place) -> bool {
    let path = place.path.trim();
    !place.repository.trim().is_empty() || !place.location.trim().is_empty() || !(path.is_empty() || path == ".")
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

/// A folder of the workspace; the workspace itself must be meant, unless there is nothing beside.
fn checked_path(fields: &Fields, path: &str, alone: bool) -> Result<RelativePath, ServiceError> {
    match path.trim() {
        "" if alone => Ok(RelativePath::root()),
        "" => {
            Err(fields
                .wrong("path", "give the folder that it is checked out in, such as api; . is the workspace itself"))
        }
        path => RelativePath::new(path).map_err(|problem| fields.wrong("path", &problem.to_string())),
    }
}

/// Refuses the place of another repository.
fn free(
    fields: &Fields,
    row: &ConfigurationRow,
    path: &RelativePath,
    own: Option<&RepositoryId>,
) -> Result<(), ServiceError> {
    let others = row.repositories.iter().map(|at| &at.repository).filter(|at| Some(&at.id) != own);
    match others.into_iter().find(|at| at.workspace_path == *path) {
        Some(other) => {
            Err(fields.wrong("path", &format!("another repository, {}, is checked out at {path} already", other.name)))
        }
        None => Ok(()),
    }
}

/// Somebody else took the place in this very moment.
fn taken(fields: &Fields, error: StoreError) -> ServiceError {
    match error {
        StoreError::AlreadyExists(_) => fields.wrong("path", "another repository is checked out there already"),
        other => other.into(),
    }
}
