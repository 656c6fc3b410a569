//! Ending on a signal, never in the middle of a run on the files.

use crate::apply;
use domain::report::Outcome;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::{Arc, Mutex, PoisonError};

/// The workspace, worked on by one at a time.
pub(super) struct Workspace {
    path: PathBuf,
    busy: Mutex<()>,
}

impl Workspace {
    pub fn new(path: PathBuf) -> Self {
        Self { path, busy: Mutex::default() }
    }

    /// Does something with the files that no signal cuts off.
    pub fn work<T>(&self, work: impl FnOnce(&Path) -> T) -> T {
        let _busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        work(&self.path)
    }

    /// Takes every value out of the files, or says why not.
    pub fn scrub(&self) -> Result<(), String> {
        let report = self.work(|path| apply::scrub(path, None)).map_err(|error| error.to_string())?;
        let refused = report.files.iter().filter(|file| file.outcome == Outcome::Refused);
        let refused: Vec<_> =
            refused.map(|file| format!("{}: {}", file.place, file.reason.as_deref().unwrap_or_default())).collect();
        // A file that is something else now is left alone with a warning.
        let left = refused.into_iter().chain(report.warnings).collect::<Vec<_>>();
        if left.is_empty() { Ok(()) } else { Err(left.join("; ")) }
    }
}

/// From now on SIGTERM and SIGINT end the program, after the run under way.
pub(super) fn on_signals(workspace: Arc<Workspace>, scrub: bool, say: fn(&str)) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    std::thread::spawn(move || {
        if signals.forever().next().is_none() {
            return;
        }
        let done = if scrub { workspace.scrub().map(|()| "its values were taken out") } else { Ok("the files stay") };
        // Nothing begins any more.
        workspace.work(|_| match done {
            Ok(what) => {
                say(&format!("told to stop; {what}"));
                exit(0)
            }
            Err(why) => {
                say(&format!("told to stop, but the values could not all be taken out: {why}"));
                exit(1)
            }
        });
    });
    Ok(())
}
