//! What an auto-start command tries: it was written by an agent or a member, and runs at the next session.

use super::real::{CANARY, Real, Who, called_with, is_root, text, until};
use crate::support::{ROOT_KEY, Site, json_spec, new_folder};
use app::api::auto_start::AutoStartCommand;
use axum::http::StatusCode;
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use serde_json::json;
use tempfile::TempDir;

/// A server of its own with a configuration of these commands, and somebody who may start sessions.
pub struct Story {
    pub site: Site,
    pub real: Real,
    pub cookie: String,
    pub configuration: String,
    _folder: TempDir,
}

impl Story {
    pub async fn new(who: Who, options: &[&str], commands: &[&str]) -> Self {
        Self::new_with(who, options, &[], commands).await
    }

    /// The same with more in the server's environment.
    pub async fn new_with(who: Who, options: &[&str], environment: &[(&str, &str)], commands: &[&str]) -> Self {
        let folder = new_folder();
        let url = format!("sqlite:{}", folder.path().join("data/keyslot.db").display());
        std::fs::create_dir(folder.path().join("data")).expect("a folder");
        let site = Site::start_in(&url, folder.path()).await;
        let spec = json_spec(&json!({"files": [{"workspacePath": ".", "path": ".env", "format": "dotenv",
            "mode": "secret", "keys": [{"key": "A", "required": false}]}]}));
        let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
        let organization = site.organization().await;
        save(&site, &configuration, commands).await;
        let member = site.member(&organization, "Mallory", Role::Admin).await;
        let real = Real::start_with(&site, who, options, environment);
        let cookie = member.cookie().to_owned();
        Self { site, real, cookie, configuration: configuration.to_string(), _folder: folder }
    }

    pub fn work(&self) -> SessionId {
        SessionId::from(self.real.work(&self.cookie, &self.configuration).as_str())
    }

