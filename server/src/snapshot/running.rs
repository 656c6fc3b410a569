//! A process that does not outlive its use, nor its time: what it reads may have been made to keep it waiting.

use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

/// A process in a group of its own. Ended when dropped.
pub(super) struct Running {
    pub child: Child,
    limit: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Running {
    /// Starts a command that takes as long as it needs.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        Ok(Self { child: command.spawn()?, limit: None })
    }

    /// Starts a command that is killed when the time is up, also while somebody waits for what it prints.
    pub fn start_until(command: &mut Command, until: Instant) -> io::Result<Self> {
        let mut running = Self::start(command)?;
        let group = Pid::from_child(&running.child);
        let (over, wait) = channel();
        let limit = std::thread::Builder::new().spawn(move || {
            let left = until.saturating_duration_since(Instant::now());
            if wait.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                // Nobody else has its number: it is waited for only after this thread.
                let _ = kill_process_group(group, Signal::KILL);
            }
        })?;
        running.limit = Some((over, limit));
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some((over, limit)) = self.limit.take() {
            drop(over);
            let _ = limit.join();
        }
        // Both fail only when it is over already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;
    use std::time::Duration;

    #[test]
    fn a_process_that_says_nothing_is_killed_when_its_time_is_up() {
        let mut command = Command::new("sleep");
        command.arg("1000000").stdout(Stdio::piped()).process_group(0);
        let soon = Instant::now() + Duration::from_millis(50);
        let mut running = Running::start_until(&mut command, soon).expect("it starts");
        let mut said = String::new();
        running.child.stdout.take().expect("its output").read_to_string(&mut said).expect("its end");
        assert_eq!(said, "");
    }
}
