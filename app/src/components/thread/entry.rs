//! One entry of the thread.

use super::telling::{Told, tell};
use crate::api::thread::ThreadEntry;
use crate::components::clock::Moment;
use crate::components::icon::Icon;
use crate::components::words;
use crate::domain::environment::AttachedRepository;
use leptos::prelude::*;

/// A compact row: icon, sentence, time; details folded.
#[component]
pub fn Entry(entry: ThreadEntry, repositories: Vec<AttachedRepository>) -> impl IntoView {
    let Told { shape, tone, who, tool, text, details } = tell(entry.event, &repositories);
    let who = who.map(|who| match tool {
        true => view! { <code class="entry-tool">{who}</code> }.into_any(),
        false => view! { <strong>{who}</strong> }.into_any(),
    });
    view! {
        <li class="thread-entry" data-tone=tone>
            <span class="entry-icon">
                <Icon shape />
            </span>
            <div class="entry-body">
                <p>{who} " " <span class="entry-text">{text}</span></p>
                {(!details.is_empty())
                    .then(|| {
                        view! {
                            <details class="entry-details">
                                <summary>{words::count(details.len(), "detail")}</summary>
                                <ul role="list">
                                    {details.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                                </ul>
                            </details>
                        }
                    })}
            </div>
            <Moment at=entry.at short=true />
        </li>
    }
}
