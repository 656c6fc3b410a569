//! `keyslot spec`: what a checkout needs.

use crate::Failure;
use clap::Subcommand;
use server::discover::discover;
use std::io::Write;
use std::path::PathBuf;

/// Env specs.
#[derive(Subcommand)]
pub enum Command {
    /// Print the spec that a checkout's example env files and code ask for, as `save_env_files` takes it.
    Discover {
        /// Folder of the checkout.
        #[arg(default_value = ".")]
        folder: PathBuf,
        /// Print everything that was found as JSON: the spec, the example files that are used and those that are not,
        /// what their values are, and what was left out.
        #[arg(long)]
        report: bool,
    },
}

/// Runs the command. The spec goes to standard output, what was left out and why to standard error.
pub fn run(command: Command) -> Result<(), Failure> {
    let Command::Discover { folder, report } = command;
    let found = discover(&folder, &[]).map_err(|error| Failure::BadInput(error.to_string()))?;
    for (place, reason) in &found.skipped {
        eprintln!("keyslot: {place} was left out: {reason}");
    }
    for variant in &found.variants {
        eprintln!("keyslot: {} is another variant and not used: {}", variant.path, variant.reason);
    }
    for (folder, reason) in &found.folders {
        eprintln!("keyslot: {folder} was passed over: {reason}");
    }
    let json = if report { serde_json::to_string_pretty(&found) } else { serde_json::to_string_pretty(&found.spec) };
    let json = json.map_err(|error| Failure::Failed(error.to_string()))?;
    writeln!(std::io::stdout(), "{json}").map_err(|error| Failure::Failed(error.to_string()))
}
