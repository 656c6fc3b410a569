//! The document around every page.

use super::{App, RequestPath, Route};
use leptos::prelude::*;

/// The style layers in the order in which they count.
const STYLES: [&str; 21] = [
    "tokens",
    "reset",
    "base",
    "controls",
    "components",
    "layout",
    "repositories",
    "configuration",
    "secrets",
    "workspace",
    "tabs",
    "access",
    "thread",
    "panel",
    "slot",
    "entry",
    "snapshots",
    "import",
    "request",
    "proposal",
    "utilities",
];

/// The full HTML document of the page that [`RequestPath`] names.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let path = use_context::<RequestPath>().map(|path| path.0).unwrap_or_default();
    let title = format!("{} · Keyslot", Route::parse(&path).title());
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title>{title}</title>
                <link rel="icon" type="image/svg+xml" href="/style/favicon.svg" />
                {styles()}
                <HydrationScripts options=options />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Links to the style layers.
pub(super) fn styles() -> impl IntoView {
    let links = STYLES.map(|name| view! { <link rel="stylesheet" href=format!("/style/{name}.css") /> });
    links.collect_view()
}
