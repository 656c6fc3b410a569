//! What is being typed into a slot, and how it is saved without losing it.

use super::PanelContext;
use super::slot_row::RowContext;
use crate::api::environment::{get_environment, set_value};
use crate::api::{ApiError, SecretInput};
use crate::components::browser;
use crate::components::submission::Submission;
use domain::Environment;
use domain::environment::{Scope, Seen, SlotView, StoredValue};
use domain::warnings::{Hints, Warning, warnings};
use leptos::html::{Input, Select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long nobody types before what was typed is looked at.
const KEYS_REST: Duration = Duration::from_millis(500);

/// What is to be saved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// What was typed; nothing typed is asked about first.
    Typed,
    /// The empty value, on purpose.
    Empty,
    /// A random value.
    Random,
}

/// The state of one entry.
#[derive(Clone, Copy)]
pub struct EntryState {
    pub row: RowContext,
    pub panel: PanelContext,
    pub scope: NodeRef<Select>,
    /// The switch "save for future sessions" of a card.
    pub future: NodeRef<Input>,
    pub form: Submission,
    /// Whether "save an empty value" is offered.
    pub empty: RwSignal<bool>,
    /// What looks wrong with what is typed.
    pub warnings: RwSignal<Vec<Warning>>,
    /// Whether the person was asked about it.
    pub asked: RwSignal<bool>,
    /// Counts what was typed, to tell when it rests.
    strokes: leptos::prelude::StoredValue<u32>,
    /// What stood there when the person began.
    pub seen: RwSignal<Seen>,
    /// What somebody else saved since then.
    pub rival: RwSignal<Option<StoredValue>>,
    /// Whether the organization is chosen, which others use too.
    pub for_organization: RwSignal<bool>,
}

/// A stored value that is newer than what was seen, the narrowest first.
pub fn newer(slot: &SlotView, seen: &Seen) -> Option<StoredValue> {
    slot.known().find(|value| seen.at(&value.scope) != Some(value.version)).cloned()
}

impl EntryState {
    /// Starts with the slot as it is shown, and notices from then on what others save.
    pub fn new(row: RowContext, panel: PanelContext) -> Self {
        let state = Self {
            row,
            panel,
            scope: NodeRef::new(),
            future: NodeRef::new(),
            form: Submission::new(None),
            empty: RwSignal::new(false),
            warnings: RwSignal::new(Vec::new()),
            asked: RwSignal::new(false),
            strokes: leptos::prelude::StoredValue::new(0),
            seen: RwSignal::new(row.slot.with_untracked(SlotView::seen)),
            rival: RwSignal::new(None),
            for_organization: RwSignal::new(false),
        };
        Effect::new(move || {
            row.slot.track();
            state.compare();
        });
        // A browser keeps what was typed before the page was taken over.
        Effect::new(move || {
            state.note_typed();
            state.note_scope();
        });
        on_cleanup(move || {
            let _ = panel.typed.try_update(|typed| row.at.try_with_value(|at| typed.remove(at)));
        });
        state
    }

    /// Somebody typed.
    pub fn typed(self) {
        self.forget_problem();
        self.note_typed();
        if self.asked.get_untracked() {
            self.asked.set(false);
        }
        // What is half typed looks wrong by nature, so it is looked at when the keys rest.
        self.strokes.update_value(|strokes| *strokes += 1);
        let strokes = self.strokes.get_value();
        let look = move || {
            if self.strokes.try_get_value() == Some(strokes) {
                self.look();
            }
        };
        set_timeout(look, KEYS_REST);
    }

    /// Says what looks wrong with what is typed.
    fn look(self) {
        let found = self.row.field.get_untracked().map(|field| {
            let key = self.row.at.with_value(|at| at.key.clone());
            self.row.slot.with_untracked(|slot| warnings(&key, Hints::from(slot), &field.value()))
        });
        let found = found.unwrap_or_default();
        if self.warnings.with_untracked(|old| *old != found) {
            self.warnings.set(found);
        }
    }

    /// Saves without taking the keyboard or the typed text away until it worked.
    pub fn save(self, what: What) {
        let Some(field) = self.row.field.get_untracked().filter(|_| !self.form.busy.get_untracked()) else { return };
        // The question stands in the row; it wants its own answer.
        if self.rival.with_untracked(Option::is_some) {
            browser::focus(&self.row.id("yours"));
            return;
        }
        self.forget_problem();
        let Some(scope) = self.scope() else {
            return self.failed(ApiError::invalid("scope", "Choose where to save the value."));
        };
        let value = match what {
            What::Random => SecretInput::default(),
            What::Typed | What::Empty => SecretInput::new(field.value()),
        };
        if what == What::Typed && field.value().is_empty() {
            self.empty.set(true);
            return;
        }
        if what == What::Typed {
            self.look();
            if self.warnings.with_untracked(|found| !found.is_empty()) && !self.asked.get_untracked() {
                return self.asked.set(true);
            }
        }
        self.form.busy.set(true);
        let (target, at) = (self.panel.target.get_value(), self.row.at.get_value());
        let future = self.future.get_untracked().map(|switch| switch.checked());
        let seen = Some(self.seen.get_untracked());
        spawn_local(async move {
            let (random, asks, future) = (what == What::Random, future.is_some(), future.unwrap_or(false));
            let scope = Some(scope);
            let answer = set_value(target, at.file, at.key, scope, value, random, asks, future, seen).await;
            // The event stream may have been faster, and a new spec may have taken the slot away.
            if self.form.busy.is_disposed() {
                return;
            }
            match answer {
                Ok(environment) => self.saved(environment),
                Err(error @ ApiError::Conflict { .. }) => self.contested(error).await,
                Err(error) => self.failed(error),
            }
        });
    }

