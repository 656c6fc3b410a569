//! `keyslot spec`: what a checkout needs.

use crate::Failure;
use clap::Subcommand;
use server::discover::discover;
use std::io::Write;
use std::path::PathBuf;

/// Env specs.
#[derive(Subcommand)]
pub enum Command {
    /// Print the spec that a checkout's example env files ask for, as `save_env_files` takes it.
    Discover {
        /// Folder of the checkout.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
}

/// Runs the command. The spec goes to standard output, what was left out and why to standard error.
pub fn run(command: Command) -> Result<(), Failure> {
    let Command::Discover { folder } = command;
    let found = discover(&folder, &[]).map_err(|error| Failure::BadInput(error.to_string()))?;
    for (place, reason) in &found.skipped {
        eprintln!("keyslot: {place} was left out: {reason}");
    }
    let json = serde_json::to_string_pretty(&found.spec).map_err(|error| Failure::Failed(error.to_string()))?;
    writeln!(std::io::stdout(), "{json}").map_err(|error| Failure::Failed(error.to_string()))
}
