//! `keyslot env watch`: keeps a sandbox anywhere up to date over HTTP. It only asks; nobody connects to it.
//!
//! It asks for the newest revision, applies it through [`crate::apply`], reports, and asks again with what it has.
//! It keeps no state of its own: whoever starts it again asks as one whose files are unknown, is handed the newest
//! revision once, and the run on the files sets right what a killed one left behind.

mod address;
mod client;
mod stop;
pub mod wire;

pub use address::{Address, AddressError};
pub use client::{CallError, Token, TokenError};

use crate::apply;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use client::{Client, Next};
use domain::report::{ApplyReport, Outcome};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stop::Workspace;
use wire::{Applied, Delivery, NextCall, ReportCall};

/// The pause after the first failure in a row; it doubles with each one, and each is a little longer by chance, so that
/// many sandboxes do not come back at once.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// How long the server may keep a question open, in seconds.
const WAIT: u32 = 25;

/// What to keep up to date, from where.
pub struct Settings {
    /// The server.
    pub server: Address,
    /// The session token.
    pub token: Token,
    /// The workspace; nothing outside of it is written.
    pub workspace: PathBuf,
    /// The sandbox's name; tells the sandboxes of one session apart.
    pub name: String,
    /// Whether the values are taken out of the files when the program is told to stop.
    pub scrub_on_exit: bool,
}

/// Why watching ended without having been told to.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Asking again would not help.
    #[error("{0}")]
    Refused(String),
    /// The session ended, but not every value could be taken out.
    #[error("the session ended, but its values could not all be taken out of the files: {0}")]
    Scrub(String),
    /// Signals cannot be listened for.
    #[error("the program cannot listen for signals: {0}")]
    Signals(#[from] std::io::Error),
}

/// Watches until the session ends, the server refuses, or a signal ends the program. `say` is told what happens, in
/// lines for people and without values.
pub fn watch(settings: &Settings, say: fn(&str)) -> Result<(), WatchError> {
    let workspace = Arc::new(Workspace::new(settings.workspace.clone()));
    stop::on_signals(workspace.clone(), settings.scrub_on_exit, say)?;
    let client =
        Client::new(&settings.server, &settings.token).map_err(|error| WatchError::Refused(error.to_string()))?;
    say(&format!("keeping {} up to date from {}", settings.workspace.display(), settings.server));
    let mut watcher = Watcher {
        client,
        workspace,
        name: settings.name.clone(),
        say,
        applied: None,
        failed: None,
        silence: pauses(),
        failures: pauses(),
        lost: false,
        trouble: None,
    };
    loop {
        match watcher.step() {
            Ok(()) => {}
            Err(CallError::Ended) => return watcher.end(),
            Err(CallError::Refused(why)) => return Err(WatchError::Refused(why)),
            Err(CallError::Unreachable(why)) => watcher.pause(&why),
        }
    }
}

struct Watcher {
    client: Client,
    workspace: Arc<Workspace>,
    name: String,
    say: fn(&str),
    /// What stands in the files; nothing while that is not known.
    applied: Option<Applied>,
    /// The revision that could not be applied, until it is time to try it again.
    failed: Option<(i64, Duration)>,
    /// Pauses while the server is silent, and between attempts on files that cannot be written.
    silence: ExponentialBackoff,
    failures: ExponentialBackoff,
    lost: bool,
    /// What was said of the newest failure, to say it once.
    trouble: Option<String>,
}

impl Watcher {
    /// Asks once and does what is answered.
    fn step(&mut self) -> Result<(), CallError> {
        let (failed, wait) = match self.failed {
            Some((revision, pause)) => {
                (Some(revision), u32::try_from(pause.as_secs().max(1)).unwrap_or(WAIT).min(WAIT))
            }
            None => (None, WAIT),
        };
        let call = NextCall { name: self.name.clone(), applied: self.applied.clone(), failed, wait };
        let next = self.client.next(&call)?;
        self.silence = pauses();
        if std::mem::take(&mut self.lost) {
            (self.say)("the server answers again");
        }
        match next {
            Next::Nothing => self.failed = None,
            Next::Delivery(delivery) => {
                let report = self.apply(&delivery);
                self.client.report(&report)?;
            }
        }
        Ok(())
    }

    /// Writes the files, and says how that went.
    fn apply(&mut self, delivery: &Delivery) -> ReportCall {
        let Applied { revision, state } = delivery.applied.clone();
        let done = self.workspace.work(|path| apply::apply(path, None, &delivery.spec, &delivery.input));
        let (report, error) = match done {
            Ok(report) => (Some(report), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let problem = error.clone().or_else(|| refusal(report.as_ref()?));
        match problem {
            None => {
                self.applied = Some(delivery.applied.clone());
                (self.failed, self.failures, self.trouble) = (None, pauses(), None);
                (self.say)(&format!(
                    "applied revision {revision}: {}",
                    report.as_ref().map(written).unwrap_or_default()
                ));
            }
            Some(problem) => {
                // What stands in the files now is not known.
                self.applied = None;
                self.failed = Some((revision, self.failures.next().unwrap_or(LONGEST_PAUSE)));
                if self.trouble.as_ref() != Some(&problem) {
                    (self.say)(&format!("revision {revision} could not be applied: {problem}; trying again"));
                }
                self.trouble = Some(problem);
            }
        }
        ReportCall { name: self.name.clone(), revision, state, report, error }
    }

    fn pause(&mut self, why: &str) {
        if !std::mem::replace(&mut self.lost, true) {
            (self.say)(&format!("the server cannot be asked: {why}; trying again until it answers"));
        }
        std::thread::sleep(self.silence.next().unwrap_or(LONGEST_PAUSE));
    }

    /// The session is over: nobody may use its values any more.
    fn end(&self) -> Result<(), WatchError> {
        match self.workspace.scrub() {
            Ok(()) => {
                (self.say)("the session ended; its values were taken out of the files");
                Ok(())
            }
            Err(why) => Err(WatchError::Scrub(why)),
        }
    }
}

fn pauses() -> ExponentialBackoff {
    let pauses = ExponentialBuilder::default().with_min_delay(FIRST_PAUSE).with_max_delay(LONGEST_PAUSE);
    pauses.with_jitter().without_max_times().build()
}

/// Why a run did not write everything; nothing if it did.
fn refusal(report: &ApplyReport) -> Option<String> {
    if report.is_complete() {
        return None;
    }
    let refused = report.files.iter().filter(|file| file.outcome == Outcome::Refused);
    let reasons = refused.map(|file| format!("{}: {}", file.place, file.reason.as_deref().unwrap_or_default()));
    Some(reasons.collect::<Vec<_>>().join("; "))
}

/// `3 keys in 2 files`.
fn written(report: &ApplyReport) -> String {
    let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let keys = report.files.iter().map(|file| file.written.len()).sum();
    let files = report.files.iter().filter(|file| !file.written.is_empty()).count();
    format!("{} in {}", counted(keys, "key"), counted(files, "file"))
}
