//! The bar at the top of every page.

use super::icon::{Icon, Shape};
use super::logo::Logo;
use crate::pages::Account;
use leptos::prelude::*;

/// Logo, organization, member and sign-out.
#[component]
pub fn Header() -> impl IntoView {
    let account = use_context::<Option<Account>>().flatten();
    view! {
        <a class="skip" href="#main">
            "Skip to the content"
        </a>
        <header class="bar">
            <Logo />
            {account
                .map(|Account { member, organization }| {
                    view! {
                        <span class="bar-organization">{organization}</span>
                        <span class="bar-gap"></span>
                        <span class="bar-member">{member}</span>
                        <form method="post" action="/sign-out">
                            <button class="button" data-look="quiet">
                                <Icon shape=Shape::Power />
                                <span>"Sign out"</span>
                            </button>
                        </form>
                    }
                })}
        </header>
    }
}
