//! The document around every page.

use super::{App, RequestPath, Route};
use leptos::nonce::use_nonce;
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

/// What search engines and link previews say, of pages that strangers may see.
const DESCRIPTION: &str = "Keyslot shows which environment variables a workspace needs, which are missing, and takes \
    their values, for workspaces in which AI coding agents work.";

/// The full HTML document of the page that [`RequestPath`] names.
pub fn shell() -> impl IntoView {
    let path = use_context::<RequestPath>().map(|path| path.0).unwrap_or_default();
    let title = Route::parse(&path).title();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                {about(title)}
                {hydration()}
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Loads and starts the browser's part.
///
/// The framework's own component writes the nonce into `crossorigin` as well, where style sheets can read it; from a
/// script's `nonce` attribute browsers let nobody read it.
fn hydration() -> impl IntoView {
    let (script, program) = ("/pkg/keyslot.js", "/pkg/keyslot_bg.wasm");
    let start = format!(
        "import({script:?}).then((browser) => browser.default({{ module_or_path: {program:?} }}).then(() => \
         browser.hydrate()))"
    );
    view! {
        <link rel="modulepreload" href=script crossorigin="anonymous" />
        // After the styles: what is visible is painted without it.
        <link
            rel="preload"
            href=program
            r#as="fetch"
            r#type="application/wasm"
            crossorigin="anonymous"
            fetchpriority="low"
        />
        <script type="module" nonce=use_nonce() inner_html=start></script>
    }
}

/// What the head of every document says: its title after these words, and its style layers.
pub(super) fn about(title: &'static str) -> impl IntoView {
    let styles = STYLES.map(|name| view! { <link rel="stylesheet" href=format!("/style/{name}.css") /> });
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content=DESCRIPTION />
        <meta name="color-scheme" content="light dark" />
        // As inner HTML, because a text child would be followed by the framework's marker, which titles show.
        <title inner_html=format!("{title} · Keyslot")></title>
        <link rel="icon" type="image/svg+xml" href="/style/favicon.svg" />
        {styles.collect_view()}
    }
}
