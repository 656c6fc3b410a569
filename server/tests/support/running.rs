//! The real server program as a process of its own.

use super::{ROOT_KEY, Site};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use vault::ROOT_KEY_VARIABLE;

/// How long anything may take before a story fails.
const PATIENCE: Duration = Duration::from_secs(60);

const POLL: Duration = Duration::from_millis(15);

/// A running server; killed when dropped.
pub struct Running {
    child: Child,
    port: u16,
    lines: Vec<String>,
    log: Arc<Mutex<String>>,
}

impl Running {
    /// Starts the program on a site's database and data folder and waits until it serves.
    pub async fn start(site: &Site, log: &str, more: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_keyslot-server"));
        program.args(["--listen", "127.0.0.1:0"]).args(more).arg("--data").arg(site.folder.join("data"));
        program.env("DATABASE_URL", &site.url).env(ROOT_KEY_VARIABLE, ROOT_KEY).env("RUST_LOG", log);
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = program.spawn().expect("the program starts");
        let written = Arc::new(Mutex::new(String::new()));
        tokio::spawn(copy(child.stderr.take().expect("a log"), written.clone()));
        let mut output = BufReader::new(child.stdout.take().expect("an output")).lines();
        let mut lines = Vec::new();
        // Where it serves, and how to sign in.
        while lines.len() < 2 {
            let line = timeout(PATIENCE, output.next_line()).await.expect("a line in time").expect("an output");
            lines.push(line.unwrap_or_else(|| panic!("it stopped: {}", written.lock().expect("no panic"))));
        }
        let listens = timeout(PATIENCE, async {
            loop {
                let log = written.lock().expect("no panic").clone();
                let told = log.split_once("listening address=127.0.0.1:").map(|(_, rest)| rest);
                if let Some((port, _)) = told.and_then(|told| told.split_once('\n')) {
                    return port.parse().expect("a port");
                }
                tokio::time::sleep(POLL).await;
            }
        });
        Self { child, port: listens.await.expect("it listens in time"), lines, log: written }
    }

    /// The first lines that it printed.
    pub fn said(&self) -> String {
        self.lines.join("\n")
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("no panic").clone()
    }

    /// Ends it as an administrator does, so that everything is logged.
    pub async fn stop(mut self) -> String {
        let id = self.child.id().expect("it runs").to_string();
        Command::new("kill").arg(&id).status().await.expect("kill runs");
        timeout(PATIENCE, self.child.wait()).await.expect("it stops").expect("a status");
        self.log()
    }

    /// Sends one request as it stands, with the host that browsers use; answers what came back.
    pub async fn send(&self, request: &str) -> String {
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
        let host =
            if head.contains("host: ") { String::new() } else { format!("host: keyslot.localhost:{}\r\n", self.port) };
        let request = format!("{head}\r\n{host}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer in time").expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

async fn copy(mut from: impl AsyncRead + Unpin, to: Arc<Mutex<String>>) {
    let mut buffer = vec![0; 8192];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        to.lock().expect("no panic").push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
}
