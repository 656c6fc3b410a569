//! `keyslot env check`

use crate::failure::Failure;
use crate::input;
use crate::print::{self, BAD, DIM, GOOD, NAME, NOTICE, count, names, styled};
use domain::check::{CheckReport, FileCheck, FileState, ProblemKind};
use domain::file_readers::readers_in_words;
use domain::spec::{EnvFile, EnvSpec, Slot};
use sandbox::apply;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  keyslot env check --spec env.json
  keyslot env check --spec env.json --explain
  keyslot env check --spec env.json --json | jq '.files[].problems'

Exit codes:
  0  every required key has a value
  1  a required key is missing or empty
  2  the spec, a file or the arguments cannot be used";

/// What to check.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// File with the env spec as JSON.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// The workspace.
    #[arg(long, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
    /// Say of each key why it counts as missing, what it is for and where to get it.
    #[arg(long)]
    explain: bool,
}

/// Checks the files and prints what they lack.
pub fn run(arguments: &Arguments, is_json: bool) -> Result<ExitCode, Failure> {
    let spec = input::spec(&arguments.spec)?;
    let report = apply::check(&arguments.workspace, &spec).map_err(|error| Failure::new(2, error.to_string()))?;
    if is_json {
        print::json(&report)?;
    } else {
        print::lines(&told(&spec, &report, arguments.explain))?;
    }
    Ok(ExitCode::from(match () {
        () if report.is_faulty() => 2,
        () if report.complete => 0,
        () => 1,
    }))
}

fn told(spec: &EnvSpec, report: &CheckReport, explain: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for (check, file) in report.files.iter().zip(&spec.files) {
        tell_file(&mut lines, check, file, explain);
    }
    let missing = report.files.iter().map(|file| file.problems.len()).sum::<usize>();
    let unreadable = report.files.iter().filter(|file| file.state == FileState::Unreadable).count();
    if unreadable > 0 {
        lines.push(styled(BAD, &format!("{} cannot be read.", count(unreadable, "file"))));
    }
    match missing {
        0 if unreadable > 0 => {}
        0 => lines.push(styled(GOOD, "Every required key has a value.")),
        1 => lines.push(styled(BAD, "1 required key has no value.")),
        _ => lines.push(styled(BAD, &format!("{missing} required keys have no value."))),
    }
    if missing > 0 && !explain {
        lines.push(styled(DIM, "--explain says why, and what each key is for."));
    }
    lines
}

fn tell_file(lines: &mut Vec<String>, check: &FileCheck, file: &EnvFile, explain: bool) {
    let state = match check.state {
        FileState::Unreadable => styled(BAD, "cannot be read"),
        FileState::Absent if check.problems.is_empty() => styled(DIM, "does not exist"),
        FileState::Absent => styled(BAD, "does not exist"),
        FileState::Read => styled(GOOD, &format!("{} set", count(check.present.len(), "key"))),
    };
    lines.push(format!("{}  {state}", styled(NAME, check.place.as_str())));
    if let Some(reason) = &check.reason {
        lines.push(format!("  {}", print::plain(reason)));
    }
    for problem in &check.problems {
        let kind = if problem.kind == ProblemKind::Missing { "missing" } else { "empty" };
        lines.push(format!("  {}  {}", styled(BAD, kind), problem.key));
        if explain {
            lines.push(format!("    {}", print::plain(&problem.why)));
            let slot = file.keys.iter().find(|slot| slot.key == problem.key);
            lines.extend(slot.into_iter().flat_map(facts).map(|fact| format!("    {}", styled(DIM, &fact))));
        }
    }
    if explain {
        for note in &check.notes {
            lines.push(format!("  {}  {}: {}", styled(NOTICE, "note"), note.key, print::plain(&note.note)));
        }
        if !check.optional.is_empty() {
            lines.push(format!("  {}  {}", styled(DIM, "not set, optional"), names(&check.optional)));
        }
        let readers = readers_in_words(&file.readers);
        lines.push(styled(DIM, &format!("  read as by {readers}")));
    }
}

/// What the spec says about a key. Its default is not told: it may be long, and no line of the file has it.
fn facts(slot: &Slot) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(slot.description.as_deref().and_then(|text| text.lines().next()).map(str::to_owned));
    facts.extend(slot.documentation_url.as_deref().map(|url| format!("see {url}")));
    facts.extend(slot.evidence.iter().take(3).map(|place| match place.line {
        Some(line) => format!("used in {}:{line}", place.path),
        None => format!("used in {}", place.path),
    }));
    if slot.default.is_some() {
        facts.push("the spec has a default for it, which Keyslot writes into the file when it applies".to_owned());
    }
    facts
}
