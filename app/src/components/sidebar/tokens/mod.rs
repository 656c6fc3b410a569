//! Tokens on the Info tab: who else is let in to this session, how to let somebody in, and how to connect.

mod connect;
mod create;
mod fresh;
mod list;

pub use connect::Connect;
pub use fresh::Fresh;

use crate::components::browser;
use crate::components::show::Show;
use crate::components::workspace::WorkspaceState;
use leptos::prelude::*;

/// The tokens of the session.
#[component]
pub fn Tokens() -> impl IntoView {
    let WorkspaceState { tokens, session, .. } = expect_context();
    let allowed = Memo::new(move |_| tokens.value.with(|tokens| tokens.allowed));
    let over = Memo::new(move |_| session.value.with(|session| session.state.is_over()));
    let fresh = RwSignal::new(None);
    let put_away = Callback::new(move |()| {
        fresh.set(None);
        browser::focus_later("tokens".to_owned());
    });
    view! {
        <section class="tokens" aria-labelledby="tokens">
            <h2 id="tokens" tabindex="-1">
                "Agents and sandboxes"
            </h2>
            <p class="faint">
                "A token lets an agent, or a sandbox elsewhere, into this session alone. \
                 Agents get names and statuses, never values."
            </p>
            <Show
                when=move || allowed.get()
                fallback=|| view! { <p class="hint">"Your role is viewer: members make and revoke tokens."</p> }
            >
                <list::TokenList />
                {move || fresh.get().map(|fresh| view! { <Fresh fresh=fresh done=put_away /> })}
                <Show
                    when=move || !over.get()
                    fallback=|| view! { <p class="hint">"This session has ended: its tokens open nothing."</p> }
                >
                    <create::CreateToken fresh />
                </Show>
            </Show>
        </section>
    }
}
