//! The places of repositories in forms: which repository is meant and where it is checked out, or what is wrong with it.

use super::secrets::sentence;
use super::{Keyslot, ServiceError};
use crate::git::{Address, Found, GitError};
use crate::store::{ConfigurationRow, RepositoryRow, StoreError};
use app::api::Actor;
use app::api::configurations::Place;
use domain::ids::RepositoryId;
use domain::{RelativePath, limits};

/// A repository that a form names, looked up. Nothing is stored yet.
pub(super) enum Chosen {
    Known(RepositoryRow),
    New(Found),
}

impl Chosen {
    pub fn location(&self) -> &str {
        match self {
            Self::Known(row) => &row.location,
            Self::New(found) => &found.location,
        }
    }
}

impl Keyslot {
    /// Looks up every line that somebody filled in of a form for several repositories.
    pub(super) async fn chosen_repositories(
        &self,
        actor: &Actor,
        places: Vec<Place>,
    ) -> Result<Vec<(Chosen, RelativePath)>, ServiceError> {
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
        let mut chosen: Vec<(Chosen, RelativePath)> = Vec::new();
        for ((line, place), (_, path)) in lines.iter().zip(taken) {
            let fields = Fields::of_line(*line);
            let one = self.chosen_repository(actor, &fields, place).await?;
            if chosen.iter().any(|(known, _)| known.location() == one.location()) {
                return Err(fields.wrong("repository", &format!("{} stands in the list twice", one.location())));
            }
            chosen.push((one, path));
        }
        Ok(chosen)
    }

    /// Looks up what a form names; a new location is asked for with git.
    pub(super) async fn chosen_repository(
        &self,
        actor: &Actor,
        fields: &Fields,
        place: &Place,
    ) -> Result<Chosen, ServiceError> {
        let (id, location) = (place.repository.trim(), place.location.trim());
        if !id.is_empty() && !location.is_empty() {
            return Err(fields.wrong("location", "choose a connected repository or type a new address, not both"));
        }
        if !id.is_empty() {
            let known = self.store().repository(&actor.organization, &RepositoryId::from(id)).await?;
            let unknown = || fields.wrong("repository", "it is not connected any more; reload the page");
            return known.map(Chosen::Known).ok_or_else(unknown);
        }
        if location.is_empty() {
            return Err(fields.wrong("repository", "choose a connected repository, or type the address of a new one"));
        }
        let refused = |error: GitError| fields.says("location", &error.to_string());
        let address = Address::parse(location).map_err(refused)?;
        if let Some(known) = self.store().repository_at(&actor.organization, &address.to_string()).await? {
            return Ok(Chosen::Known(known));
        }
        match self.look_up(actor, &address).await {
            Err(ServiceError::Git(error)) if !error.is_internal() => Err(refused(error)),
            found => found.map(Chosen::New),
        }
    }

    /// Connects what is not connected yet.
    pub(super) async fn register(&self, actor: &Actor, chosen: Chosen) -> Result<RepositoryId, ServiceError> {
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
pub(super) struct Fields {
    prefix: String,
    spoken: String,
}

impl Fields {
    /// Those of a line among others.
    fn of_line(line: usize) -> Self {
        Self { prefix: format!("places[{line}]"), spoken: format!("Repository {}: ", line + 1) }
    }

    /// Those of a form for one repository.
    pub fn alone() -> Self {
        Self { prefix: "place".to_owned(), spoken: String::new() }
    }

    /// A refusal of one of the fields, for a reason that is no sentence yet.
    pub fn wrong(&self, field: &str, reason: &str) -> ServiceError {
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

/// A folder of the workspace; the workspace itself must be meant, unless there is nothing beside.
pub(super) fn checked_path(fields: &Fields, path: &str, alone: bool) -> Result<RelativePath, ServiceError> {
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
pub(super) fn free(
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
pub(super) fn taken(fields: &Fields, error: StoreError) -> ServiceError {
    match error {
        StoreError::AlreadyExists(_) => fields.wrong("path", "another repository is checked out there already"),
        other => other.into(),
    }
}
