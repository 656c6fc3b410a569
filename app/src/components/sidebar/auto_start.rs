//! The Auto-start tab: the commands of the configuration, in order.

use crate::api::ApiError;
use crate::api::auto_start::{AutoStartCommand, SaveAutoStart, save_auto_start};
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::{Problem, form_problem};
use crate::components::workspace::WorkspaceState;
use leptos::ev::SubmitEvent;
use leptos::html::{Form, Input};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// One line of the form.
#[derive(Clone)]
struct Line {
    id: usize,
    first: AutoStartCommand,
    command: NodeRef<Input>,
    enabled: NodeRef<Input>,
}

impl Line {
    fn new(id: usize, first: AutoStartCommand) -> Self {
        Self { id, first, command: NodeRef::new(), enabled: NodeRef::new() }
    }

    fn read(&self) -> AutoStartCommand {
        let of = |field: NodeRef<Input>| field.get_untracked();
        AutoStartCommand {
            command: of(self.command).map(|field| field.value()).unwrap_or_default(),
            enabled: of(self.enabled).is_some_and(|field| field.checked()),
        }
    }
}

/// Stored commands as lines, with an empty one at the end.
fn lines(commands: Vec<AutoStartCommand>, from: usize) -> Vec<Line> {
    let empty = AutoStartCommand { command: String::new(), enabled: true };
    commands.into_iter().chain([empty]).enumerate().map(|(at, command)| Line::new(from + at, command)).collect()
}

/// The form.
#[component]
pub fn AutoStart() -> impl IntoView {
    let WorkspaceState { auto_start, session, .. } = expect_context();
    let configuration = session.value.with_untracked(|session| session.configuration.clone());
    let rows = RwSignal::new(lines(auto_start.get_untracked(), 0));
    let next = StoredValue::new(rows.with_untracked(Vec::len));
    let form = NodeRef::<Form>::new();
    let error = RwSignal::new(form_problem(SaveAutoStart::PATH));
    let saved = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let id = configuration.to_string();
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let commands: Vec<_> = rows.with_untracked(|rows| rows.iter().map(Line::read).collect());
        let configuration = configuration.clone();
        busy.set(true);
        saved.set(false);
        error.set(None::<ApiError>);
        spawn_local(async move {
            match save_auto_start(configuration, commands).await {
                Ok(stored) => {
                    auto_start.set(stored.clone());
                    let from = next.get_value();
                    let fresh = lines(stored, from);
                    next.set_value(from + fresh.len());
                    rows.set(fresh);
                    saved.set(true);
                }
                Err(problem) => error.set(Some(problem)),
            }
            busy.set(false);
        });
    };
    let add = move |_| {
        let id = next.get_value();
        next.set_value(id + 1);
        rows.update(|rows| rows.push(Line::new(id, AutoStartCommand { command: String::new(), enabled: true })));
        request_animation_frame(move || {
            browser::focus(&format!("command-{id}"));
        });
    };
    let numbered = move || rows.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <form class="auto-start" method="post" action=SaveAutoStart::url() node_ref=form on:submit=save>
            <h2>"Auto-start commands"</h2>
            <p class="faint">
                "They belong after the environment is applied, one after the other. \
                 This version stores them and does not run them yet."
            </p>
            <input type="hidden" name="configuration" value=id />
            <ol class="commands" role="list">
                <For
                    each=numbered
                    key=|(_, line)| line.id
                    children=move |(at, line)| view! { <Command at line changed=saved /> }
                />
            </ol>
            <div class="auto-start-actions">
                <button class="button" type="button" on:click=add>
                    <Icon shape=Shape::Plus />
                    "Add a command"
                </button>
                <button class="button" data-look="primary" aria-busy=move || busy.get().then_some("true")>
                    "Save commands"
                </button>
                <span class="hint" role="status">
                    {move || saved.get().then_some("Saved.")}
                </span>
            </div>
            <Problem error=error />
        </form>
    }
}

#[component]
fn Command(at: usize, line: Line, changed: RwSignal<bool>) -> impl IntoView {
    let label = format!("Command {}", at + 1);
    view! {
        <li class="command" on:input=move |_| changed.set(false)>
            <input
                type="checkbox"
                name=format!("commands[{at}][enabled]")
                value="true"
                checked=line.first.enabled
                node_ref=line.enabled
                aria-label=format!("{label} enabled")
            />
            <input
                class="input"
                id=format!("command-{}", line.id)
                type="text"
                name=format!("commands[{at}][command]")
                value=line.first.command.clone()
                node_ref=line.command
                aria-label=label
                placeholder="npm run dev"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
            />
        </li>
    }
}
