//! `keyslot spec`: what a project needs.

use crate::failure::Failure;
use crate::input;
use crate::print::{self, GOOD, count, styled};
use clap::Subcommand;
use domain::spec_text;
use sandbox::apply::replace_file;
use sandbox::discover::discover;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Env specs.
#[derive(Subcommand)]
pub enum Command {
    /// Print the spec that a checkout's example env files ask for, as `save_env_files` takes it.
    ///
    /// With --json it stands under "spec", beside what was left out.
    Discover {
        /// Folder of the checkout.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Check a spec: every problem with its line, its field and what to do.
    #[command(after_help = "\
Examples:
  keyslot spec validate env.json
  keyslot spec discover . | keyslot spec validate -

Exit codes:
  0  the spec is good
  2  it is not, or cannot be read")]
    Validate {
        /// File with the spec as JSON; `-` for standard input.
        file: PathBuf,
    },
    /// Lay a spec out in the one form in which Keyslot writes it; nothing it means changes.
    #[command(after_help = "\
Examples:
  keyslot spec fmt env.json
  keyslot spec fmt --check env.json
  keyslot spec fmt - < env.json

Exit codes:
  0  the spec is in this form (now)
  1  with --check: it would change
  2  the spec is not good, or cannot be read or written")]
    Fmt {
        /// File with the spec as JSON, written in place; `-` reads standard input and prints the result.
        file: PathBuf,
        /// Change nothing; end with 1 if the file would change.
        #[arg(long)]
        check: bool,
    },
}

/// Runs the command.
pub fn run(command: &Command, is_json: bool) -> Result<ExitCode, Failure> {
    match command {
        Command::Discover { folder } => print_discovered(folder, is_json),
        Command::Validate { file } => validate(file, is_json),
        Command::Fmt { file, check } => format(file, *check, is_json),
    }
}

/// The spec goes to standard output, what was left out and why to standard error.
fn print_discovered(folder: &Path, is_json: bool) -> Result<ExitCode, Failure> {
    let found = discover(folder, &[]).map_err(|error| Failure::new(2, error.to_string()))?;
    if is_json {
        let skipped = found
            .skipped
            .iter()
            .map(|(place, reason)| json!({ "place": place.to_string(), "reason": reason.to_string() }));
        print::json(&json!({ "spec": found.spec, "skipped": skipped.collect::<Vec<_>>() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (place, reason) in &found.skipped {
        print::warn(false, &format!("{place} was left out: {reason}"));
    }
    print::raw(&spec_text::write(&found.spec).map_err(Failure::failed)?)?;
    Ok(ExitCode::SUCCESS)
}

fn validate(file: &Path, is_json: bool) -> Result<ExitCode, Failure> {
    let text = input::spec_text(file)?;
    match spec_text::read(&text) {
        Ok(spec) if is_json => {
            print::json(&json!({ "valid": true, "files": spec.files.len(), "keys": spec.slot_count() }))?
        }
        Ok(spec) => {
            let size = format!("{}, {}", count(spec.files.len(), "file"), count(spec.slot_count(), "key"));
            print::lines(&[format!("{} {size}", styled(GOOD, "The spec is good:"))])?;
        }
        Err(problems) if is_json => {
            print::json(&json!({ "valid": false, "problems": problems }))?;
            return Ok(ExitCode::from(2));
        }
        Err(problems) => {
            let name = file.display();
            let lines = problems
                .iter()
                .map(|found| format!("{}:{}:{}: {}: {}", name, found.line, found.column, found.field, found.problem));
            let lines: Vec<_> = lines.map(|line| print::plain(&line)).collect();
            print::lines(&lines)?;
            return Err(Failure::new(2, format!("{name} has {}", count(problems.len(), "problem"))).beside());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn format(file: &Path, check: bool, is_json: bool) -> Result<ExitCode, Failure> {
    let text = input::spec_text(file)?;
    let spec = spec_text::read(&text).map_err(|problems| Failure::bad_spec(file.display(), problems))?;
    let formatted = spec_text::write(&spec).map_err(Failure::failed)?;
    let changes = formatted != text;
    let is_stream = file == Path::new("-");
    if is_stream && !check {
        print::raw(&formatted)?;
        return Ok(ExitCode::SUCCESS);
    }
    if changes && !check {
        replace_file(file, formatted.as_bytes()).map_err(|error| Failure::bad_input(file.display(), error))?;
    }
    if is_json {
        print::json(&json!({ "changed": changes }))?;
    } else if changes {
        let what = if check { "would change" } else { "was laid out" };
        print::lines(&[print::plain(&format!("{} {what}", file.display()))])?;
    }
    Ok(if changes && check { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
