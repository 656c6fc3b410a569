//! Adding a secret.

use super::entry::{EmptyQuestion, Entry, ValueEntry};
use super::{SecretsContext, wording};
use crate::api::ApiError;
use crate::api::secrets::{AddSecret, SECRETS_PATH, SecretView, add_secret, replace_secret};
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::{Problem, form_problem, is_about};
use crate::components::reach::{Reach, WithoutScripts};
use crate::components::submission::Submission;
use domain::{KeyName, limits};
use leptos::html::{Details, Input, Textarea};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

const KEY: &str = "new-secret-key";
const VALUE: &str = "new-secret-value";
const PROBLEM: &str = "new-secret-problem";

/// The fields of the form.
#[derive(Clone, Copy)]
struct Fields {
    fold: NodeRef<Details>,
    key: NodeRef<Input>,
    description: NodeRef<Textarea>,
    entry: Entry,
    form: Submission,
    /// The key as it is typed, for what is said about it.
    typed: RwSignal<String>,
}

/// A fold with the form; open from the start where there is no secret yet.
#[component]
pub fn Add(none: Memo<bool>) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let refused = form_problem(AddSecret::PATH);
    let open = refused.is_some() || none.get_untracked();
    let fields = Fields {
        fold: NodeRef::new(),
        key: NodeRef::new(),
        description: NodeRef::new(),
        entry: Entry::new(),
        form: Submission::new(refused),
        typed: RwSignal::new(String::new()),
    };
    let Fields { entry, form, .. } = fields;
    view! {
        <details class="new-secret" node_ref=fields.fold open=open>
            <summary class="button">
                <Icon shape=Shape::Plus />
                "Add a secret"
            </summary>
            <form
                class="card stack"
                method="post"
                action=AddSecret::url()
                novalidate=entry.taken_over
                on:submit=move |event| {
                    event.prevent_default();
                    save(fields, context, false);
                }
            >
                <KeyField fields />
                <label class="field" for="new-secret-description">
                    <span class="label">"Description " <span class="faint">"(optional)"</span></span>
                    <textarea
                        class="input"
                        id="new-secret-description"
                        name="description"
                        node_ref=fields.description
                        rows="2"
                        maxlength=limits::DESCRIPTION_CHARS.to_string()
                        placeholder="What it is, and where a new one comes from"
                        aria-invalid=move || form.error.with(|error| is_about(error, "description")).then_some("true")
                        aria-describedby=PROBLEM
                    ></textarea>
                </label>
                <div class="field">
                    <label class="label" for=VALUE>
                        "Value"
                    </label>
                    <ValueEntry
                        entry
                        form
                        id=VALUE
                        of="the new secret"
                        described_by=PROBLEM
                        save=move |()| save(fields, context, false)
                        typed=|()| ()
                    />
                </div>
                <EmptyQuestion entry save=move |()| save(fields, context, true) />
                <div class="form-actions">
                    <button type="submit" class="button" data-look="primary" aria-busy=move || form.aria_busy()>
                        "Add secret"
                    </button>
                </div>
                <Refused fields />
            </form>
        </details>
    }
}

