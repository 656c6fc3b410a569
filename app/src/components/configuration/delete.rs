//! Deleting a configuration, after one question. Its sessions must be over, so that nobody's work is cut off.

use super::ConfigurationState;
use crate::api::configurations::{DeleteConfiguration, delete_configuration};
use crate::api::repositories::SessionRow;
use crate::components::problem::{Problem, form_problem};
use crate::components::reactive::reactive;
use crate::components::repositories::SessionLinks;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::words;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The question, or what has to be done before it can be asked.
#[component]
pub fn Delete() -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let running = Memo::new(move |_| state.view.value.with(|view| view.running.clone()));
    let refused = Signal::stored(form_problem(DeleteConfiguration::PATH));
    view! {
        <section class="card stack" aria-labelledby="delete-title">
            <h2 id="delete-title">"Delete this configuration"</h2>
            <Show when=move || running.with(Vec::is_empty) fallback=move || view! { <Running running /> }>
                <Question />
            </Show>
            <Problem error=refused />
        </section>
    }
}

/// The sessions that stand in the way.
#[component]
fn Running(running: Memo<Vec<SessionRow>>) -> impl IntoView {
    view! {
        <p>
            {move || {
                let sessions = running.with(Vec::len);
                let (verb, them) = if sessions == 1 { ("runs", "it") } else { ("run", "them") };
                format!(
                    "{} of it still {verb}. Finish or end {them} first, so that nobody's work is cut off.",
                    words::count(sessions, "session"),
                )
            }}
        </p>
        <SessionLinks sessions=running />
    }
}

#[component]
fn Question() -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let form = Submission::new(None);
    let asked = reactive(move || state.view.value.with(|view| question(&view.row.name, view.sessions)));
    let delete = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.send_and_go(async move { delete_configuration(state.id()).await.map(|()| "/".to_owned()) });
    };
    view! {
        <details class="ask">
            <summary class="button" data-look="danger">
                "Delete configuration"
            </summary>
            <form class="question" method="post" action=DeleteConfiguration::url() on:submit=delete>
                <input type="hidden" name="configuration" value=state.id().to_string() />
                <p>{asked}</p>
                <div class="question-actions">
                    <button type="submit" class="button" data-look="danger" aria-busy=move || form.aria_busy()>
                        "Yes, delete it"
                    </button>
                </div>
                <Problem error=form.error />
            </form>
        </details>
    }
}

/// What is deleted and what is not.
fn question(name: &str, sessions: usize) -> String {
    let with = match sessions {
        0 => "its env spec".to_owned(),
        sessions => format!("its env spec and the pages of {}", words::count(sessions, "session")),
    };
    format!(
        "Delete {name}, with {with}? Its repositories stay connected, and every value that was saved for them or for the \
         organization stays. This cannot be undone."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_what_goes_and_what_stays() {
        let one = question("Shop", 1);
        assert!(one.starts_with("Delete Shop, with its env spec and the pages of 1 session?"), "{one}");
        assert!(one.contains("stays"), "{one}");
        assert!(question("Shop", 12).contains("12 sessions"));
        assert!(!question("Shop", 0).contains("session"));
    }
}
