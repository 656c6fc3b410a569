//! A whole server in this process: real database, real git, real `keyslot` program, the real router.

use super::person::{Person, cookie_of};
use super::sandbox::keyslot_program;
use axum::Router;
use domain::ids::{ConfigurationId, OrganizationId, RepositoryId, SessionId};
use domain::member::Role;
use domain::release::ReleaseMode;
use domain::{EnvSpec, KeyName, RelativePath};
use server::auth;
use server::config::{Config, S3Credentials};
use server::events::Events;
use server::instance::Instance;
use server::quotas::Quotas;
use server::service::Keyslot;
use server::snapshot::Depot;
use server::store::{NewAttachment, NewConfiguration, NewRepository, Store, TokenHash};
use server::wall::{Wall, WallOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use vault::RootKey;

/// The root key of every test site, in hexadecimal digits.
pub const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// Long enough for any test: one day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A server with its data folder and database.
pub struct Site {
    pub url: String,
    pub folder: PathBuf,
    pub keyslot: Keyslot,
    pub router: Router,
    owned: Option<TempDir>,
}

pub fn root_key() -> RootKey {
    RootKey::from_text(ROOT_KEY, "the test".to_owned()).expect("a root key")
}

pub fn key(name: &str) -> KeyName {
    KeyName::new(name).expect("a key name")
}

pub fn json_spec(spec: &serde_json::Value) -> EnvSpec {
    EnvSpec::from_json(&spec.to_string()).expect("a spec")
}

/// A git repository with one commit of these files.
pub fn git_repository(folder: &Path, files: &[(&str, &str)]) {
    std::fs::create_dir_all(folder).expect("a folder");
    for (name, text) in files {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    }
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example.test"]);
        let output = git.args(arguments).output().expect("git runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "--force", "."]);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
}

impl Site {
    /// A first start on this database, with a data folder of its own.
    pub async fn start(url: &str) -> Self {
        let folder = super::new_folder();
        let mut site = Self::start_in(url, folder.path()).await;
        site.owned = Some(folder);
        site
    }

    /// A start on this database and data folder, as the server program does it, without listening.
    pub async fn start_in(url: &str, folder: &Path) -> Self {
        Self::start_with(url, folder, Self::config(url, folder)).await
    }

    /// The settings of [`Self::start_in`].
    pub fn config(url: &str, folder: &Path) -> Config {
        Config {
            listen: ([127, 0, 0, 1], 3000).into(),
            data: folder.join("data"),
            database_url: Some(url.to_owned()),
            new: false,
            root_key_fd: None,
            site: folder.join("site"),
            public_url: None,
            trusted_proxies: Vec::new(),
            program: Some(keyslot_program()),
            allow_local: Vec::new(),
            allow_private_hosts: Vec::new(),
            snapshots: None,
            s3_endpoint: None,
            s3_region: "us-east-1".to_owned(),
            s3_credentials: S3Credentials::default(),
            quotas: Quotas::default(),
            walls: WallOptions::default(),
        }
    }

    /// The same with other settings.
    pub async fn start_with(url: &str, folder: &Path, config: Config) -> Self {
        server::config::make_private_folder(&config.data).expect("the data folder");
        let store = Store::connect(url).await.expect("connects");
        let vault = store.unlock(|_| Ok(root_key())).await.expect("unlocks");
        let instance = Instance::load(&config.data).expect("an instance id");
        let depot = Depot::open(&config).expect("a store for snapshots");
        let (events, wall) = (Events::new(CancellationToken::new()), Wall::choose(&config).await);
        let keyslot = Keyslot::new(config, instance, store, vault, depot, events, wall);
        auth::prepare(&keyslot).await.expect("prepares");
        keyslot.events().connect(keyslot.store(), keyslot.vault().notice_key());
        keyslot.fail_interrupted().await.expect("looks for interrupted sessions");
        let router = server::web::router(keyslot.clone());
        Self { url: url.to_owned(), folder: folder.to_owned(), keyslot, router, owned: None }
    }

    /// Listens on a port of its own, for programs outside of this process; answers the address.
    pub async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let router = self.router.clone();
        let limits = server::web::ServeLimits::from(self.keyslot.config());
        tokio::spawn(server::web::serve(listener, router, limits, std::future::pending()));
        address
    }

    /// A one-time link's path, as the first start prints it.
    pub async fn sign_in_path(&self) -> String {
        let link = auth::owner_link(&self.keyslot).await.expect("a link");
        link.strip_prefix(&self.keyslot.config().origin()).expect("a link to this server").to_owned()
    }

    /// The owner, signed in by a one-time link.
    pub async fn owner(&self) -> Person {
        let answer = self.stranger().follow(&self.sign_in_path().await).await;
        self.person(Some(cookie_of(&answer).expect("a cookie")))
    }

    /// Somebody with this cookie who goes on when what they changed is in the files of this site's sandboxes.
    pub fn person(&self, cookie: Option<String>) -> Person {
        Person::new(self.router.clone(), cookie).patient(&self.keyslot)
    }

    /// Somebody who is not signed in.
    pub fn stranger(&self) -> Person {
        Person::new(self.router.clone(), None)
    }

    /// A program with this token.
    pub fn program(&self, token: &str) -> super::Program {
        super::Program::new(self.router.clone(), Some(token))
    }

    /// The owner's organization.
    pub async fn organization(&self) -> OrganizationId {
        self.keyslot.store().organizations().await.expect("organizations").swap_remove(0).id
    }

    /// A new member of an organization, signed in.
    pub async fn member(&self, organization: &OrganizationId, name: &str, role: Role) -> Person {
        let store = self.keyslot.store();
        let member = store.create_member(organization, name, role).await.expect("a member");
        let token = format!("token-of-{name}");
        let hash = TokenHash::of(&token);
        store.create_web_session(organization, &member, &hash, store.now() + DAY).await.expect("a web session");
        self.person(Some(format!("keyslot={token}")))
    }

    /// Another organization.
    pub async fn other_organization(&self) -> OrganizationId {
        let id = self.keyslot.store().new_organization_id();
        let (_, wrapped) = self.keyslot.vault().create_data_key(&id).expect("a data key");
        self.keyslot.store().create_organization(&id, "Others", &wrapped).await.expect("an organization");
        id
    }

    /// A repository at `repositories/{name}` beside the data folder; answers its path.
    pub fn repository(&self, name: &str, files: &[(&str, &str)]) -> String {
        let folder = self.folder.join("repositories").join(name);
        git_repository(&folder, files);
        folder.display().to_string()
    }

    /// A configuration of new repositories `(name, workspace path)`, as no screen offers it yet, with a spec. It is trusted
    /// with every value of the organization.
    pub async fn configuration(&self, places: &[(&str, &str)], spec: &EnvSpec) -> (ConfigurationId, Vec<RepositoryId>) {
        let (store, organization) = (self.keyslot.store(), self.organization().await);
        let owner = store.members(&organization).await.expect("members").swap_remove(0).id;
        let (mut ids, mut attach) = (Vec::new(), Vec::new());
        for (name, place) in places {
            let location = self.repository(name, &[("README.md", "# Read me\n")]);
            let new = NewRepository { name, location: &location, default_branch: None, created_by: &owner };
            let repository = store.create_repository(&organization, new).await.expect("a repository");
            ids.push(repository.clone());
            let workspace_path = RelativePath::new(place).expect("a path");
            attach.push(NewAttachment { repository, workspace_path });
        }
        let new = NewConfiguration { name: "Everything", repositories: &attach, release_mode: ReleaseMode::All };
        let configuration = store.create_configuration(&organization, new).await.expect("a configuration");
        store.save_spec(&organization, &configuration, spec, "Agent", None).await.expect("a spec");
        (configuration, ids)
    }

    /// A session's workspace.
    pub fn workspace(&self, session: &SessionId) -> PathBuf {
        self.keyslot.config().sandbox(session.as_str()).join("workspace")
    }

    /// A file of a session's workspace; nothing where there is none.
    pub fn file(&self, session: &SessionId, place: &str) -> Option<String> {
        std::fs::read_to_string(self.workspace(session).join(place)).ok()
    }

    /// What a file of a session's workspace assigns, in its order.
    pub fn assigned(&self, session: &SessionId, place: &str) -> Vec<(String, String)> {
        let entries = domain::dotenv::read::read(&self.file(session, place).unwrap_or_default());
        entries.into_iter().map(|entry| (entry.raw_key, entry.value.expose().to_owned())).collect()
    }
}
