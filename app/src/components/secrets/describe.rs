//! Saying what a secret is.

use super::entry::focus_later;
use super::row::RowState;
use super::{FormState, SecretsContext};
use crate::api::secrets::{DescribeSecret, SECRETS_PATH, describe_secret};
use crate::components::problem::Problem;
use crate::domain::limits;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// The form, with the words as they are.
#[component]
pub fn Describe(row: RowState) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let form = FormState::new(None);
    let field = NodeRef::<Textarea>::new();
    let first = row.secret.with_untracked(|secret| secret.description.clone().unwrap_or_default());
    let key = row.key();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(text) = field.get_untracked().map(|field| field.value()) else { return };
        if !form.begins() {
            return;
        }
        let (key, next) = (row.key(), row.id("describe"));
        spawn_local(async move {
            match describe_secret(key.clone(), text).await {
                Ok(secrets) => {
                    form.busy.try_set(false);
                    row.close(context);
                    context.changed(secrets, format!("{key} is described."));
                    focus_later(next);
                }
                Err(problem) => form.fails(problem),
            }
        });
    };
    row.let_go_later(context);
    view! {
        <form class="secret-form" method="post" action=DescribeSecret::url() on:submit=save>
            <input type="hidden" name="key" value=key.to_string() />
            <textarea
                class="input"
                id=row.id("description")
                name="description"
                node_ref=field
                rows="3"
                maxlength=limits::DESCRIPTION_CHARS.to_string()
                aria-label=format!("Description of {key}")
                aria-describedby=row.id("problem")
                aria-invalid=move || form.error.with(Option::is_some).then_some("true")
                on:input=move |_| row.note_work(context, true)
            >
                {first}
            </textarea>
            <div class="form-actions">
                <button
                    class="button"
                    data-look="primary"
                    aria-label=format!("Save description of {key}")
                    aria-busy=move || form.busy.get().then_some("true")
                >
                    "Save description"
                </button>
                <a
                    class="button"
                    data-look="quiet"
                    role="button"
                    href=SECRETS_PATH
                    aria-label=format!("Cancel describing {key}")
                    on:click=move |event| {
                        event.prevent_default();
                        row.close(context);
                        focus_later(row.id("describe"));
                    }
                >
                    "Cancel"
                </a>
            </div>
            <Problem error=form.error id=row.id("problem") />
        </form>
    }
}
