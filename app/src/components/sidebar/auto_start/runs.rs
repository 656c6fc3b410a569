//! The commands that this session started, in their row.

use super::run::{Act, Run, What};
use super::wording;
use crate::api::command_runs::{CommandPlace, CommandRuns, CommandState, RestartCommand, RestartCommands, StopCommand};
use crate::components::announce::Announce;
use crate::components::problem::{Problem, form_problem};
use crate::components::reactive::reactive;
use crate::components::workspace::WorkspaceState;
use crate::pages::may_edit;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The list, or where it is. Nothing in a session whose commands do not run.
#[component]
pub fn Runs() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let row = Memo::new(move |_| state.commands.value.get());
    let place = Memo::new(move |_| row.with(|row| row.place));
    let enabled = Memo::new(move |_| state.auto_start.value.with(|lines| lines.iter().any(|line| line.enabled)));
    let problem = [StopCommand::PATH, RestartCommand::PATH, RestartCommands::PATH].into_iter().find_map(form_problem);
    let error = RwSignal::new(problem);
    let states = move || row.with(|row| row.runs.iter().map(|run| run.state).collect::<Vec<CommandState>>());
    let shown = reactive(move || match place.get() {
        CommandPlace::Nowhere => ().into_any(),
        CommandPlace::Idle if !enabled.get() => ().into_any(),
        CommandPlace::Here => view! { <List row error /> }.into_any(),
        CommandPlace::Idle => view! {
            <Frame label="Start all" error>
                <p class="faint">"None of the commands runs in this session at the moment."</p>
            </Frame>
        }
        .into_any(),
        CommandPlace::Elsewhere => view! {
            <section class="runs" aria-labelledby="runs-title">
                <h2 id="runs-title">"In this session"</h2>
                <p class="faint">
                    "The commands of this session run in another server process, on the machine that has its \
                     workspace. What they print can be read there."
                </p>
            </section>
        }
        .into_any(),
    });
    view! {
        <Announce text=Signal::derive(move || wording::spoken(&states())) />
        {shown}
        <Problem error />
    }
}

#[component]
fn Frame(label: &'static str, error: RwSignal<Option<crate::api::ApiError>>, children: Children) -> impl IntoView {
    view! {
        <section class="runs" aria-labelledby="runs-title">
            <div class="runs-head">
                <h2 id="runs-title">"In this session"</h2>
                {may_edit().then(|| view! { <Act what=What::RestartAll label error /> })}
            </div>
            {children()}
        </section>
    }
}

#[component]
fn List(row: Memo<CommandRuns>, error: RwSignal<Option<crate::api::ApiError>>) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let made = row.with_untracked(|row| row.made);
    let numbered = move || row.with(|row| row.runs.iter().cloned().enumerate().collect::<Vec<_>>());
    let children = move |(at, run): (usize, _)| {
        let first = state.outputs.with_value(|(of, outputs)| outputs.get(at).filter(|_| *of == made).cloned());
        view! { <Run at row run first error /> }
    };
    view! {
        <Frame label="Restart all" error>
            <ol class="run-list" role="list">
                // A row that was started anew is another row, also where its commands are the same.
                <For each=numbered key=move |(at, _)| (row.with_untracked(|row| row.made), *at) children />
            </ol>
        </Frame>
    }
}
