//! Saying that a key is no secret, and taking that back.

use crate::api::ApiError;
use crate::api::environment::{EnvironmentTarget, SetPlainKey, set_plain_key};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::reactive::reactive;
use crate::components::submission::Submission;
use domain::{Environment, KeyName};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Offers to call a key plain; where somebody did, tells who and offers to take it back.
#[component]
pub fn PlainKeyMark(
    /// Id of the button.
    id: String,
    /// Where it is told who called which key plain.
    environment: Signal<Environment>,
    /// Whose configuration it is about.
    target: EnvironmentTarget,
    /// Which key.
    key: KeyName,
    /// Takes the environment that a change was answered.
    changed: Callback<Environment>,
    /// Takes what goes wrong.
    error: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let form = Submission::telling(error);
    let wanted = key.clone();
    let mark = Memo::new(move |_| environment.with(|all| all.plain.iter().find(|mark| mark.key == wanted).cloned()));
    reactive(move || {
        let mark = mark.get();
        let plain = mark.is_none();
        let (label, name) = match plain {
            true => ("This is not a secret", format!("This is not a secret: {key}")),
            false => ("Undo", format!("Undo: {key} is a secret")),
        };
        let told = mark.map(|mark| {
            view! { <span class="faint">"Not a secret, according to " {mark.by} ", " <Moment at=mark.at /></span> }
        });
        let (call, button) = ((target.clone(), key.clone()), id.clone());
        let go = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let (target, key) = call.clone();
            let button = button.clone();
            form.send_for_page(set_plain_key(target, key, plain), move |all| {
                changed.run(all);
                browser::focus_later(button);
            });
        };
        view! {
            <form class="plain-key" method="post" action=SetPlainKey::url() on:submit=go>
                <input type="hidden" name="target" value=String::from(target.clone()) />
                <input type="hidden" name="key" value=key.to_string() />
                <input type="hidden" name="plain" value=plain.to_string() />
                {told}
                <button
                    type="submit"
                    class="button"
                    data-look="quiet"
                    id=id.clone()
                    aria-label=name
                    aria-busy=move || form.aria_busy()
                >
                    {label}
                </button>
            </form>
        }
    })
}
