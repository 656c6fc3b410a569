//! How far the newest changes have reached the sandboxes that run.

use crate::api::delivery::{Delivery, DeliveryState, RetryApply, SandboxKind, SandboxView, retry_apply};
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::{Problem, form_problem};
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::words;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// One calm line, with what stands in the way folded below it. Nothing while no sandbox runs.
#[component]
pub fn DeliveryLine(
    /// The sandboxes; they may change at any time.
    delivery: Signal<Delivery>,
) -> impl IntoView {
    let sentence = Memo::new(move |_| delivery.with(sentence));
    let failed = Memo::new(move |_| delivery.with(|delivery| behind(delivery).any(has_failed)));
    let complete = move || delivery.with(|delivery| delivery.applied() == delivery.sandboxes.len());
    let lagging = Memo::new(move |_| delivery.with(|delivery| behind(delivery).cloned().collect::<Vec<_>>()));
    let problem = Signal::stored(form_problem(RetryApply::PATH));
    view! {
        <div
            class="delivery"
            data-state=move || match (complete(), failed.get()) {
                (true, _) => "applied",
                (false, true) => "failed",
                (false, false) => "pending",
            }
        >
            // Always there, so that what comes into it is read out.
            <p class="delivery-line" role="status">
                {move || {
                    sentence
                        .get()
                        .map(|text| {
                            let shape = match (complete(), failed.get()) {
                                (true, _) => Shape::Check,
                                (false, true) => Shape::Alert,
                                (false, false) => Shape::Circle,
                            };
                            view! {
                                <Icon shape />
                                <span>{text}</span>
                            }
                        })
                }}
            </p>
            <Problem error=problem />
            <Show when=move || !lagging.with(Vec::is_empty)>
                <details class="delivery-why">
                    <summary>{move || if failed.get() { "Which failed and why" } else { "Which are waiting" }}</summary>
                    <ul role="list">
                        <For
                            each=move || lagging.get()
                            key=|sandbox| (sandbox.id.clone(), sandbox.state.clone())
                            let:sandbox
                        >
                            <Lagging sandbox />
                        </For>
                    </ul>
                </details>
            </Show>
        </div>
    }
}

/// A sandbox that does not have the newest files.
#[component]
fn Lagging(sandbox: SandboxView) -> impl IntoView {
    let reason = match &sandbox.state {
        DeliveryState::Failed { reason } => Some(reason.clone()),
        DeliveryState::Applied | DeliveryState::Pending => None,
    };
    let since = match sandbox.kind {
        SandboxKind::Local => sandbox.applied_at.map(|at| ("Up to date last on ", at)),
        SandboxKind::Remote => sandbox.last_seen_at.map(|at| ("Heard from last on ", at)),
    };
    let name = name(&sandbox);
    let retry = reason.is_some().then(|| view! { <Again sandbox=sandbox.clone() name=name.clone() /> });
    view! {
        <li>
            <p>
                <strong>{name}</strong>
                <span class="faint">
                    {format!("session by {}, ", sandbox.started_by)} <Moment at=sandbox.started_at />
                </span>
            </p>
            <p>
                {match reason {
                    Some(reason) => format!("Not applied: {reason}. It is tried again by itself."),
                    None => "The newest change is on its way.".to_owned(),
                }}
            </p>
            {since.map(|(words, at)| view! { <p class="faint">{words} <Moment at /></p> })}
            {retry}
        </li>
    }
}

/// Tries again now.
#[component]
fn Again(sandbox: SandboxView, name: String) -> impl IntoView {
    let form = Submission::new(None);
    let session = sandbox.session;
    let id = session.to_string();
    let again = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // When it goes well, this row goes away.
        form.send(retry_apply(session.clone()), |()| ());
    };
    view! {
        <form method="post" action=RetryApply::url() on:submit=again>
            <input type="hidden" name="session" value=id />
            <button
                type="submit"
                class="button"
                aria-label=format!("Try again on {name}")
                aria-busy=move || form.aria_busy()
            >
                "Try again"
            </button>
            <Problem error=form.error />
        </form>
    }
}

fn behind(delivery: &Delivery) -> impl Iterator<Item = &SandboxView> {
    delivery.sandboxes.iter().filter(|sandbox| sandbox.state != DeliveryState::Applied)
}

fn has_failed(sandbox: &SandboxView) -> bool {
    matches!(sandbox.state, DeliveryState::Failed { .. })
}

/// `Applied in 2 of 3 sandboxes`; nothing while none runs.
fn sentence(delivery: &Delivery) -> Option<String> {
    match delivery.sandboxes.len() {
        0 => None,
        1 if delivery.applied() == 1 => Some("Applied in the running sandbox".to_owned()),
        all => Some(format!("Applied in {} of {}", delivery.applied(), words::count(all, "running sandbox"))),
    }
}

/// What a sandbox is called.
fn name(sandbox: &SandboxView) -> String {
    match sandbox.kind {
        SandboxKind::Local => "The session's own sandbox".to_owned(),
        SandboxKind::Remote => sandbox.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(states: &[DeliveryState]) -> Delivery {
        let sandbox = |state: &DeliveryState| SandboxView {
            id: "b".into(),
            session: "s".into(),
            started_by: "Ada".to_owned(),
            started_at: 0,
            kind: SandboxKind::Local,
            name: "local".to_owned(),
            state: state.clone(),
            applied_at: None,
            last_seen_at: None,
        };
        Delivery { sandboxes: states.iter().map(sandbox).collect() }
    }

    #[test]
    fn the_line_counts_what_runs() {
        let failed = DeliveryState::Failed { reason: "x".to_owned() };
        let said = |states: &[DeliveryState]| sentence(&delivery(states)).unwrap_or_default();
        assert_eq!(said(&[]), "");
        assert_eq!(said(&[DeliveryState::Applied]), "Applied in the running sandbox");
        assert_eq!(said(std::slice::from_ref(&failed)), "Applied in 0 of 1 running sandbox");
        let three = [DeliveryState::Applied, DeliveryState::Pending, failed];
        assert_eq!(said(&three), "Applied in 1 of 3 running sandboxes");
    }
}
