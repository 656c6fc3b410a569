//! When the Environment tab opens by itself.

use crate::api::sessions::{SessionKind, SessionState};
use crate::pages::Tab;

/// The tab that is shown when the address names none.
pub fn usual_tab(kind: SessionKind, state: SessionState, has_spec: bool) -> Tab {
    match (kind, state) {
        (SessionKind::Setup, SessionState::Scanning | SessionState::Open) if has_spec => Tab::Environment,
        (SessionKind::Work, SessionState::Waiting) => Tab::Environment,
        _ => Tab::Info,
    }
}

/// Whether there is something that a person should see: a setup has its first spec, or a work session waits for values.
pub fn is_due(kind: SessionKind, state: SessionState, has_spec: bool) -> bool {
    match kind {
        SessionKind::Setup => has_spec,
        SessionKind::Work => state == SessionState::Waiting,
    }
}

/// Decides about the one time per session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoOpen {
    done: bool,
}

impl AutoOpen {
    /// `remembered`: it happened in this browser tab before. `chosen`: it was due on arrival and the address named a
    /// tab, so a person chose it knowingly.
    pub fn new(remembered: bool, chosen: bool) -> Self {
        Self { done: remembered || chosen }
    }

    /// Answers true once: when it is due.
    pub fn opens(&mut self, is_due: bool) -> bool {
        let opens = is_due && !self.done;
        self.done |= opens;
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_spec_of_a_setup_opens_the_tab_once() {
        let mut auto = AutoOpen::new(false, false);
        assert!(!auto.opens(false), "nothing to show yet");
        assert!(auto.opens(true));
        assert!(!auto.opens(true), "a person who left is not overruled");
    }

    #[test]
    fn it_stays_closed_where_it_opened_before_or_a_tab_was_chosen() {
        assert!(!AutoOpen::new(true, false).opens(true));
        assert!(!AutoOpen::new(false, true).opens(true));
    }

    #[test]
    fn a_work_session_opens_it_only_while_it_waits_for_values() {
        for state in [SessionState::Cloning, SessionState::Booting, SessionState::Running] {
            assert!(!is_due(SessionKind::Work, state, true), "{state:?}");
        }
        assert!(is_due(SessionKind::Work, SessionState::Waiting, true));
        assert_eq!(usual_tab(SessionKind::Work, SessionState::Waiting, true), Tab::Environment);
        assert!(is_due(SessionKind::Setup, SessionState::Scanning, true));
        assert!(!is_due(SessionKind::Setup, SessionState::Scanning, false));
    }

    #[test]
    fn without_a_named_tab_a_setup_shows_its_environment_once_it_has_one() {
        assert_eq!(usual_tab(SessionKind::Setup, SessionState::Open, true), Tab::Environment);
        assert_eq!(usual_tab(SessionKind::Setup, SessionState::Scanning, true), Tab::Environment);
        assert_eq!(usual_tab(SessionKind::Setup, SessionState::Scanning, false), Tab::Info);
        assert_eq!(usual_tab(SessionKind::Setup, SessionState::Finished, true), Tab::Info);
        assert_eq!(usual_tab(SessionKind::Work, SessionState::Running, true), Tab::Info);
    }
}
