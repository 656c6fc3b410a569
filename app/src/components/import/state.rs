//! What is being imported: it stays as it is, whatever changes on the page, until the person saves or discards it.

use super::incoming::{self, Incoming, Where};
use super::wording;
use crate::api::environment::EnvironmentTarget;
use crate::api::import::{Destination, ImportEntry, Imported, KeyDigest, compare_values, digest, import_values};
use crate::api::{ApiError, SecretInput};
use crate::components::submission::Submission;
use crate::components::{browser, words};
use domain::environment::{AttachedRepository, StoredValue as StoredSecret};
use domain::import::{Choice, Plan, Planned, Row, Ruling, SameAsNow, keys_if_env_file, parse};
use domain::{Environment, KeyName, limits};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// The state of one import.
#[derive(Clone, Copy)]
pub struct ImportState {
    pub destination: StoredValue<Destination>,
    pub environment: Signal<Environment>,
    pub repositories: StoredValue<Vec<AttachedRepository>>,
    imported: Callback<Imported>,
    area: StoredValue<String>,
    /// The lines of the text, while they are previewed.
    pub rows: RwSignal<Arc<Vec<Row>>>,
    /// Where values count, but for exceptions.
    pub all: RwSignal<Choice>,
    pub rulings: RwSignal<Vec<Ruling>>,
    same: RwSignal<SameAsNow>,
    /// What is stored for the keys of the text, as the server said when it compared.
    stored: RwSignal<Vec<StoredSecret>>,
    /// What would become of each line.
    pub planned: Memo<Vec<Planned>>,
    /// How saving goes.
    pub form: Submission,
    /// Why what was pasted or dropped is not previewed.
    pub refused: RwSignal<Option<ApiError>>,
    /// What the last import came to.
    pub done: RwSignal<String>,
    /// Whether the fold is open.
    pub open: RwSignal<bool>,
    /// Whether a file is held over the area.
    pub hover: RwSignal<bool>,
    /// Counts the comparisons, so that only the newest answer is taken.
    round: StoredValue<u32>,
}

impl ImportState {
    pub fn new(
        destination: Destination,
        environment: Signal<Environment>,
        repositories: Vec<AttachedRepository>,
        imported: Callback<Imported>,
        area: String,
    ) -> Self {
        let destination = StoredValue::new(destination);
        let usual =
            environment.with_untracked(|environment| with_plan(destination, environment, |plan| plan.choices()[0]));
        let rows = RwSignal::new(Arc::new(Vec::<Row>::new()));
        let (all, rulings) = (RwSignal::new(usual), RwSignal::new(Vec::new()));
        let (same, stored) = (RwSignal::new(SameAsNow::new()), RwSignal::new(Vec::new()));
        let planned = Memo::new(move |_| {
            let rows = rows.get();
            environment.with(|environment| {
                rulings.with(|rulings| {
                    same.with(|same| {
                        stored.with(|stored| {
                            with_plan(destination, environment, |plan| {
                                plan.with_stored(stored).rows(&rows, all.get(), rulings, same)
                            })
                        })
                    })
                })
            })
        });
        let state = Self {
            destination,
            environment,
            repositories: StoredValue::new(repositories),
            imported,
            area: StoredValue::new(area),
            rows,
            all,
            rulings,
            same,
            stored,
            planned,
            form: Submission::new(None),
            refused: RwSignal::new(None),
            done: RwSignal::new(String::new()),
            open: RwSignal::new(false),
            hover: RwSignal::new(false),
            round: StoredValue::new(0),
        };
        // What was the same may have been replaced by somebody else.
        Effect::new(move |before: Option<()>| {
            environment.track();
            if before.is_some() {
                state.compare();
            }
        });
        state
    }

    /// An id in the document for a part of this import.
    pub fn id(self, part: &str) -> String {
        self.area.with_value(|area| words::dom_id(&[area, part]))
    }

    /// A choice in words.
    pub fn name(self, choice: Choice) -> String {
        self.repositories.with_value(|all| wording::choice(choice, all))
    }

    /// Where values may count.
    pub fn choices(self) -> Vec<Choice> {
        self.environment.with(|environment| with_plan(self.destination, environment, |plan| plan.choices()))
    }

    /// Whether there is something to look at.
    pub fn is_previewing(self) -> bool {
        self.rows.with(|rows| !rows.is_empty())
    }

    /// Takes pastes and drops of the area from now on.
    pub fn listen(self) {
        let wants = move |text: &str, at: Where| self.wants(text, at);
        let take = move |incoming: Incoming| match incoming {
            Incoming::Text(text) => self.show(&text),
            Incoming::Refused(why) => self.refused.set(Some(ApiError::invalid("text", why))),
            Incoming::Hover(hover) => self.hover.set(hover),
        };
        let area = self.area;
        Effect::new(move || incoming::listen(area.get_value(), wants, take));
    }

    /// Whether a pasted text is meant as an env file, and not for the place where it was pasted.
    fn wants(self, text: &str, at: Where) -> bool {
        let has_any = || parse(text).iter().any(|row| row.key.is_ok());
        match at {
            Where::Text => has_any(),
            Where::Page => keys_if_env_file(text).is_some() || (self.open.get_untracked() && has_any()),
            // The value of one key may well hold lines with `=`; it is a whole file when it names keys that are asked for.
            Where::Value => keys_if_env_file(text).is_some_and(|keys| {
                self.environment.with_untracked(|environment| {
                    let plan = Plan::new(environment, false);
                    keys.iter().filter(|key| plan.asks_for(key)).count() >= 2
                })
            }),
        }
    }

