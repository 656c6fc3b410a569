//! The HTTP surface: pages, server functions, event streams, sign-in and static files.

mod denials;
mod events;
mod functions;
mod headers;
mod health;
mod host;
mod link;
mod pages;
mod refusals;
mod serve;
mod tokens;

pub use link::LinkToken;
pub use serve::{BodyLate, ServeLimits, serve};

use crate::auth;
use crate::gateway;
use crate::service::Keyslot;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

/// Largest request body in bytes: an imported text at its limit, percent-encoded.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Everything that the server answers.
pub fn router(keyslot: Keyslot) -> Router {
    // Pages render on the server's own runtime; a second router in one process finds it set already.
    let _ = any_spawner::Executor::init_tokio();
    let site = &keyslot.config().site;
    // Built files change with each build under the same name, so browsers ask whether theirs is still right.
    let revalidate = || {
        ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
            .layer(middleware::from_fn(refusals::short_names))
    };
    let private = Router::new()
        .route(link::LINK, get(auth::show_link).post(auth::sign_in))
        .route("/sign-out", post(auth::sign_out))
        .route("/events/sessions/{session}", get(events::session))
        .route("/sessions/{session}/tokens", post(tokens::create))
        .route(app::api::live::ORGANIZATION_EVENTS, get(events::organization))
        .route("/fn/{*function}", post(functions::call))
        .fallback(pages::render)
        .layer(from_fn_with_state(keyslot.clone(), host::right_host))
        .layer(middleware::from_fn(headers::no_store))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT));
    let pkg = ServeDir::new(site.join("pkg")).precompressed_br();
    let public = Router::new()
        .route("/healthz", get(health::healthz))
        .nest_service("/pkg", revalidate().service(pkg))
        .nest_service("/style", revalidate().service(ServeDir::new(site.join("style"))));
    let served = public
        .merge(private)
        // State-changing requests need a same-origin proof: Sec-Fetch-Site, or an Origin that matches.
        .layer(CsrfLayer::new())
        // Programs bring a token and no cookie, so they need none.
        .merge(gateway::routes(&keyslot))
        .layer(CompressionLayer::new())
        // A fault of ours answers with an error instead of a dropped connection.
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(refusals::as_problems))
        .layer(middleware::from_fn(headers::harden))
        .layer(from_fn_with_state(keyslot.clone(), denials::log))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(from_fn_with_state(keyslot.clone(), headers::hsts))
        .with_state(keyslot);
    // Around the whole router, because layers of a router run after it has read the address.
    Router::new().fallback_service(ServiceBuilder::new().map_request(link::hide_token).service(served))
}

/// Logs the route's pattern and never the path, which may hold anything.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("page or file", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route)
}
