//! The configurations, a row each.

use crate::api::repositories::{ConfigurationRow, SessionRow};
use crate::api::sessions::{SessionKind, StartSession, path_of, start_session};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::{Problem, form_problem};
use crate::components::words;
use crate::domain::environment::Readiness;
use crate::domain::ids::ConfigurationId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// Sessions that a row lists.
const SESSIONS: usize = 4;

/// Every configuration, newest first.
#[component]
pub fn ConfigurationList(rows: Vec<ConfigurationRow>) -> impl IntoView {
    let problem = Signal::stored(form_problem(StartSession::PATH));
    let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    view! {
        <Problem error=problem />
        <ul class="rows" role="list">
            {rows}
        </ul>
    }
}

#[component]
fn Row(row: ConfigurationRow) -> impl IntoView {
    let error = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let title = words::dom_id(&["configuration", row.id.as_str()]);
    let labelled = title.clone();
    let files = row.files.iter().map(|(place, counts)| {
        let complete = counts.required_set == counts.required;
        let figures = format!("{}/{}", counts.required_set, counts.required);
        view! {
            <li class="file-count" data-complete=complete.then_some("")>
                <code>{place.to_string()}</code>
                " "
                <span class="figures">{figures}</span>
            </li>
        }
    });
    let lacks = match row.readiness {
        Readiness::Needs(values) => {
            Some(format!("A work session would start without {}.", words::count(values, "required value")))
        }
        Readiness::Conflict(slots) => Some(format!(
            "A work session would leave out {}.",
            words::count(slots, "key in conflict").replace("key in conflicts", "keys in conflict")
        )),
        Readiness::Ready | Readiness::NoSpec => None,
    };
    let sessions = row.sessions.iter().take(SESSIONS).cloned().map(|session| view! { <SessionLink session /> });
    view! {
        <li class="row" data-configuration=row.id.to_string() aria-labelledby=labelled>
            <div class="row-inner">
                <div class="row-head">
                    <h2 id=title>{row.name.clone()}</h2>
                    <span class="chip" data-tone=words::readiness_tone(row.readiness) data-readiness="">
                        <Icon shape=readiness_icon(row.readiness) />
                        {words::readiness(row.readiness)}
                    </span>
                </div>
                <p class="row-places">
                    {row.locations.iter().map(|location| view! { <code>{location.clone()}</code> }).collect_view()}
                </p>
                {(!row.files.is_empty())
                    .then(|| {
                        view! {
                            <ul class="file-counts" role="list" aria-label="Required values set, by file">
                                {files.collect_view()}
                            </ul>
                        }
                    })}
                {(!row.sessions.is_empty())
                    .then(|| {
                        view! {
                            <ul class="session-links" role="list" aria-label="Newest sessions">
                                {sessions.collect_view()}
                            </ul>
                        }
                    })}
                {lacks.filter(|_| row.set_up).map(|text| view! { <p class="hint">{text}</p> })}
                <div class="row-actions">
                    {row
                        .set_up
                        .then(|| {
                            view! {
                                <Start
                                    configuration=row.id.clone()
                                    kind=SessionKind::Work
                                    label="Start work session"
                                    error
                                    busy
                                />
                            }
                        })}
                    <Start
                        configuration=row.id.clone()
                        kind=SessionKind::Setup
                        label="Start setup session"
                        error
                        busy
                    />
                </div>
                <Problem error=error />
            </div>
        </li>
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

#[component]
fn Start(
    configuration: ConfigurationId,
    kind: SessionKind,
    label: &'static str,
    error: RwSignal<Option<crate::api::ApiError>>,
    busy: RwSignal<bool>,
) -> impl IntoView {
    let (name, look) = match kind {
        SessionKind::Setup => ("setup", None),
        SessionKind::Work => ("work", Some("primary")),
    };
    let id = configuration.to_string();
    let start = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let configuration = configuration.clone();
        spawn_local(async move {
            match start_session(configuration, kind).await {
                Ok(path) => browser::go(&path),
                Err(problem) => {
                    error.set(Some(problem));
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <form method="post" action=StartSession::url() on:submit=start>
            <input type="hidden" name="configuration" value=id />
            <input type="hidden" name="kind" value=name />
            <button class="button" data-look=look aria-busy=move || busy.get().then_some("true")>
                {label}
            </button>
        </form>
    }
}

#[component]
fn SessionLink(session: SessionRow) -> impl IntoView {
    view! {
        <li>
            <a class="session-link" href=path_of(&session.id)>
                <span class="chip-dot" data-tone=words::state_tone(session.state) aria-hidden="true"></span>
                <span>{words::kind(session.kind)}</span>
                <span class="faint">{words::state(session.state)}</span>
                <Moment at=session.created_at />
            </a>
        </li>
    }
}
