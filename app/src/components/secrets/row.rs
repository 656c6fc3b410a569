//! One secret: what may be known of it, what uses it, and what can be done with it.

use super::delete::Delete;
use super::describe::Describe;
use super::releasers::Releasers;
use super::replace::Replace;
use super::{SecretsContext, wording};
use crate::api::configurations::values_path;
use crate::api::secrets::{SECRETS_PATH, SecretView};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::reactive::reactive;
use crate::components::show::Show;
use crate::components::words;
use crate::pages::route::Opened;
use crate::pages::{Address, may_edit};
use domain::KeyName;
use domain::secret_use::SecretUse;
use leptos::prelude::*;

/// Configurations that are named before the rest is folded.
const USES_SHOWN: usize = 6;

/// Which of a row's forms is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Describe,
    Replace,
    Delete,
}

impl Form {
    /// What its button is called in an address and on the screen, and the part of it that gets the keyboard first.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Describe => ("describe", "Describe", "description"),
            Self::Replace => ("replace", "Replace", "value"),
            Self::Delete => ("delete", "Delete", "keep"),
        }
    }
}

/// What the parts of a row share.
#[derive(Clone, Copy)]
pub struct RowState {
    /// The secret as it stands, or stood last.
    pub secret: Memo<SecretView>,
    /// Whether somebody deleted it; the row is there for what is typed in it.
    pub gone: Memo<bool>,
    /// The form that is open.
    pub open: RwSignal<Option<Form>>,
    key: StoredValue<KeyName>,
}

impl RowState {
    /// The key.
    pub fn key(self) -> KeyName {
        self.key.get_value()
    }

    /// An id in the document for a part of this row.
    pub fn id(self, part: &str) -> String {
        self.key.with_value(|key| words::dom_id(&[part, key.as_str()]))
    }

    /// Notes whether something is typed in this row, so that it stays.
    pub fn note_work(self, context: SecretsContext, at_work: bool) {
        // The row may be gone by the time that an answer arrives.
        let Some(key) = self.key.try_get_value() else { return };
        if context.at_work.with_untracked(|keys| keys.contains(&key)) != at_work {
            context.at_work.update(|keys| {
                let _ = if at_work { keys.insert(key) } else { keys.remove(&key) };
            });
        }
    }

    /// Lets the row go when its form is taken away.
    pub fn let_go_later(self, context: SecretsContext) {
        let key = self.key();
        on_cleanup(move || {
            let _ = context.at_work.try_update(|keys| keys.remove(&key));
        });
    }

    /// Closes the open form and lets the row go where it belongs.
    pub fn close(self, context: SecretsContext) {
        self.open.try_set(None);
        self.note_work(context, false);
    }
}

