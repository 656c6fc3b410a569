//! One configuration of the list. What changes about it changes in place, so that the keyboard stays where it is.

use super::ListContext;
use super::held::HeldInRow;
use super::session_link::SessionLink;
use super::start::Start;
use super::values::{Fold, Values, ValuesButton};
use crate::api::configurations;
use crate::api::gate::BootPolicy;
use crate::api::repositories::{ConfigurationRow, SessionRow};
use crate::api::sessions::{self, SessionKind};
use crate::components::icon::{Icon, Shape};
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::words;
use crate::pages::may_edit;
use domain::environment::{Counts, Readiness};
use domain::{Environment, RelativePath};
use leptos::prelude::*;

/// Sessions that a row lists.
const SESSIONS: usize = 4;

/// A row.
#[component]
pub fn Row(
    /// The configuration as it was first seen.
    row: ConfigurationRow,
    /// Its values, where the page was rendered with them.
    first: Option<Environment>,
) -> impl IntoView {
    let rows = expect_context::<ListContext>().rows.value;
    let form = Submission::new(None);
    let id = row.id.clone();
    // A row that leaves the list keeps its last state until it is gone.
    let wanted = id.clone();
    let row = Memo::new(move |before: Option<&ConfigurationRow>| {
        let found = rows.with(|rows| rows.iter().find(|row| row.id == wanted).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| row.clone())
    });
    let fold = Fold::new(id.clone(), first);
    let name = Memo::new(move |_| row.with(|row| row.name.clone()));
    let label = Memo::new(move |_| rows.with(|rows| row.with(|row| label(rows, row))));
    let readiness = Memo::new(move |_| row.with(|row| row.readiness));
    let set_up = Memo::new(move |_| row.with(|row| row.set_up));
    let files = Memo::new(move |_| row.with(|row| row.files.clone()));
    let sessions = Memo::new(move |_| row.with(|row| row.sessions.clone()));
    let policy = Memo::new(move |_| row.with(|row| row.boot_policy));
    let proposals = Memo::new(move |_| row.with(|row| row.proposals));
    let lacks = move || lacks(readiness.get(), policy.get()).filter(|_| set_up.get());
    let title = words::dom_id(&["configuration", id.as_str()]);
    let (shown, labelled, work, page) = (id.to_string(), title.clone(), id.clone(), configurations::path_of(&id));
    let editable = may_edit();
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
                    <Show when=move || { proposals.get() > 0 }>
                        <span class="chip" data-tone="info" data-proposals=proposals>
                            <Icon shape=Shape::Split />
                            {move || words::count(proposals.get(), "proposal")}
                        </span>
                    </Show>
                </div>
                <Places row />
                <div class="row-files">
                    <Show when=move || !files.with(Vec::is_empty)>
                        <ValuesButton fold name=label />
                    </Show>
                    <FileCounts files />
                </div>
                <SessionLinks sessions />
                <HeldInRow row fold label />
                {move || lacks().map(|text| view! { <p class="hint">{text}</p> })}
                <div class="row-actions">
                    {editable
                        .then(|| {
                            view! {
                                <NextStep set_up sessions />
                                <Show when=move || set_up.get()>
                                    <Start
                                        configuration=work.clone()
                                        kind=SessionKind::Work
                                        label="Start work session"
                                        of=label
                                        form
                                    />
                                </Show>
                                <Start
                                    configuration=id
                                    kind=SessionKind::Setup
                                    label="Start setup session"
                                    of=label
                                    form
                                />
                            }
                        })}
                    <a class="button" data-look="quiet" href=page aria-label=move || format!("Configure {}", label.get())>
                        "Configure"
                    </a>
                </div>
                <Problem error=form.error />
                <Values fold row label />
            </div>
        </li>
    }
}

/// What a configuration is called where its name stands alone: with where it comes from if another one has its name, and
/// with its place among those that have both.
fn label(rows: &[ConfigurationRow], row: &ConfigurationRow) -> String {
    let namesakes: Vec<_> = rows.iter().filter(|other| other.name == row.name).collect();
    if namesakes.len() < 2 {
        return row.name.clone();
    }
    let alike: Vec<_> = namesakes.iter().filter(|other| other.locations == row.locations).collect();
    let place = match alike.iter().position(|other| other.id == row.id) {
        Some(at) if alike.len() > 1 => format!(", number {}", at + 1),
        _ => String::new(),
    };
    format!("{} ({}{place})", row.name, row.locations.join(", "))
}

/// Where the repositories come from, and where they are checked out if that is not the workspace itself.
#[component]
fn Places(row: Memo<ConfigurationRow>) -> impl IntoView {
    let places = Memo::new(move |_| {
        row.with(|row| {
            let path = |at: usize| row.repositories.get(at).map(|one| one.workspace_path.clone());
            row.locations.iter().enumerate().map(|(at, place)| (place.clone(), path(at))).collect::<Vec<_>>()
        })
    });
    let place = |(location, path): (String, Option<RelativePath>)| {
        view! {
            <span class="row-place">
                <code>{location}</code>
                {path.filter(|path| !path.is_root()).map(|path| view! { <span>" in "<code>{path.to_string()}</code></span> })}
            </span>
        }
    };
    view! { <p class="row-places">{move || places.get().into_iter().map(place).collect_view()}</p> }
}

/// The way into a setup that is under way, before there is anything else to do.
#[component]
fn NextStep(set_up: Memo<bool>, sessions: Memo<Vec<SessionRow>>) -> impl IntoView {
    let under_way = Memo::new(move |_| {
        let open = |session: &&SessionRow| session.kind == SessionKind::Setup && !session.state.is_over();
        sessions.with(|sessions| sessions.iter().find(open).map(|session| session.id.clone()))
    });
    reactive(move || {
        let look = if set_up.get() { None } else { Some("primary") };
        under_way.get().map(|id| {
            view! {
                <a class="button" data-look=look href=sessions::path_of(&id)>
                    "Continue setup"
                </a>
            }
        })
    })
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
    reactive(move || {
        let files = files.get();
        (!files.is_empty()).then(|| {
            view! {
                <ul class="file-counts" role="list" aria-label="Required values set, by file">
                    {files.into_iter().map(count).collect_view()}
                </ul>
            }
        })
    })
}

/// The newest sessions.
#[component]
pub fn SessionLinks(sessions: Memo<Vec<SessionRow>>) -> impl IntoView {
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::release::ReleaseMode;

    #[test]
    fn configurations_of_one_name_are_told_apart_by_where_they_come_from() {
        let row = |id: &str, name: &str, location: &str| ConfigurationRow {
            id: id.into(),
            name: name.to_owned(),
            repositories: Vec::new(),
            locations: vec![location.to_owned()],
            readiness: Readiness::Ready,
            files: Vec::new(),
            sessions: Vec::new(),
            proposals: 0,
            boot_policy: BootPolicy::default(),
            release_mode: ReleaseMode::default(),
            held: Vec::new(),
            set_up: true,
        };
        let rows =
            [row("1", "web", "a/web"), row("2", "web", "b/web"), row("3", "web", "b/web"), row("4", "api", "api")];
        let labels: Vec<_> = rows.iter().map(|row| label(&rows, row)).collect();
        assert_eq!(labels, ["web (a/web)", "web (b/web, number 1)", "web (b/web, number 2)", "api"]);
    }
}
