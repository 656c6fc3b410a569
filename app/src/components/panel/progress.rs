//! How far the environment is from complete.

use super::{PanelContext, wording};
use crate::components::icon::{Icon, Shape};
use crate::components::show::Show;
use leptos::prelude::*;

/// The part of a panel that the keyboard goes to when the last missing value was saved.
pub const DONE: &str = "panel-progress";

/// Figures, bar and filter.
#[component]
pub fn Progress() -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let PanelContext { environment, compact, .. } = panel;
    let counts = Memo::new(move |_| environment.with(|environment| environment.counts()));
    let complete = move || counts.with(|counts| counts.required == counts.required_set);
    view! {
        <div class="panel-progress" data-complete=move || complete().then_some("")>
            <p class="panel-figures" id=panel.id(&[DONE]) tabindex="-1">
                <Show when=complete>
                    <Icon shape=Shape::Check />
                </Show>
                <span class="figures">{move || wording::progress(counts.get())}</span>
            </p>
            <label class="toggle">
                // Styles alone hide what is set, so that it works without WASM too.
                <input class="missing-only" type="checkbox" checked=compact />
                <span>"Missing only"</span>
            </label>
            <progress
                class="meter"
                aria-label="Required values set"
                max=move || counts.with(|counts| counts.required.max(1)).to_string()
                value=move || {
                    counts.with(|counts| if counts.required == 0 { 1 } else { counts.required_set }).to_string()
                }
            ></progress>
        </div>
    }
}