    /// Saves over what somebody else saved meanwhile, now that the person knows of it.
    pub fn replace(self) {
        self.seen.set(self.row.slot.with_untracked(SlotView::seen));
        self.rival.set(None);
        self.save(What::Typed);
        if self.empty.get_untracked() || self.asked.get_untracked() {
            browser::focus(&self.row.id("value"));
        }
    }

    /// Throws the typed text away, for the other's value or because nobody asks for it any more.
    pub fn drop_typed(self) {
        self.forget_problem();
        if let Some(field) = self.row.field.get_untracked() {
            field.set_value("");
        }
        self.row.entering.set(!self.row.filled.get_untracked());
        self.rival.set(None);
        self.trust();
        self.note_typed();
    }

    /// Nothing is doubtful any more.
    fn trust(self) {
        self.warnings.set(Vec::new());
        self.asked.set(false);
    }

    fn forget_problem(self) {
        self.empty.set(false);
        self.form.error.set(None);
    }

    fn scope(self) -> Option<Scope> {
        Scope::try_from(self.scope.get_untracked()?.value()).ok()
    }

    /// Takes note of where the value is to be saved.
    pub fn note_scope(self) {
        let lasting = self.future.get_untracked().is_none_or(|switch| switch.checked());
        let organization = lasting && self.scope() == Some(Scope::Organization);
        if self.for_organization.get_untracked() != organization {
            self.for_organization.set(organization);
        }
    }

    /// Tells the host whether this row must be kept for what is typed in it.
    pub fn note_typed(self) {
        let (at, has_text) = (self.row.at.get_value(), self.row.has_text());
        if self.panel.typed.with_untracked(|typed| typed.contains(&at)) != has_text {
            self.panel.typed.update(|typed| {
                let _ = if has_text { typed.insert(at) } else { typed.remove(&at) };
            });
        }
    }

    /// Takes note of what stands there now. A value that arrives while somebody is at work becomes a question.
    fn compare(self) {
        if self.form.busy.get_untracked() {
            return;
        }
        let (now, newer) =
            self.row.slot.with_untracked(|slot| (slot.seen(), self.seen.with_untracked(|seen| newer(slot, seen))));
        let rival = newer.filter(|_| self.row.is_at_work());
        if rival.is_none() && self.seen.with_untracked(|seen| *seen != now) {
            self.seen.set(now);
        }
        if self.rival.with_untracked(|old| *old != rival) {
            self.rival.set(rival);
        }
    }

    fn saved(self, environment: Environment) {
        let row = self.row;
        let next = row.next(&environment);
        let move_on = browser::may_move_focus_from(&row.id("slot"));
        self.form.busy.set(false);
        if let Some(field) = row.field.get_untracked() {
            field.set_value("");
        }
        self.trust();
        self.note_typed();
        row.entering.set(false);
        self.panel.changed.run(environment);
        if move_on {
            browser::focus_later(next);
        }
    }

    /// The server refused to replace a value that the person had not seen: it becomes the question, who and when.
    async fn contested(self, error: ApiError) {
        let newest = get_environment(self.panel.target.get_value()).await;
        if self.form.busy.is_disposed() {
            return;
        }
        if let Ok(environment) = newest {
            self.panel.changed.run(environment);
        }
        self.form.busy.set(false);
        self.compare();
        if self.rival.with_untracked(Option::is_none) {
            self.form.error.set(Some(error));
        }
    }

    fn failed(self, error: ApiError) {
        self.form.busy.set(false);
        self.form.error.set(Some(error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::{slot, stored};
    use domain::environment::Status;

    fn with(winner: Option<StoredValue>, hidden: Vec<StoredValue>) -> SlotView {
        SlotView { winner, hidden, ..slot("KEY", true, Status::Set) }
    }

    #[test]
    fn what_was_seen_is_not_news_and_what_is_gone_is_none_either() {
        let both = with(Some(stored(Scope::Session, "x")), vec![stored(Scope::Organization, "y")]);
        assert_eq!(newer(&both, &both.seen()), None);
        assert_eq!(newer(&with(None, Vec::new()), &both.seen()), None);
    }

    #[test]
    fn a_first_value_and_a_newer_version_are_news() {
        let before = with(None, Vec::new());
        let first = with(Some(stored(Scope::Organization, "x")), Vec::new());
        assert_eq!(newer(&first, &before.seen()), first.winner);
        let next = with(Some(StoredValue { version: 3, ..stored(Scope::Organization, "y") }), Vec::new());
        assert_eq!(newer(&next, &first.seen()), next.winner);
    }
}
