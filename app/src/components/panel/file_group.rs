//! One file of the environment with its slots.

use super::readers::Readers;
use super::slot_row::SlotRow;
use super::{PanelContext, kept};
use crate::components::icon::{Icon, Shape};
use crate::components::show::Show;
use domain::environment::{FileView, SlotView};
use domain::spec::Mode;
use domain::{KeyName, RelativePath};
use leptos::prelude::*;

/// Optional slots up to this many are shown at once, more are folded.
const OPTIONAL_SHOWN: usize = 4;

/// A file: counts, required slots, then the optional ones.
#[component]
pub fn FileGroup(place: RelativePath) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let PanelContext { environment, typed, .. } = panel;
    let wanted = place.clone();
    let live = Memo::new(move |_| {
        environment.with(|environment| environment.files.iter().find(|file| file.place == wanted).cloned())
    });
    // A file that leaves the spec keeps its last state until its group is gone.
    let file = Memo::new(move |before: Option<&Option<FileView>>| live.get().or_else(|| before.cloned().flatten()));
    let at = place.clone();
    let keys = move |required: bool| {
        let at = at.clone();
        Memo::new(move |before: Option<&Vec<KeyName>>| {
            let before = before.map(Vec::as_slice);
            live.with(|file| typed.with(|typed| kept::keys(file.as_ref(), &at, required, before, typed)))
        })
    };
    let (required, optional) = (keys(true), keys(false));
    let counts = Memo::new(move |_| file.with(|file| file.as_ref().map(FileView::counts).unwrap_or_default()));
    let complete = move || counts.with(|counts| counts.required == counts.required_set);
    let shared = move || file.with(|file| file.as_ref().is_some_and(|file| file.mode == Mode::Shared));
    let optional_open = optional.with_untracked(Vec::len) <= OPTIONAL_SHOWN || required.with_untracked(Vec::is_empty);
    let heading = panel.id(&["file", place.as_str()]);
    let labelled = heading.clone();
    let rows = move |keys: Memo<Vec<KeyName>>, place: RelativePath| {
        view! {
            <ul class="slots" role="list">
                <For each=move || keys.get() key=|key| key.clone() let:key>
                    <SlotRow place=place.clone() key file />
                </For>
            </ul>
        }
    };
    let (first, second) = (place.clone(), place.clone());
    let nothing_lacks = Memo::new(move |_| {
        let written = |slot: &SlotView| slot.status.is_written();
        live.with(|file| file.as_ref().is_some_and(|file| file.slots.iter().all(written)))
    });
    view! {
        <section aria-labelledby=labelled data-settled=move || nothing_lacks.get().then_some("")>
            <details class="file" open>
                <summary class="file-head">
                    <h2 id=heading>
                        <Icon shape=Shape::File />
                        <code>{place.to_string()}</code>
                    </h2>
                    <Show when=move || live.with(Option::is_none)>
                        <span class="file-mode">"no longer in the spec"</span>
                    </Show>
                    <Show when=shared>
                        <span class="file-mode">"plain settings"</span>
                    </Show>
                    <span
                        class="figures file-figures"
                        data-complete=move || complete().then_some("")
                        title="required values set"
                    >
                        {move || counts.with(|counts| format!("{}/{}", counts.required_set, counts.required))}
                    </span>
                </summary>
                <Readers place=place.clone() file />
                {rows(required, first)}
                <Show when=move || !optional.with(Vec::is_empty)>
                    <details class="optional" open=optional_open>
                        <summary>
                            {move || format!("{} optional", optional.with(Vec::len))}
                            <span class="faint">
                                {move || match counts.with(|counts| counts.optional_set) {
                                    0 => String::new(),
                                    set => format!("{set} set"),
                                }}
                            </span>
                        </summary>
                        {rows(optional, second.clone())}
                    </details>
                </Show>
            </details>
        </section>
    }
}
