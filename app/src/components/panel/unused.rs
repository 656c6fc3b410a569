//! Organization secrets that this environment does not use.

use super::PanelContext;
use crate::api::secrets::SECRETS_PATH;
use crate::components::clock::Moment;
use crate::components::show::Show;
use crate::components::words;
use leptos::prelude::*;

/// A folded list; nothing when there are none.
#[component]
pub fn Unused() -> impl IntoView {
    let PanelContext { environment, .. } = expect_context();
    let unused = Memo::new(move |_| environment.with(|environment| environment.unused.clone()));
    let more = Memo::new(move |_| environment.with(|environment| environment.more_unused));
    view! {
        <Show when=move || !unused.with(Vec::is_empty)>
            <details class="unused">
                <summary>
                    "Organization secrets not used here"
                    <span class="figures">{move || unused.with(Vec::len) + more.get()}</span>
                </summary>
                <ul role="list">
                    <For each=move || unused.get() key=|value| (value.key.clone(), value.version) let:value>
                        <li>
                            <code>{value.key.to_string()}</code>
                            <span class="faint">
                                {value
                                    .length
                                    .map(|length| words::count(usize::try_from(length).unwrap_or(0), "byte") + ", ")}
                                {format!("set by {} on ", value.set_by)} <Moment at=value.set_at />
                            </span>
                        </li>
                    </For>
                </ul>
                <Show when=move || more.get() != 0>
                    <p class="hint">
                        {move || format!("{} more: ", more.get())} <a href=SECRETS_PATH>"see all organization secrets"</a>
                    </p>
                </Show>
            </details>
        </Show>
    }
}