/// A row.
#[component]
pub fn Row(key: KeyName) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let Some(first) = context.find(&key) else { return ().into_any() };
    let wanted = key.clone();
    let live = Memo::new(move |_| context.secrets.value.with(|all| all.iter().find(|one| one.key == wanted).cloned()));
    let secret = Memo::new(move |before: Option<&SecretView>| {
        live.get().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let row = RowState {
        secret,
        gone: Memo::new(move |_| live.with(Option::is_none)),
        open: RwSignal::new(secret.with_untracked(opened)),
        key: StoredValue::new(key.clone()),
    };
    let editable = may_edit();
    let form = move |form: Form| match form {
        Form::Describe => view! { <Describe row /> }.into_any(),
        Form::Replace => view! { <Replace row /> }.into_any(),
        Form::Delete => view! { <Delete row /> }.into_any(),
    };
    view! {
        <li class="secret" id=row.id("secret") data-secret=key.to_string() data-gone=move || row.gone.get().then_some("")>
            <div class="secret-about">
                <h2 class="slot-key">
                    <code>{key.to_string()}</code>
                </h2>
                <Facts row />
                <Uses row />
                <Releasers row />
            </div>
            {editable
                .then(|| {
                    view! {
                        <Actions row />
                        {move || row.open.get().map(form)}
                    }
                })}
        </li>
    }
    .into_any()
}

/// Which form a plain form asked to open.
fn opened(secret: &SecretView) -> Option<Form> {
    match use_context::<Address>()?.opened? {
        Opened::Replace(token) if token == secret.token() => Some(Form::Replace),
        Opened::Delete(token) if token == secret.token() => Some(Form::Delete),
        Opened::Describe(key) if key == secret.key.as_str() => Some(Form::Describe),
        _ => None,
    }
}

/// Description, version, length, who and when.
#[component]
fn Facts(row: RowState) -> impl IntoView {
    let description = Memo::new(move |_| row.secret.with(|secret| secret.description.clone()));
    let facts = Memo::new(move |_| {
        row.secret.with(|secret| (secret.version, secret.length, secret.set_by.clone(), secret.set_at))
    });
    let readable = Memo::new(move |_| row.secret.with(|secret| secret.readable));
    view! {
        {move || description.get().map(|text| view! { <p class="slot-description">{text}</p> })}
        <Show when=move || row.gone.get()>
            <p class="slot-trouble">"Somebody deleted it meanwhile. What you typed is still here; saving it adds it anew."</p>
        </Show>
        <Show when=move || !readable.get()>
            <p class="slot-trouble">
                "It cannot be opened with the server's key, so no session gets it. Replace it to repair it."
            </p>
        </Show>
        <p class="secret-facts">
            {move || {
                let (version, length, by, at) = facts.get();
                view! {
                    {format!("Version {version}, ")} {length.map(|bytes| wording::length(bytes) + ", ")}
                    {format!("set by {by} on ")}
                    <Moment at />
                }
            }}
        </p>
    }
}

/// The configurations that use it, as links, or that nothing does.
#[component]
fn Uses(row: RowState) -> impl IntoView {
    let uses = Memo::new(move |_| row.secret.with(|secret| secret.uses.clone()));
    let link = |one: &SecretUse| {
        let files = one.files.iter().map(|file| file.place.to_string()).collect::<Vec<_>>().join("\n");
        let at = words::dom_id(&["configuration", one.configuration.as_str()]);
        view! {
            <li>
                <a href=format!("{}#{at}", values_path(&one.configuration)) title=files>
                    {one.name.clone()}
                </a>
            </li>
        }
    };
    reactive(move || {
        let uses = uses.get();
        if uses.is_empty() {
            return view! {
                <p class="secret-uses">
                    <span class="chip" data-tone="plain">
                        <Icon shape=Shape::Dash />
                        "Unused"
                    </span>
                </p>
            }
            .into_any();
        }
        let more = uses.len().saturating_sub(USES_SHOWN);
        let (first, rest) = uses.split_at(uses.len() - more);
        let folded = (more > 0).then(|| {
            view! {
                <details class="secret-more">
                    <summary>{format!("and {more} more")}</summary>
                    <ul role="list">{rest.iter().map(link).collect_view()}</ul>
                </details>
            }
        });
        view! {
            <div class="secret-uses">
                <span class="faint">"Used by"</span>
                <ul role="list">{first.iter().map(link).collect_view()}</ul>
                {folded}
            </div>
        }
        .into_any()
    })
}

/// The buttons. Without WASM they ask for the page with the form open.
#[component]
fn Actions(row: RowState) -> impl IntoView {
    let SecretsContext { search, .. } = expect_context();
    let token = Signal::derive(move || row.secret.with(SecretView::token));
    let button = move |form: Form, value: Signal<String>| {
        let (part, label, focus) = form.names();
        view! {
            <button
                type="submit"
                class="button"
                data-look="quiet"
                id=row.id(part)
                name=part
                value=value
                aria-expanded=move || (row.open.get() == Some(form)).to_string()
                aria-label=format!("{label} {}", row.key())
                on:click=move |event| {
                    event.prevent_default();
                    row.open.set(Some(form));
                    browser::focus_later(row.id(focus));
                }
            >
                {label}
            </button>
        }
    };
    view! {
        <form class="secret-actions" method="get" action=format!("{SECRETS_PATH}#{}", row.id("secret"))>
            <input type="hidden" name="q" value=search />
            {button(Form::Describe, Signal::stored(row.key().to_string()))}
            {button(Form::Replace, token)}
            {button(Form::Delete, token)}
        </form>
    }
}
