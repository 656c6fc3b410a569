//! Passing signals on to the command.

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::Cause;
use std::process::{ExitStatus, exit};
use std::sync::{Arc, Mutex, PoisonError};

/// What is passed on.
const PASSED: [i32; 7] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];
/// What ends a process that does not handle it.
const ENDING: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// The command, as signals reach it.
pub(super) struct Target(Mutex<State>);

enum State {
    Running(Pid),
    /// With this code; what it left behind may still print.
    Ended(u8),
}

impl Target {
    /// A command that runs.
    pub fn new(pid: Pid) -> Self {
        Self(Mutex::new(State::Running(pid)))
    }

    /// Notes that the command ended. Nothing is sent meanwhile: once `reap` has run, its number may be another process's.
    pub fn end(
        &self,
        reap: impl FnOnce() -> std::io::Result<ExitStatus>,
        code: impl FnOnce(ExitStatus) -> u8,
    ) -> std::io::Result<ExitStatus> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let status = reap()?;
        *state = State::Ended(code(status));
        Ok(status)
    }

    fn send(&self, number: i32, from_terminal: bool) {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Ended(code) if ENDING.contains(&number) => exit(code.into()),
            State::Ended(_) => {}
            // The terminal sends its signals to the command as well: it is of the same process group.
            State::Running(_) if from_terminal => {}
            State::Running(pid) => {
                if let Some(signal) = Signal::from_named_raw(number) {
                    // It cannot be gone: it was not waited for yet.
                    kill_process(pid, signal).ok();
                }
            }
        }
    }
}

/// Begins to listen. What this process was told to ignore, as by `nohup`, stays ignored, by the command as well.
pub(super) fn listen() -> std::io::Result<SignalsInfo<WithOrigin>> {
    let ignored = ignored();
    SignalsInfo::new(PASSED.iter().filter(|number| ignored & 1 << (**number - 1) == 0))
}

/// Passes signals on from now on.
pub(super) fn forward(mut signals: SignalsInfo<WithOrigin>, target: Arc<Target>) {
    std::thread::spawn(move || {
        for origin in &mut signals {
            target.send(origin.signal, matches!(origin.cause, Cause::Kernel));
        }
    });
}

/// The signals that are ignored, a bit for each; none where the system does not tell.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
