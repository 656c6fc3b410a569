//! A sandbox elsewhere: the real `keyslot env watch`, as a process of its own.

use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(15);

/// A workspace with the program that keeps it up to date. Killed when dropped.
pub struct Elsewhere {
    pub workspace: PathBuf,
    log: PathBuf,
    arguments: Vec<String>,
    token: String,
    child: Option<Child>,
}

impl Elsewhere {
    /// A workspace in a new folder below `folder`; nothing runs yet.
    pub fn new(folder: &Path, name: &str, server: &str, token: &str) -> Self {
        let folder = folder.join("elsewhere").join(name);
        let workspace = folder.join("workspace");
        std::fs::create_dir_all(&workspace).expect("a folder");
        let arguments = ["env", "watch", "--server", server, "--name", name].map(str::to_owned).to_vec();
        Self { workspace, log: folder.join("log"), arguments, token: token.to_owned(), child: None }
    }

    /// Adds an argument.
    pub fn with(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Starts the program, again if it ran before.
    pub fn start(&mut self) {
        self.kill();
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        let mut command = Command::new(keyslot_program());
        command.args(&self.arguments).arg("--workspace").arg(&self.workspace).env("KEYSLOT_TOKEN", &self.token);
        command.env("XDG_STATE_HOME", self.log.with_file_name("state"));
        self.child = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("it starts"));
    }

    /// Ends the program as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("it ends");
        }
    }

    /// Asks the program to end and waits for it.
    pub async fn stop(&mut self) -> ExitStatus {
        let id = self.child.as_ref().expect("it runs").id();
        let id = rustix::process::Pid::from_raw(id.try_into().expect("an id")).expect("an id");
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("told");
        self.ended().await
    }

    /// Waits until the program ends by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let since = Instant::now();
        loop {
            if let Some(status) = child.try_wait().expect("it is watched") {
                return status;
            }
            if since.elapsed() > PATIENCE {
                child.kill().ok();
                panic!("it does not end: {}", self.said());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Everything that it said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A file of the workspace; empty where there is none.
    pub fn file(&self, place: &str) -> String {
        std::fs::read_to_string(self.workspace.join(place)).unwrap_or_default()
    }

    /// Whether a new content lies beside one of the files: a run is under way, or was killed.
    pub fn is_writing(&self) -> bool {
        let entries = walkdir::WalkDir::new(&self.workspace).into_iter().flatten();
        let mut staged = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".tmp"));
        staged.any(|entry| entry.path().parent().is_some_and(|folder| !folder.ends_with(".keyslot")))
    }

    /// Waits until a file says something.
    pub async fn has(&self, place: &str, text: &str) {
        let since = Instant::now();
        while !self.file(place).contains(text) {
            let (file, said) = (self.file(place), self.said());
            assert!(since.elapsed() < PATIENCE, "{place} never has {text:?}: {file}\n{said}");
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Asks until it is so.
pub async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let since = Instant::now();
    while !so().await {
        assert!(since.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// The sandbox program, which belongs to another crate: `cargo test --workspace` builds it beside the server.
pub fn keyslot_program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_keyslot-server")).with_file_name("keyslot");
    assert!(program.exists(), "run `cargo build -p sandbox` first: {} is not there", program.display());
    program
}
