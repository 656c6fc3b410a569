//! How an event of the thread is told.

use crate::api::thread::{ThreadEvent, ValueAction};
use crate::components::icon::Shape;
use crate::components::words;
use domain::KeyName;
use domain::configuration::BootPolicy;
use domain::environment::{AttachedRepository, Scope};
use domain::file_readers::readers_in_words;
use domain::proposal::ProposalKind;
use domain::receipt::Occasion;
use domain::snapshot::SnapshotState;

/// Keys that a sentence names before the rest is only counted.
const KEYS: usize = 4;

/// One entry, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its icon.
    pub shape: Shape,
    /// Its tone, as styles name it.
    pub tone: &'static str,
    /// Who or what, set apart at the start.
    pub who: Option<String>,
    /// Whether `who` is the name of a tool.
    pub tool: bool,
    /// The sentence.
    pub text: String,
    /// The words on the fold.
    pub fold: String,
    /// More lines, folded.
    pub details: Vec<String>,
}

fn told(shape: Shape, tone: &'static str, text: String) -> Told {
    Told { shape, tone, who: None, tool: false, text, fold: String::new(), details: Vec::new() }
}

/// Tells an event.
pub fn tell(event: ThreadEvent, repositories: &[AttachedRepository]) -> Told {
    match event {
        ThreadEvent::Message { author, text } => Told { who: Some(author), ..told(Shape::Message, "plain", text) },
        ThreadEvent::Tool { name, summary, details } => {
            let fold = words::count(details.len(), "detail");
            Told { who: Some(name), tool: true, fold, details, ..told(Shape::Tool, "plain", summary) }
        }
        ThreadEvent::Value { action, key, scope, by } => {
            let scope = words::scope(&scope, repositories);
            let (shape, text) = match action {
                ValueAction::Saved => (Shape::Key, format!("saved {key} for {scope}")),
                ValueAction::Replaced => (Shape::Key, format!("replaced {key} for {scope}")),
                ValueAction::Generated => (Shape::Key, format!("generated {key} for {scope}")),
                ValueAction::Promoted => (Shape::Key, format!("kept {key} for {scope}")),
                ValueAction::Deleted => (Shape::Trash, format!("deleted {key} from {scope}")),
            };
            Told { who: Some(by), ..told(shape, "plain", text) }
        }
        ThreadEvent::Imported { keys, scopes, unchanged, left_out, by } => {
            let details = left_out.iter().map(|key| format!("{key}: in no file of the spec, left out"));
            let details = keys.iter().map(|key| format!("{key}: saved")).chain(details).collect();
            let text = imported(&keys, &scopes, unchanged, left_out.len(), repositories);
            Told { who: Some(by), fold: "Keys".to_owned(), details, ..told(Shape::Key, "plain", text) }
        }
        ThreadEvent::Released { keys, by } => {
            let text = format!("let this configuration use the organization's value of {}.", words::list(&keys, KEYS));
            Told { who: Some(by), ..told(Shape::Key, "plain", text) }
        }
        ThreadEvent::Readers { file, readers, by } => {
            let text = format!("said that {file} is read by {}.", readers_in_words(&readers));
            Told { who: Some(by), ..told(Shape::File, "plain", text) }
        }
        ThreadEvent::Withdrawn { key, by } => {
            let text = format!("took the organization's value of {key} from this configuration.");
            Told { who: Some(by), ..told(Shape::Trash, "plain", text) }
        }
        ThreadEvent::Resolved { key, scope, replaced, by } => {
            let of = words::scope(&scope, repositories);
            let text = format!(
                "ended the conflict of {key}: the value of {of} counts for {} too",
                names(&replaced, repositories)
            );
            Told { who: Some(by), ..told(Shape::Split, "plain", text) }
        }
        ThreadEvent::Applied { occasion, written, lacking, refused } => {
            let when = match occasion {
                Occasion::Boot => "Environment applied at the start",
                Occasion::Live => "Environment applied",
            };
            let (shape, tone) = match (refused.is_empty(), lacking.is_empty()) {
                (false, _) => (Shape::Alert, "bad"),
                (true, false) => (Shape::Alert, "warn"),
                (true, true) => (Shape::Check, "good"),
            };
            let mut text = format!("{when}: {} written", words::count(written, "key"));
            if !lacking.is_empty() {
                text += &format!(", {} missing", words::list(&lacking, KEYS));
            }
            if !refused.is_empty() {
                text += &format!(", {} not written", words::count(refused.len(), "file"));
            }
            let details = receipt(written, &lacking, refused);
            Told { fold: "Receipt".to_owned(), details, ..told(shape, tone, text + ".") }
        }
        ThreadEvent::Waiting { missing } => {
            let text = format!(
                "Nothing is written yet: the session waits for {}. It goes on by itself.",
                words::list(&missing, KEYS)
            );
            told(Shape::Pause, "warn", text)
        }
        ThreadEvent::StartedAnyway { by, missing } => {
            let text = match missing.as_slice() {
                [] => "had the session start.".to_owned(),
                missing => format!("had the session start anyway, without {}.", words::list(missing, KEYS)),
            };
            Told { who: Some(by), ..told(Shape::Flag, "warn", text) }
        }
        ThreadEvent::Policy { by, policy } => {
            let text = match policy {
                BootPolicy::Warn => "let work sessions start without missing required values.",
                BootPolicy::Block => "made work sessions wait for missing required values.",
            };
            Told { who: Some(by), ..told(Shape::Flag, "plain", text.to_owned()) }
        }
        ThreadEvent::Request { author, keys, .. } => {
            let text = format!("asks for {}.", words::list(&keys, KEYS));
            Told { who: Some(author), ..told(Shape::Key, "plain", text) }
        }
        ThreadEvent::Proposal { author, about, .. } => {
            let text = format!("proposes {}.", proposal(about));
            Told { who: Some(author), ..told(Shape::Split, "plain", text) }
        }
        ThreadEvent::AgentCommands { by, trusted } => {
            let text = match trusted {
                true => "let agents change the auto-start commands without asking.",
                false => "made agents ask before they change the auto-start commands.",
            };
            Told { who: Some(by), ..told(Shape::Flag, if trusted { "warn" } else { "plain" }, text.to_owned()) }
        }
        ThreadEvent::Note { by, text } => Told { who: Some(by), ..told(Shape::Message, "plain", text) },
        ThreadEvent::Finished { by, missing } => {
            let (tone, text) = match missing.as_slice() {
                [] => ("good", "finished the setup with every required value set.".to_owned()),
                missing => ("warn", format!("finished the setup anyway, without {}.", words::list(missing, KEYS))),
            };
            Told { who: Some(by), ..told(Shape::Flag, tone, text) }
        }
        ThreadEvent::Ended { by } => {
            Told { who: Some(by), ..told(Shape::Flag, "plain", "ended the session.".to_owned()) }
        }
        ThreadEvent::Snapshot { by, name, state, findings, reason } => {
            let (shape, tone, text) = snapshot(&name, state, findings, reason);
            Told { who: Some(by), ..told(shape, tone, text) }
        }
        ThreadEvent::Restored { name } => {
            let named =
                if name.is_empty() { "the current snapshot".to_owned() } else { format!("the snapshot “{name}”") };
            told(Shape::Check, "good", format!("Workspace unpacked from {named}; nothing was cloned."))
        }
        ThreadEvent::Submodules { places } => told(Shape::Alert, "warn", words::submodules(&places)),
        ThreadEvent::Failure { text } => told(Shape::Cross, "bad", text),
    }
}

