//! `keyslot env diff`

use crate::failure::Failure;
use crate::input;
use crate::print::{self, BAD, DIM, GOOD, NAME, NOTICE, count, names, styled};
use domain::KeyName;
use sandbox::apply::{self, DiffReport, FileChange, FileDiff};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Standard input is what `keyslot env apply` takes; no value of it is printed.

Examples:
  keyslot env diff --spec env.json < values.json
  keyslot env diff --spec env.json --json < values.json

Exit codes:
  0  nothing would change
  1  something would change
  2  the spec, the values, a file or the arguments cannot be used";

/// What to compare.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// File with the env spec as JSON.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// The workspace; nothing in it is changed.
    #[arg(long, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
}

/// Prints what apply would change.
pub fn run(arguments: &Arguments, is_json: bool) -> Result<ExitCode, Failure> {
    let spec = input::spec(&arguments.spec)?;
    let values = input::values(&spec)?;
    let report = apply::diff(&arguments.workspace, &spec, &values);
    let report = report.map_err(|error| Failure::new(2, error.to_string()))?;
    if is_json {
        print::json(&report)?;
    } else {
        print::lines(&told(&report))?;
        report.warnings.iter().for_each(|warning| print::warn(false, warning));
    }
    Ok(ExitCode::from(match () {
        () if report.is_faulty() => 2,
        () => u8::from(report.differs),
    }))
}

fn told(report: &DiffReport) -> Vec<String> {
    let mut lines = Vec::new();
    report.files.iter().for_each(|file| tell_file(&mut lines, file));
    for place in &report.excludes {
        lines.push(format!("{}  {}", styled(NAME, place), styled(NOTICE, "Keyslot's lines would change")));
    }
    if !report.differs {
        lines.push(styled(GOOD, "Nothing would change."));
    }
    lines
}

fn tell_file(lines: &mut Vec<String>, file: &FileDiff) {
    let (style, change) = match file.change {
        FileChange::None => (DIM, "no change"),
        FileChange::Create => (GOOD, "would be created"),
        FileChange::Update => (NOTICE, "would change"),
        FileChange::Scrub => (NOTICE, "would lose Keyslot's lines"),
        FileChange::Remove => (BAD, "would be removed"),
        FileChange::Refused => (BAD, "cannot be written"),
    };
    lines.push(format!("{}  {}", styled(NAME, file.place.as_str()), styled(style, change)));
    if let Some(reason) = &file.reason {
        lines.push(format!("  {}", print::plain(reason)));
    }
    let mut tell = |style, sign: &str, keys: &[KeyName]| {
        lines.extend(keys.iter().map(|key| format!("  {}", styled(style, &format!("{sign} {key}")))));
    };
    tell(GOOD, "+", &file.added);
    tell(NOTICE, "~", &file.changed);
    tell(BAD, "-", &file.removed);
    if file.others_removed > 0 {
        lines.push(format!("  {}", styled(BAD, &format!("- {}", count(file.others_removed, "other line")))));
    }
    let is_same = file.added.is_empty() && file.changed.is_empty() && file.removed.is_empty();
    if file.change == FileChange::Update && is_same && file.others_removed == 0 && !file.tightened {
        lines.push(styled(DIM, "  the same values, written in another way"));
    }
    if file.tightened {
        lines.push(styled(NOTICE, "  would no longer be readable by everybody"));
    }
    if !file.missing.is_empty() {
        lines.push(styled(DIM, &format!("  no value for {}", names(&file.missing))));
    }
}
