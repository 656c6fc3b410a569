//! Which programs read a file: people say so, and hear first which stored values would not fit any more.

use super::import::listed;
use super::{Keyslot, ServiceError, require};
use crate::boot::Opened;
use crate::events::Fact;
use crate::store::{Chooser, Reach};
use app::api::Actor;
use app::api::environment::{EnvironmentTarget, ReaderChoice};
use app::api::thread::ThreadEvent;
use domain::environment::FileView;
use domain::file_readers::readers_in_words;
use domain::member::Role;
use domain::reader::{self, Reader, Unwritable};
use domain::spec::EnvFile;
use domain::{EnvSpec, Environment, KeyName, RelativePath};

/// Problems of a spec that one refusal names.
const NAMED: usize = 5;

impl Keyslot {
    /// Gives a file other readers, or with [`ReaderChoice::Declared`] those that its spec names. Refused if a stored value
    /// does not fit, unless `anyway`.
    pub(super) async fn choose_readers(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        place: &RelativePath,
        choice: ReaderChoice,
        anyway: bool,
    ) -> Result<Environment, ServiceError> {
        require(actor, Role::Member, "say which programs read a file")?;
        let organization = &actor.organization;
        let found = self.target(organization, target).await?;
        let configuration = &found.configuration.id;
        let saved = self.store().spec(organization, configuration).await?.map(|row| row.spec).unwrap_or_default();
        let file = saved.files.into_iter().find(|file| file.place() == *place);
        let file = file.ok_or_else(|| {
            ServiceError::conflict(format!(
                "{place} is no longer in the spec: it changed meanwhile. Nothing was saved."
            ))
        })?;
        let readers = match choice {
            ReaderChoice::These(readers) => {
                self.check_readers(actor, &found, file, &readers, anyway).await?;
                Some(readers)
            }
            ReaderChoice::Declared => None,
        };
        let by = Chooser { member: &actor.member, name: &actor.name };
        let now = self.store().choose_readers(organization, configuration, place, readers.as_deref(), by).await?;
        tracing::info!(%organization, %configuration, file = %place, by = %actor.member, "a file's readers were chosen");
        self.events().tell(organization, Fact::Environment(configuration.clone()));
        if let Some(session) = &found.session {
            let event = ThreadEvent::Readers { file: place.clone(), readers: now, by: actor.name.clone() };
            self.say(organization, &session.id, event).await?;
        }
        self.follow_all(organization, Reach::Spec(configuration)).await?;
        self.environment_of(organization, target).await
    }

    /// Refuses readers with which the spec would not be valid or stored values would not fit.
    async fn check_readers(
        &self,
        actor: &Actor,
        found: &super::environment::Target,
        file: EnvFile,
        readers: &[Reader],
        anyway: bool,
    ) -> Result<(), ServiceError> {
        let place = file.place();
        let changed = EnvSpec { files: vec![EnvFile { readers: readers.to_vec(), ..file }] };
        changed.checked().map_err(|problems| {
            let told: Vec<_> = problems.problems.iter().map(|problem| problem.problem.as_str()).take(NAMED).collect();
            ServiceError::invalid("readers", format!("{place} cannot have these readers: {}.", told.join("; ")))
        })?;
        if anyway {
            return Ok(());
        }
        let opened = self.open(&actor.organization, found).await?;
        let Some(view) = opened.environment.files.iter().find(|view| view.place == place) else { return Ok(()) };
        // Which values do not fit tells something of them.
        self.spend_guesses(actor, view.slots.iter().map(|slot| &slot.key)).await?;
        match unfit(&opened, view, readers).as_slice() {
            [] => Ok(()),
            unfit => Err(ServiceError::invalid("readers", refusal(&place, readers, unfit))),
        }
    }
}

/// The keys whose stored value, or one of them, the file could not hold with these readers.
fn unfit<'a>(opened: &Opened, file: &'a FileView, readers: &[Reader]) -> Vec<(&'a KeyName, Unwritable)> {
    let problem = |key: &KeyName, scope| reader::check(readers, opened.value_at(key, scope)?.expose()).err();
    let slots = file.slots.iter();
    slots
        .filter_map(|slot| Some((&slot.key, slot.known().find_map(|value| problem(&slot.key, &value.scope))?)))
        .collect()
}

fn refusal(place: &RelativePath, readers: &[Reader], unfit: &[(&KeyName, Unwritable)]) -> String {
    let values = if unfit.len() == 1 { "a stored value does not fit" } else { "stored values do not fit" };
    let told: Vec<_> = unfit.iter().map(|(key, why)| format!("{key}: {why}")).collect();
    format!(
        "Nothing was changed: with {} as readers of {place}, {values}. {}. Replace them first, or change the readers \
         anyway: the file is then not written until they are replaced.",
        readers_in_words(readers),
        listed(&told),
    )
}
