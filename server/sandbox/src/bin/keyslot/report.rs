//! Telling people what `apply` and `scrub` did.

use crate::failure::Failure;
use crate::print::{self, BAD, DIM, GOOD, NAME, NOTICE, count, names, styled};
use domain::report::{ApplyReport, FileReport, Outcome};
use std::process::ExitCode;

/// Prints the report; an incomplete one also becomes a message.
pub fn finish(report: &ApplyReport, is_json: bool) -> Result<ExitCode, Failure> {
    if is_json {
        print::json(report)?;
    } else {
        print::lines(&report.files.iter().flat_map(tell_file).collect::<Vec<_>>())?;
        report.warnings.iter().for_each(|warning| print::warn(false, warning));
    }
    if report.is_complete() {
        return Ok(ExitCode::SUCCESS);
    }
    let refused = report.files.iter().filter(|file| file.outcome == Outcome::Refused);
    let reasons = refused.map(|file| format!("{}: {}", file.place, file.reason.as_deref().unwrap_or_default()));
    let failure = Failure::failed(reasons.collect::<Vec<_>>().join("; "));
    Err(if is_json { failure.told_already() } else { failure })
}

fn tell_file(file: &FileReport) -> Vec<String> {
    let (style, outcome) = match file.outcome {
        Outcome::Written => (GOOD, "written"),
        Outcome::Unchanged => (DIM, "unchanged"),
        Outcome::Removed => (NOTICE, "Keyslot's lines taken out"),
        Outcome::Refused => (BAD, "not written"),
    };
    let keys = if file.written.is_empty() { String::new() } else { format!(", {}", count(file.written.len(), "key")) };
    let mut lines = vec![format!("{}  {}{keys}", styled(NAME, file.place.as_str()), styled(style, outcome))];
    if !file.missing.is_empty() {
        lines.push(styled(DIM, &format!("  no value for {}", names(&file.missing))));
    }
    if file.tightened {
        lines.push(styled(DIM, "  no longer readable by everybody"));
    }
    lines
}
