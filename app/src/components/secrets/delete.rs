//! The question before a secret is deleted: it names what breaks.

use super::row::RowState;
use super::wording::{self, Consequence};
use super::{FOUND, SecretsContext};
use crate::api::secrets::{DeleteSecret, SECRETS_PATH, delete_secret};
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Configurations that are named of each kind before the rest is counted.
const SHOWN: usize = 8;

/// The question.
#[component]
pub fn Delete(row: RowState) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let form = Submission::new(None);
    let key = row.key();
    let version = Memo::new(move |_| row.secret.with(|secret| secret.version));
    let asked = Memo::new(move |_| row.secret.with(wording::question));
    let consequences = Memo::new(move |_| row.secret.with(|secret| wording::consequences(&secret.uses)));
    let delete = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (key, seen) = (row.key(), Some(version.get_untracked()));
        let said = format!("{key} is deleted.");
        form.send_for_page(context.or_look_again(delete_secret(key, seen)), move |secrets| {
            context.changed(secrets, said);
            browser::focus_later(FOUND.to_owned());
        });
    };
    view! {
        <form class="question secret-form" method="post" action=DeleteSecret::url() on:submit=delete>
            <input type="hidden" name="key" value=key.to_string() />
            <input type="hidden" name="seen" value=move || version.get().to_string() />
            <p>{asked}</p>
            {move || consequences.get().into_iter().map(told).collect_view()}
            <div class="question-actions">
                <button
                    type="submit"
                    class="button"
                    data-look="danger"
                    aria-label=format!("Yes, delete {key}")
                    aria-busy=move || form.aria_busy()
                >
                    "Yes, delete"
                </button>
                <a
                    class="button"
                    id=row.id("keep")
                    href=SECRETS_PATH
                    aria-label=format!("Keep {key}")
                    on:click=move |event| {
                        event.prevent_default();
                        row.close(context);
                        browser::focus_later(row.id("delete"));
                    }
                >
                    "Keep"
                </a>
            </div>
            <Problem error=form.error />
        </form>
    }
}

/// What becomes of some of the files.
fn told(one: Consequence) -> impl IntoView {
    let more = one.files.len().saturating_sub(SHOWN);
    let files = one.files.into_iter().take(SHOWN).map(|files| view! { <li>{files}</li> }).collect_view();
    let shape = if one.breaks { Shape::Alert } else { Shape::Check };
    view! {
        <div class="consequence" data-breaks=one.breaks.then_some("")>
            <p>
                <Icon shape />
                <span>{one.what}</span>
            </p>
            <ul>{files} {(more > 0).then(|| view! { <li>{format!("and {more} more configurations")}</li> })}</ul>
        </div>
    }
}
