//! The boot receipt: what the newest boot or live apply did, file by file and key by key.

use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use domain::environment::{AttachedRepository, Status};
use domain::receipt::{BootReceipt, Occasion, ReceiptFile, ReceiptKey};
use leptos::prelude::*;

/// The receipt, or what will stand here.
#[component]
pub fn Receipt() -> impl IntoView {
    let WorkspaceState { session, .. } = expect_context();
    let receipt = Memo::new(move |_| session.value.with(|session| session.receipt.clone()));
    let repositories = session.value.with_untracked(|session| session.repositories.clone());
    view! {
        <section class="receipt" aria-labelledby="receipt-title">
            <h2 id="receipt-title">"Boot receipt"</h2>
            {move || match receipt.get() {
                Some(receipt) => written_out(receipt, &repositories).into_any(),
                None => {
                    view! {
                        <p class="faint">
                            "Nothing was written into this sandbox yet. Once it is, this says which key went into \
                             which file, from where, and what is missing."
                        </p>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

fn written_out(receipt: BootReceipt, repositories: &[AttachedRepository]) -> impl IntoView + use<> {
    let lacking = receipt.lacking().count();
    let occasion = match receipt.occasion {
        Occasion::Boot => "At the start, ",
        Occasion::Live => "While running, ",
    };
    let total: usize = receipt.files.iter().map(|file| file.keys.len()).sum();
    let warnings = receipt.warnings.iter().map(|warning| {
        view! {
            <li class="notice" data-tone="warn">
                <Icon shape=Shape::Alert />
                <span>{warning.clone()}</span>
            </li>
        }
    });
    let anyway = receipt.started_anyway.clone().map(|by| {
        view! { <li>{format!("Started anyway by {by}, without waiting for the rest.")}</li> }
    });
    let removed = receipt.removed.iter().map(|place| {
        view! {
            <li>
                "Taken out, no longer in the spec: " <code>{place.to_string()}</code>
            </li>
        }
    });
    let submodules = (!receipt.submodules.is_empty()).then(|| {
        view! {
            <li class="notice" data-tone="warn">
                <Icon shape=Shape::Alert />
                <span>{words::submodules(&receipt.submodules)}</span>
            </li>
        }
    });
    view! {
        <p class="receipt-sum">
            <span>{occasion} <Moment at=receipt.at /></span>
            <span class="figures">{format!("{} of {} written", receipt.written(), words::count(total, "key"))}</span>
            {(lacking > 0)
                .then(|| {
                    view! {
                        <strong class="receipt-lacks">{format!("{} missing", words::count(lacking, "required key"))}</strong>
                    }
                })}
        </p>
        <ul class="receipt-notes" role="list">
            {anyway}
            {submodules}
            {warnings.collect_view()}
            {removed.collect_view()}
        </ul>
        {receipt.files.iter().map(|file| file_view(file, repositories)).collect_view()}
    }
}

fn file_view(file: &ReceiptFile, repositories: &[AttachedRepository]) -> impl IntoView + use<> {
    let lacks = |key: &&ReceiptKey| key.required && (file.refused.is_some() || !key.status.is_written());
    let first = file.keys.iter().filter(lacks);
    let rest = file.keys.iter().filter(|key| !lacks(key));
    let rows = first.chain(rest).map(|key| {
        let marked = lacks(&key).then_some("");
        view! {
            <tr data-lacking=marked>
                <th scope="row">
                    <code>{key.key.to_string()}</code>
                </th>
                <td>{outcome(key, file.refused.is_some(), repositories)}</td>
            </tr>
        }
    });
    view! {
        <table class="receipt-file">
            <caption>
                <code>{file.place.to_string()}</code>
                <span class="figures">{format!("{}/{}", file.written(), file.keys.len())}</span>
                {file
                    .refused
                    .clone()
                    .map(|reason| {
                        view! {
                            <span class="notice" data-tone="bad">
                                <Icon shape=Shape::Alert />
                                <span>"Not written: " {reason}</span>
                            </span>
                        }
                    })}
            </caption>
            <thead class="visually-hidden">
                <tr>
                    <th scope="col">"Key"</th>
                    <th scope="col">"Outcome"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

/// What became of a key, in words.
fn outcome(key: &ReceiptKey, refused: bool, repositories: &[AttachedRepository]) -> String {
    let text = match (key.status, &key.source, key.version) {
        (Status::Set, Some(source), Some(version)) => {
            format!("{}, version {version}", words::scope(source, repositories))
        }
        (Status::Set, Some(source), None) => words::scope(source, repositories),
        (Status::Set, None, _) => "stored value".to_owned(),
        (Status::Default, ..) => "default of the spec".to_owned(),
        (Status::Missing, ..) if key.required => "missing".to_owned(),
        (Status::Missing, ..) => "not set, optional".to_owned(),
        (Status::Held, ..) => "left out: the organization has a value that was not released".to_owned(),
        (Status::Conflict, ..) => "left out: repositories disagree".to_owned(),
        (Status::Unreadable, ..) => "left out: cannot be opened".to_owned(),
    };
    if refused && key.status.is_written() { format!("not written ({text})") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::KeyName;
    use domain::environment::Scope;

    fn key(status: Status, required: bool) -> ReceiptKey {
        ReceiptKey { key: KeyName::new("A").expect("a key"), required, status, source: None, version: None }
    }

    #[test]
    fn each_outcome_has_its_words() {
        let set = ReceiptKey { source: Some(Scope::Organization), version: Some(3), ..key(Status::Set, true) };
        assert_eq!(outcome(&set, false, &[]), "organization, version 3");
        assert_eq!(outcome(&set, true, &[]), "not written (organization, version 3)");
        assert_eq!(outcome(&key(Status::Missing, true), false, &[]), "missing");
        assert_eq!(outcome(&key(Status::Missing, false), false, &[]), "not set, optional");
        assert_eq!(outcome(&key(Status::Unreadable, true), true, &[]), "left out: cannot be opened");
    }
}
