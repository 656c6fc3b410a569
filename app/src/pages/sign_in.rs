//! The page for people who are signed out.

use super::Address;
use crate::components::icon::{Icon, Shape};
use crate::components::logo::Logo;
use leptos::prelude::*;

/// Says how to get in: with a one-time link.
#[component]
pub fn SignInPage() -> impl IntoView {
    let used = expect_context::<Address>().link_used;
    view! {
        <main class="front" id="main">
            <Logo />
            <section class="card stack">
                <h1>"Sign in"</h1>
                {used
                    .then(|| {
                        view! {
                            <p class="notice" data-tone="warn" role="alert">
                                <Icon shape=Shape::Alert />
                                <span>
                                    <strong>"That link does not work any more."</strong>
                                    " It was used already, it expired, or a newer one took its place. Each link opens Keyslot once."
                                </span>
                            </p>
                        }
                    })}
                <p>
                    "Keyslot has no passwords. Open the one-time link that " <code>"make run"</code>
                    " printed in its terminal on the first start. It works for 10 minutes."
                </p>
                <p>"For a fresh link, run this where the server runs:"</p>
                <pre class="code" tabindex="0"><code>"keyslot-server sign-in-link"</code></pre>
            </section>
        </main>
    }
}
