//! How snapshots are told.

use crate::api::snapshots::SnapshotView;
use crate::components::words;
use domain::environment::Counts;
use domain::snapshot::{Encoding, Finding, Scrubbed, SnapshotState, Spot};

/// Digits of a git object's id that tell it from others.
const ID_DIGITS: usize = 10;

/// What a snapshot is called.
pub fn name(given: &str) -> String {
    if given.is_empty() { "Snapshot without a name".to_owned() } else { given.to_owned() }
}

/// Its state in a word.
pub fn state(state: SnapshotState) -> &'static str {
    match state {
        SnapshotState::Saving => "Saving",
        SnapshotState::Ready => "Ready",
        SnapshotState::Failed => "Failed",
        SnapshotState::Cancelled => "Cancelled",
        SnapshotState::Blocked => "Blocked",
    }
}

/// Tone of the state's chip.
pub fn tone(state: SnapshotState) -> &'static str {
    match state {
        SnapshotState::Saving => "busy",
        SnapshotState::Ready => "good",
        SnapshotState::Cancelled => "plain",
        SnapshotState::Failed | SnapshotState::Blocked => "bad",
    }
}

/// `, 12.3 MB, 1,204 files, 5 of 8 required set`, of a ready one.
pub fn facts(snapshot: &SnapshotView) -> String {
    let Some(size) = snapshot.size else { return String::new() };
    let files = usize::try_from(snapshot.files).unwrap_or(usize::MAX);
    let readiness = match snapshot.readiness {
        Counts { required: 0, .. } => "nothing required".to_owned(),
        Counts { required_set, required, .. } => format!("{required_set} of {required} required set"),
    };
    format!(", {}, {}, {readiness}", words::bytes(size), words::count(files, "file"))
}

/// How much is done, if that can be told.
pub fn percent(done: u64, total: u64) -> Option<u64> {
    (total > 0).then(|| (done.saturating_mul(100) / total).min(100))
}

/// `45% of 1.2 GB, 300 files`
pub fn progress(snapshot: &SnapshotView) -> String {
    let files = words::count(usize::try_from(snapshot.files).unwrap_or(usize::MAX), "file");
    match percent(snapshot.bytes_done, snapshot.bytes_total) {
        Some(percent) => format!("{percent}% of {}, {files}", words::bytes(snapshot.bytes_total)),
        None => "Getting ready".to_owned(),
    }
}

/// Where in a file.
pub fn spot(spot: &Spot) -> String {
    match spot {
        Spot::Line(line) => format!("line {line}"),
        Spot::Byte(byte) => format!("byte {byte}"),
        Spot::Name => "in its name".to_owned(),
        Spot::LinkTarget => "in where the link leads".to_owned(),
        Spot::GitObject(id) => format!("git object {}", id.get(..ID_DIGITS).unwrap_or(id)),
    }
}

/// How a value was written, after its key.
pub fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Plain => "",
        Encoding::Base64 => ", in base64",
        Encoding::Base32 => ", in base32",
        Encoding::Hex => ", in hexadecimal digits",
        Encoding::Url => ", percent-encoded",
        Encoding::Json => ", with the escapes of JSON",
    }
}

/// Whether git keeps it.
pub fn is_in_git(finding: &Finding) -> bool {
    matches!(finding.spot, Spot::GitObject(_))
}

/// `2 files scrubbed, 5 values looked for`
pub fn scrubbed(files: &[Scrubbed], keys: usize) -> String {
    let looked = format!("values of {} looked for", words::count(keys, "key"));
    match files.len() {
        0 => format!("Nothing to scrub, {looked}"),
        count => format!("{} scrubbed, {looked}", words::count(count, "file")),
    }
}

/// The question before a snapshot is deleted, naming what that does.
pub fn delete_question(name: &str, state: SnapshotState, current: bool) -> String {
    let what = match (state, current) {
        (SnapshotState::Ready, true) => "It is the current one: the next sessions will start with a fresh clone.",
        (SnapshotState::Ready, false) => "Its archive goes with it; no session starts from it.",
        _ => "Only this entry goes: nothing of it was kept.",
    };
    format!("Delete {name}? {what} It cannot be undone.")
}

/// What is read out of the newest one when it changes.
pub fn spoken(all: &[SnapshotView]) -> String {
    let Some(newest) = all.first() else { return String::new() };
    match newest.state {
        SnapshotState::Saving => "Saving a snapshot.".to_owned(),
        SnapshotState::Ready => "The snapshot is saved.".to_owned(),
        SnapshotState::Cancelled => "Saving the snapshot was called off.".to_owned(),
        SnapshotState::Failed => "The snapshot could not be saved.".to_owned(),
        SnapshotState::Blocked => {
            let places = words::count(newest.report.findings.len(), "place");
            format!("The snapshot was not saved: values were found in {places}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_round_units() {
        assert_eq!(percent(0, 0), None);
        assert_eq!((percent(45, 100), percent(500, 100)), (Some(45), Some(100)));
        assert_eq!(scrubbed(&[], 1), "Nothing to scrub, values of 1 key looked for");
    }

    #[test]
    fn deleting_the_current_one_says_what_that_means() {
        let question = delete_question("Tuesday", SnapshotState::Ready, true);
        assert_eq!(
            question,
            "Delete Tuesday? It is the current one: the next sessions will start with a fresh clone. It cannot be undone."
        );
        assert!(delete_question("x", SnapshotState::Blocked, false).contains("nothing of it was kept"));
    }

    #[test]
    fn a_place_in_git_is_named_by_the_first_digits() {
        assert_eq!(spot(&Spot::GitObject("0123456789abcdef".into())), "git object 0123456789");
        assert_eq!(spot(&Spot::Line(3)), "line 3");
    }
}
