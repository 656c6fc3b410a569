//! The real server with a configuration whose sessions run commands.

use super::real::{Real, Who, text, until};
use crate::support::{Site, json_spec, new_folder};
use app::api::auto_start::AutoStartCommand;
use app::domain::ids::SessionId;
use app::domain::member::Role;
use axum::http::StatusCode;
use serde_json::json;
use tempfile::TempDir;

/// A server of its own with a configuration of these commands, and somebody who may start sessions.
pub struct Story {
    pub site: Site,
    pub real: Real,
    pub cookie: String,
    configuration: String,
    _folder: TempDir,
}

impl Story {
    pub async fn new(who: Who, options: &[&str], commands: &[&str]) -> Self {
        let folder = new_folder();
        let url = format!("sqlite:{}", folder.path().join("data/keyslot.db").display());
        std::fs::create_dir(folder.path().join("data")).expect("a folder");
        let site = Site::start_in(&url, folder.path()).await;
        let spec = json_spec(&json!({"files": [{"workspacePath": ".", "path": ".env", "format": "dotenv",
            "mode": "secret", "keys": [{"key": "A", "required": false}]}]}));
        let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
        let organization = site.organization().await;
        let line = |command: &&str| AutoStartCommand { command: (*command).to_owned(), enabled: true };
        let commands: Vec<_> = commands.iter().map(line).collect();
        site.keyslot.store().save_auto_start(&organization, &configuration, &commands).await.expect("saved");
        let member = site.member(&organization, "Mallory", Role::Admin).await;
        let real = Real::start(&site, who, options);
        let cookie = member.cookie().to_owned();
        Self { site, real, cookie, configuration: configuration.to_string(), _folder: folder }
    }

    pub fn work(&self) -> SessionId {
        SessionId::from(self.real.work(&self.cookie, &self.configuration).as_str())
    }

    pub fn end(&self, session: &SessionId) {
        let (status, body) = self.real.call(&self.cookie, "end_session", &[("session", session.as_str())]);
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    /// Waits for a file of the workspace that a command writes.
    pub fn file(&self, session: &SessionId, name: &str) -> String {
        let path = self.site.workspace(session).join(name);
        until(&format!("{name}: {}", self.real.log()), || path.exists());
        text(&path)
    }
}
