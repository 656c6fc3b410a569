//! The commands that are stored for the configuration, for those who may only look.

use crate::components::workspace::WorkspaceState;
use leptos::prelude::*;

/// The list, in the order in which they run.
#[component]
pub fn Stored() -> impl IntoView {
    let WorkspaceState { auto_start, .. } = expect_context();
    let lines = move || {
        let line = |line: &domain::command::AutoStartCommand| {
            view! {
                <li class="diff-line" data-line=if line.enabled { "on" } else { "kept" }>
                    <span></span>
                    <code>{line.command.clone()}</code>
                    {(!line.enabled).then(|| view! { <span class="hint">"not enabled"</span> })}
                </li>
            }
        };
        auto_start.value.with(|lines| match lines.is_empty() {
            true => view! { <p class="faint">"None yet."</p> }.into_any(),
            false => view! { <ol class="diff" role="list">{lines.iter().map(line).collect_view()}</ol> }.into_any(),
        })
    };
    view! {
        <section class="auto-start" aria-labelledby="auto-start-title">
            <h2 id="auto-start-title">"Auto-start commands"</h2>
            {lines}
        </section>
    }
}
