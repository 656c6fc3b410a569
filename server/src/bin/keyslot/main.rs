//! `keyslot`, the program that runs in a sandbox: writes env files there and takes them out again.
//!
//! Exit codes: 0 all went well, 1 something could not be written, 2 the arguments, the spec or standard input are wrong.

mod env;
mod spec;
mod watch;

use clap::{Parser, Subcommand};
use std::fmt::Display;
use std::process::ExitCode;

/// Puts the values of a workspace into its env files.
#[derive(Parser)]
#[command(name = "keyslot", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Env files of a workspace.
    #[command(subcommand)]
    Env(env::Command),
    /// What a project needs.
    #[command(subcommand)]
    Spec(spec::Command),
}

/// Why a command ends without doing its work; the message goes to standard error.
enum Failure {
    BadInput(String),
    Failed(String),
}

impl Failure {
    fn bad_input(what: impl Display, why: impl Display) -> Self {
        Self::BadInput(format!("{what}: {why}"))
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Env(command) => env::run(command),
        Command::Spec(command) => spec::run(command),
    };
    let (message, code) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Failed(message)) => (message, 1),
        Err(Failure::BadInput(message)) => (message, 2),
    };
    eprintln!("keyslot: {message}");
    ExitCode::from(code)
}
