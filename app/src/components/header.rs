//! The bar at the top of every page.

use super::icon::{Icon, Shape};
use super::logo::Logo;
use crate::api::secrets::SECRETS_PATH;
use crate::pages::{Account, Address, Route};
use leptos::prelude::*;

/// Logo, organization, settings, member and sign-out.
#[component]
pub fn Header() -> impl IntoView {
    let in_settings = use_context::<Address>().is_some_and(|address| address.route == Route::Secrets);
    let account = use_context::<Option<Account>>().flatten();
    view! {
        <a class="skip" href="#main">
            "Skip to the content"
        </a>
        <header class="bar">
            <Logo />
            {account
                .map(|Account { member, organization, .. }| {
                    view! {
                        <span class="bar-organization">{organization}</span>
                        <span class="bar-gap"></span>
                        <nav aria-label="Product">
                            <a class="bar-link" href=SECRETS_PATH aria-current=in_settings.then_some("page")>
                                "Settings"
                            </a>
                        </nav>
                        <span class="bar-member">{member}</span>
                        <form method="post" action="/sign-out">
                            <button type="submit" class="button" data-look="quiet">
                                <Icon shape=Shape::Power />
                                <span>"Sign out"</span>
                            </button>
                        </form>
                    }
                })}
        </header>
    }
}
