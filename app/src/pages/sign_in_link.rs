//! The page of a one-time link: a button, so that looking at the link does not use it up.

use super::plain_document::plain_document;
use crate::components::logo::Logo;
use leptos::prelude::*;

/// The whole document, as HTML. Its form goes to the page's own address.
pub fn sign_in_link(member: &str) -> String {
    let button = format!("Sign in as {member}");
    plain_document("Sign in", || {
        view! {
            <Logo />
            <section class="card stack">
                <h1>"Sign in"</h1>
                <p>"This link signs you in once, in this browser. If you are signed in here already, that session ends."</p>
                <form method="post">
                    <button type="submit" class="button" data-look="primary" autofocus>
                        {button}
                    </button>
                </form>
            </section>
        }
    })
}
