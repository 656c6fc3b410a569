//! Saying what a secret is.

use super::SecretsContext;
use super::row::RowState;
use crate::api::secrets::{DescribeSecret, SECRETS_PATH, describe_secret};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use crate::components::words::as_html;
use domain::limits;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form, with the words as they are.
#[component]
pub fn Describe(row: RowState) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let form = Submission::new(None);
    let field = NodeRef::<Textarea>::new();
    let first = row.secret.with_untracked(|secret| secret.description.clone().unwrap_or_default());
    let key = row.key();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(text) = field.get_untracked().map(|field| field.value()) else { return };
        let (key, next) = (row.key(), row.id("describe"));
        let said = format!("{key} is described.");
        form.send_for_page(describe_secret(key, text), move |secrets| {
            row.close(context);
            context.changed(secrets, said);
            browser::focus_later(next);
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
                // The framework escapes no text inside a textarea.
                inner_html=as_html(&first)
            ></textarea>
            <div class="form-actions">
                <button
                    type="submit"
                    class="button"
                    data-look="primary"
                    aria-label=format!("Save description of {key}")
                    aria-busy=move || form.aria_busy()
                >
                    "Save description"
                </button>
                <a
                    class="button"
                    data-look="quiet"
                    href=SECRETS_PATH
                    aria-label=format!("Cancel describing {key}")
                    on:click=move |event| {
                        event.prevent_default();
                        row.close(context);
                        browser::focus_later(row.id("describe"));
                    }
                >
                    "Cancel"
                </a>
            </div>
            <Problem error=form.error id=row.id("problem") />
        </form>
    }
}
