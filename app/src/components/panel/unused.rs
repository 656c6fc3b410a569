//! Organization secrets that this environment does not use.

use super::PanelContext;
use crate::api::ApiError;
use crate::api::environment::list_unused_secrets;
use crate::api::secrets::SECRETS_PATH;
use crate::components::clock::Moment;
use crate::components::problem::Problem;
use crate::components::show::Show;
use crate::components::{browser, words};
use domain::environment::StoredValue as StoredSecret;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeSet;

/// What is known of the list.
#[derive(Clone, Copy)]
struct Listed {
    panel: PanelContext,
    secrets: RwSignal<Vec<StoredSecret>>,
    /// Whether the server has more.
    more: RwSignal<bool>,
    /// Whether an answer came.
    known: RwSignal<bool>,
    problem: RwSignal<Option<ApiError>>,
    /// Counts the questions, so that only the answer to the newest is taken.
    round: StoredValue<u32>,
}

impl Listed {
    fn new(panel: PanelContext) -> Self {
        Self {
            panel,
            secrets: RwSignal::new(Vec::new()),
            more: RwSignal::new(false),
            known: RwSignal::new(false),
            problem: RwSignal::new(None),
            round: StoredValue::new(0),
        }
    }

    /// Asks for the secrets after those that are listed, or for the first ones again.
    fn fetch(self, again: bool) {
        let after = self.secrets.with_untracked(|known| known.last().map(|last| last.key.clone())).filter(|_| !again);
        self.round.update_value(|round| *round += 1);
        let round = self.round.get_value();
        spawn_local(async move {
            let answer = list_unused_secrets(self.panel.target.get_value(), after).await;
            if self.round.try_get_value() != Some(round) {
                return;
            }
            match answer {
                Ok(page) => {
                    self.secrets.update(|known| {
                        if again {
                            known.clear();
                        }
                        known.extend(page.secrets);
                    });
                    self.more.set(page.more);
                    self.known.set(true);
                    self.problem.set(None);
                }
                Err(error) => self.problem.set(Some(error)),
            }
        });
    }
}

/// A folded list, asked for when it is unfolded: there may be any number of them.
#[component]
pub fn Unused() -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let listed = Listed::new(panel);
    let id = panel.id(&["unused"]);
    let open = RwSignal::new(false);
    let toggled = {
        let id = id.clone();
        move |_| open.set(browser::is_open(&id))
    };
    let used = Memo::new(move |_| {
        panel.environment.with(|all| all.slots().map(|(_, slot)| slot.key.clone()).collect::<BTreeSet<_>>())
    });
    Effect::new(move || {
        used.track();
        if open.get() {
            listed.fetch(true);
        }
    });
    let none = move || listed.known.get() && listed.secrets.with(Vec::is_empty);
    view! {
        <details class="unused" id=id on:toggle=toggled>
            <summary>"Organization secrets not used here"</summary>
            <Problem error=listed.problem />
            <Show when=none>
                <p class="hint">"None: every organization secret is used here, or there are no secrets yet."</p>
            </Show>
            <ul role="list">
                <For each=move || listed.secrets.get() key=|value| (value.key.clone(), value.version) let:value>
                    <Secret value />
                </For>
            </ul>
            <Show when=move || listed.more.get()>
                <button type="button" class="button" on:click=move |_| listed.fetch(false)>
                    "Show more"
                </button>
            </Show>
            <p class="hint">
                <a href=SECRETS_PATH>"See all organization secrets"</a>
            </p>
        </details>
    }
}

#[component]
fn Secret(value: StoredSecret) -> impl IntoView {
    let length = value.length.map(|length| words::count(usize::try_from(length).unwrap_or(0), "byte") + ", ");
    view! {
        <li>
            <code>{value.key.to_string()}</code>
            <span class="faint">{length} {format!("set by {} on ", value.set_by)} <Moment at=value.set_at /></span>
        </li>
    }
}
