//! Server functions: forms and calls from the browser.

use super::denials::Denied;
use super::pages::provide;
use crate::auth::{actor_of, browser};
use crate::service::{Keyslot, ServiceError};
use app::api::{Actor, ApiError};
use app::pages::FormProblem;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use leptos::server_fn::axum::server_fn_paths;
use url::form_urlencoded;

/// The name of a problem's id in addresses.
const PROBLEM: &str = FormProblem::QUERY;

/// Largest error answer that is read back, in bytes.
const ERROR_LIMIT: usize = 64 * 1024;

/// `POST /fn/{function}`.
pub async fn call(State(keyslot): State<Keyslot>, jar: CookieJar, mut request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if !server_fn_paths().any(|(known, _)| known == path) {
        return answer(None, &ApiError::UnknownFunction);
    }
    let actor = match actor_of(keyslot.config(), keyslot.store(), &jar).await {
        Ok(actor) => actor,
        Err(error) => return answer(None, &ServiceError::from(error).into()),
    };
    let form = Form::of(request.headers_mut());
    let context = {
        let (keyslot, actor) = (keyslot.clone(), actor.clone());
        move || provide(&keyslot, actor.clone())
    };
    let response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    let (response, error) = match refused(response, actor.as_ref()).await {
        Ok(response) => (response, None),
        Err(error) => (answer(actor.as_ref(), &error), Some(error)),
    };
    match (form, error) {
        (None, _) => response,
        (Some(form), None) => form.done(response),
        (Some(form), Some(error)) => form.failed(&keyslot, &jar, &path, &error, response).await,
    }
}

/// A form that a browser sent by itself and that leads to a page, not to data.
struct Form {
    /// Path and query of the page that it was on, without an earlier problem.
    page: String,
}

impl Form {
    /// Recognizes one by what it accepts. The function itself then answers as to a call: what went wrong would
    /// otherwise stand in the address of the page.
    fn of(headers: &mut HeaderMap) -> Option<Self> {
        let accepts = headers.get(header::ACCEPT)?.to_str().ok()?;
        if !accepts.contains("text/html") {
            return None;
        }
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let page = headers.get(header::REFERER).and_then(|page| page.to_str().ok()?.parse::<Uri>().ok());
        let page = page.and_then(|page| page.path_and_query().cloned());
        Some(Self { page: page.map_or_else(|| "/".to_owned(), |page| without_problem(page.as_str())) })
    }

    /// Leads to where the function sends it, or back.
    fn done(self, response: Response) -> Response {
        let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        Redirect::to(to.unwrap_or(&self.page)).into_response()
    }

    /// Leads back to the page, which shows the problem once.
    async fn failed(
        self,
        keyslot: &Keyslot,
        jar: &CookieJar,
        path: &str,
        error: &ApiError,
        response: Response,
    ) -> Response {
        // Who is signed out has no page to go back to.
        let Some(browser) = browser(keyslot.config(), jar).filter(|_| *error != ApiError::SignedOut) else {
            return Redirect::to("/sign-in").into_response();
        };
        let mut back = match keyslot.store().keep_form_problem(&browser, path, error).await {
            Ok(id) => {
                let between = if self.page.contains('?') { '&' } else { '?' };
                Redirect::to(&format!("{}{between}{PROBLEM}={id}", self.page)).into_response()
            }
            // Better the bare answer than none.
            Err(failure) => {
                tracing::error!(error = %failure, "the problem of a form could not be kept");
                return response;
            }
        };
        *back.extensions_mut() = response.extensions().clone();
        back
    }
}

/// A page's address without the problem that it was led to with.
fn without_problem(page: &str) -> String {
    let Some((path, query)) = page.split_once('?') else { return page.to_owned() };
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != PROBLEM);
    match form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// Takes the error out of an answer that is one. Leptos answers every error with 500; the error itself knows better.
async fn refused(response: Response, actor: Option<&Actor>) -> Result<Response, ApiError> {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return Ok(response);
    }
    let bytes = to_bytes(response.into_body(), ERROR_LIMIT).await.map_err(|_| ApiError::Connection)?;
    let error = serde_json::from_slice(&bytes).unwrap_or(ApiError::Connection);
    tracing::debug!(member = ?actor.map(|actor| &actor.member), status = ApiError::status(&error), "a call was refused");
    Err(error)
}

fn answer(actor: Option<&Actor>, error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = serde_json::to_string(error).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
    if let Some(denied) = Denied::of(actor, error) {
        response.extensions_mut().insert(denied);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_problem_leaves_the_address() {
        assert_eq!(without_problem("/"), "/");
        assert_eq!(without_problem("/sessions/s?tab=info"), "/sessions/s?tab=info");
        assert_eq!(without_problem(&format!("/?{PROBLEM}=1")), "/");
        assert_eq!(without_problem(&format!("/a?{PROBLEM}=1&q=x+y&{PROBLEM}=2")), "/a?q=x+y");
    }

    #[test]
    fn a_form_never_leads_off_this_server() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        headers.insert(header::REFERER, HeaderValue::from_static("https://evil.test/path?q=1"));
        assert_eq!(Form::of(&mut headers).map(|form| form.page), Some("/path?q=1".to_owned()));
    }
}
