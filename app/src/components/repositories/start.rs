//! Starting a session of a configuration.

use crate::api::sessions::{SessionKind, StartSession, start_session};
use crate::components::submission::Submission;
use domain::ids::ConfigurationId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The button for one kind of session.
#[component]
pub fn Start(
    configuration: ConfigurationId,
    kind: SessionKind,
    label: &'static str,
    /// The configuration, as no other one in the list is called.
    #[prop(into)]
    of: Signal<String>,
    /// Shared with the other button of the row: one session is started at a time.
    form: Submission,
) -> impl IntoView {
    let (name, look) = match kind {
        SessionKind::Setup => ("setup", None),
        SessionKind::Work => ("work", Some("primary")),
    };
    let id = configuration.to_string();
    let start = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.send_and_go(start_session(configuration.clone(), kind));
    };
    view! {
        <form method="post" action=StartSession::url() on:submit=start>
            <input type="hidden" name="configuration" value=id />
            <input type="hidden" name="kind" value=name />
            <button
                type="submit"
                class="button"
                data-look=look
                aria-label=move || format!("{label} of {}", of.get())
                aria-busy=move || form.aria_busy()
            >
                {label}
            </button>
        </form>
    }
}
