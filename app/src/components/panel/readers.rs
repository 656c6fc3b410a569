//! Which programs read a file, what shows it, and the form that changes it.

use super::PanelContext;
use crate::api::environment::{EnvironmentTarget, SetFileReaders, set_file_readers};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::pages::route::Opened;
use crate::pages::{Address, may_edit};
use domain::RelativePath;
use domain::environment::FileView;
use domain::file_readers::{ChosenReaders, ReaderEvidence, readers_in_words};
use domain::reader::Reader;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// "Read by Next.js, docker compose", and the way to change it.
#[component]
pub fn Readers(place: RelativePath, file: Memo<Option<FileView>>) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let readers =
        Memo::new(move |_| file.with(|file| file.as_ref().map(|file| file.readers.clone()).unwrap_or_default()));
    let wanted = place.clone();
    let chosen = Memo::new(move |_| {
        panel.environment.with(|all| all.chosen_readers.iter().find(|choice| choice.place == wanted).cloned())
    });
    // A file that only an agent asked for is in no saved spec yet.
    let in_spec = Memo::new(move |_| {
        file.with(|file| file.as_ref().is_some_and(|file| file.slots.iter().any(|slot| !slot.only_here)))
    });
    let token = token(panel, &place, &readers.get_untracked());
    let asked = use_context::<Address>().and_then(|address| address.opened) == Some(Opened::Readers(token));
    let open = RwSignal::new(asked && may_edit());
    let known = place.clone();
    view! {
        <div class="readers">
            <p class="readers-line">
                <span class="faint">"Read by "</span>
                {move || readers.with(|readers| readers_in_words(readers))}
                {reactive(move || chosen.get().map(|choice| view! { <By choice /> }))}
            </p>
            {reactive(move || {
                let shown = chosen.with(Option::is_none).then(|| file.with(evidence)).filter(|list| !list.is_empty());
                shown.map(|evidence| view! { <Evidence evidence /> })
            })}
            {may_edit()
                .then(move || {
                    let (at, to_open) = (place.clone(), known.clone());
                    view! {
                        <Show when=move || in_spec.get() && !open.get()>
                            <Change place=to_open.clone() readers open />
                        </Show>
                        {reactive(move || {
                            open.get().then(|| view! { <Choice place=at.clone() readers chosen open /> })
                        })}
                    }
                })}
        </div>
    }
}

fn evidence(file: &Option<FileView>) -> Vec<ReaderEvidence> {
    let known = |file: &FileView| {
        let used = file.reader_evidence.iter().filter(|one| file.readers.contains(&one.reader));
        used.cloned().collect()
    };
    file.as_ref().map(known).unwrap_or_default()
}

/// The text by which a plain form asks to open the choice. It names the readers that were shown, so that it does not open
/// again once they were changed.
fn token(panel: PanelContext, place: &RelativePath, readers: &[Reader]) -> String {
    let shown = readers.iter().map(|reader| reader.name()).collect::<Vec<_>>().join(",");
    panel.target.with_value(|target| match target {
        EnvironmentTarget::Session(_) => format!("{place}:{shown}"),
        EnvironmentTarget::Configuration(id) => format!("{id}:{place}:{shown}"),
    })
}

#[component]
fn By(choice: ChosenReaders) -> impl IntoView {
    view! { <span class="faint">", according to " {choice.by} ", " <Moment at=choice.at /></span> }
}

#[component]
fn Evidence(evidence: Vec<ReaderEvidence>) -> impl IntoView {
    let line = |one: ReaderEvidence| {
        let place = one.line.map_or_else(|| one.path.clone(), |line| format!("{}:{line}", one.path));
        view! {
            <li>
                {one.reader.name()} " " <code>{place}</code>
            </li>
        }
    };
    view! {
        <details class="readers-evidence">
            <summary>"Found in the checkout"</summary>
            <ul>{evidence.into_iter().map(line).collect_view()}</ul>
        </details>
    }
}

