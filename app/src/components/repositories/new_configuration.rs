//! A new configuration of one or more repositories.

use super::ListContext;
use super::place::{PATH_RULES, PlaceFields, PlaceInputs};
use super::release::{ReleaseChoice, asked_release};
use crate::api::ApiError;
use crate::api::configurations::{CreateConfiguration, create_configuration};
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::{Problem, form_problem, is_about};
use crate::components::submission::Submission;
use domain::limits;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Lines that the form starts with; those that stay empty are left out.
const LINES: usize = 2;
/// Id of the words about what is wrong.
const PROBLEM: &str = "new-configuration-problem";

/// The fold with the form. Without WASM it has its first lines; more are attached on the configuration's page.
#[component]
pub fn NewConfiguration() -> impl IntoView {
    let ListContext { connected, release_mode, .. } = expect_context();
    let release = RwSignal::new(release_mode.get_value());
    let refused = form_problem(CreateConfiguration::PATH);
    let open = refused.is_some();
    let form = Submission::new(refused);
    let name = NodeRef::<Input>::new();
    let lines = RwSignal::new((0..LINES).map(|line| (line, PlaceFields::new())).collect::<Vec<_>>());
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = name.get_untracked() else { return };
        let places = lines.with_untracked(|lines| lines.iter().map(|(_, fields)| fields.read()).collect());
        form.send_and_go(async move {
            create_configuration(field.value(), places, asked_release(release)).await.inspect_err(|problem| {
                if let ApiError::Invalid { field, .. } = problem {
                    browser::focus(&field_id(field));
                }
            })
        });
    };
    let add = move |_| {
        let line = lines.with_untracked(Vec::len);
        lines.update(|lines| lines.push((line, PlaceFields::new())));
        browser::focus_later(line_id(line));
    };
    let line = move |(line, fields): (usize, PlaceFields)| {
        view! {
            <li>
                <fieldset class="place-line">
                    <legend class="visually-hidden">{format!("Repository {}", line + 1)}</legend>
                    <PlaceInputs
                        fields
                        prefix=format!("places[{line}]")
                        id=line_id(line)
                        connected=connected.value.into()
                        error=form.error
                        described_by=PROBLEM
                    />
                </fieldset>
            </li>
        }
    };
    view! {
        <details class="new-configuration" open=open>
            <summary class="button">
                <Icon shape=Shape::Plus />
                "New configuration"
            </summary>
            <form class="card stack" method="post" action=CreateConfiguration::url() on:submit=create>
                <p class="hint">
                    "For work that needs several repositories side by side, or one of them under another set of env files. "
                    {PATH_RULES}
                </p>
                <label class="field" for="new-configuration-name">
                    <span class="label">"Name"</span>
                    <input
                        type="text"
                        class="input"
                        id="new-configuration-name"
                        name="name"
                        node_ref=name
                        maxlength=limits::NAME_CHARS.to_string()
                        autocomplete="off"
                        placeholder="such as Shop with API"
                        aria-invalid=move || form.error.with(|error| is_about(error, "name")).then_some("true")
                        aria-describedby=PROBLEM
                    />
                </label>
                <ol class="place-lines" role="list">
                    <For each=move || lines.get() key=|(line, _)| *line children=line />
                </ol>
                <ReleaseChoice chosen=release form="new-configuration" />
                <div class="form-actions">
                    <button class="button" type="button" on:click=add>
                        <Icon shape=Shape::Plus />
                        "Another repository"
                    </button>
                    <button type="submit" class="button" data-look="primary" aria-busy=move || form.aria_busy()>
                        "Create and set up"
                    </button>
                </div>
                <Problem error=form.error id=PROBLEM />
            </form>
        </details>
    }
}

fn line_id(line: usize) -> String {
    format!("place-{line}")
}

/// Id of the field that an error names.
fn field_id(field: &str) -> String {
    let line = field.strip_prefix("places[").and_then(|rest| rest.split_once(']'));
    match line {
        Some((line, "[location]")) => format!("place-{line}-location"),
        Some((line, "[path]")) => format!("place-{line}-path"),
        Some((line, _)) => format!("place-{line}"),
        None => "new-configuration-name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyboard_goes_to_the_field_that_is_wrong() {
        assert_eq!(field_id("places[1][path]"), "place-1-path");
        assert_eq!(field_id("places[0][location]"), "place-0-location");
        assert_eq!(field_id("places[2][repository]"), "place-2");
        assert_eq!(field_id("name"), "new-configuration-name");
    }
}
