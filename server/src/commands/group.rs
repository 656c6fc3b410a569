//! A command's processes: found again by their records, and ended without ever meeting anybody else's process.
//!
//! Without a wall they are the process group of the command's shell. With one they are that group, which is the wall's
//! own programs, and whatever lives in the process namespace that the wall made.

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a command may take to end by itself when it is asked to.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the system may take to clear away what was killed.
const CLEARING: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Random for each start of the machine: process ids and start times of another one mean nothing.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// What tells a process group from one that has its number later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The process that leads it; also the number of the group.
    leader: i32,
    /// When the leader started, in ticks since the machine started.
    started: u64,
    /// The login session, which processes of a later group with the same number hardly share.
    session: i32,
    /// Which start of the machine.
    boot: String,
}

/// What the system says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    id: i32,
    parent: i32,
    group: i32,
    session: i32,
    started: u64,
    is_dead: bool,
    is_stopped: bool,
    /// It waits in the kernel and takes signals before it does anything else.
    is_waiting: bool,
}

impl Group {
    /// The group that a child leads which was just started and not yet waited for.
    pub fn of(leader: u32) -> std::io::Result<Self> {
        let leader = i32::try_from(leader).map_err(|_| Error::from(ErrorKind::InvalidInput))?;
        let status = Status::of(leader).ok_or_else(|| Error::from(ErrorKind::NotFound))?;
        Ok(Self { leader, started: status.started, session: status.session, boot: boot_id()? })
    }

    /// Whether any process of the group is left.
    pub fn is_alive(&self) -> bool {
        if boot_id().ok().as_ref() != Some(&self.boot) {
            return false;
        }
        match Status::of(self.leader) {
            // The number belongs to another process now, which there can be only when the whole group is gone.
            Some(leader) if leader.started != self.started => false,
            Some(leader) if !leader.is_dead => true,
            // While any process of the group lives, its number is given to nobody else.
            _ => Status::all().any(|status| {
                status.group == self.leader
                    && status.session == self.session
                    && status.started >= self.started
                    && !status.is_dead
            }),
        }
    }

    /// Asks every process to end, and kills what has not ended after a while.
    pub async fn end(&self) {
        let walled = self.walled();
        let is_left = || self.is_alive() || walled.iter().any(Status::is_there);
        for (signal, patience) in [(Signal::TERM, PATIENCE), (Signal::KILL, CLEARING)] {
            if !is_left() {
                return;
            }
            self.tell(signal);
            let until = Instant::now() + patience;
            while is_left() && Instant::now() < until {
                sleep(LOOK_EVERY).await;
            }
        }
    }

    /// Kills every process without asking.
    pub(super) fn kill(&self) {
        self.tell(Signal::KILL);
    }

    fn tell(&self, signal: Signal) {
        let walled = if signal == Signal::TERM { self.walled() } else { Vec::new() };
        let told: Vec<_> = match walled.as_slice() {
            // Killing the wall's programs ends everything behind it.
            [] => Pid::from_raw(self.leader).map(|leader| kill_process_group(leader, signal)).into_iter().collect(),
            // Who is asked must be alive to end well, so the wall stays meanwhile.
            walled => walled.iter().filter_map(|status| status.tell(signal)).collect(),
        };
        for error in told.into_iter().filter_map(Result::err) {
            // It may have ended in this very moment.
            tracing::debug!(%error, "a command's processes could not be told to end");
        }
    }

    /// Every process that lives: behind a wall all of its namespace, else of the group and whatever stems from its leader.
    pub(super) fn processes(&self) -> Vec<Status> {
        let walled = self.walled();
        if !walled.is_empty() || !self.is_alive() {
            return walled;
        }
        let below = below(self.leader, &Status::all().collect::<Vec<_>>());
        let is_of_it = |status: &Status| {
            let grouped = status.group == self.leader && status.session == self.session;
            grouped || below.iter().any(|known| known.is_same(status))
        };
        Status::all().filter(is_of_it).collect()
    }

