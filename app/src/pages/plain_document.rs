//! Documents without scripts, for what must not be fetched again or must work before anything else does.

use leptos::prelude::*;

/// A whole document around what `content` makes, as HTML.
pub(super) fn plain_document<V: IntoView>(title: &str, content: impl FnOnce() -> V) -> String {
    let title = format!("{title} · Keyslot");
    let owner = Owner::new();
    owner.with(|| {
        let styles = super::shell::styles();
        let document = view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <title>{title}</title>
                    <link rel="icon" type="image/svg+xml" href="/style/favicon.svg" />
                    {styles}
                </head>
                <body>
                    <main class="front" id="main">{content()}</main>
                </body>
            </html>
        };
        document.to_html()
    })
}
