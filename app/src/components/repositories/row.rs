//! One configuration of the list. What changes about it changes in place, so that the keyboard stays where it is.

use super::session_link::SessionLink;
use super::start::Start;
use crate::api::gate::BootPolicy;
use crate::api::repositories::{ConfigurationRow, SessionRow};
use crate::api::sessions::SessionKind;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::Problem;
use crate::components::words;
use crate::domain::RelativePath;
use crate::domain::environment::{Counts, Readiness};
use leptos::prelude::*;

/// Sessions that a row lists.
const SESSIONS: usize = 4;

/// A row.
#[component]
pub fn Row(
    /// Every configuration as it stands.
    rows: RwSignal<Vec<ConfigurationRow>>,
    /// This one as it was first seen.
    row: ConfigurationRow,
) -> impl IntoView {
    let (error, busy) = (RwSignal::new(None), RwSignal::new(false));
    let (id, name, locations) = (row.id.clone(), row.name.clone(), row.locations.clone());
    // A row that leaves the list keeps its last state until it is gone.
    let wanted = id.clone();
    let row = Memo::new(move |before: Option<&ConfigurationRow>| {
        let found = rows.with(|rows| rows.iter().find(|row| row.id == wanted).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| row.clone())
    });
    let readiness = Memo::new(move |_| row.with(|row| row.readiness));
    let set_up = Memo::new(move |_| row.with(|row| row.set_up));
    let policy = Memo::new(move |_| row.with(|row| row.boot_policy));
    let lacks = move || lacks(readiness.get(), policy.get()).filter(|_| set_up.get());
    let title = words::dom_id(&["configuration", id.as_str()]);
    let (shown, labelled, work) = (id.to_string(), title.clone(), id.clone());
    view! {
        <li class="row" data-configuration=shown aria-labelledby=labelled>
            <div class="row-inner">
                <div class="row-head">
                    <h2 id=title>{name}</h2>
                    {move || {
                        let readiness = readiness.get();
                        view! {
                            <span class="chip" data-tone=words::readiness_tone(readiness) data-readiness="">
                                <Icon shape=readiness_icon(readiness) />
                                {words::readiness(readiness)}
                            </span>
                        }
                    }}
                </div>
                <p class="row-places">
                    {locations.into_iter().map(|location| view! { <code>{location}</code> }).collect_view()}
                </p>
                <FileCounts files=Memo::new(move |_| row.with(|row| row.files.clone())) />
                <Sessions sessions=Memo::new(move |_| row.with(|row| row.sessions.clone())) />
                {move || lacks().map(|text| view! { <p class="hint">{text}</p> })}
                <div class="row-actions">
                    <Show when=move || set_up.get()>
                        <Start
                            configuration=work.clone()
                            kind=SessionKind::Work
                            label="Start work session"
                            error
                            busy
                        />
                    </Show>
                    <Start configuration=id kind=SessionKind::Setup label="Start setup session" error busy />
                </div>
                <Problem error=error />
            </div>
        </li>
    }
}

/// Required values set, by file.
#[component]
fn FileCounts(files: Memo<Vec<(RelativePath, Counts)>>) -> impl IntoView {
    let count = |(place, counts): (RelativePath, Counts)| {
        let complete = counts.required_set == counts.required;
        let figures = format!("{}/{}", counts.required_set, counts.required);
        view! {
            <li class="file-count" data-complete=complete.then_some("")>
                <code>{place.to_string()}</code>
                " "
                <span class="figures">{figures}</span>
            </li>
        }
    };
    move || {
        let files = files.get();
        (!files.is_empty()).then(|| {
            view! {
                <ul class="file-counts" role="list" aria-label="Required values set, by file">
                    {files.into_iter().map(count).collect_view()}
                </ul>
            }
        })
    }
}

/// The newest sessions.
#[component]
fn Sessions(sessions: Memo<Vec<SessionRow>>) -> impl IntoView {
    let some = Memo::new(move |_| sessions.with(|sessions| !sessions.is_empty()));
    let newest = move || sessions.with(|sessions| sessions.iter().take(SESSIONS).cloned().collect::<Vec<_>>());
    view! {
        <Show when=move || some.get()>
            <ul class="session-links" role="list" aria-label="Newest sessions">
                <For each=newest key=|session| session.id.clone() let:session>
                    <SessionLink session sessions />
                </For>
            </ul>
        </Show>
    }
}

/// What a work session would lack.
fn lacks(readiness: Readiness, policy: BootPolicy) -> Option<String> {
    match readiness {
        Readiness::Needs(values) if policy == BootPolicy::Block => {
            Some(format!("A work session would wait for {}.", words::count(values, "required value")))
        }
        Readiness::Conflict(slots) if policy == BootPolicy::Block => Some(format!(
            "A work session would wait until {} resolved.",
            if slots == 1 { "1 conflict is".to_owned() } else { format!("{slots} conflicts are") }
        )),
        Readiness::Needs(values) => {
            Some(format!("A work session would start without {}.", words::count(values, "required value")))
        }
        Readiness::Conflict(slots) => Some(format!(
            "A work session would leave out {}.",
            words::count(slots, "key in conflict").replace("key in conflicts", "keys in conflict")
        )),
        Readiness::Ready | Readiness::NoSpec => None,
    }
}

fn readiness_icon(readiness: Readiness) -> Shape {
    match readiness {
        Readiness::NoSpec => Shape::Circle,
        Readiness::Ready => Shape::Check,
        Readiness::Needs(_) => Shape::Alert,
        Readiness::Conflict(_) => Shape::Split,
    }
}
