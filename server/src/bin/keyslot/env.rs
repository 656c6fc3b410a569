//! `keyslot env …`

use super::Failure;
use app::domain::EnvSpec;
use app::domain::report::{ApplyReport, Outcome};
use server::apply::{self, ApplyInput, INPUT_BYTES};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const SPEC_BYTES: u64 = 64 * 1024 * 1024;

/// What to do with the env files.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Writes the values from standard input into the files of the spec and prints a report without values.
    ///
    /// Standard input is one JSON object: {"values":{"KEY":"value"},"files":{"apps/web/.env":{"KEY":"value for this
    /// file only"}}}, where "files" may be left out.
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
    /// Takes out exactly what apply wrote and prints a report.
    Scrub {
        /// The workspace.
        #[arg(long, value_name = "DIR", default_value = ".")]
        workspace: PathBuf,
        /// File to lock while it runs, outside of the workspace; one in a private folder of the user when not given.
        #[arg(long, value_name = "FILE")]
        lock: Option<PathBuf>,
    },
    /// Keeps the env files of a sandbox anywhere up to date: asks a server for what a session's files should hold.
    ///
    /// Needs a token made for a sandbox on the session's Info tab, in KEYSLOT_TOKEN or a file. Ends with 0 when the
    /// session ended (its values are then taken out) or when told to stop, with 1 when the server refuses.
    Watch(crate::watch::Arguments),
}

/// Carries a command out.
pub fn run(command: Command) -> Result<(), Failure> {
    let report = match command {
        Command::Apply { spec, workspace, lock } => {
            let spec = read_spec(&spec)?;
            let input = read_input(&spec)?;
            apply::apply(&workspace, lock.as_deref(), &spec, &input)
        }
        Command::Scrub { workspace, lock } => apply::scrub(&workspace, lock.as_deref()),
        Command::Watch(arguments) => return crate::watch::run(arguments),
    };
    finish(&report.map_err(|error| Failure::Failed(error.to_string()))?)
}

fn read_spec(path: &Path) -> Result<EnvSpec, Failure> {
    if path == Path::new("-") {
        return Err(Failure::bad_input("--spec", "give a file; standard input is for the values"));
    }
    let name = path.display();
    let mut json = String::new();
    let file = std::fs::File::open(path).map_err(|error| Failure::bad_input(&name, error))?;
    let size = file.take(SPEC_BYTES + 1).read_to_string(&mut json).map_err(|error| Failure::bad_input(&name, error))?;
    if size as u64 > SPEC_BYTES {
        return Err(Failure::bad_input(&name, format!("a spec has at most {} MiB", SPEC_BYTES / 1024 / 1024)));
    }
    EnvSpec::from_json(&json).map_err(|error| Failure::bad_input(&name, error))
}

fn read_input(spec: &EnvSpec) -> Result<ApplyInput, Failure> {
    let mut json = Zeroizing::new(Vec::new());
    let size = std::io::stdin().lock().take(INPUT_BYTES + 1).read_to_end(&mut json);
    let size = size.map_err(|error| Failure::bad_input("standard input", error))?;
    if size as u64 > INPUT_BYTES {
        return Err(Failure::bad_input("standard input", format!("at most {} MiB", INPUT_BYTES / 1024 / 1024)));
    }
    ApplyInput::from_json(&json, spec).map_err(|error| Failure::BadInput(error.to_string()))
}

/// Prints the report; an incomplete one also becomes a message.
fn finish(report: &ApplyReport) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(report).map_err(|error| Failure::Failed(error.to_string()))?;
    writeln!(std::io::stdout(), "{json}")
        .map_err(|error| Failure::Failed(format!("the report cannot be printed: {error}")))?;
    if report.is_complete() {
        return Ok(());
    }
    let refused = report.files.iter().filter(|file| file.outcome == Outcome::Refused);
    let reasons = refused.map(|file| format!("{}: {}", file.place, file.reason.as_deref().unwrap_or_default()));
    Err(Failure::Failed(reasons.collect::<Vec<_>>().join("; ")))
}
