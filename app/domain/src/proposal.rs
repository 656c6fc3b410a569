//! Proposals: what an agent wants to change for others, and what people make of it.
//!
//! An agent acts freely within its session. What reaches beyond it (commands that every later session runs, the snapshot
//! that they start from, files that programs read for more than variables, a setup that ends with values missing) waits
//! until a person accepts it.

use super::command::AutoStartCommand;
use super::ids::{ProposalId, SessionId, SnapshotId};
use super::spec::EnvFile;
use super::words::words;
use super::{EnvSpec, KeyName, is_env_file};
use serde::{Deserialize, Serialize};

/// A stored proposal. Holds no values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// Which proposal.
    pub id: ProposalId,
    /// The session whose agent proposes it.
    pub session: SessionId,
    /// The agent's name.
    pub proposed_by: String,
    /// What would change.
    pub change: ProposedChange,
    /// Where it stands.
    pub state: ProposalState,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it was closed, in milliseconds since 1970 UTC.
    pub closed_at: Option<i64>,
    /// Name of who accepted or declined it.
    pub decided_by: Option<String>,
    /// What the person says to the agent.
    pub reason: Option<String>,
}

/// What a proposal would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum ProposedChange {
    /// The auto-start commands of the configuration.
    Commands {
        /// What was stored when it was proposed.
        before: Vec<AutoStartCommand>,
        /// What would be stored.
        after: Vec<AutoStartCommand>,
    },
    /// The snapshot that the next sessions start from.
    Snapshot {
        /// Which one.
        snapshot: SnapshotId,
        /// What people call it; may be empty.
        name: String,
        /// Bytes of its archive.
        size: u64,
    },
    /// Files of the spec that are no env files by name.
    Files {
        /// Each as it would stand in the spec.
        files: Vec<EnvFile>,
    },
    /// Finishing the setup with required values missing.
    Finish {
        /// The keys that were missing when it was proposed.
        missing: Vec<KeyName>,
    },
}

/// What kind of change a proposal is about. A session has at most one pending proposal of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ProposalKind {
    /// Auto-start commands.
    Commands,
    /// The current snapshot.
    Snapshot,
    /// Files that are no env files by name.
    Files,
    /// Finishing with required values missing.
    Finish,
}

words!(
    ProposalKind,
    "kind of proposal",
    Commands = "commands",
    Snapshot = "snapshot",
    Files = "files",
    Finish = "finish",
);

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ProposalState {
    /// It waits for a person.
    Pending,
    /// A person accepted it, and it was done.
    Accepted,
    /// A person declined it.
    Declined,
    /// The agent proposed something else since, or wants no change any more.
    Superseded,
    /// The session ended before anybody decided.
    Expired,
}

words!(
    ProposalState,
    "state of a proposal",
    Pending = "pending",
    Accepted = "accepted",
    Declined = "declined",
    Superseded = "superseded",
    Expired = "expired",
);

impl ProposedChange {
    /// What kind of change it is.
    pub fn kind(&self) -> ProposalKind {
        match self {
            Self::Commands { .. } => ProposalKind::Commands,
            Self::Snapshot { .. } => ProposalKind::Snapshot,
            Self::Files { .. } => ProposalKind::Files,
            Self::Finish { .. } => ProposalKind::Finish,
        }
    }
}

impl Proposal {
    /// Whether it waits for a person.
    pub fn is_pending(&self) -> bool {
        self.state == ProposalState::Pending
    }
}

/// Parts a spec that an agent or a scan saves: what stands at once, and the files that wait for a person because they are
/// no env files by name. Those that `known` has just so are accepted already; until a change of one is accepted, it
/// stays as it is known.
pub fn part_files(known: &EnvSpec, wanted: EnvSpec) -> (EnvSpec, Vec<EnvFile>) {
    let (mut at_once, mut waiting) = (Vec::new(), Vec::new());
    for file in wanted.files {
        let place = file.place();
        let before = known.files.iter().find(|known| known.place() == place);
        if is_env_file(&place) || before == Some(&file) {
            at_once.push(file);
        } else {
            at_once.extend(before.cloned());
            waiting.push(file);
        }
    }
    (EnvSpec { files: at_once }, waiting)
}

/// The spec with these files, in place of those that it has at the same places.
pub fn with_files(mut spec: EnvSpec, files: &[EnvFile]) -> EnvSpec {
    for file in files {
        match spec.files.iter_mut().find(|known| known.place() == file.place()) {
            Some(known) => known.clone_from(file),
            None => spec.files.push(file.clone()),
        }
    }
    spec
}

