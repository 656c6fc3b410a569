//! `keyslot env run`

use crate::failure::Failure;
use crate::{input, print};
use domain::RelativePath;
use sandbox::apply::{from_files, from_input};
use sandbox::run::{Input, RunError, exec, run as run_command};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
The command gets the keys of the spec that have a value; they take precedence over variables that are set already. No
value is ever an argument. What the command prints passes through Keyslot, which puts «secret KEY» in the place of values,
however they are encoded; those shorter than 6 bytes, and plain ones such as `production` or a port, are left as they are.
With --no-mask the command takes Keyslot's place and keeps the terminal.

Examples:
  keyslot env run --spec env.json -- npm test
  keyslot env run --spec env.json --file apps/api/.env -- cargo run
  keyslot env run --spec env.json --stdin -- ./deploy.sh < values.json

Exit codes:
  that of the command, or 128 and the number of the signal that ended it
  2    the spec, the values, a file or the arguments cannot be used
  126  the command cannot be run
  127  there is no such command";

/// What to run.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// File with the env spec as JSON.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// The workspace whose files hold the values. The command starts in the current folder.
    #[arg(long, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
    /// Take the values of this file of the spec alone; may be given more than once.
    #[arg(long, value_name = "PATH", value_parser = RelativePath::file)]
    file: Vec<RelativePath>,
    /// Take the values from standard input, as `keyslot env apply` does, instead of from files.
    #[arg(long)]
    stdin: bool,
    /// Leave the command's output as it is.
    #[arg(long)]
    no_mask: bool,
    /// The command and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command. All that Keyslot itself says goes to standard error: standard output is the command's.
pub fn run(arguments: &Arguments, is_json: bool) -> Result<ExitCode, Failure> {
    start(arguments, is_json).map_err(Failure::beside)
}

fn start(arguments: &Arguments, is_json: bool) -> Result<ExitCode, Failure> {
    let spec = input::spec(&arguments.spec)?;
    let collected = match arguments.stdin {
        true => from_input(&spec, &input::values(&spec)?, &arguments.file),
        false => from_files(&arguments.workspace, &spec, &arguments.file),
    };
    let collected = collected.map_err(|error| Failure::new(2, error.to_string()))?;
    for slot in collected.missing.iter().filter(|slot| std::env::var_os(slot.key.as_str()).is_none()) {
        print::warn(is_json, &format!("{}: {} is required and has no value", slot.file, slot.key));
    }
    let Some((program, rest)) = arguments.command.split_first() else {
        return Err(Failure::bad_input("COMMAND", "name a command to run"));
    };
    let input = if arguments.stdin { Input::Empty } else { Input::Inherited };
    let done = match arguments.no_mask {
        true => Err(exec(program, rest, &collected.values, input)),
        false => run_command(program, rest, collected.values, input),
    };
    done.map(ExitCode::from).map_err(|error| {
        let code = match &error {
            RunError::NotFound(_) => 127,
            RunError::CannotStart { .. } => 126,
            _ => 2,
        };
        Failure::new(code, error.to_string())
    })
}
