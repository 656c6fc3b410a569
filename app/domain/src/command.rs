//! Auto-start commands: those that are stored, and where each one stands at work. Never what it printed.

use serde::{Deserialize, Serialize};

/// One auto-start command of a configuration, run in the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoStartCommand {
    /// A shell command, run in the workspace.
    #[serde(default)]
    pub command: String,
    /// Whether it runs. A form leaves an unticked box out.
    #[serde(default)]
    pub enabled: bool,
}

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "state")]
pub enum CommandState {
    /// Its turn has not come.
    Waiting,
    /// It runs.
    Running {
        /// Since when, in milliseconds since 1970 UTC.
        since: i64,
    },
    /// It ended well.
    Exited {
        /// How long it ran, in milliseconds.
        took: i64,
    },
    /// It ended with a status that is not 0, by a signal, or could not be started.
    Failed {
        /// Its exit status; none if it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<i32>,
        /// The signal that ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<i32>,
        /// How long it ran, in milliseconds.
        took: i64,
    },
    /// A person stopped it.
    Stopped {
        /// How long it ran, in milliseconds.
        took: i64,
    },
}

impl CommandState {
    /// Whether the commands after it do not start by themselves.
    pub fn halts(self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Stopped { .. })
    }

    /// Whether its processes run.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Running { .. })
    }
}

/// What follows from how a command went at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next one starts.
    Next,
    /// The row stops here.
    Halt,
}

/// What follows when a command's state is this once it had the time to show what it is: one that still runs is a
/// service, one that ended well is done.
pub fn step_after(state: CommandState) -> Step {
    if state.halts() { Step::Halt } else { Step::Next }
}

/// Which commands of a row start when the one at `first` is to run: it, and those after it whose turn has not come.
/// The others ran already and are not run again.
pub fn turns(states: &[CommandState], first: usize) -> std::ops::Range<usize> {
    let after = states.iter().skip(first + 1).take_while(|state| **state == CommandState::Waiting);
    first..(first + 1 + after.count()).min(states.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use CommandState::{Exited, Failed, Running, Stopped, Waiting};

    #[test]
    fn one_that_ends_well_or_stays_up_lets_the_next_one_start() {
        for goes_on in [Exited { took: 1 }, Running { since: 1 }] {
            assert_eq!(step_after(goes_on), Step::Next);
        }
        for halts in [Failed { status: Some(1), signal: None, took: 1 }, Stopped { took: 1 }] {
            assert_eq!(step_after(halts), Step::Halt);
        }
    }

    #[test]
    fn a_row_goes_on_where_it_stopped_and_repeats_nothing() {
        let done = Exited { took: 1 };
        let failed = Failed { status: Some(1), signal: None, took: 1 };
        assert_eq!(turns(&[Waiting, Waiting, Waiting], 0), 0..3);
        assert_eq!(turns(&[done, failed, Waiting, Waiting], 1), 1..4, "the one that failed, and the rest");
        assert_eq!(turns(&[done, done, Running { since: 1 }], 0), 0..1, "only the one that was asked for");
        assert_eq!(turns(&[], 0), 0..0);
    }
}
