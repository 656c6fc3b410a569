//! `keyslot env …`

use crate::failure::Failure;
use crate::{check, diff, input, report, run as run_verb, watch};
use sandbox::apply;
use std::path::PathBuf;
use std::process::ExitCode;

const APPLY_EXAMPLES: &str = "\
Standard input is one JSON object: {\"values\":{\"KEY\":\"value\"},\"files\":{\"apps/web/.env\":{\"KEY\":\"value for this
file only\"}}}, where \"files\" may be left out.

Examples:
  keyslot env apply --spec env.json < values.json
  keyslot env apply --spec env.json --workspace ~/shop --json < values.json

Exit codes:
  0  every file is as it should be
  1  a file could not be written
  2  the spec, the values or the arguments cannot be used";

/// What to do with the env files.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Write the values from standard input into the files of the spec; tell what was done, never a value.
    #[command(after_help = APPLY_EXAMPLES)]
    Apply {
        /// File with the env spec as JSON.
        #[arg(long, value_name = "FILE")]
        spec: PathBuf,
        /// The workspace; nothing outside of it is written.
        #[arg(long, value_name = "DIR", default_value = ".")]
        workspace: PathBuf,
        /// File to lock while it runs, outside of the workspace; one in a private folder of the user when not given.
        #[arg(long, value_name = "FILE")]
        lock: Option<PathBuf>,
    },
    /// Tell which required keys of the spec have no value in its files, as the programs that read them would see it.
    Check(check::Arguments),
    /// Tell what apply would change, without writing anything.
    Diff(diff::Arguments),
    /// Run a command with the values in its environment, and keep them out of what it prints.
    Run(run_verb::Arguments),
    /// Take out exactly what apply wrote.
    Scrub {
        /// The workspace.
        #[arg(long, value_name = "DIR", default_value = ".")]
        workspace: PathBuf,
        /// File to lock while it runs, outside of the workspace; one in a private folder of the user when not given.
        #[arg(long, value_name = "FILE")]
        lock: Option<PathBuf>,
    },
    /// Keep the env files of a sandbox anywhere up to date: ask a server for what a session's files should hold.
    ///
    /// Needs a token made for a sandbox on the session's Info tab, in KEYSLOT_TOKEN or a file. Ends with 0 when the
    /// session ended (its values are then taken out) or when told to stop, with 1 when the server refuses.
    Watch(watch::Arguments),
}

/// Carries a command out.
pub fn run(command: Command, is_json: bool) -> Result<ExitCode, Failure> {
    let done = match command {
        Command::Apply { spec, workspace, lock } => {
            let spec = input::spec(&spec)?;
            let values = input::values(&spec)?;
            apply::apply(&workspace, lock.as_deref(), &spec, &values)
        }
        Command::Scrub { workspace, lock } => apply::scrub(&workspace, lock.as_deref()),
        Command::Check(arguments) => return check::run(&arguments, is_json),
        Command::Diff(arguments) => return diff::run(&arguments, is_json),
        Command::Run(arguments) => return run_verb::run(&arguments, is_json),
        Command::Watch(arguments) => return watch::run(arguments, is_json),
    };
    report::finish(&done.map_err(Failure::failed)?, is_json)
}
