//! Where a command stands, in words.

use crate::components::icon::Shape;
use domain::command::CommandState;

/// The words on the chip. `held_up`: an earlier command stopped the row.
pub fn state(state: CommandState, held_up: bool) -> String {
    match state {
        CommandState::Waiting if held_up => "Not started".to_owned(),
        CommandState::Waiting => "Waiting".to_owned(),
        CommandState::Running { .. } => "Running".to_owned(),
        CommandState::Exited { .. } => "Exited 0".to_owned(),
        CommandState::Failed { status: Some(status), .. } => format!("Failed with status {status}"),
        CommandState::Failed { signal: Some(signal), .. } => format!("Ended by signal {signal}"),
        CommandState::Failed { .. } => "Could not be started".to_owned(),
        CommandState::Stopped { .. } => "Stopped".to_owned(),
    }
}

/// One word for styles and tests.
pub fn name(state: CommandState) -> &'static str {
    match state {
        CommandState::Waiting => "waiting",
        CommandState::Running { .. } => "running",
        CommandState::Exited { .. } => "exited",
        CommandState::Failed { .. } => "failed",
        CommandState::Stopped { .. } => "stopped",
    }
}

/// Tone of the chip.
pub fn tone(state: CommandState) -> &'static str {
    match state {
        CommandState::Waiting | CommandState::Exited { .. } => "plain",
        CommandState::Running { .. } => "good",
        CommandState::Failed { .. } => "bad",
        CommandState::Stopped { .. } => "warn",
    }
}

/// Icon of the chip.
pub fn icon(state: CommandState) -> Shape {
    match state {
        CommandState::Waiting => Shape::Circle,
        CommandState::Running { .. } => Shape::Play,
        CommandState::Exited { .. } => Shape::Check,
        CommandState::Failed { .. } => Shape::Cross,
        CommandState::Stopped { .. } => Shape::Pause,
    }
}

/// How long an ended command ran.
pub fn took(state: CommandState) -> Option<String> {
    match state {
        CommandState::Exited { took } | CommandState::Failed { took, .. } => Some(format!("in {}", duration(took))),
        CommandState::Stopped { took } => Some(format!("after {}", duration(took))),
        CommandState::Waiting | CommandState::Running { .. } => None,
    }
}

/// Milliseconds in the two largest units.
fn duration(milliseconds: i64) -> String {
    let seconds = (milliseconds.max(0) + 500) / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "less than 1 s".to_owned(),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// The row as a whole, to be read out: how many commands run, ended, failed, were stopped or wait.
pub fn spoken(states: &[CommandState]) -> String {
    let words = ["running", "exited", "failed", "stopped", "waiting"];
    let counted = words.into_iter().filter_map(|word| {
        let count = states.iter().filter(|state| name(**state) == word).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    let counted: Vec<_> = counted.collect();
    if counted.is_empty() { String::new() } else { format!("Auto-start commands: {}.", counted.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_words() {
        let failed = |status, signal| CommandState::Failed { status, signal, took: 2_400 };
        assert_eq!(state(CommandState::Waiting, false), "Waiting");
        assert_eq!(state(CommandState::Waiting, true), "Not started");
        assert_eq!(state(failed(Some(1), None), false), "Failed with status 1");
        assert_eq!(state(failed(None, Some(9)), false), "Ended by signal 9");
        assert_eq!(state(failed(None, None), false), "Could not be started");
        assert_eq!(took(failed(Some(1), None)).as_deref(), Some("in 2 s"));
        assert_eq!(took(CommandState::Running { since: 1 }), None);
    }

    #[test]
    fn durations_are_told_in_two_units_at_most() {
        let told = [0, 400, 1_000, 59_400, 60_000, 83_000, 3_600_000, 3_720_000].map(duration);
        assert_eq!(told, ["less than 1 s", "less than 1 s", "1 s", "59 s", "1 min", "1 min 23 s", "1 h", "1 h 2 min"]);
    }

    #[test]
    fn the_row_is_told_in_one_sentence() {
        let states = [CommandState::Exited { took: 1 }, CommandState::Running { since: 1 }, CommandState::Waiting];
        assert_eq!(spoken(&states), "Auto-start commands: 1 running, 1 exited, 1 waiting.");
        assert_eq!(spoken(&[]), "");
    }
}
