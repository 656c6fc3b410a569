//! Whether a new configuration uses the organization's values at once: asked for when it is made.

use crate::pages::may_release;
use domain::release::{ReleaseMode, Releasers};
use leptos::prelude::*;

/// The two choices in words.
pub const CHOICES: [(ReleaseMode, &str); 2] = [
    (ReleaseMode::Each, "Ask for each key"),
    (ReleaseMode::All, "Use all organization values, because this repository is trusted"),
];

/// Radio buttons for owners and admins; everybody else gets the organization's default.
#[component]
pub fn ReleaseChoice(
    /// What is chosen.
    chosen: RwSignal<ReleaseMode>,
    /// Id of the form, to tell one group from the other.
    form: &'static str,
    /// The name under which a plain form sends it.
    #[prop(default = "release")]
    field: &'static str,
) -> impl IntoView {
    let choice = move |(mode, label): (ReleaseMode, &'static str)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=field
                    value=mode.as_str()
                    checked=move || chosen.get() == mode
                    prop:checked=move || chosen.get() == mode
                    on:change=move |_| chosen.set(mode)
                />
                <span>{label}</span>
            </label>
        }
    };
    may_release(Releasers::Admins).then(|| {
        view! {
            <fieldset class="choices release-choice" id=format!("{form}-release")>
                <legend>"Values of the organization"</legend>
                {CHOICES.map(choice).collect_view()}
            </fieldset>
        }
    })
}

/// What a form sends: the choice of whoever has one.
pub fn asked_release(chosen: RwSignal<ReleaseMode>) -> Option<ReleaseMode> {
    may_release(Releasers::Admins).then(|| chosen.get_untracked())
}
