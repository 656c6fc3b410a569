//! When the Environment tab opens by itself.

use crate::api::sessions::{SessionKind, SessionState};
use crate::pages::Tab;

/// The tab that is shown when the address names none.
pub fn usual_tab(kind: SessionKind, state: SessionState, has_spec: bool) -> Tab {
    match (kind, state) {
        (SessionKind::Setup, SessionState::Scanning | SessionState::Open) if has_spec => Tab::Environment,
        _ => Tab::Info,
    }
}

/// Decides about the one time per session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoOpen {
    done: bool,
}

impl AutoOpen {
    /// `remembered`: it happened in this browser tab before. `chosen`: a spec was there on arrival and the address
    /// named a tab, so a person chose it knowingly.
    pub fn new(remembered: bool, chosen: bool) -> Self {
        Self { done: remembered || chosen }
    }

    /// Answers true once: when a setup session has its first spec.
    pub fn opens(&mut self, kind: SessionKind, has_spec: bool) -> bool {
        if self.done || !has_spec || kind != SessionKind::Setup {
            return false;
        }
        self.done = true;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_spec_of_a_setup_opens_the_tab_once() {
        let mut auto = AutoOpen::new(false, false);
        assert!(!auto.opens(SessionKind::Setup, false), "nothing to show yet");
        assert!(auto.opens(SessionKind::Setup, true));
        assert!(!auto.opens(SessionKind::Setup, true), "a person who left is not overruled");
    }

    #[test]
    fn it_stays_closed_where_it_opened_before_or_a_tab_was_chosen() {
        assert!(!AutoOpen::new(true, false).opens(SessionKind::Setup, true));
        assert!(!AutoOpen::new(false, true).opens(SessionKind::Setup, true));
    }

    #[test]
    fn a_work_session_opens_nothing() {
        assert!(!AutoOpen::new(false, false).opens(SessionKind::Work, true));
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
