//! Starting a session of a configuration.

use crate::api::ApiError;
use crate::api::sessions::{SessionKind, StartSession, start_session};
use crate::components::browser;
use crate::domain::ids::ConfigurationId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// The button for one kind of session.
#[component]
pub fn Start(
    configuration: ConfigurationId,
    kind: SessionKind,
    label: &'static str,
    error: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
) -> impl IntoView {
    let (name, look) = match kind {
        SessionKind::Setup => ("setup", None),
        SessionKind::Work => ("work", Some("primary")),
    };
    let id = configuration.to_string();
    let start = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let configuration = configuration.clone();
        spawn_local(async move {
            match start_session(configuration, kind).await {
                Ok(path) => browser::go(&path),
                Err(problem) => {
                    error.set(Some(problem));
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <form method="post" action=StartSession::url() on:submit=start>
            <input type="hidden" name="configuration" value=id />
            <input type="hidden" name="kind" value=name />
            <button class="button" data-look=look aria-busy=move || busy.get().then_some("true")>
                {label}
            </button>
        </form>
    }
}
