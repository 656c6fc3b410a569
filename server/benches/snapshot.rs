//! What a snapshot of a large workspace costs: `cargo bench -p server --bench snapshot`, or `make bench`.
//!
//! A workspace of 1 GB (sources, built files, a git repository) is searched for 50 values and archived. Beside it, in the
//! same run and on the same files: the archive alone, without a value to look for, and `grep -rF` for the plain values
//! alone. Printed are times with their ratios, and the most memory that this process needed.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a program for developers")]

use domain::{KeyName, SecretValue};
use sandbox::mask::Needles;
use server::guard::Guard;
use server::snapshot::{Job, Progress, archive, measure};
use server::wall::Wall;
use std::fs;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const VALUES: usize = 50;
const SOURCES: usize = 20_000;
const BUILT: usize = 16;
const BUILT_BYTES: usize = 50 * 1024 * 1024;
const COMMITTED_BYTES: usize = 100 * 1024 * 1024;

/// Numbers that look random and are the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Text of words and lines, as sources have it.
    fn text(&mut self, bytes: usize) -> Vec<u8> {
        const WORDS: [&str; 12] =
            ["const", "return", "export", "value", "=>", "{", "}", "(url)", "import", "\n", "// a comment", "\n  "];
        let mut text = Vec::with_capacity(bytes + 16);
        while text.len() < bytes {
            let number = self.next();
            text.extend_from_slice(WORDS[usize::try_from(number % 12).unwrap_or(0)].as_bytes());
            text.extend_from_slice(format!(" {:x} ", number >> 44).as_bytes());
        }
        text
    }

    fn bytes(&mut self, bytes: usize) -> Vec<u8> {
        (0..bytes / 8).flat_map(|_| (self.next() & 0x3f3f_7f7f_ffff_3f3f).to_le_bytes()).collect()
    }
}

fn make_workspace(folder: &Path) {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(["-c", "user.name=Bench", "-c", "user.email=bench@example.test"]);
        assert!(git.args(arguments).stdout(Stdio::null()).status().expect("git runs").success());
    };
    git(&["init", "-q"]);
    fs::create_dir_all(folder.join("assets")).expect("a folder");
    fs::write(folder.join("assets/data.bin"), noise.bytes(COMMITTED_BYTES)).expect("a file");
    for number in 0..SOURCES {
        let place = folder.join(format!("src/{}", number / 200));
        fs::create_dir_all(&place).expect("a folder");
        fs::write(place.join(format!("{number}.ts")), noise.text(4096)).expect("a file");
    }
    git(&["add", "."]);
    git(&["commit", "-qm", "everything"]);
    git(&["repack", "-adq"]);
    fs::create_dir_all(folder.join("dist")).expect("a folder");
    for number in 0..BUILT {
        let content = if number % 2 == 0 { noise.text(BUILT_BYTES) } else { noise.bytes(BUILT_BYTES) };
        fs::write(folder.join(format!("dist/{number}.out")), content).expect("a file");
    }
}

fn run(workspace: &Path, temporary: &Path, guard: &Guard) -> (Duration, u64) {
    let (since, progress) = (Instant::now(), Progress::default());
    let job = Job { workspace, temporary, wall: &Wall::Off, guard, progress: &progress };
    measure(&job).expect("measured");
    let done = archive(&job, io::sink()).expect("archived");
    assert!(black_box(done).output.is_some(), "nothing is to be found");
    (since.elapsed(), progress.bytes())
}

fn grep(workspace: &Path, patterns: &Path) -> Duration {
    let since = Instant::now();
    let mut grep = Command::new("grep");
    grep.args(["-rFq", "-f"]).arg(patterns).arg(workspace).env("LC_ALL", "C");
    assert_eq!(grep.status().expect("grep runs").code(), Some(1), "nothing is to be found");
    since.elapsed()
}

/// The most memory that this process had since the last call, in MB. Linux counts it.
fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    // Begins to count anew.
    let _ = fs::write("/proc/self/clear_refs", "5");
    Some(kilobytes / 1024)
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let (workspace, temporary) = (folder.path().join("workspace"), folder.path().join("temporary"));
    for place in [&workspace, &temporary] {
        fs::create_dir(place).expect("a folder");
    }
    make_workspace(&workspace);
    let mut noise = Noise(7);
    let values: Vec<_> = (0..VALUES)
        .map(|number| {
            let key = KeyName::new(format!("KEY_{number}")).expect("a key");
            (key, SecretValue::new(format!("sk_{:x}/{:x}+{:x}", noise.next(), noise.next(), noise.next())))
        })
        .collect();
    let patterns = folder.path().join("patterns");
    let plain: Vec<_> = values.iter().map(|(_, value)| value.expose()).collect();
    fs::write(&patterns, plain.join("\n")).expect("patterns");
    let guard = Guard::new(&Needles::new(values.iter().map(|(key, value)| (key, value)))).expect("a guard");
    let nothing = Guard::new(&Needles::default()).expect("a guard");

    // Once unmeasured, so that each reads from the same cache.
    grep(&workspace, &patterns);
    let (alone, _) = run(&workspace, &temporary, &nothing);
    most_memory();
    let (guarded, bytes) = run(&workspace, &temporary, &guard);
    let memory = most_memory();
    let searched = grep(&workspace, &patterns);
    let megabytes = bytes / 1_000_000;
    println!("snapshot of a workspace of {megabytes} MB, {VALUES} values looked for in every form, git objects too");
    println!("  guarded archive   {:>7.2} s", guarded.as_secs_f64());
    println!("  archive alone     {:>7.2} s   ratio {:.2}", alone.as_secs_f64(), ratio(guarded, alone));
    println!("  grep -rF          {:>7.2} s   ratio {:.2}", searched.as_secs_f64(), ratio(guarded, searched));
    match memory {
        Some(memory) => println!("  most memory       {memory:>7} MB"),
        None => println!("  most memory       not counted on this system"),
    }
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64().max(f64::EPSILON)
}