/// The button that opens the choice. Without scripts it asks the server for the same.
#[component]
fn Change(place: RelativePath, readers: Memo<Vec<Reader>>, open: RwSignal<bool>) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let (name, value) = panel.query();
    let first = panel.id(&["readers", place.as_str()]);
    let named = place.clone();
    view! {
        <form class="readers-change" method="get" action=format!("#{}", panel.id(&["file", place.as_str()]))>
            <input type="hidden" name=name value=value />
            <button
                type="submit"
                class="button"
                data-look="quiet"
                id=panel.id(&["change-readers", place.as_str()])
                name="readers"
                value=move || readers.with(|readers| token(panel, &named, readers))
                aria-label=format!("Change what reads {place}")
                on:click=move |event| {
                    event.prevent_default();
                    open.set(true);
                    browser::focus_later(first.clone());
                }
            >
                "Change"
            </button>
        </form>
    }
}

#[component]
fn Choice(
    place: RelativePath,
    readers: Memo<Vec<Reader>>,
    chosen: Memo<Option<ChosenReaders>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let form = Submission::new(panel.plain_problem(&[SetFileReaders::PATH]));
    let picked = RwSignal::new(readers.get_untracked());
    let anyway = RwSignal::new(false);
    let (file, button) = (place.clone(), panel.id(&["change-readers", place.as_str()]));
    let back = button.clone();
    let send = Callback::new(move |declared: bool| {
        let (target, file, button) = (panel.target.get_value(), file.clone(), button.clone());
        let call = set_file_readers(target, file, picked.get_untracked(), declared, anyway.get_untracked());
        form.send_for_page(call, move |environment| {
            open.try_set(false);
            panel.changed.run(environment);
            browser::focus_later(button);
        });
    });
    let first = panel.id(&["readers", place.as_str()]);
    let box_of = move |(at, reader): (usize, Reader)| {
        view! {
            <label class="readers-choice">
                <input
                    type="checkbox"
                    name="readers[]"
                    value=reader.wire_name()
                    id=(at == 0).then(|| first.clone())
                    checked=picked.with_untracked(|picked| picked.contains(&reader))
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        picked.update(|picked| {
                            picked.retain(|one| *one != reader);
                            picked.extend(on.then_some(reader));
                        });
                    }
                />
                {reader.name()}
            </label>
        }
    };
    let about = panel.id(&["readers-about", place.as_str()]);
    view! {
        <form
            class="readers-form"
            method="post"
            action=SetFileReaders::url()
            on:submit=move |event| {
                event.prevent_default();
                send.run(false);
            }
        >
            <input type="hidden" name="target" value=panel.target_text() />
            <input type="hidden" name="file" value=place.to_string() />
            <fieldset aria-describedby=about>
                <legend>{format!("Programs that read {place}")}</legend>
                <p class="hint" id=panel.id(&["readers-about", place.as_str()])>
                    "Values are written so that each of these programs reads the same bytes. With none ticked, every common program counts."
                </p>
                <div class="readers-choices">
                    {Reader::ALL.into_iter().enumerate().map(box_of).collect_view()}
                </div>
            </fieldset>
            <Problem error=form.error />
            <label class="readers-choice">
                <input
                    type="checkbox"
                    name="anyway"
                    value="true"
                    on:change=move |event| anyway.set(event_target_checked(&event))
                />
                "Change even if stored values no longer fit"
            </label>
            <div class="readers-actions">
                <button
                    type="submit"
                    class="button"
                    data-look="primary"
                    aria-label=format!("Save what reads {place}")
                    aria-busy=move || form.aria_busy()
                >
                    "Save"
                </button>
                <Show when=move || chosen.with(Option::is_some)>
                    <button
                        type="submit"
                        class="button"
                        name="declared"
                        value="true"
                        on:click=move |event| {
                            event.prevent_default();
                            send.run(true);
                        }
                    >
                        "Use what the spec names"
                    </button>
                </Show>
                <a
                    class="button"
                    data-look="quiet"
                    href=format!("?{}={}", panel.query().0, panel.query().1)
                    on:click=move |event| {
                        event.prevent_default();
                        open.set(false);
                        browser::focus_later(back.clone());
                    }
                >
                    "Cancel"
                </a>
            </div>
        </form>
    }
}
