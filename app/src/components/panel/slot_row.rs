//! One slot: status, description, and the ways to fill, replace and delete its value.

use super::delete::Delete;
use super::entry::Entry;
use super::slot_about::{Evidences, Source};
use super::{PanelContext, wording};
use crate::components::browser;
use crate::components::icon::Icon;
use crate::components::words;
use crate::domain::environment::{AttachedRepository, FileView, SlotView};
use crate::domain::spec::SlotRef;
use crate::domain::{KeyName, RelativePath};
use crate::pages::Address;
use crate::pages::route::Opened;
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
    /// Whether the entry is open.
    pub entering: RwSignal<bool>,
    /// Whether the question before deleting is open.
    pub deleting: RwSignal<bool>,
    /// The value's field, while the entry is open.
    pub field: NodeRef<Textarea>,
}

impl RowContext {
    /// An id in the document for a part of this row.
    pub fn id(self, part: &str) -> String {
        self.at.with_value(|at| words::dom_id(&[part, at.file.as_str(), at.key.as_str()]))
    }

    /// The key's name.
    pub fn key(self) -> String {
        self.at.with_value(|at| at.key.to_string())
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
}

/// A row. Its slot may change under it: what is half typed stays.
#[component]
pub fn SlotRow(place: RelativePath, key: KeyName, file: Memo<Option<FileView>>) -> impl IntoView {
    let PanelContext { missing_only, .. } = expect_context();
    let wanted = key.clone();
    let found = move |file: &Option<FileView>| {
        file.as_ref().and_then(|file| file.slots.iter().find(|slot| slot.key == wanted).cloned())
    };
    // The list holds rows only for slots that are there; one that just left keeps its last state until it is gone.
    let Some(first) = file.with_untracked(&found) else { return ().into_any() };
    let slot = Memo::new(move |before: Option<&SlotView>| {
        file.with(&found).or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let owner = Memo::new(move |_| file.with(|file| file.as_ref().and_then(|file| file.owner.clone())));
    let (replace, delete) = slot.with_untracked(|slot| opened(&wording::token(place.as_str(), slot)));
    let written = Memo::new(move |_| slot.with(|slot| slot.status.is_written()));
    let row = RowContext {
        slot,
        owner,
        at: StoredValue::new(SlotRef { file: place.clone(), key: key.clone() }),
        entering: RwSignal::new(!written.get_untracked() || replace),
        deleting: RwSignal::new(delete && written.get_untracked()),
        field: NodeRef::new(),
    };
    provide_context(row);
    follow_status(row, written);
    let name = words::dom_id(&["slot", place.as_str(), key.as_str()]);
    view! {
        <li
            class="slot"
            id=name
            data-slot=key.to_string()
            data-file=place.to_string()
            data-status=move || slot.with(|slot| wording::status_name(slot.status))
            data-required=move || slot.with(|slot| slot.required.then_some(""))
            hidden=move || missing_only.get() && written.get() && !row.entering.get()
        >
            <div class="slot-head">
                <h3 class="slot-key">
                    <code>{key.to_string()}</code>
                </h3>
                {move || {
                    let (label, shape, tone) = slot.with(wording::chip);
                    view! {
                        <span class="chip" data-tone=tone>
                            <Icon shape />
                            {label}
                        </span>
                    }
                }}
            </div>
            <Description row />
            <Evidences row />
            <Source row />
            {move || row.entering.get().then(|| view! { <Entry row /> })}
            {move || (written.get() || row.deleting.get()).then(|| view! { <Delete row /> })}
        </li>
    }
    .into_any()
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
fn follow_status(row: RowContext, written: Memo<bool>) {
    Effect::new(move |before: Option<bool>| {
        let written = written.get();
        match before {
            Some(true) if !written => {
                row.deleting.set(false);
                row.entering.set(true);
            }
            Some(false) if written && !is_at_work(row) => row.entering.set(false),
            _ => {}
        }
        written
    });
}

fn is_at_work(row: RowContext) -> bool {
    let typed = row.field.get_untracked().is_some_and(|field| !field.value().is_empty());
    typed || browser::has_focus(&row.id("entry"))
}

/// Whether a plain form asked to replace or to delete the value with this token.
fn opened(token: &str) -> (bool, bool) {
    match use_context::<Address>().and_then(|address| address.opened) {
        Some(Opened::Replace(asked)) => (asked == token, false),
        Some(Opened::Delete(asked)) => (false, asked == token),
        None => (false, false),
    }
}