/// One line of the difference between two lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine<T> {
    /// In both.
    Kept(T),
    /// Only in the new one.
    Added(T),
    /// Only in the old one.
    Removed(T),
}

/// The shortest way from one list to another, line by line; what goes stands before what comes in its place.
pub fn diff<T: Clone + PartialEq>(before: &[T], after: &[T]) -> Vec<DiffLine<T>> {
    // `common[i][j]`: how many lines the rest of `before` from i and the rest of `after` from j have in common, in order.
    let mut common = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for (i, old) in before.iter().enumerate().rev() {
        for (j, new) in after.iter().enumerate().rev() {
            common[i][j] = if old == new { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (before.get(i), after.get(j)) {
            (Some(old), Some(new)) if old == new => {
                lines.push(DiffLine::Kept(old.clone()));
                (i, j) = (i + 1, j + 1);
            }
            (Some(old), new) if new.is_none() || common[i + 1][j] >= common[i][j + 1] => {
                lines.push(DiffLine::Removed(old.clone()));
                i += 1;
            }
            (_, Some(new)) => {
                lines.push(DiffLine::Added(new.clone()));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(before: &str, after: &str) -> String {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let line = |line: DiffLine<char>| match line {
            DiffLine::Kept(letter) => format!(" {letter}"),
            DiffLine::Added(letter) => format!("+{letter}"),
            DiffLine::Removed(letter) => format!("-{letter}"),
        };
        diff(&letters(before), &letters(after)).into_iter().map(line).collect()
    }

    #[test]
    fn a_difference_keeps_what_stays_and_puts_the_old_line_before_the_new_one() {
        assert_eq!(told("abc", "abc"), " a b c");
        assert_eq!(told("abc", "axc"), " a-b+x c");
        assert_eq!(told("", "ab"), "+a+b");
        assert_eq!(told("ab", ""), "-a-b");
        assert_eq!(told("abc", "bcd"), "-a b c+d");
    }

    #[test]
    fn env_files_stand_at_once_and_others_wait_until_they_are_accepted_just_so() {
        let spec = |json: &str| EnvSpec::from_json(json).expect("a spec");
        let places = |files: &[EnvFile]| files.iter().map(|file| file.place().to_string()).collect::<Vec<_>>();
        let wanted =
            r#"{"files":[{"path":".env","keys":[{"key":"A"}]},{"path":".npmrc","keys":[{"key":"registry"}]}]}"#;
        let (at_once, waiting) = part_files(&EnvSpec::default(), spec(wanted));
        assert_eq!((places(&at_once.files), places(&waiting)), (vec![".env".to_owned()], vec![".npmrc".to_owned()]));

        let known = with_files(at_once, &waiting);
        assert_eq!(known, spec(wanted));
        let (same, none) = part_files(&known, spec(wanted));
        assert_eq!((same, none), (known.clone(), vec![]), "what was accepted is not asked for again");

        let more = spec(r#"{"files":[{"path":".npmrc","keys":[{"key":"registry"},{"key":"B"}]}]}"#);
        let (at_once, waiting) = part_files(&known, more.clone());
        assert_eq!((&at_once.files[0], &waiting), (&known.files[1], &more.files), "it stays as it was accepted");
        assert_eq!(part_files(&known, EnvSpec::default()), (EnvSpec::default(), vec![]));
    }

    #[test]
    fn a_proposal_is_stored_with_its_kind() {
        let change = ProposedChange::Finish { missing: Vec::new() };
        let json = serde_json::to_value(&change).expect("json");
        assert_eq!(json, serde_json::json!({"kind": "finish", "missing": []}));
        assert_eq!(change.kind().as_str(), "finish");
    }

    proptest! {
        #[test]
        fn a_difference_holds_both_lists_whole(before in "[abc]{0,8}", after in "[abc]{0,8}") {
            let (old, new): (Vec<_>, Vec<_>) = (before.chars().collect(), after.chars().collect());
            let lines = diff(&old, &new);
            let side = |added: bool| lines.iter().filter_map(move |line| match line {
                DiffLine::Kept(letter) => Some(*letter),
                DiffLine::Added(letter) => added.then_some(*letter),
                DiffLine::Removed(letter) => (!added).then_some(*letter),
            }).collect::<Vec<_>>();
            prop_assert_eq!(side(false), old);
            prop_assert_eq!(side(true), new);
        }
    }
}
