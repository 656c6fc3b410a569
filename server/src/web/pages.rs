//! Pages, rendered completely on the server so that they work before and without WASM.

use super::headers::content_security_policy;
use crate::auth::{actor_of, browser};
use crate::gateway::Problem;
use crate::service::Keyslot;
use app::api::{Actor, ApiError, Backend};
use app::components::live::Mark;
use app::pages::{FormProblem, PageStatus, RequestPath, Route, shell};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use leptos::nonce::use_nonce;
use leptos::prelude::{expect_context, provide_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;
use url::form_urlencoded;

/// Any page. Who is not signed in gets the sign-in page only. Where no page is, people who are signed in see so on a
/// page, and everybody else gets a problem.
pub async fn render(State(keyslot): State<Keyslot>, jar: CookieJar, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let route = Route::parse(&path);
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return match route {
            Route::NotFound => no_such_address().into_response(),
            _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response(),
        };
    }
    let actor = match actor_of(keyslot.config(), keyslot.store(), &jar).await {
        Ok(actor) => actor,
        Err(error) => {
            tracing::error!(%error, "the session could not be looked up");
            return Problem::from(ApiError::Unavailable).into_response();
        }
    };
    match (&route, &actor) {
        (Route::NotFound, actor) if actor.is_none() || !is_for_people(&request) => {
            return no_such_address().into_response();
        }
        (Route::SignIn, Some(_)) => return Redirect::to("/").into_response(),
        (Route::SignIn, None) | (_, Some(_)) => {}
        (_, None) => return Redirect::to("/sign-in").into_response(),
    }
    let problem = form_problem(&keyslot, &jar, request.uri()).await;
    // Taken before anything is read, so that the page hears of whatever changes from here on.
    let mark = Mark(keyslot.events().mark());
    let context = move || {
        provide_context(RequestPath(path.clone()));
        provide_context(mark.clone());
        provide_context(problem.clone());
        provide(&keyslot, actor.clone());
        let response = expect_context::<ResponseOptions>();
        if let Some(policy) = use_nonce().and_then(|nonce| HeaderValue::from_str(&content_security_policy(&nonce)).ok())
        {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        provide_context(PageStatus(Arc::new(move |status| {
            response.set_status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        })));
    };
    leptos_axum::render_app_async_with_context(context, shell)(request).await
}

/// Whether a person in a browser asks: for a page, at an address that is not set aside for programs.
fn is_for_people(request: &Request) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    let takes_pages = accepted.is_some_and(|accepted| accepted.contains("text/html"));
    takes_pages && !request.uri().path().starts_with("/.well-known/")
}

/// The answer to programs that look for something which is not here, such as OAuth's metadata.
fn no_such_address() -> Problem {
    let detail = "There is nothing at this address. People sign in at /sign-in. Programs (MCP clients and the API) use no \
        OAuth: make a token on the session's Info tab and send it in the header \"Authorization: Bearer ks_sess_…\".";
    Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such address", detail)
}

/// The problem of the form that led here, the first time that its page is asked for.
async fn form_problem(keyslot: &Keyslot, jar: &CookieJar, address: &Uri) -> Option<FormProblem> {
    let query = address.query()?.as_bytes();
    let (_, id) = form_urlencoded::parse(query).filter(|(name, _)| name == FormProblem::QUERY).last()?;
    let taken = keyslot.store().take_form_problem(&browser(keyslot.config(), jar)?, &id).await;
    let (path, error) = taken.inspect_err(|error| tracing::error!(%error, "the problem of a form is lost")).ok()??;
    Some(FormProblem { path, error })
}

/// What server functions and pages find in their context.
pub(super) fn provide(keyslot: &Keyslot, actor: Option<Actor>) {
    provide_context::<Arc<dyn Backend>>(Arc::new(keyslot.clone()));
    if let Some(actor) = actor {
        provide_context(actor);
    }
    provide_context(app::api::Redirect(Arc::new(leptos_axum::redirect)));
}
