//! The real server program, as root and as an ordinary user, on a site's data.

use crate::support::{ROOT_KEY, Site};
use axum::http::StatusCode;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use url::form_urlencoded;

/// Who an ordinary server is: nobody has this number.
const ORDINARY: &str = "65530";
const PATIENCE: Duration = Duration::from_secs(90);
/// Something in the server's environment that is nobody else's.
pub const CANARY: &str = "canary-in-the-environment-of-the-server";

/// Who runs the server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Root,
    Ordinary,
}

/// A running server; killed when dropped.
pub struct Real {
    child: Child,
    /// The host name and port under which people reach it.
    host: String,
    log: std::path::PathBuf,
}

/// Whether this test may become another user. Without that, the ordinary user is whoever runs it.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Real {
    /// Starts the program on a site's data and waits until it serves.
    pub fn start(site: &Site, who: Who, options: &[&str]) -> Self {
        Self::start_with(site, who, options, &[])
    }

    /// The same with more in its environment.
    pub fn start_with(site: &Site, who: Who, options: &[&str], environment: &[(&str, &str)]) -> Self {
        let program = env!("CARGO_BIN_EXE_keyslot-server");
        let mut command = Command::new(if who == Who::Ordinary && is_root() { "setpriv" } else { program });
        if who == Who::Ordinary && is_root() {
            let owner = format!("{ORDINARY}:{ORDINARY}");
            let given = Command::new("chown").args(["-R", &owner]).arg(&site.folder).status().expect("chown runs");
            assert!(given.success());
            command.args(["--reuid", ORDINARY, "--regid", ORDINARY, "--clear-groups", "--", program]);
        }
        command.envs(environment.iter().copied());
        Self::launch(site, command, options)
    }

    /// Starts it behind another program, which gets the server's program and options after its own arguments.
    pub fn start_behind(site: &Site, before: &[&str], options: &[&str]) -> Self {
        let mut command = Command::new(before[0]);
        command.args(&before[1..]).arg(env!("CARGO_BIN_EXE_keyslot-server"));
        Self::launch(site, command, options)
    }

    fn launch(site: &Site, mut command: Command, options: &[&str]) -> Self {
        let log = site.folder.join("log");
        let written = std::fs::File::create(&log).expect("a log");
        command.args(["--listen", "127.0.0.1:0"]).args(options);
        command.arg("--data").arg(site.folder.join("data"));
        command.env("DATABASE_URL", &site.url).env("KEYSLOT_ROOT_KEY", ROOT_KEY).env("CANARY", CANARY);
        command.env("RUST_LOG", "info");
        command.stdin(Stdio::null()).stderr(written);
        let output = site.folder.join("output");
        command.stdout(std::fs::File::create(&output).expect("a file"));
        let child = command.current_dir("/").spawn().expect("it starts");
        let mut real = Self { child, host: String::new(), log };
        let since = Instant::now();
        while real.host.is_empty() {
            assert!(real.child.try_wait().expect("it is watched").is_none(), "it stopped: {}", real.log());
            assert!(since.elapsed() < PATIENCE, "it does not start: {}", real.log());
            std::thread::sleep(Duration::from_millis(20));
            let said = text(&output);
            let host = said.lines().find_map(|line| line.strip_prefix("Keyslot serves on http://"));
            // The line may be half written.
            real.host = host.filter(|_| said.ends_with('\n')).unwrap_or_default().to_owned();
        }
        real
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The host name and port under which people reach it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address that it listens on.
    pub fn address(&self) -> String {
        let (_, port) = self.host.rsplit_once(':').expect("a port");
        format!("127.0.0.1:{port}")
    }

    /// Asks for a page or file; answers the status and everything that came back.
    pub fn get(&self, path: &str) -> (StatusCode, String) {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.host);
        self.exchange(&head)
    }

    /// Calls a server function with somebody's cookie.
    pub fn call(&self, cookie: &str, function: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let head = format!(
            "POST /fn/{function} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\ncookie: \
             {cookie}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{form}",
            self.host,
            form.len()
        );
        self.exchange(&head)
    }

    fn exchange(&self, request: &str) -> (StatusCode, String) {
        let mut stream = TcpStream::connect(self.address()).expect("it answers");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        answer.read_line(&mut line).expect("an answer");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let mut rest = String::new();
        answer.read_to_string(&mut rest).expect("a body");
        let body = rest.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        (StatusCode::from_u16(status).expect("a status"), body)
    }

    /// Starts a work session and waits until its commands may run; answers its id.
    pub fn work(&self, cookie: &str, configuration: &str) -> String {
        let (status, body) = self.call(cookie, "start_session", &[("configuration", configuration), ("kind", "work")]);
        assert_eq!(status, StatusCode::OK, "{body}\n{}", self.log());
        let (_, session) = body.split_once("/sessions/").expect("a session");
        session.split('"').next().expect("an id").to_owned()
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until it is so.
pub fn until(what: &str, so: impl Fn() -> bool) {
    let since = Instant::now();
    while !so() {
        assert!(since.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A file's text; empty where there is none.
pub fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// How many processes of this machine were called with this word.
pub fn called_with(word: &str) -> usize {
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    processes.filter(|process| text(&process.path().join("cmdline")).contains(word)).count()
}