    /// Previews a text.
    pub fn show(self, text: &str) {
        self.done.set(String::new());
        self.form.error.set(None);
        if text.len() > limits::IMPORT_BYTES {
            return self.refused.set(Some(ApiError::invalid("text", incoming::too_long())));
        }
        let rows = parse(text);
        let why = match rows.len() {
            0 => Some("There is no line of the form KEY=value in it.".to_owned()),
            count if count > limits::IMPORT_KEYS => {
                Some(format!("It has {count} lines with keys; at most {} are imported at once.", limits::IMPORT_KEYS))
            }
            _ => None,
        };
        if let Some(why) = why {
            return self.refused.set(Some(ApiError::invalid("text", why)));
        }
        self.refused.set(None);
        self.same.set(SameAsNow::new());
        self.stored.set(Vec::new());
        self.rulings.set(vec![Ruling::default(); rows.len()]);
        self.rows.set(Arc::new(rows));
        self.compare();
        browser::focus_later(self.id("preview"));
    }

    /// Asks which values are stored already. Digests alone are sent; without an answer they count as replacing.
    fn compare(self) {
        let rows = self.rows.get_untracked();
        let Some(nonce) = incoming::nonce().filter(|_| !rows.is_empty()) else { return };
        let counting = rows.iter().filter(|row| row.repeated_on.is_none());
        let digests = counting.filter_map(|row| {
            let key = row.key.as_ref().ok()?.clone();
            Some(KeyDigest { digest: digest::of(&nonce, &key, &row.value), key })
        });
        let digests: Vec<_> = digests.collect();
        if digests.is_empty() {
            return;
        }
        let destination = self.destination.get_value();
        self.round.update_value(|round| *round += 1);
        let round = self.round.get_value();
        spawn_local(async move {
            let answer = compare_values(destination, digest::hex(&nonce), digests).await.unwrap_or_default();
            if self.round.try_get_value() != Some(round) {
                return;
            }
            let same = answer.iter().filter(|one| one.same);
            let same = same.map(|one| (one.stored.key.clone(), one.stored.scope.clone())).collect();
            if self.same.with_untracked(|known| *known != same) {
                self.same.set(same);
            }
            let stored: Vec<_> = answer.into_iter().map(|one| one.stored).collect();
            if self.stored.with_untracked(|known| *known != stored) {
                self.stored.set(stored);
            }
        });
    }

    /// Changes what was decided of one line.
    pub fn rule(self, index: usize, change: impl FnOnce(&mut Ruling)) {
        self.rulings.update(|rulings| {
            if let Some(ruling) = rulings.get_mut(index) {
                change(ruling);
            }
        });
    }

    /// How many values would be saved.
    pub fn count(self) -> usize {
        self.planned.with(|planned| planned.iter().filter(|row| row.ticked && row.possible).count())
    }

    /// The keys that would be saved for the organization.
    pub fn for_organization(self) -> Vec<KeyName> {
        let rows = self.rows.get();
        let key = |(row, planned): (&Row, &Planned)| {
            let saved = planned.ticked && planned.possible && planned.choice == Choice::Organization;
            row.key.as_ref().ok().filter(|_| saved).cloned()
        };
        self.planned.with(|planned| rows.iter().zip(planned).filter_map(key).collect())
    }

    /// The environment in whose panel this is.
    pub fn target(self) -> Option<EnvironmentTarget> {
        self.destination.with_value(|destination| match destination {
            Destination::Environment(target) => Some(target.clone()),
            Destination::Organization => None,
        })
    }

    /// Saves what is ticked, all or none; if that fails everything stays as it is.
    pub fn save(self) {
        let rows = self.rows.get_untracked();
        let entry = |(row, planned): (&Row, &Planned)| {
            let key = row.key.as_ref().ok().filter(|_| planned.ticked && planned.possible)?.clone();
            let value = || SecretInput::new(row.value.expose().to_owned());
            let entries = planned.at.iter().map(move |(scope, version)| ImportEntry {
                key: key.clone(),
                file: None,
                scope: scope.clone(),
                value: value(),
                seen: Some(*version),
            });
            Some(entries.collect::<Vec<_>>())
        };
        let entries: Vec<_> =
            self.planned.with_untracked(|planned| rows.iter().zip(planned).filter_map(entry).flatten().collect());
        if entries.is_empty() {
            return;
        }
        let destination = self.destination.get_value();
        self.form.send(import_values(destination, entries), move |imported| {
            let move_on = browser::may_move_focus_from(&self.id("import"));
            self.clear();
            self.done.set(wording::done(&imported));
            self.imported.run(imported);
            if move_on {
                browser::focus_later(self.id("done"));
            }
        });
    }

    /// Throws what was pasted away.
    pub fn discard(self) {
        self.clear();
        browser::focus_later(self.id("summary"));
    }

    fn clear(self) {
        self.round.update_value(|round| *round += 1);
        self.rows.set(Arc::new(Vec::new()));
        self.rulings.set(Vec::new());
        self.same.set(SameAsNow::new());
        self.stored.set(Vec::new());
        self.form.error.set(None);
        browser::close(&self.id("fold"));
        self.open.set(false);
    }
}

fn with_plan<T>(
    destination: StoredValue<Destination>,
    environment: &Environment,
    ask: impl FnOnce(Plan<'_>) -> T,
) -> T {
    use crate::api::environment::EnvironmentTarget::Session;
    destination.with_value(|destination| match destination {
        Destination::Organization => ask(Plan::of_organization()),
        Destination::Environment(target) => ask(Plan::new(environment, matches!(target, Session(_)))),
    })
}
