//! One command of this session.

use super::output::Output;
use super::wording;
use crate::api::ApiError;
use crate::api::command_runs::{
    CommandOutput, CommandRun, CommandRuns, CommandState, RestartCommand, RestartCommands, StopCommand,
    restart_command, restart_commands, stop_command,
};
use crate::components::clock::Moment;
use crate::components::icon::Icon;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::workspace::WorkspaceState;
use crate::pages::may_edit;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The command, where it stands, what can be done, and what it prints.
#[component]
pub fn Run(
    /// Its place in the row.
    at: usize,
    /// The row as it stands.
    row: Memo<CommandRuns>,
    /// The command as it was first seen.
    run: CommandRun,
    /// What the page was rendered with.
    first: Option<CommandOutput>,
    error: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let command = run.command.clone();
    let run = Memo::new(move |before: Option<&CommandRun>| {
        let found = row.with(|row| row.runs.get(at).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| run.clone())
    });
    let state = Memo::new(move |_| run.with(|run| run.state));
    let held_up = Memo::new(move |_| row.with(|row| row.runs.iter().take(at).any(|run| run.state.halts())));
    let running = Memo::new(move |_| state.get().is_running());
    let name = move || format!("command {}", at + 1);
    let editable = may_edit();
    let again = Signal::derive(move || match state.get() {
        CommandState::Waiting => "Start",
        _ => "Restart",
    });
    view! {
        <li class="run" data-command=at data-state=move || wording::name(state.get())>
            <div class="run-head">
                <code class="run-command">{command}</code>
                <span class="run-facts">
                    <span class="chip" data-tone=move || wording::tone(state.get())>
                        {move || view! { <Icon shape=wording::icon(state.get()) /> }}
                        {move || wording::state(state.get(), held_up.get())}
                    </span>
                    <span class="hint figures">
                        {move || match state.get() {
                            CommandState::Running { since } => {
                                view! {
                                    "since "
                                    <Moment at=since short=true />
                                }
                                    .into_any()
                            }
                            other => wording::took(other).into_any(),
                        }}
                    </span>
                </span>
                <Show when=move || editable>
                    <div class="run-actions">
                        <Show when=move || running.get()>
                            <Act what=What::Stop(at) label="Stop" about=name() error />
                        </Show>
                        <Act what=What::Restart(at) label=again about=name() error />
                    </div>
                </Show>
            </div>
            {editable.then(|| view! { <Output at run first /> })}
        </li>
    }
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Ends one command.
    Stop(usize),
    /// Starts one again.
    Restart(usize),
    /// Starts all of them from the first one on.
    RestartAll,
}

/// A plain form with one button.
#[component]
pub fn Act(
    what: What,
    #[prop(into)] label: Signal<&'static str>,
    /// What it is done to, for those who hear the button alone.
    #[prop(into, optional)]
    about: String,
    error: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::telling(error);
    let (action, at) = match what {
        What::Stop(at) => (StopCommand::url(), Some(at)),
        What::Restart(at) => (RestartCommand::url(), Some(at)),
        What::RestartAll => (RestartCommands::url(), None),
    };
    let act = move |event: SubmitEvent| {
        event.prevent_default();
        let call = async move {
            match what {
                What::Stop(at) => stop_command(state.id(), at).await,
                What::Restart(at) => restart_command(state.id(), at).await,
                What::RestartAll => restart_commands(state.id()).await,
            }
        };
        form.send_for_page(call, move |runs| state.commands.put(runs));
    };
    view! {
        <form method="post" action=action on:submit=act>
            <input type="hidden" name="session" value=state.id().to_string() />
            {at.map(|at| view! { <input type="hidden" name="at" value=at /> })}
            <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                {move || label.get()}
                {(!about.is_empty()).then(|| view! { <span class="visually-hidden">{format!(" {about}")}</span> })}
            </button>
        </form>
    }
}
