//! One slot: status, description, and the ways to fill, replace and delete its value. The panel and the cards of requests
//! show it alike; what differs is named in [`Host`].

use super::asked::AskedFor;
use super::delete::Delete;
use super::doubts::StoredDoubts;
use super::entry::Entry;
use super::held::{Held, Withdraw};
use super::host::Host;
use super::promote::Promote;
use super::skip::SkipForm;
use super::slot_about::{Evidences, Source};
use super::{PanelContext, wording};
use crate::api::environment::EnvironmentTarget;
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::reactive::reactive;
use crate::pages::route::Opened;
use crate::pages::{Address, may_edit};
use domain::environment::{AttachedRepository, FileView, SlotView};
use domain::spec::SlotRef;
use domain::{KeyName, RelativePath};
use leptos::html::Textarea;
use leptos::prelude::*;

/// What the parts of a row share.
#[derive(Clone, Copy)]
pub struct RowContext {
    /// The slot as it stands.
    pub slot: Memo<SlotView>,
    /// The repository that the file belongs to.
    pub owner: Memo<Option<AttachedRepository>>,
    /// Which slot it is.
    pub at: StoredValue<SlotRef>,
    /// Where the row stands.
    pub host: Host,
    /// The panel or card that it is a row of.
    pub panel: PanelContext,
    /// Whether nothing is left to fill in.
    pub filled: Memo<bool>,
    /// Whether nobody asks for the slot any more; the row is there for what is typed in it.
    pub gone: Memo<bool>,
    /// Whether the entry is open.
    pub entering: RwSignal<bool>,
    /// Whether the question before deleting is open.
    pub deleting: RwSignal<bool>,
    /// The value's field, while the entry is open.
    pub field: NodeRef<Textarea>,
}

impl RowContext {
    /// The key's name.
    pub fn key(self) -> String {
        self.at.with_value(|at| at.key.to_string())
    }

    /// Whether something is typed in the field.
    pub fn has_text(self) -> bool {
        self.field.get_untracked().is_some_and(|field| !field.value().is_empty())
    }

    /// Whether somebody is filling it in.
    pub fn is_at_work(self) -> bool {
        self.has_text() || browser::has_focus(&self.id("entry"))
    }

    /// The text by which a plain form asks this row to open its entry or its question before deleting.
    pub fn token(self) -> String {
        let token = |slot: &SlotView| self.at.with_value(|at| wording::token(at.file.as_str(), slot));
        let token = self.slot.with(token);
        match (self.host, self.panel.target.get_value()) {
            (Host::Panel, EnvironmentTarget::Session(_)) => token,
            (Host::Panel, EnvironmentTarget::Configuration(id)) => format!("{id}:{token}"),
            (Host::Card(card), _) => card.request.with_untracked(|request| format!("{}:{token}", request.id)),
        }
    }

    /// What a plain form sends to name this slot.
    pub fn address(self, target: String) -> impl IntoView {
        let (file, key) = self.at.with_value(|at| (at.file.to_string(), at.key.to_string()));
        view! {
            <input type="hidden" name="target" value=target />
            <input type="hidden" name="file" value=file />
            <input type="hidden" name="key" value=key />
        }
    }

