//! A database for each story, and short words for what the stories do.

#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../support/databases.rs"]
mod databases;

use domain::ids::{ConfigurationId, MemberId, OrganizationId, RepositoryId, SessionId};
use domain::{EnvSpec, KeyName, RelativePath, SecretValue};
use server::store::{
    Expected, Keys, NewAttachment, NewConfiguration, NewRepository, NewSession, NewValue, Role, SessionKind, Store,
    StoreError, ValueRow,
};
use std::future::Future;
use std::sync::Arc;
use vault::{DataKey, OpenError, RecordIdentity, RootKey, SecretScope, Vault};

const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// An unlocked store with one organization and its owner Ada.
pub struct Desk {
    pub url: String,
    pub store: Store,
    pub vault: Vault,
    pub organization: OrganizationId,
    pub member: MemberId,
    pub data_key: Arc<DataKey>,
}

/// Runs a story on a new SQLite file.
pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(story: fn(Desk) -> F) {
    databases::on_sqlite(move |url| async move { story(Desk::open(url).await).await }).await;
}

/// Runs a story on a new PostgreSQL database, which is dropped even if the story fails.
pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(story: fn(Desk) -> F) {
    databases::on_postgres(move |url| async move { story(Desk::open(url).await).await }).await;
}

pub fn root_key() -> RootKey {
    other_root_key(ROOT_KEY)
}

pub fn other_root_key(text: &str) -> RootKey {
    RootKey::from_text(text, "the test".to_owned()).expect("a root key")
}

pub fn key(name: &str) -> KeyName {
    KeyName::new(name).expect("a key name")
}

/// A spec with these keys in `.env`.
pub fn spec_of(keys: &[&str]) -> EnvSpec {
    let keys: Vec<_> = keys.iter().map(|key| serde_json::json!({ "key": key })).collect();
    EnvSpec::from_json(&serde_json::json!({ "files": [{ "path": ".env", "keys": keys }] }).to_string()).expect("a spec")
}

impl Desk {
    async fn open(url: String) -> Self {
        let store = Store::connect(&url).await.expect("connects");
        let vault = store.unlock(|_| Ok(root_key())).await.expect("unlocks");
        let (organization, member, data_key) = new_organization(&store, &vault, "Analytical Engines", "Ada").await;
        Self { url, store, vault, organization, member, data_key: Arc::new(data_key) }
    }

    /// The same database, seen from another organization with a member of its own (Eve).
    pub async fn other_organization(&self) -> Self {
        let (organization, member, data_key) = new_organization(&self.store, &self.vault, "Others", "Eve").await;
        let vault = self.store.unlock(|_| Ok(root_key())).await.expect("unlocks");
        let (url, store) = (self.url.clone(), self.store.clone());
        Self { url, store, vault, organization, member, data_key: Arc::new(data_key) }
    }

    pub async fn repository(&self, name: &str) -> RepositoryId {
        let location = format!("https://git.test/{name}.git");
        let new = NewRepository { name, location: &location, default_branch: None, created_by: &self.member };
        self.store.create_repository(&self.organization, new).await.expect("a repository")
    }

    /// A configuration of these repositories, each checked out in a folder of its own.
    pub async fn configuration(&self, name: &str, repositories: &[&RepositoryId]) -> ConfigurationId {
        let attach = |(place, repository): (usize, &&RepositoryId)| NewAttachment {
            repository: (*repository).clone(),
            workspace_path: RelativePath::new(&format!("repo{place}")).expect("a path"),
        };
        let repositories: Vec<_> = repositories.iter().enumerate().map(attach).collect();
        let new = NewConfiguration { name, repositories: &repositories, release_mode: Default::default() };
        self.store.create_configuration(&self.organization, new).await.expect("a configuration")
    }

    pub async fn session(&self, configuration: &ConfigurationId) -> SessionId {
        self.try_session(configuration).await.expect("a session")
    }

    pub async fn try_session(&self, configuration: &ConfigurationId) -> Result<SessionId, StoreError> {
        let id = self.store.new_session_id();
        let new = NewSession {
            id: &id,
            configuration,
            kind: SessionKind::Work,
            state: "starting",
            workspace_dir: "/somewhere",
            host: "this server",
            created_by: &self.member,
            most: 1_000,
        };
        self.store.create_session(&self.organization, new).await?;
        Ok(id)
    }

    /// A value to store, sealed with the organization's data key.
    pub fn value<'a>(&'a self, scope: &'a SecretScope, key: &'a KeyName, text: &str) -> NewValue<'a> {
        let value = SecretValue::new(text.to_owned());
        let seal = move |version| {
            let identity = RecordIdentity { organization: &self.organization, scope, key, version };
            self.data_key.seal_value(&identity, &value)
        };
        NewValue { scope, key, expected: Expected::Any, description: None, release_to: None, seal: Box::new(seal) }
    }

    pub async fn put(&self, scope: &SecretScope, key: &KeyName, text: &str) -> Result<i64, StoreError> {
        self.store.put_value(&self.organization, &self.member, self.value(scope, key, text)).await
    }

    /// What a stored row holds, opened with the organization's data key.
    pub fn opened(&self, row: &ValueRow) -> Result<String, OpenError> {
        let opened = self.data_key.open(&row.identity(&self.organization), &row.record);
        opened.map(|value| value.expose().to_owned())
    }

    /// The organization's and its repositories' secrets as `(key, scope, version, value)`.
    pub async fn secrets(&self) -> Vec<(String, SecretScope, i64, String)> {
        let rows = self.store.secrets(&self.organization, Keys::All).await.expect("secrets");
        let read =
            |row: &ValueRow| (row.key.to_string(), row.scope.clone(), row.version, self.opened(row).expect("opens"));
        rows.iter().map(read).collect()
    }
}

async fn new_organization(
    store: &Store,
    vault: &Vault,
    name: &str,
    owner: &str,
) -> (OrganizationId, MemberId, DataKey) {
    let id = store.new_organization_id();
    let (data_key, wrapped) = vault.create_data_key(&id).expect("a data key");
    store.create_organization(&id, name, &wrapped).await.expect("an organization");
    let member = store.create_member(&id, owner, Role::Owner).await.expect("a member");
    (id, member, data_key)
}

/// Runs as many tasks at once as there are inputs, and gives what they gave.
pub async fn at_once<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("no panic"));
    }
    results
}

/// Changes the database behind the store's back.
pub async fn run(url: &str, statement: &str) {
    databases::run_sql(url, statement).await;
}