    /// A work session of a configuration that has these commands and no repository.
    pub async fn work_without_repositories(&self, commands: &[&str]) -> SessionId {
        let spec = json_spec(&json!({"files": []}));
        let (configuration, _) = self.site.configuration(&[], &spec).await;
        save(&self.site, &configuration, commands).await;
        SessionId::from(self.real.work(&self.cookie, configuration.as_str()).as_str())
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

/// Gives a configuration these commands, enabled.
async fn save(site: &Site, configuration: &ConfigurationId, commands: &[&str]) {
    let line = |command: &&str| AutoStartCommand { command: (*command).to_owned(), enabled: true };
    let commands: Vec<_> = commands.iter().map(line).collect();
    let organization = site.organization().await;
    site.keyslot.store().save_auto_start(&organization, configuration, &commands).await.expect("saved");
}

async fn reaches_nothing_that_is_not_its_sessions(who: Who) {
    let look = r#"{ echo "me $(id -u) $(pwd)"
        cat /proc/*/environ /proc/*/task/*/environ
        find / -xdev \( -name keyslot.db -o -name root.key -o -name sandboxes \) | sed 's/^/found /'
        ls -la /proc/1/root/root /proc/1/cwd/
        grep -h . /etc/shadow /etc/keyslot* /root/.ssh/* /home/*/.ssh/* /var/lib/*/* /run/*/*
        for id in /proc/[0-9]*; do echo "process $(cat $id/comm)"; done
        for name in /*; do echo "root $name"; done; } > seen 2>&1
        mv seen look"#;
    let raise = r#"{ unshare -Ur true && echo RAISED namespace
        mount -t tmpfs none /workspace && echo RAISED mount
        chroot / true && echo RAISED chroot
        setpriv --reuid=0 true && echo RAISED uid
        (echo x > /proc/sys/kernel/core_pattern) && echo RAISED core_pattern
        (echo b > /proc/sysrq-trigger) && echo RAISED sysrq
        touch /usr/x && echo RAISED write; touch /etc/x && echo RAISED write; touch /x && echo RAISED write
        head -c 1 /dev/mem && echo RAISED device; head -c 1 /dev/kmsg && echo RAISED device
        prlimit --nproc=100000 true && echo RAISED limit
        (ulimit -c unlimited) && echo RAISED core
        grep -E '^(NoNewPrivs|CapEff|CapBnd)' /proc/self/status; } > raised 2>&1
        mv raised raise"#;
    let neighbour = "echo the neighbour > mine; sleep 300";
    let story = Story::new(who, &[], &[neighbour, look, raise, "kill -9 -1; true"]).await;
    let first = story.work();
    story.file(&first, "raise");
    let second = story.work();
    let (look, raise) = (story.file(&second, "look"), story.file(&second, "raise"));
    assert!(look.starts_with("me 1000 /workspace\n"), "{look}");
    for forbidden in [CANARY, ROOT_KEY, "found /", "root:*", "root:$", "PRIVATE KEY"] {
        assert!(!look.contains(forbidden), "{forbidden}: {look}");
    }
    assert!(!look.contains("the neighbour") && !look.contains("process keyslot-server"), "{look}");
    assert!(!look.contains("root /root") && !look.contains("root /srv"), "{look}");
    assert!(!raise.contains("RAISED"), "{raise}");
    assert!(raise.contains("NoNewPrivs:\t1") && raise.matches("\t0000000000000000").count() == 2, "{raise}");
    assert!(story.real.log().contains("bubblewrap"), "the log names the wall: {}", story.real.log());
    // Killing everybody killed nobody else.
    story.end(&first);
    story.end(&second);
}

async fn ends_with_its_session_whatever_it_does(who: Who) {
    let word = format!("daemon-{}", uuid::Uuid::now_v7().simple());
    let daemon = format!(
        "setsid sh -c 'trap \"\" TERM HUP INT; echo up > up; while :; do sleep 0.1; done' {word} </dev/null \
         >/dev/null 2>&1 &"
    );
    let story = Story::new(who, &[], &[&daemon]).await;
    let session = story.work();
    story.file(&session, "up");
    assert!(called_with(&word) > 0, "what a command leaves behind goes on while the session does");
    story.end(&session);
    assert_eq!(called_with(&word), 0, "{}", story.real.log());
    // Nor does it outlive a server that is killed.
    let session = story.work();
    story.file(&session, "up");
    assert!(called_with(&word) > 0);
    drop(story.real);
    until("it is gone with its server", || called_with(&word) == 0);
}

async fn cannot_use_up_the_machine(who: Who) {
    let word = format!("bomb-{}", uuid::Uuid::now_v7().simple());
    // Once it has all that it gets, the shell cannot even start another program, only become one.
    let bomb = format!(
        "sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i > count; sleep 300 & done' {word}; echo > over; exec \
         sleep 300"
    );
    let story = Story::new(who, &[], &[&bomb]).await;
    let session = story.work();
    story.file(&session, "over");
    let forked: usize = story.file(&session, "count").trim().parse().expect("a number");
    assert!((100..=1024).contains(&forked), "{forked} processes");
    let (status, _) = story.real.call(&story.cookie, "get_session", &[("session", session.as_str())]);
    assert_eq!(status, StatusCode::OK, "the server answers");
    story.end(&session);
    assert_eq!(called_with(&word), 0);
}

macro_rules! as_both {
    ($($story:ident),+ $(,)?) => {
        mod as_root {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                // Who is not root cannot become it; then the other half of the test is the whole.
                super::$story(if super::is_root() { super::Who::Root } else { super::Who::Ordinary }).await;
            })+
        }
        mod as_an_ordinary_user {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(super::Who::Ordinary).await;
            })+
        }
    };
}
as_both!(reaches_nothing_that_is_not_its_sessions, ends_with_its_session_whatever_it_does, cannot_use_up_the_machine,);
