//! The pages, the document around them, and what the server tells them about the request.

mod configuration;
mod dead_end;
#[cfg(feature = "ssr")]
mod fresh_token;
mod not_found;
#[cfg(feature = "ssr")]
mod plain_document;
mod repositories;
pub mod route;
mod secrets;
mod session;
#[cfg(feature = "ssr")]
mod shell;
mod sign_in;
#[cfg(feature = "ssr")]
mod sign_in_link;

#[cfg(feature = "ssr")]
pub use fresh_token::fresh_token;
pub use route::{Address, Route, Tab};
#[cfg(feature = "ssr")]
pub use shell::shell;
#[cfg(feature = "ssr")]
pub use sign_in_link::sign_in_link;

use crate::api::ApiError;
use crate::components::clock::Clock;
use crate::components::live::Mark;
use domain::member::Role;
use domain::release::Releasers;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Path plus query of the request; the server provides it for each page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath(pub String);

/// The error of a server function that a plain form called, for the page that it led back to. The server provides it;
/// it stands in the page and not in its address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormProblem {
    /// Path of the server function.
    pub path: String,
    /// What it answered.
    pub error: ApiError,
}

impl FormProblem {
    /// The name in a query under which the problem's id leads a browser to the page that tells it.
    pub const QUERY: &str = "form-problem";
}

/// Sets the HTTP status of the page; the server provides it, so that this crate needs no HTTP types.
#[derive(Clone)]
pub struct PageStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

/// Who is signed in, as the header shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The member's name.
    pub member: String,
    /// The organization's name.
    pub organization: String,
    /// What the member may do; the server checks it again.
    pub role: Role,
}

/// Whether whoever looks at the page may change things. Only to leave out what would be refused: the server decides.
pub fn may_edit() -> bool {
    has_role(Role::Member)
}

/// Whether whoever looks at the page may do what takes an admin. Only to leave out what would be refused, as above.
pub fn may_manage() -> bool {
    has_role(Role::Admin)
}

fn has_role(least: Role) -> bool {
    use_context::<Option<Account>>().flatten().is_some_and(|account| account.role >= least)
}

/// Whether whoever looks at the page is one of those who may release a value.
pub fn may_release(releasers: Releasers) -> bool {
    use_context::<Option<Account>>().flatten().is_some_and(|account| releasers.include(account.role))
}

/// Whether whoever looks at the page owns the organization.
pub fn is_owner() -> bool {
    use_context::<Option<Account>>().flatten().is_some_and(|account| account.role == Role::Owner)
}

/// Sets the page's HTTP status while the server renders it; nothing in the browser.
pub fn set_status(status: u16) {
    if let Some(set) = use_context::<PageStatus>() {
        (set.0)(status);
    }
}

/// The whole page inside the document's body.
#[component]
pub fn App() -> impl IntoView {
    let address = Address::parse(&current_path());
    provide_context(address.clone());
    provide_context(SharedValue::new(account).into_inner());
    provide_context(SharedValue::new(|| use_context::<Option<FormProblem>>().flatten()).into_inner());
    provide_context(SharedValue::new(use_context::<Mark>).into_inner());
    provide_context(Clock::new());
    crate::components::browser::forget_form_problem();
    match address.route {
        Route::Repositories => view! { <repositories::RepositoriesPage /> }.into_any(),
        Route::Configuration(id) => view! { <configuration::ConfigurationPage id /> }.into_any(),
        Route::Secrets => view! { <secrets::SecretsPage /> }.into_any(),
        Route::Session(id, tab) => view! { <session::SessionPage id tab /> }.into_any(),
        Route::SignIn => view! { <sign_in::SignInPage /> }.into_any(),
        Route::NotFound => view! { <not_found::NotFoundPage /> }.into_any(),
    }
}

fn current_path() -> String {
    let from_server = use_context::<RequestPath>().map(|path| path.0);
    from_server.or_else(crate::components::browser::path_and_query).unwrap_or_else(|| "/".to_owned())
}

#[cfg(feature = "ssr")]
fn account() -> Option<Account> {
    let actor = use_context::<crate::api::Actor>()?;
    Some(Account { member: actor.name, organization: actor.organization_name, role: actor.role })
}

#[cfg(not(feature = "ssr"))]
fn account() -> Option<Account> {
    None
}
