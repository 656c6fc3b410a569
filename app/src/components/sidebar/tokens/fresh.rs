//! A token that was just made: shown once, with what to do with it.

use super::Connect;
use crate::api::tokens::FreshToken;
use crate::components::browser;
use crate::components::reactive::reactive;
use leptos::prelude::*;

/// The token with a button that copies it, and how to connect.
#[component]
pub fn Fresh(
    /// The token.
    fresh: FreshToken,
    /// Puts it away for good.
    #[prop(into)]
    done: Callback<()>,
) -> impl IntoView {
    let (purpose, server) = (fresh.purpose, fresh.server.clone());
    let title = format!("The token {}", fresh.name);
    let heading = title.clone();
    view! {
        <section class="fresh" aria-label=title>
            <p>
                <strong>{heading}</strong>
                " is shown this once. Copy it now; it cannot be shown again."
            </p>
            <div class="fresh-token">
                <input
                    type="text"
                    class="input"
                    id="fresh-token"
                    aria-label="The token"
                    readonly
                    autocomplete="off"
                    spellcheck="false"
                    value=fresh.token.clone()
                />
                <Copy text=fresh.token.clone() what="the token" />
            </div>
            <Connect purpose server />
            <button class="button" type="button" on:click=move |_| done.run(())>
                "I have it"
            </button>
        </section>
    }
}

/// A button that copies a text.
#[component]
pub fn Copy(
    /// What is copied.
    text: String,
    /// What it is, for its name.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let copied = RwSignal::new(None::<bool>);
    let words = reactive(move || match copied.get() {
        None => "",
        Some(true) => "Copied.",
        Some(false) => "The browser refused: select the text and copy it.",
    });
    view! {
        <button
            class="button"
            type="button"
            aria-label=format!("Copy {what}")
            on:click=move |_| browser::copy(&text, move |done| {
                copied.try_set(Some(done));
            })
        >
            "Copy"
        </button>
        <span class="hint" role="status">
            {words}
        </span>
    }
}
