//! Replacing a secret's value.

use super::SecretsContext;
use super::entry::{EmptyQuestion, Entry, ValueEntry};
use super::row::RowState;
use crate::api::ApiError;
use crate::api::secrets::{ReplaceSecret, SECRETS_PATH, replace_secret};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::reach::Reach;
use crate::components::submission::Submission;
use domain::KeyName;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form. Whoever saved another value meanwhile is named, and saving again replaces theirs.
#[component]
pub fn Replace(row: RowState) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let (form, entry) = (Submission::new(None), Entry::new());
    // What stood there when the person began.
    let seen = RwSignal::new(row.secret.with_untracked(|secret| secret.version));
    let key = row.key();
    let save = move |on_purpose: bool| {
        let Some(value) = entry.read(on_purpose) else { return };
        let expected = (!row.gone.get_untracked()).then(|| seen.get_untracked());
        let (key, next) = (row.key(), row.id("replace"));
        let said = format!("{key} is replaced.");
        let call = async move {
            let answer = replace_secret(key.clone(), value, expected).await;
            if let Err(ApiError::Conflict { .. }) = answer {
                refresh(&key, context, seen).await;
            }
            answer
        };
        form.send_for_page(call, move |secrets| {
            entry.clear();
            row.close(context);
            context.changed(secrets, said);
            browser::focus_later(next);
        });
    };
    row.let_go_later(context);
    view! {
        <form
            class="secret-form"
            method="post"
            action=ReplaceSecret::url()
            novalidate=entry.taken_over
            on:submit=move |event| {
                event.prevent_default();
                save(false);
            }
        >
            <input type="hidden" name="key" value=key.to_string() />
            <input type="hidden" name="seen" value=move || seen.get().to_string() />
            <ValueEntry
                entry
                form
                id=row.id("value")
                of=key.to_string()
                described_by=row.id("problem")
                save=move |()| save(false)
                typed=move |()| row.note_work(context, entry.has_text())
            />
            <Reach keys=Signal::stored(vec![key.clone()]) id=row.id("reach") />
            <EmptyQuestion entry save=move |()| save(true) />
            <div class="form-actions">
                <button
                    type="submit"
                    class="button"
                    data-look="primary"
                    aria-label=format!("Save {key}")
                    aria-busy=move || form.aria_busy()
                >
                    "Save"
                </button>
                <a
                    class="button"
                    data-look="quiet"
                    href=SECRETS_PATH
                    aria-label=format!("Cancel replacing {key}")
                    on:click=move |event| {
                        event.prevent_default();
                        row.close(context);
                        browser::focus_later(row.id("replace"));
                    }
                >
                    "Cancel"
                </a>
            </div>
            <Problem error=form.error id=row.id("problem") />
        </form>
    }
}

/// Looks up what is there now, so that saving again means to replace it.
async fn refresh(key: &KeyName, context: SecretsContext, seen: RwSignal<i64>) {
    if let Ok(secrets) = crate::api::secrets::list_secrets().await {
        if let Some(now) = secrets.iter().find(|one| one.key == *key) {
            seen.try_set(now.version);
        }
        context.secrets.put(secrets);
    }
}
