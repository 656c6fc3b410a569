//! The page that a plain form is answered with when it made a token. It has no scripts and is shown once.

use super::plain_document::plain_document;
use crate::api::ApiError;
use crate::api::sessions::path_of;
use crate::api::tokens::FreshToken;
use crate::components::sidebar::tokens::Connect;
use domain::ids::SessionId;
use leptos::prelude::*;

/// The whole document, as HTML.
pub fn fresh_token(session: &SessionId, made: Result<FreshToken, ApiError>) -> String {
    let back = format!("{}?tab=info", path_of(session));
    plain_document("Token", || {
        let content = match made {
            Ok(fresh) => view! { <Shown fresh /> }.into_any(),
            Err(error) => view! {
                <h1>"No token was made"</h1>
                <p role="alert">{error.to_string()}</p>
            }
            .into_any(),
        };
        view! {
            <section class="card stack">
                {content}
                <p>
                    <a class="button" href=back>
                        "Back to the session"
                    </a>
                </p>
            </section>
        }
    })
}

#[component]
fn Shown(fresh: FreshToken) -> impl IntoView {
    let (purpose, server) = (fresh.purpose, fresh.server.clone());
    view! {
        <h1>{format!("The token {}", fresh.name)}</h1>
        <p>
            "It is shown this once. Copy it now; it cannot be shown again. \
             Reloading this page would make another token."
        </p>
        <label>
            <span class="label">"The token"</span>
            <input type="text" class="input" readonly autofocus autocomplete="off" spellcheck="false" value=fresh.token.clone() />
        </label>
        <Connect purpose server scripted=false />
    }
}
