//! The thread: what happened in the session, oldest first.

mod entry;
mod telling;

use super::workspace::WorkspaceState;
use entry::Entry;
use leptos::prelude::*;

/// The list. It stays at its end while new entries arrive, unless somebody scrolled up.
#[component]
pub fn Thread() -> impl IntoView {
    let WorkspaceState { thread, session, .. } = expect_context();
    let repositories = StoredValue::new(session.value.with_untracked(|session| session.repositories.clone()));
    let empty = Memo::new(move |_| thread.value.with(Vec::is_empty));
    view! {
        <section class="thread" aria-labelledby="thread-title" tabindex="0">
            <div class="thread-inner">
                <h2 id="thread-title" class="thread-title">
                    "Thread"
                </h2>
                <Show when=move || empty.get()>
                    <p class="faint">"Nothing happened yet. What the agent and people do appears here."</p>
                </Show>
                <ol class="entries" role="list">
                    <For each=move || thread.value.get() key=|entry| entry.seq let:entry>
                        <Entry entry repositories=repositories.get_value() />
                    </For>
                </ol>
            </div>
        </section>
    }
}
