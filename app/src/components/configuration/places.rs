//! The attached repositories, each with its folder, and detaching one.

use super::ConfigurationState;
use crate::api::configurations::{DetachRepository, MoveRepository, detach_repository, move_repository};
use crate::components::browser;
use crate::components::problem::{Problem, form_problem};
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::words;
use crate::pages::may_edit;
use domain::environment::AttachedRepository;
use domain::ids::RepositoryId;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Id of the list, where the keyboard goes when one of it is gone.
const LIST: &str = "attached";

/// The list. An address does not tell which of the plain forms it came from, so their errors stand above it.
#[component]
pub fn Places() -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let problem = [MoveRepository::PATH, DetachRepository::PATH].into_iter().find_map(form_problem);
    let attached = Memo::new(move |_| {
        state
            .view
            .value
            .with(|view| view.row.repositories.iter().cloned().zip(view.row.locations.clone()).collect::<Vec<_>>())
    });
    let alone = Memo::new(move |_| attached.with(|attached| attached.len() == 1));
    view! {
        <Problem error=Signal::stored(problem) />
        <ul class="attached" id=LIST role="list" tabindex="-1" aria-label="Attached repositories">
            <For
                each=move || attached.get()
                key=|(one, _)| (one.id.clone(), one.workspace_path.clone())
                children=move |(one, location)| view! { <Attached one location alone /> }
            />
        </ul>
    }
}

#[component]
fn Attached(one: AttachedRepository, location: String, alone: Memo<bool>) -> impl IntoView {
    let path = one.workspace_path.to_string();
    let (id, name) = (one.id, one.name);
    let (shown, named) = (name.clone(), name.clone());
    let change = match may_edit() {
        true => {
            let (moved, called) = (id.clone(), name.clone());
            view! {
                <Move id=moved name=called path />
                <Show when=move || !alone.get()>
                    <Detach id=id.clone() name=name.clone() />
                </Show>
            }
            .into_any()
        }
        false => view! { <p>"Workspace path " <code>{path}</code></p> }.into_any(),
    };
    view! {
        <li class="attached-one" data-repository=named>
            <p class="attached-name">
                <strong>{shown}</strong>
                <code class="faint">{location}</code>
            </p>
            {change}
        </li>
    }
}

/// The folder, to be changed.
#[component]
fn Move(id: RepositoryId, name: String, path: String) -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let form = Submission::new(None);
    let field = NodeRef::<Input>::new();
    let field_id = words::dom_id(&["path", id.as_str()]);
    let problem = words::dom_id(&["path-problem", id.as_str()]);
    let (sent, focus) = (id.to_string(), field_id.clone());
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(path) = field.get_untracked().map(|field| field.value()) else { return };
        let focus = focus.clone();
        let then = move || browser::focus_later(focus);
        state.change(move_repository(state.id(), id.clone(), path), form, "The new path is saved.", then);
    };
    view! {
        <form class="attached-path" method="post" action=MoveRepository::url() on:submit=change>
            <input type="hidden" name="configuration" value=state.id().to_string() />
            <input type="hidden" name="repository" value=sent />
            <label class="visually-hidden" for=field_id.clone()>
                {format!("Workspace path of {name}")}
            </label>
            <input
                type="text"
                class="input"
                id=field_id
                name="path"
                node_ref=field
                value=path
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby=problem.clone()
                aria-invalid=move || form.error.with(Option::is_some).then_some("true")
            />
            <button
                type="submit"
                class="button"
                aria-label=format!("Change path of {name}")
                aria-busy=move || form.aria_busy()
            >
                "Change path"
            </button>
            <Problem error=form.error id=problem />
        </form>
    }
}

/// The question before a repository is detached; it unfolds without WASM too.
#[component]
fn Detach(id: RepositoryId, name: String) -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let form = Submission::new(None);
    let sent = id.to_string();
    let detach = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let then = || browser::focus_later(LIST.to_owned());
        state.change(detach_repository(state.id(), id.clone()), form, "The repository is detached.", then);
    };
    view! {
        <details class="ask">
            <summary class="button" data-look="quiet" aria-label=format!("Detach {name}")>
                "Detach"
            </summary>
            <form class="question" method="post" action=DetachRepository::url() on:submit=detach>
                <input type="hidden" name="configuration" value=state.id().to_string() />
                <input type="hidden" name="repository" value=sent />
                <p>
                    {format!(
                        "Detach {name}? Values that were saved for {name} no longer reach this configuration's files, \
                         also in sessions that run now; they are kept for other configurations and for the day that you \
                         attach it again. The next session is started without it.",
                    )}
                </p>
                <div class="question-actions">
                    <button
                        type="submit"
                        class="button"
                        data-look="danger"
                        aria-label=format!("Yes, detach {name}")
                        aria-busy=move || form.aria_busy()
                    >
                        "Yes, detach"
                    </button>
                </div>
                <Problem error=form.error />
            </form>
        </details>
    }
}
