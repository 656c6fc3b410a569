//! What a proposal would change.

use super::wording::visible;
use crate::components::words;
use domain::command::AutoStartCommand;
use domain::proposal::{DiffLine, ProposedChange, diff};
use domain::spec::EnvFile;
use leptos::prelude::*;

/// The change in full: nothing of it may hide from whoever decides.
#[component]
pub fn Change(change: ProposedChange) -> impl IntoView {
    match change {
        ProposedChange::Commands { before, after } => view! { <Commands before after /> }.into_any(),
        ProposedChange::Snapshot { name, size, .. } => view! { <Snapshot name size /> }.into_any(),
        ProposedChange::Files { files } => view! { <Files files /> }.into_any(),
        ProposedChange::Finish { missing } => view! {
            <p>"The next session would start without:"</p>
            <ul class="key-list">
                {missing.iter().map(|key| view! { <li><code>{key.to_string()}</code></li> }).collect_view()}
            </ul>
        }
        .into_any(),
    }
}

#[component]
fn Commands(before: Vec<AutoStartCommand>, after: Vec<AutoStartCommand>) -> impl IntoView {
    let line = |line: DiffLine<AutoStartCommand>| {
        let (kind, sign, spoken, command) = match line {
            DiffLine::Kept(command) => ("kept", " ", "stays", command),
            DiffLine::Added(command) => ("added", "+", "added", command),
            DiffLine::Removed(command) => ("removed", "−", "removed", command),
        };
        view! {
            <li class="diff-line" data-line=kind>
                <span class="diff-sign" aria-hidden="true">
                    {sign}
                </span>
                <span class="visually-hidden">{format!("{spoken}: ")}</span>
                <code>{visible(&command.command)}</code>
                {(!command.enabled).then(|| view! { <span class="hint">"not enabled"</span> })}
            </li>
        }
    };
    view! {
        <p>"New work sessions would run these commands, with access to their values:"</p>
        <ol class="diff" role="list" aria-label="Auto-start commands, old and new">
            {diff(&before, &after).into_iter().map(line).collect_view()}
        </ol>
    }
}

#[component]
fn Snapshot(name: String, size: u64) -> impl IntoView {
    let called =
        if name.is_empty() { "A snapshot without a name".to_owned() } else { format!("“{}”", visible(&name)) };
    view! {
        <p>"New sessions would start from this workspace, instead of from a clone or the current snapshot:"</p>
        <p class="proposal-snapshot">
            <strong>{called}</strong>
            <span class="faint figures">{words::bytes(size)}</span>
        </p>
    }
}

#[component]
fn Files(files: Vec<EnvFile>) -> impl IntoView {
    let file = |file: EnvFile| {
        let keys = file.keys.iter().map(|slot| {
            let default = slot.default.as_ref().map(|text| {
                view! {
                    <span class="hint">" default "<code>{visible(text)}</code></span>
                }
            });
            view! {
                <li>
                    <code>{slot.key.to_string()}</code>
                    {default}
                </li>
            }
        });
        view! {
            <section class="proposal-file">
                <h4>
                    <code>{visible(file.place().as_str())}</code>
                </h4>
                <ul class="key-list">{keys.collect_view()}</ul>
            </section>
        }
    };
    view! {
        <p>
            "Their names are not those of env files, so programs may read more than variables from them: npm takes its \
             registry from .npmrc, for example. Sessions would write these keys into them:"
        </p>
        {files.into_iter().map(file).collect_view()}
    }
}