    fn new(place: RelativePath, first: SlotView, file: Memo<Option<FileView>>) -> Self {
        let panel = expect_context::<PanelContext>();
        let PanelContext { environment, host, .. } = panel;
        let at = SlotRef { file: place, key: first.key.clone() };
        let found = move |file: &FileView, at: &SlotRef| file.slots.iter().find(|slot| slot.key == at.key).cloned();
        let wanted = at.clone();
        let slot = Memo::new(move |before: Option<&SlotView>| {
            let now = file.with(|file| file.as_ref().and_then(|file| found(file, &wanted)));
            now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        let wanted = at.clone();
        let gone = Memo::new(move |_| {
            let here = |file: &&FileView| file.place == wanted.file;
            environment.with(|all| all.files.iter().find(here).and_then(|file| found(file, &wanted)).is_none())
        });
        Self {
            slot,
            owner: Memo::new(move |_| file.with(|file| file.as_ref().and_then(|file| file.owner.clone()))),
            at: StoredValue::new(at),
            host,
            panel,
            filled: Memo::new(move |_| slot.with(|slot| host.is_filled(slot))),
            gone,
            entering: RwSignal::new(false),
            deleting: RwSignal::new(false),
            field: NodeRef::new(),
        }
    }
}

/// A row. Its slot may change under it: what is half typed stays.
#[component]
pub fn SlotRow(place: RelativePath, key: KeyName, file: Memo<Option<FileView>>) -> impl IntoView {
    let editable = may_edit();
    let found = |file: &Option<FileView>| {
        file.as_ref().and_then(|file| file.slots.iter().find(|slot| slot.key == key).cloned())
    };
    // The list holds rows only for slots that are there; one that just left keeps its last state until it is gone.
    let Some(first) = file.with_untracked(found) else { return ().into_any() };
    let row = RowContext::new(place.clone(), first, file);
    let filled = row.filled.get_untracked();
    let (replace, delete) = untrack(move || opened(&row.token()));
    row.entering.set(!filled || replace);
    row.deleting.set(delete && filled);
    provide_context(row);
    follow_status(row);
    let (in_panel, in_card) = match row.host {
        Host::Panel => (Some(key.to_string()), None),
        Host::Card(_) => (None, Some(key.to_string())),
    };
    let outcome = move || {
        let card = row.host.card()?;
        row.at.with_value(|at| card.outcome(at)).map(wording::outcome_name)
    };
    view! {
        <li
            class="slot"
            id=row.id("slot")
            data-slot=in_panel
            data-asked=in_card
            data-file=place.to_string()
            data-status=move || row.slot.with(|slot| wording::status_name(slot.status))
            data-outcome=outcome
            data-required=move || row.slot.with(|slot| slot.required.then_some(""))
            data-gone=move || row.gone.get().then_some("")
            data-settled=move || {
                let at_work = editable && (row.entering.get() || row.deleting.get());
                (row.filled.get() && !at_work).then_some("")
            }
        >
            <Head row />
            <Description row />
            <Evidences row />
            <AskedFor row />
            <Source row />
            <StoredDoubts row />
            <Held row />
            {editable
                .then(|| {
                    view! {
                        {move || row.entering.get().then(|| view! { <Entry row /> })}
                        <SkipForm row />
                        {move || (row.filled.get() || row.deleting.get()).then(|| view! { <Delete row /> })}
                        <Promote row />
                        <Withdraw row />
                    }
                })}
        </li>
    }
    .into_any()
}

/// The key and how it stands.
#[component]
fn Head(row: RowContext) -> impl IntoView {
    let key = row.key();
    let place = row.at.with_value(|at| at.file.to_string());
    let name = match row.host {
        Host::Panel => view! {
            <h3 class="slot-key">
                <code>{key}</code>
            </h3>
        }
        .into_any(),
        Host::Card(_) => view! {
            <h4 class="slot-key">
                <code>{key}</code>
                <span class="slot-file">" in " <code>{place}</code></span>
            </h4>
        }
        .into_any(),
    };
    let chip = reactive(move || {
        let (label, shape, tone) = match row.gone.get() {
            true => ("No longer asked for", Shape::Dash, "plain"),
            false => row.slot.with(wording::chip),
        };
        view! {
            <span class="chip" data-tone=tone>
                <Icon shape />
                {label}
            </span>
        }
    });
    view! { <div class="slot-head">{name} {chip}</div> }
}

#[component]
fn Description(row: RowContext) -> impl IntoView {
    let description = Memo::new(move |_| row.slot.with(|slot| slot.description.clone()));
    let trouble = Memo::new(move |_| row.slot.with(wording::trouble));
    view! {
        <div id=row.id("about") class="slot-about">
            {move || description.get().map(|text| view! { <p class="slot-description">{text}</p> })}
            {move || trouble.get().map(|text| view! { <p class="slot-trouble">{text}</p> })}
        </div>
    }
}

/// Opens the entry when the value goes missing, and closes it when somebody else filled it, unless the person is
/// at it.
fn follow_status(row: RowContext) {
    Effect::new(move |before: Option<bool>| {
        let filled = row.filled.get();
        match before {
            Some(true) if !filled => {
                row.deleting.set(false);
                row.entering.set(true);
            }
            Some(false) if filled && !row.is_at_work() => row.entering.set(false),
            _ => {}
        }
        filled
    });
}

/// Whether a plain form asked to replace or to delete the value with this token.
fn opened(token: &str) -> (bool, bool) {
    match use_context::<Address>().and_then(|address| address.opened) {
        Some(Opened::Replace(asked)) => (asked == token, false),
        Some(Opened::Delete(asked)) => (false, asked == token),
        Some(Opened::Describe(_) | Opened::Readers(_)) | None => (false, false),
    }
}