/// The key, upper-cased as it is typed, with what is wrong with it.
#[component]
fn KeyField(fields: Fields) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let note = Memo::new(move |_| {
        let typed = fields.typed.get();
        let known = KeyName::new(typed.trim()).ok().and_then(|key| {
            context.secrets.value.with(|all| all.iter().find(|one| one.key == key).map(|one| one.set_by.clone()))
        });
        match (wording::key_problem(&typed), known) {
            (Some(problem), _) => Some((true, problem)),
            (None, Some(by)) => Some((false, format!("{} has a value already, set by {by}.", typed.trim()))),
            (None, None) => None,
        }
    });
    let keys = Signal::derive(move || KeyName::new(fields.typed.get().trim()).into_iter().collect());
    let wrong = move || {
        note.with(|note| note.as_ref().is_some_and(|(wrong, _)| *wrong))
            || fields.form.error.with(|error| is_about(error, "key"))
    };
    view! {
        <div class="field">
            <label class="label" for=KEY>
                "Key"
            </label>
            <input
                type="text"
                class="input secret-key"
                id=KEY
                name="key"
                node_ref=fields.key
                required
                maxlength=limits::KEY_CHARS.to_string()
                placeholder="STRIPE_SECRET_KEY"
                autocomplete="off"
                autocapitalize="characters"
                spellcheck="false"
                aria-invalid=move || wrong().then_some("true")
                aria-describedby=format!("new-secret-note {PROBLEM}")
                on:input=move |_| {
                    if let Some(field) = fields.key.get_untracked() {
                        browser::upper_case(&field);
                        fields.form.error.set(None);
                        fields.typed.set(field.value());
                    }
                }
            />
            <WithoutScripts />
            <Reach keys id="new-secret-reach" />
            <p class="hint" id="new-secret-note" role="status" data-wrong=move || wrong().then_some("")>
                {move || note.get().map(|(_, text)| text)}
            </p>
        </div>
    }
}

/// Why it was not added; where there is one already, the way to replace it.
#[component]
fn Refused(fields: Fields) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let error = fields.form.error;
    let taken = Memo::new(move |_| {
        let name = error.with(|error| match error {
            Some(ApiError::Taken { name, .. }) => Some(name.clone()),
            _ => None,
        })?;
        context.secrets.value.with(|all| all.iter().find(|one| one.key.as_str() == name).cloned())
    });
    let offer = move |secret: SecretView| {
        // Without WASM the value was not kept, so it is typed again where it belongs.
        let href = format!("{SECRETS_PATH}?replace={}#secret:{}", secret.token(), secret.key);
        let shown = secret.clone();
        view! {
            <p>
                <a
                    class="button"
                    href=href
                    on:click=move |event| {
                        event.prevent_default();
                        replace(fields, context, &secret);
                    }
                >
                    {format!("Replace the value of {}", shown.key)}
                </a>
            </p>
        }
    };
    view! {
        <Problem error id=PROBLEM />
        {move || taken.get().map(offer)}
    }
}

fn save(fields: Fields, context: SecretsContext, on_purpose: bool) {
    let Fields { form, entry, .. } = fields;
    let Some(field) = fields.key.get_untracked() else { return };
    let key = field.value().trim().to_owned();
    let wrong = match key.is_empty() {
        true => Some("Type a key, such as STRIPE_SECRET_KEY.".to_owned()),
        false => wording::key_problem(&key),
    };
    if let Some(wrong) = wrong {
        form.error.set(Some(ApiError::invalid("key", wrong)));
        let _ = field.focus();
        return;
    }
    let Some(value) = entry.read(on_purpose) else { return };
    let description = fields.description.get_untracked().map(|field| field.value()).unwrap_or_default();
    let said = format!("{key} is added.");
    let call = context.or_look_again(add_secret(key, description, value));
    form.send_for_page(call, move |secrets| added(fields, context, secrets, said));
}

/// Saves what was typed over what is there, now that the person knows of it.
fn replace(fields: Fields, context: SecretsContext, secret: &SecretView) {
    let Fields { form, entry, .. } = fields;
    let Some(value) = entry.read(true) else { return };
    let (key, seen) = (secret.key.clone(), Some(secret.version));
    let said = format!("{key} is replaced.");
    let call = context.or_look_again(replace_secret(key, value, seen));
    form.send_for_page(call, move |secrets| added(fields, context, secrets, said));
}

/// Empties the form for the next one.
fn added(fields: Fields, context: SecretsContext, secrets: Vec<SecretView>, said: String) {
    context.changed(secrets, said);
    fields.entry.clear();
    if let Some(text) = fields.key.get_untracked() {
        text.set_value("");
    }
    if let Some(text) = fields.description.get_untracked() {
        text.set_value("");
    }
    fields.typed.set(String::new());
    browser::focus(KEY);
}
