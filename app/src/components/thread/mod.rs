//! The thread: what happened in the session, oldest first, and below it a way to leave the agent a note.

mod announcer;
mod composer;
mod day;
mod entry;
mod proposal_card;
mod request_card;
mod telling;

use super::workspace::WorkspaceState;
use crate::api::thread::ThreadEntry;
use crate::components::show::Show;
use announcer::Announcer;
use composer::Composer;
use day::Day;
use entry::Entry;
use leptos::prelude::*;

/// The list. It stays at its end while new entries arrive, unless somebody scrolled up.
#[component]
pub fn Thread() -> impl IntoView {
    let WorkspaceState { thread, session, .. } = expect_context();
    let repositories = StoredValue::new(session.value.with_untracked(|session| session.repositories.clone()));
    let empty = Memo::new(move |_| thread.value.with(Vec::is_empty));
    let entries = move || thread.value.with(|entries| with_earlier(entries));
    view! {
        <section class="thread" aria-labelledby="thread-title">
            <div class="thread-scroll" tabindex="0" role="group" aria-labelledby="thread-title">
                <div class="thread-inner">
                    <h2 id="thread-title" class="thread-title">
                        "Thread"
                    </h2>
                    <Show when=move || empty.get()>
                        <p class="faint">"Nothing happened yet. What the agent and people do appears here."</p>
                    </Show>
                    <ol class="entries" role="list">
                        <For each=entries key=|(_, entry)| entry.seq let:item>
                            <Day before=item.0 at=item.1.at />
                            <Entry entry=item.1 repositories=repositories.get_value() />
                        </For>
                    </ol>
                    <Announcer />
                </div>
            </div>
            <Composer />
        </section>
    }
}

/// Each entry with the moment of the one before it.
fn with_earlier(entries: &[ThreadEntry]) -> Vec<(Option<i64>, ThreadEntry)> {
    let before = std::iter::once(None).chain(entries.iter().map(|entry| Some(entry.at)));
    before.zip(entries.iter().cloned()).collect()
}
