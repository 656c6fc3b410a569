//! `keyslot env run`: a command with values in its environment, and without them in what it prints.

mod mask;
mod signals;

use crate::apply::Values;
use crate::mask::{Needles, Patterns, SEARCHED_BYTES};
use domain::KeyName;
use domain::plain::is_plain_value;
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use signals::Target;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

/// Bytes of one `KEY=value` that Linux gives to a program, its final NUL left out.
const VARIABLE_BYTES: usize = 128 * 1024 - 1;

/// Why a command was not run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no such program.
    #[error("{0:?}: there is no such program")]
    NotFound(OsString),
    /// It is there and cannot be run.
    #[error("{program:?} cannot be run: {reason}")]
    CannotStart {
        /// As given.
        program: OsString,
        /// Why.
        reason: std::io::Error,
    },
    /// A value that fits into no environment.
    #[error(
        "{key} has {bytes} bytes, and a variable has at most {VARIABLE_BYTES} with its name; let the program read a file \
         instead"
    )]
    TooLong {
        /// The key.
        key: KeyName,
        /// The length of its value.
        bytes: usize,
    },
    /// A value that no variable can hold.
    #[error("{0} holds a NUL character, which no environment variable can hold")]
    Nul(KeyName),
    /// More than can be looked for in the output.
    #[error(
        "the values are too long to be looked for in the output (at most {} KiB in all); --no-mask runs the command \
         without looking for them",
        SEARCHED_BYTES / 1024
    )]
    TooMuch,
    /// Something else.
    #[error("the command cannot be watched: {0}")]
    System(#[from] std::io::Error),
}

/// Where the command's standard input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Keyslot's own.
    Inherited,
    /// Nothing: Keyslot read the values from it.
    Empty,
}

/// Becomes the command, with the values in its environment; returns only if that fails. What it prints is not looked at.
pub fn exec(program: &OsString, arguments: &[OsString], values: &Values, input: Input) -> RunError {
    match command(program, arguments, values, input) {
        Ok(mut command) => cannot_start(program, command.exec()),
        Err(error) => error,
    }
}

/// Runs the command with the values in its environment, and takes them out of what it prints. Returns its exit code, or
/// 128 and the number of the signal that ended it.
///
/// Signals that others send to this process reach the command; those of the terminal reach it anyway. Ends when the
/// command and everything that holds its output have ended.
pub fn run(program: &OsString, arguments: &[OsString], values: Values, input: Input) -> Result<u8, RunError> {
    let patterns = patterns(&values)?;
    let mut command = command(program, arguments, &values, input)?;
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    // Before the command is there, so that no signal is lost.
    let signals = signals::listen()?;
    let mut child = command.spawn().map_err(|error| cannot_start(program, error))?;
    // Their copies in this process are not needed any longer.
    drop((command, values));
    let target = Arc::new(Target::new(Pid::from_child(&child)));
    signals::forward(signals, target.clone());
    let status = std::thread::scope(|scope| {
        if let Some(output) = child.stdout.take() {
            scope.spawn(|| mask::pump(output, std::io::stdout(), &patterns));
        }
        if let Some(output) = child.stderr.take() {
            scope.spawn(|| mask::pump(output, std::io::stderr(), &patterns));
        }
        wait(&mut child, &target)
    })?;
    std::io::stdout().flush().ok();
    Ok(code(status))
}

fn command(program: &OsString, arguments: &[OsString], values: &Values, input: Input) -> Result<Command, RunError> {
    let mut command = Command::new(program);
    command.args(arguments);
    for (key, value) in values {
        if value.expose().contains('\0') {
            return Err(RunError::Nul(key.clone()));
        }
        if key.as_str().len() + 1 + value.len() > VARIABLE_BYTES {
            return Err(RunError::TooLong { key: key.clone(), bytes: value.len() });
        }
        command.env(key.as_str(), value.expose());
    }
    if input == Input::Empty {
        command.stdin(Stdio::null());
    }
    Ok(command)
}

/// What is looked for in the output: not what stands everywhere, as in all that Keyslot keeps values out of.
fn patterns(values: &Values) -> Result<Arc<Patterns>, RunError> {
    let sought = || values.iter().filter(|(key, value)| !is_plain_value(key, value.expose()));
    if sought().map(|(_, value)| value.len()).sum::<usize>() > SEARCHED_BYTES {
        return Err(RunError::TooMuch);
    }
    Patterns::new(&Needles::new(sought())).map(Arc::new).map_err(|_| RunError::TooMuch)
}

fn cannot_start(program: &OsString, reason: std::io::Error) -> RunError {
    match reason.kind() {
        ErrorKind::NotFound => RunError::NotFound(program.clone()),
        _ => RunError::CannotStart { program: program.clone(), reason },
    }
}

/// Waits for the command's end; its number stays its own until the signals know of it.
fn wait(child: &mut Child, target: &Target) -> std::io::Result<ExitStatus> {
    let ended = || waitid(WaitId::Pid(Pid::from_child(child)), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    while let Err(error) = ended() {
        if error != Errno::INTR {
            return Err(error.into());
        }
    }
    target.end(|| child.wait(), code)
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    u8::try_from(code).unwrap_or(u8::MAX)
}
