//! What people and agents can do: the implementation of [`Backend`], one file per noun.

mod auto_start;
mod delivery;
mod environment;
mod error;
mod housekeeping;
mod keeper;
mod live;
mod remote;
mod repositories;
mod requests;
mod runs;
mod sessions;
mod setup_agent;
mod spec;
mod thread;
mod tokens;
mod values;

pub use error::ServiceError;
pub use remote::{Given, Waited};

use crate::config::Config;
use crate::events::Events;
use crate::gateway::Limits;
use crate::instance::Instance;
use crate::store::{ConfigurationRow, Store};
use crate::vault::{DataKey, Vault};
use app::api::auto_start::AutoStartCommand;
use app::api::delivery::Delivery;
use app::api::environment::{EnvironmentTarget, SlotAddress};
use app::api::sessions::{SessionKind, SessionView};
use app::api::thread::ThreadEntry;
use app::api::tokens::{FreshToken, TokensView};
use app::api::{Actor, ApiError, Backend, repositories as api_repositories};
use app::domain::environment::Seen;
use app::domain::ids::{ConfigurationId, OrganizationId, RequestId, SessionId, SessionTokenId};
use app::domain::member::Role;
use app::domain::request::ValueRequest;
use app::domain::token::TokenPurpose;
use app::domain::{Environment, KeyName, SecretValue};
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

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
    gateway: Limits,
}

impl Keyslot {
    /// Puts the parts together. `instance` is this process's, `store` must be migrated, `vault` opened for it.
    pub fn new(config: Config, instance: Instance, store: Store, vault: Vault, events: Events) -> Self {
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
            gateway: Limits::new(),
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

    /// What programs with a token may ask for.
    pub fn gateway(&self) -> &Limits {
        &self.0.gateway
    }

    /// Waits for setups, boots and applies under way, and until other processes were told of them.
    pub async fn finish_work(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.events.finish().await;
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

#[async_trait]
impl Backend for Keyslot {
    async fn configurations(&self, actor: &Actor) -> Result<Vec<api_repositories::ConfigurationRow>, ApiError> {
        Ok(self.list_configurations(actor).await?)
    }

    async fn connect_repository(&self, actor: &Actor, location: &str) -> Result<SessionId, ApiError> {
        Ok(self.connect(actor, location).await?)
    }

    async fn start_session(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        kind: SessionKind,
    ) -> Result<SessionId, ApiError> {
        Ok(self.start(actor, configuration, kind).await?)
    }

    async fn session(&self, actor: &Actor, session: &SessionId) -> Result<SessionView, ApiError> {
        Ok(self.session_view(actor, session).await?)
    }

    async fn finish_setup(&self, actor: &Actor, session: &SessionId, anyway: bool) -> Result<(), ApiError> {
        Ok(self.finish(actor, session, anyway).await?)
    }

    async fn end_session(&self, actor: &Actor, session: &SessionId) -> Result<(), ApiError> {
        Ok(self.end(actor, session).await?)
    }

    async fn environment(&self, actor: &Actor, target: &EnvironmentTarget) -> Result<Environment, ApiError> {
        Ok(self.environment_of(&actor.organization, target).await?)
    }

    async fn set_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        value: SecretValue,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError> {
        Ok(self.save_value(actor, address, value, seen).await?)
    }

    async fn generate_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError> {
        Ok(self.save_generated(actor, address, seen).await?)
    }

    async fn promote_value(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ApiError> {
        Ok(self.promote(actor, address).await?)
    }

    async fn delete_value(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ApiError> {
        Ok(self.remove_value(actor, address).await?)
    }

    async fn delivery(&self, actor: &Actor, target: &EnvironmentTarget) -> Result<Delivery, ApiError> {
        Ok(self.delivery_of(&actor.organization, target).await?)
    }

    async fn retry_apply(&self, actor: &Actor, session: &SessionId) -> Result<(), ApiError> {
        Ok(self.try_again(actor, session).await?)
    }

    async fn thread(&self, actor: &Actor, session: &SessionId) -> Result<Vec<ThreadEntry>, ApiError> {
        Ok(self.thread_of(actor, session).await?)
    }

    async fn leave_note(&self, actor: &Actor, session: &SessionId, text: &str) -> Result<(), ApiError> {
        Ok(self.note(actor, session, text).await?)
    }

    async fn requests(&self, actor: &Actor, session: &SessionId) -> Result<Vec<ValueRequest>, ApiError> {
        Ok(self.requests_of(&actor.organization, session).await?)
    }

    async fn skip_key(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
        key: &KeyName,
    ) -> Result<Vec<ValueRequest>, ApiError> {
        Ok(self.skip(actor, session, request, key).await?)
    }

    async fn cancel_request(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
    ) -> Result<Vec<ValueRequest>, ApiError> {
        Ok(self.call_off(actor, session, request).await?)
    }

    async fn tokens(&self, actor: &Actor, session: &SessionId) -> Result<TokensView, ApiError> {
        Ok(self.tokens_of(actor, session).await?)
    }

    async fn create_token(
        &self,
        actor: &Actor,
        session: &SessionId,
        name: &str,
        purpose: TokenPurpose,
        days: u32,
    ) -> Result<FreshToken, ApiError> {
        Ok(self.make_token(actor, session, name, purpose, days).await?)
    }

    async fn revoke_token(
        &self,
        actor: &Actor,
        session: &SessionId,
        token: &SessionTokenId,
    ) -> Result<TokensView, ApiError> {
        Ok(self.revoke(actor, session, token).await?)
    }

    async fn auto_start(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
    ) -> Result<Vec<AutoStartCommand>, ApiError> {
        Ok(self.commands(actor, configuration).await?)
    }

    async fn save_auto_start(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        commands: Vec<AutoStartCommand>,
    ) -> Result<Vec<AutoStartCommand>, ApiError> {
        Ok(self.save_commands(actor, configuration, commands).await?)
    }
}
