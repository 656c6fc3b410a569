//! The Snapshots tab: saving the workspace, what was saved, and what the next sessions start from.

mod act;
mod report;
mod row;
mod save;
mod wording;

use crate::api::snapshots::SnapshotView;
use crate::components::announce::Announce;
use crate::components::show::Show;
use crate::components::workspace::WorkspaceState;
use domain::snapshot::SnapshotState;
use leptos::prelude::*;
use row::SnapshotRow;
use save::SaveSnapshot;

/// Id of the heading that the keyboard goes to when a row changes under it.
const TITLE_ID: &str = "snapshots";

/// The form and the list.
#[component]
pub fn Snapshots() -> impl IntoView {
    let WorkspaceState { snapshots, session, .. } = expect_context();
    let live = Memo::new(move |_| session.value.with(|session| session.state.is_live()));
    let here = session.value.with_untracked(|session| session.id.clone());
    let saving = Memo::new(move |_| {
        let mine = |one: &SnapshotView| one.session == here && one.state == SnapshotState::Saving;
        snapshots.value.with(|all| all.iter().any(mine))
    });
    let none = Memo::new(move |_| snapshots.value.with(Vec::is_empty));
    let current = Memo::new(move |_| snapshots.value.with(|all| all.iter().any(|one| one.current)));
    let error = RwSignal::new(act::form_problem());
    let rows = move || snapshots.value.get();
    view! {
        <div class="snapshots">
            <Show when=move || live.get() && !saving.get()>
                <SaveSnapshot first=none />
            </Show>
            <div class="snapshot-section">
                <h2 id=TITLE_ID tabindex="-1">
                    {move || if none.get() { "No snapshots yet" } else { "Snapshots" }}
                </h2>
                <Show when=move || none.get()>
                    <p class="faint">
                        "A snapshot is an archive of the workspace with every secret taken out. Sessions that start \
                         from one skip the clone and the installation, and get their values written afresh."
                    </p>
                    <Show when=move || !live.get()>
                        <p class="faint">"Only the workspace of a session that is open or running can be saved."</p>
                    </Show>
                </Show>
                <Show when=move || !none.get()>
                    <p class="faint">
                        {move || match current.get() {
                            true => "The next sessions start from the current one.",
                            false => "None is the current one, so the next sessions start with a fresh clone.",
                        }}
                    </p>
                </Show>
                <Announce text=Signal::derive(move || snapshots.value.with(|all| wording::spoken(all))) />
                <crate::components::problem::Problem error=error />
                <ul class="snapshot-list" role="list" aria-labelledby=TITLE_ID>
                    <For each=rows key=|one| (one.id.clone(), one.state, one.current, one.can_repeat) let:snapshot>
                        <SnapshotRow snapshot error />
                    </For>
                </ul>
            </div>
        </div>
    }
}