/// What a proposal is about, as in "Agent proposes …".
pub fn proposal(about: ProposalKind) -> &'static str {
    match about {
        ProposalKind::Commands => "other auto-start commands",
        ProposalKind::Snapshot => "its snapshot as the start of new sessions",
        ProposalKind::Files => "to write files that are not env files",
        ProposalKind::Finish => "to finish the setup with values missing",
    }
}

/// How saving a snapshot ended.
fn snapshot(
    name: &str,
    state: SnapshotState,
    findings: usize,
    reason: Option<String>,
) -> (Shape, &'static str, String) {
    let named = if name.is_empty() { "a snapshot".to_owned() } else { format!("the snapshot “{name}”") };
    match state {
        SnapshotState::Ready => (Shape::Check, "good", format!("saved {named}.")),
        SnapshotState::Saving => (Shape::Dash, "plain", format!("is saving {named}.")),
        SnapshotState::Cancelled => (Shape::Dash, "plain", format!("called {named} off.")),
        SnapshotState::Blocked => {
            let found = words::count(findings, "place");
            let text = format!("tried to save {named}: the workspace holds values in {found}, so nothing was kept.");
            (Shape::Alert, "bad", text)
        }
        SnapshotState::Failed => {
            let reason = reason.unwrap_or_else(|| "it failed".to_owned());
            (Shape::Cross, "bad", format!("could not save {named}: {reason}"))
        }
    }
}

