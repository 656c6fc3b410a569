//! What people and agents can do: the implementation of [`Backend`], one file per noun.

mod auto_start;
mod batch;
mod command_runs;
mod comparisons;
mod configurations;
mod conflicts;
mod delivery;
mod environment;
mod error;
mod file_readers;
mod follow;
mod gate;
mod guesses;
mod health;
mod housekeeping;
mod import;
mod import_text;
mod keeper;
mod live;
mod names;
mod places;
mod plain;
mod proposals;
mod releases;
mod remote;
mod repositories;
mod requests;
mod room;
mod runs;
mod secrets;
mod sessions;
mod settling;
mod setup_agent;
mod snapshots;
mod spec;
mod thread;
mod tokens;
mod values;

pub use auto_start::SavedCommands;
pub use error::ServiceError;
pub use health::Health;
pub use remote::{Given, Waited};
pub use sessions::FinishedByAgent;
pub use spec::SavedFiles;

use crate::commands::Commands;
use crate::config::Config;
use crate::events::Events;
use crate::gateway::Limits;
use crate::git::Git;
use crate::instance::Instance;
use crate::quotas::Places;
use crate::snapshot::Depot;
use crate::store::{ConfigurationRow, Store};
use crate::wall::Wall;
use app::api::{Actor, ApiError, Backend};
use domain::ids::{ConfigurationId, MemberId, OrganizationId, SessionId};
use domain::member::Role;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use vault::{DataKey, Vault};

/// The running product: database, keys, events and the work in progress. Cheap to clone.
#[derive(Clone)]
pub struct Keyslot(Arc<Inner>);

struct Inner {
    config: Config,
    instance: Instance,
    store: Store,
    vault: Vault,
    data_keys: Mutex<HashMap<OrganizationId, Arc<DataKey>>>,
    events: Events,
    /// One apply a session at a time, so that an older state never overwrites a newer one.
    turns: Mutex<HashMap<SessionId, Arc<tokio::sync::Mutex<()>>>>,
    /// Configurations whose delivery changed and was not announced yet.
    delivered: Mutex<HashSet<(OrganizationId, ConfigurationId)>>,
    /// Wakes the keeper: a sandbox of this process fell behind.
    behind: Notify,
    tasks: TaskTracker,
    /// Stored changes on their way to sandboxes of this process.
    applies: TaskTracker,
    gateway: Limits,
    /// Where snapshots are kept.
    depot: Depot,
    checked: health::Checked,
    /// Event streams that members have open.
    streams: Places<MemberId>,
    /// Auto-start commands that run here.
    commands: Commands,
    /// What keeps programs in workspaces apart from the machine.
    wall: Wall,
    git: Git,
}

impl Keyslot {
    /// Puts the parts together. `instance` is this process's, `store` must be migrated, `vault` opened for it.
    pub fn new(
        config: Config,
        instance: Instance,
        store: Store,
        vault: Vault,
        depot: Depot,
        events: Events,
        wall: Wall,
    ) -> Self {
        let commands = Commands::new(config.commands(), wall.clone());
        let git = Git::new(&config, wall.clone());
        let inner = Inner {
            config,
            instance,
            store,
            vault,
            data_keys: Mutex::default(),
            events,
            turns: Mutex::default(),
            delivered: Mutex::default(),
            behind: Notify::new(),
            tasks: TaskTracker::new(),
            applies: TaskTracker::new(),
            gateway: Limits::new(),
            depot,
            checked: health::Checked::default(),
            streams: Places::default(),
            commands,
            wall,
            git,
        };
        Self(Arc::new(inner))
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Where changes are announced.
    pub fn events(&self) -> &Events {
        &self.0.events
    }

    /// Event streams that members of this process have open.
    pub fn streams(&self) -> &Places<MemberId> {
        &self.0.streams
    }

    /// What keeps programs in workspaces apart from the machine.
    pub fn wall(&self) -> &Wall {
        &self.0.wall
    }

    /// git, on what comes from outside.
    pub(crate) fn git(&self) -> &Git {
        &self.0.git
    }

    /// What programs with a token may ask for.
    pub fn gateway(&self) -> &Limits {
        &self.0.gateway
    }

    /// Ends auto-start commands; waits for setups, boots and applies under way, and until other processes were told.
    pub async fn finish_work(&self) {
        self.0.commands.end_all().await;
        self.applied().await;
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.events.finish().await;
    }

    /// Waits until every change that was stored so far was brought to the sandboxes of this process, or failed there.
    pub async fn applied(&self) {
        // Closing only lets the wait end; what begins meanwhile is still tracked.
        self.0.applies.close();
        self.0.applies.wait().await;
    }

    /// The organization's data key, unwrapped once.
    async fn data_key(&self, organization: &OrganizationId) -> Result<Arc<DataKey>, ServiceError> {
        let known = |keys: &Mutex<HashMap<_, Arc<DataKey>>>| {
            keys.lock().unwrap_or_else(PoisonError::into_inner).get(organization).cloned()
        };
        if let Some(key) = known(&self.0.data_keys) {
            return Ok(key);
        }
        let row =
            self.0.store.organization(organization).await?.ok_or_else(|| ServiceError::not_found("organization"))?;
        let key = Arc::new(self.0.vault.open_data_key(organization, &row.data_key)?);
        let mut keys = self.0.data_keys.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.entry(organization.clone()).or_insert(key).clone())
    }

    async fn configuration(
        &self,
        organization: &OrganizationId,
        id: &ConfigurationId,
    ) -> Result<ConfigurationRow, ServiceError> {
        let found = self.0.store.configuration(organization, id).await?;
        found.ok_or_else(|| ServiceError::not_found("configuration"))
    }
}

/// Refuses an actor whose role is below `least`.
fn require(actor: &Actor, least: Role, action: &str) -> Result<(), ServiceError> {
    if actor.role >= least {
        return Ok(());
    }
    Err(ServiceError::Answer(ApiError::Forbidden { action: action.to_owned() }))
}

impl Backend for Keyslot {}
