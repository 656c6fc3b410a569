//! What missing required values do when a work session of this configuration boots: the choice on the Info tab.

use crate::api::ApiError;
use crate::api::gate::{BootPolicy, SetBootPolicy, set_boot_policy};
use crate::components::live::News;
use crate::components::problem::{Problem, form_problem};
use crate::components::show::Show;
use crate::components::workspace::WorkspaceState;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// The two choices with what each does.
const CHOICES: [(BootPolicy, &str, &str); 2] = [
    (BootPolicy::Warn, "Start without them", "Missing keys are left out of the files and named in the boot receipt."),
    (
        BootPolicy::Block,
        "Wait for them",
        "Nothing is written until the last required value is there; then the session goes on by itself.",
    ),
];

/// A small radio group. With scripts a choice is saved at once; without, by its button.
#[component]
pub fn Policy() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let configuration = state.session.value.with_untracked(|session| session.configuration.clone());
    let stored = Memo::new(move |_| state.session.value.with(|session| session.boot_policy));
    // What the radio buttons show: at once what somebody chose, and again what is stored if that could not be saved.
    let shown = RwSignal::new(stored.get_untracked());
    Effect::new(move || shown.set(stored.get()));
    let error = RwSignal::new(form_problem(SetBootPolicy::PATH));
    let (busy, saved) = (RwSignal::new(false), RwSignal::new(false));
    let scripted = RwSignal::new(false);
    Effect::new(move || scripted.set(true));
    let id = configuration.to_string();
    let save = move |policy: BootPolicy| {
        shown.set(policy);
        busy.set(true);
        saved.set(false);
        error.set(None::<ApiError>);
        let configuration = configuration.clone();
        spawn_local(async move {
            match set_boot_policy(configuration, policy, Some(state.id())).await {
                Ok(()) => {
                    saved.set(true);
                    state.hear(News::Everything);
                }
                Err(problem) => {
                    shown.set(stored.get_untracked());
                    error.set(Some(problem));
                }
            }
            busy.set(false);
        });
    };
    let choice = move |(policy, label, hint): (BootPolicy, &'static str, &'static str)| {
        let save = save.clone();
        let described = format!("policy-{}", policy.as_str());
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="policy"
                    value=policy.as_str()
                    checked=move || shown.get() == policy
                    prop:checked=move || shown.get() == policy
                    aria-describedby=described.clone()
                    on:change=move |_| save(policy)
                />
                <span>
                    <span class="label">{label}</span>
                    <span class="hint" id=described>
                        {hint}
                    </span>
                </span>
            </label>
        }
    };
    view! {
        <form
            class="policy"
            method="post"
            action=SetBootPolicy::url()
            on:submit=|event: SubmitEvent| event.prevent_default()
        >
            <input type="hidden" name="configuration" value=id />
            <input type="hidden" name="session" value=state.id().to_string() />
            <fieldset class="choices" aria-busy=move || busy.get().then_some("true")>
                <legend>"If required values are missing when a work session starts"</legend>
                {CHOICES.map(choice).collect_view()}
            </fieldset>
            <div class="policy-save">
                <Show when=move || !scripted.get()>
                    <button type="submit" class="button">"Save choice"</button>
                </Show>
                <span class="hint" role="status">
                    {move || saved.get().then_some("Saved. It counts for every session of this configuration.")}
                </span>
            </div>
            <Problem error=error />
        </form>
    }
}