/// "imported 12 values for repository shop: A, B, C, D and 8 more. 2 were the same already."
fn imported(
    keys: &[KeyName],
    scopes: &[Scope],
    unchanged: usize,
    left_out: usize,
    repositories: &[AttachedRepository],
) -> String {
    let mut text = match keys {
        [] => "imported nothing new.".to_owned(),
        keys => {
            let (count, list) = (words::count(keys.len(), "value"), words::list(keys, KEYS));
            format!("imported {count} for {}: {list}.", names(scopes, repositories))
        }
    };
    if unchanged > 0 {
        text += &format!(" {} as before.", words::count(unchanged, "value"));
    }
    if left_out > 0 {
        text += &format!(" {} of no file left out.", words::count(left_out, "key"));
    }
    text
}

/// `organization and repository shop`.
fn names(scopes: &[Scope], repositories: &[AttachedRepository]) -> String {
    let names: Vec<_> = scopes.iter().map(|scope| words::scope(scope, repositories)).collect();
    words::sentence(&names)
}

/// The receipt of an apply, line by line. The newest one stands key by key in the Info tab.
fn receipt(written: usize, lacking: &[KeyName], refused: Vec<String>) -> Vec<String> {
    let mut lines = vec![format!("{} written", words::count(written, "key"))];
    lines.extend(lacking.iter().map(|key| format!("{key}: missing, left out")));
    lines.extend(refused.into_iter().map(|reason| format!("Not written: {reason}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> KeyName {
        KeyName::new(name).expect("a key")
    }

    #[test]
    fn a_value_event_says_who_did_what_where() {
        let event = ThreadEvent::Value {
            action: ValueAction::Deleted,
            key: key("A"),
            scope: Scope::Organization,
            by: "Ada".into(),
        };
        let told = tell(event, &[]);
        assert_eq!((told.who.as_deref(), told.text.as_str()), (Some("Ada"), "deleted A from organization"));
    }

    #[test]
    fn an_import_is_one_line_with_its_keys_folded() {
        let event = |keys: &[&str], unchanged, left_out: &[&str]| ThreadEvent::Imported {
            keys: keys.iter().map(|name| key(name)).collect(),
            scopes: vec![Scope::Organization, Scope::Session],
            unchanged,
            left_out: left_out.iter().map(|name| key(name)).collect(),
            by: "Ada".into(),
        };
        let told = tell(event(&["A", "B"], 1, &["X"]), &[]);
        let expected = "imported 2 values for organization and this session: A and B. 1 value as before. 1 key of no file left out.";
        assert_eq!(told.text, expected);
        assert_eq!(told.details, ["A: saved", "B: saved", "X: in no file of the spec, left out"]);
        assert_eq!(tell(event(&[], 2, &[]), &[]).text, "imported nothing new. 2 values as before.");
    }

    #[test]
    fn an_apply_tells_what_is_missing_and_keeps_reasons_folded() {
        let event = ThreadEvent::Applied {
            occasion: Occasion::Live,
            written: 1,
            lacking: vec![key("A")],
            refused: vec![".env is a symbolic link".into()],
        };
        let told = tell(event, &[]);
        assert_eq!(told.text, "Environment applied: 1 key written, A missing, 1 file not written.");
        assert_eq!((told.tone, told.fold.as_str()), ("bad", "Receipt"));
        assert_eq!(told.details, ["1 key written", "A: missing, left out", "Not written: .env is a symbolic link"]);
    }

    #[test]
    fn waiting_and_starting_anyway_name_what_is_lacking() {
        let told = tell(ThreadEvent::Waiting { missing: vec![key("A"), key("B")] }, &[]);
        assert_eq!(
            (told.tone, told.text.as_str()),
            ("warn", "Nothing is written yet: the session waits for A and B. It goes on by itself.")
        );
        let told = tell(ThreadEvent::StartedAnyway { by: "Ada".into(), missing: vec![key("A")] }, &[]);
        assert_eq!(told.text, "had the session start anyway, without A.");
    }

    #[test]
    fn finishing_anyway_is_told_as_such() {
        let told = tell(ThreadEvent::Finished { by: "Ada".into(), missing: vec![key("A"), key("B")] }, &[]);
        assert_eq!((told.tone, told.text.as_str()), ("warn", "finished the setup anyway, without A and B."));
    }
}