    /// The processes that a wall keeps in a process namespace of their own, its first one included.
    fn walled(&self) -> Vec<Status> {
        if Status::of(self.leader).is_none_or(|leader| leader.started != self.started) {
            return Vec::new();
        }
        let below = below(self.leader, &Status::all().collect::<Vec<_>>());
        let below: Vec<(usize, Status)> = below.into_iter().map(|status| (depth(status.id), status)).collect();
        let (outside, inside) = (depth(self.leader), below.iter().map(|(depth, _)| *depth).max().unwrap_or(0));
        // The programs that build the wall may stand in a namespace between.
        let is_inside = |depth: usize| depth == inside && depth > outside;
        below.into_iter().filter(|(depth, _)| is_inside(*depth)).map(|(_, status)| status).collect()
    }
}

impl Status {
    /// Of one process; none if there is no such process.
    fn of(id: i32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
    }

    /// Whether the same process is still there and no corpse.
    fn is_there(&self) -> bool {
        Self::of(self.id).is_some_and(|now| now.started == self.started && !now.is_dead)
    }

    /// Its number.
    pub(super) fn id(&self) -> i32 {
        self.id
    }

    /// Whether it is neither dead nor stopped.
    pub(super) fn is_going(&self) -> bool {
        !self.is_dead && !self.is_stopped
    }

    /// Whether it takes signals before it does anything else.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Whether both are one process, however it is by now.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.id, self.started) == (other.id, other.started)
    }

    /// Sends it a signal; nothing if it is gone, whoever has its number now.
    pub(super) fn tell(&self, signal: Signal) -> Option<Result<(), Errno>> {
        let process = pidfd_open(Pid::from_raw(self.id)?, PidfdFlags::empty()).ok()?;
        self.is_there().then(|| pidfd_send_signal(&process, signal))
    }

    /// Of every process.
    fn all() -> impl Iterator<Item = Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.filter_map(Self::of)
    }

    /// Reads `/proc/<pid>/stat`. The second field is the program's name in parentheses and may hold anything.
    fn read(text: &str) -> Option<Self> {
        let (id, rest) = text.split_once(' ')?;
        let (_, rest) = rest.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse().ok();
        Some(Self {
            id: id.parse().ok()?,
            is_dead: matches!(*fields.first()?, "Z" | "X" | "x"),
            is_stopped: matches!(*fields.first()?, "T" | "t"),
            is_waiting: *fields.first()? == "D",
            parent: number(1)?,
            group: number(2)?,
            session: number(3)?,
            started: fields.get(19)?.parse().ok()?,
        })
    }
}

/// What stems from a process.
fn below(leader: i32, all: &[Status]) -> Vec<Status> {
    let (mut below, mut next) = (Vec::new(), vec![leader]);
    while let Some(parent) = next.pop() {
        let children = all.iter().filter(|status| status.parent == parent);
        next.extend(children.clone().map(|status| status.id));
        below.extend(children.copied());
    }
    below
}

/// In how many process namespaces a process has a number, seen from here.
fn depth(id: i32) -> usize {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    numbers.map_or(0, |numbers| numbers.split_ascii_whitespace().count())
}

fn boot_id() -> std::io::Result<String> {
    Ok(fs::read_to_string(BOOT_ID)?.trim().to_owned())
}

/// The groups that run, written down so that a server that starts after a crash finds them.
#[derive(Clone)]
pub struct Ledger {
    folder: PathBuf,
}

/// A group's line in the ledger.
pub struct Entry(PathBuf);

impl Ledger {
    /// The ledger in a folder of its own, which is made when it is needed.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Writes a group down.
    pub fn write(&self, group: &Group) -> std::io::Result<Entry> {
        crate::config::make_private_folder(&self.folder)?;
        let path = self.folder.join(format!("{}.json", uuid::Uuid::new_v4().simple()));
        fs::write(&path, serde_json::to_vec(group)?)?;
        Ok(Entry(path))
    }

    /// Ends every group that an earlier run of this server left behind. Answers how many there were.
    pub async fn end_stale(&self) -> usize {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        futures::future::join_all(paths.iter().map(|path| end_stale(path)))
            .await
            .into_iter()
            .filter(|left| *left)
            .count()
    }
}

impl Entry {
    /// Strikes it out: the group is gone.
    pub fn strike(self) {
        remove(&self.0);
    }
}

async fn end_stale(path: &Path) -> bool {
    let group = fs::read(path).ok().and_then(|json| serde_json::from_slice::<Group>(&json).ok());
    let alive = group.as_ref().is_some_and(Group::is_alive);
    if let Some(group) = group {
        group.end().await;
    }
    remove(path);
    alive
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, "the record of a command's processes could not be removed");
    }
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
