//! A full disk, connections that say nothing and output without end: the server goes on, and says how it is.

#![allow(clippy::print_stdout, reason = "figures are told")]

use super::commands::Story;
use super::real::{Real, Who, text, until};
use crate::support::{ROOT_KEY, Site, new_folder};
use axum::http::StatusCode;
use domain::member::Role;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Runs a program beside itself on a file system that it fills and frees when it is told. Its first argument is the folder
/// with the pipes, its second the file system.
const DISK: &str = r#"place=$1 disk=$2; shift 2
    cp "$place"/seed/* "$disk"
    "$@" &
    while read -r word < "$place/told"; do
        case $word in
            fill) cat /dev/zero > "$disk/filling" 2> /dev/null ;;
            free) rm "$disk/filling" ;;
        esac
        echo "$word" > "$place/done"
    done"#;
/// Bytes of that file system.
const DISK_BYTES: &str = "16777216";

/// What fills and frees the server's disk.
struct Disk(PathBuf);

impl Disk {
    fn new(folder: &Path) -> Self {
        for pipe in ["told", "done"] {
            let made = std::process::Command::new("mkfifo").arg(folder.join(pipe)).status().expect("mkfifo runs");
            assert!(made.success());
        }
        Self(folder.to_owned())
    }

    fn tell(&self, word: &str) {
        std::fs::write(self.0.join("told"), format!("{word}\n")).expect("told");
        assert_eq!(text(&self.0.join("done")).trim(), word);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_full_disk_everything_is_written_again_without_a_restart() {
    let folder = new_folder();
    let (seed, data) = (folder.path().join("seed"), folder.path().join("data"));
    std::fs::create_dir(&seed).expect("a folder");
    let site = Site::start_in(&format!("sqlite:{}", seed.join("keyslot.db").display()), folder.path()).await;
    let owner = site.member(&site.organization().await, "Olive", Role::Owner).await;
    site.keyslot.store().close().await;
    let disk = Disk::new(folder.path());
    let (place, data) = (folder.path().display().to_string(), data.display().to_string());
    let wall = ["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--die-with-parent", "--perms", "0700", "--size"];
    let within = [&wall[..], &[DISK_BYTES, "--tmpfs", &data, "--", "bash", "-c", DISK, "bash", &place, &data]].concat();
    let real = Real::start_behind(&site, &within, &["--database-url", &format!("sqlite:{data}/keyslot.db")]);
    let save = |name: &str| {
        let value = "v".repeat(16 * 1024);
        real.call(owner.cookie(), "add_secret", &[("key", name), ("value", &value), ("description", "")])
    };
    let ready = || real.get("/healthz").0 == StatusCode::OK;
    assert_eq!(save("BEFORE").0, StatusCode::OK, "{}", real.log());
    assert!(ready());

    disk.tell("fill");
    // What the write-ahead log has room for is still written; then nothing is. Many at once, so that every connection of
    // the pool meets the full disk.
    let refused = std::thread::scope(|scope| {
        let save = &save;
        let saves: Vec<_> = (0..64).map(|at| scope.spawn(move || save(&format!("FULL_{at}")).0)).collect();
        saves.into_iter().map(|save| save.join().expect("an answer")).filter(|status| !status.is_success()).count()
    });
    assert!(refused >= 20, "{refused} of 64 saves were refused");
    let (status, body) = save("FULL");
    assert_eq!((status, &*body), (StatusCode::INSUFFICIENT_STORAGE, r#"{"error":"diskFull"}"#));
    until("it says that it is degraded", || !ready());
    let (status, health) = real.get("/healthz");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(health.contains(r#""status":"degraded""#) && health.contains("disk is full"), "{health}");
    let (status, list) = real.call(owner.cookie(), "list_secrets", &[]);
    assert!(status == StatusCode::OK && list.contains("BEFORE"), "what is there is still read: {status} {list}");

    disk.tell("free");
    let after: Vec<_> = (0..32).map(|at| save(&format!("AFTER_{at}")).0).collect();
    assert!(after.iter().all(StatusCode::is_success), "{after:?}\n{}", real.log());
    until("it is ready again", ready);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_database_is_not_set_up_anew_unasked() {
    let folder = new_folder();
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let site = Site::start_in(&url("first.db"), folder.path()).await;
    let start = |database: &str, options: &[&str]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_keyslot-server"));
        program.arg("sign-in-link").args(options).arg("--data").arg(site.folder.join("data"));
        program.env("DATABASE_URL", url(database)).env("KEYSLOT_ROOT_KEY", ROOT_KEY).env("RUST_LOG", "off");
        let output = program.output().expect("it runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(start("first.db", &[]), (true, String::new()));
    let (done, said) = start("second.db", &[]);
    assert!(!done && said.contains("the database is empty") && said.contains("--new"), "{said}");
    assert_eq!(start("second.db", &["--new"]), (true, String::new()));
    assert_eq!(start("second.db", &[]), (true, String::new()), "and from then on it is the one");
}

/// Lets this test have so many connections, as far as the machine does.
fn raise_open_files(wanted: u64) {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(wanted, |most| most.min(wanted));
    if limit.current.is_some_and(|current| current < most) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..limit }).expect("more files");
    }
}

/// Opens connections that never send all of a request: no byte, half of the headers, half of the body.
fn half_open(real: &Real, count: usize) -> Vec<TcpStream> {
    let bodies = "POST /fn/list_secrets HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                  content-length: 1000\r\n\r\nhalf=";
    let sent = ["", "GET /sign-in HTTP/1.1\r\nhost: a\r\nx-", bodies];
    let open = |at: usize| {
        let mut stream = TcpStream::connect(real.address()).expect("it listens");
        stream.write_all(sent[at % sent.len()].as_bytes()).expect("sent");
        stream
    };
    (0..count).map(open).collect()
}

fn sign_in_answers_beside_a_thousand_half_requests(real: &Real) {
    let held = half_open(real, 1_000);
    let mut stream = TcpStream::connect(real.address()).expect("it listens");
    let asked = Instant::now();
    let request = format!("GET /sign-in HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", real.host());
    stream.write_all(request.as_bytes()).expect("sent");
    let mut first = [0; 12];
    stream.read_exact(&mut first).expect("an answer");
    println!(
        "time to first byte of the sign-in page beside {} half-open connections: {:?}",
        held.len(),
        asked.elapsed()
    );
    assert_eq!(String::from_utf8_lossy(&first), "HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_requests_do_not_starve_sign_in() {
    raise_open_files(4_096);
    let folder = new_folder();
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("data/keyslot.db").display());
    let site = Site::start_in(&url, folder.path()).await;
    sign_in_answers_beside_a_thousand_half_requests(&Real::start(&site, Who::Ordinary, &[]));
    // Far more than the server takes: those that say nothing make room.
    for limit in ["--max-connections", "--max-connections-per-address"] {
        sign_in_answers_beside_a_thousand_half_requests(&Real::start(&site, Who::Ordinary, &[limit, "16"]));
    }
}

/// The most memory that a process ever used, in bytes.
fn peak_memory(process: u32) -> usize {
    let status = text(Path::new(&format!("/proc/{process}/status")));
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_without_end_takes_no_memory() {
    const FLOOD: usize = 128 * 1024 * 1024;
    const MORE: usize = 48 * 1024 * 1024;
    // Behind the first letters of a value, so that the server cannot show it before it knows more.
    let flood = format!(
        "while ! [ -e go ]; do sleep 0.05; done; printf sesame; head -c {FLOOD} /dev/zero | tr '\\0' ' '; echo; touch over"
    );
    let story = Story::new(Who::Ordinary, &[], &[&flood]).await;
    let session = story.work();
    let fields = [
        ("target", &*format!("session:{session}")),
        ("file", ".env"),
        ("key", "A"),
        ("scope", "session"),
        ("value", "sesame-47-11"),
    ];
    assert_eq!(story.real.call(&story.cookie, "set_value", &fields).0, StatusCode::OK);
    until("the value is in the files", || text(&story.site.workspace(&session).join(".env")).contains("sesame"));
    let before = peak_memory(story.real.id());
    std::fs::write(story.site.workspace(&session).join("go"), "").expect("a file");
    story.file(&session, "over");
    let after = peak_memory(story.real.id());
    println!("peak memory before and after {FLOOD} bytes of spaces: {before} and {after}");
    assert!(after < before + MORE, "{before} bytes became {after}");
}
