//! `keyslot`, the program that runs in a sandbox: writes env files there, checks them and takes the values out again.
//!
//! Exit codes: 0 all went well, 1 something could not be written, is missing or differs, 2 the arguments, the spec, a file
//! or standard input cannot be used. `env run` ends as its command does.

mod check;
mod diff;
mod env;
mod failure;
mod input;
mod print;
mod report;
mod run;
mod spec;
mod watch;

use clap::{CommandFactory, Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

/// Put the values of a workspace into its env files, and check them.
#[derive(Parser)]
#[command(name = "keyslot", version)]
struct Arguments {
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    json: bool,
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
    /// Print a script that completes this program's arguments in a shell.
    #[command(after_help = "\
Examples:
  keyslot completions bash > ~/.local/share/bash-completion/completions/keyslot
  keyslot completions zsh > ~/.zfunc/_keyslot
  keyslot completions fish > ~/.config/fish/completions/keyslot.fish")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let Arguments { json, command } = Arguments::parse();
    let done = match command {
        Command::Env(command) => env::run(command, json),
        Command::Spec(command) => spec::run(&command, json),
        Command::Completions { shell } => print_completions(shell),
    };
    done.unwrap_or_else(|failure| failure.report(json))
}

fn print_completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "keyslot", &mut script);
    print::raw(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
