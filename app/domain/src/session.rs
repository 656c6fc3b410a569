//! Sessions: what they are for and where they stand.

use super::words::words;
use serde::{Deserialize, Serialize};

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// Finds out what the project needs and lets people fill it in.
    Setup,
    /// Does the work, with the files complete from the start.
    Work,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// The repositories are being cloned.
    Cloning,
    /// The setup agent looks for env files.
    Scanning,
    /// Setup: the spec stands, people fill in values.
    Open,
    /// Work: required values are lacking and the configuration waits for them; nothing is written yet.
    Waiting,
    /// Work: the environment is being applied.
    Booting,
    /// Work: the environment is applied, the session runs.
    Running,
    /// Setup: finished.
    Finished,
    /// It could not go on; `error` says why.
    Failed,
}

words!(SessionKind, "kind of session", Setup = "setup", Work = "work");
words!(
    SessionState,
    "state of a session",
    Cloning = "cloning",
    Scanning = "scanning",
    Open = "open",
    Waiting = "waiting",
    Booting = "booting",
    Running = "running",
    Finished = "finished",
    Failed = "failed",
);

impl SessionState {
    /// The state of a stored word. A word of another version of the program reads as failed, so that nothing waits
    /// for it.
    pub fn from_word(word: &str) -> Self {
        Self::try_from(word.to_owned()).unwrap_or(Self::Failed)
    }

    /// Whether something is under way that a person waits for.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Cloning | Self::Scanning | Self::Booting)
    }

    /// Whether the sandbox has its files and follows changes.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Running)
    }

    /// Whether the session is over.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::SessionState::{self, Booting, Cloning, Failed, Finished, Open, Running, Scanning, Waiting};

    #[test]
    fn a_session_that_waits_outlives_a_restart_and_gets_no_files() {
        assert!(!Waiting.is_busy() && !Waiting.is_live() && !Waiting.is_over());
    }

    #[test]
    fn a_states_word_is_its_json() {
        for state in [Cloning, Scanning, Open, Waiting, Booting, Running, Finished, Failed] {
            assert_eq!(serde_json::to_value(state).expect("json"), state.as_str());
            assert_eq!(SessionState::from_word(state.as_str()), state);
        }
        assert_eq!(SessionState::from_word("from the future"), Failed);
    }
}
