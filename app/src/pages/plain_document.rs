//! Documents without scripts, for what must not be fetched again or must work before anything else does.

use leptos::prelude::*;

/// A whole document around what `content` makes, as HTML.
pub(super) fn plain_document<V: IntoView>(title: &'static str, content: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    owner.with(|| {
        let head = super::shell::about(title);
        let document = view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>{head}</head>
                <body>
                    <main class="front" id="main">{content()}</main>
                </body>
            </html>
        };
        document.to_html()
    })
}
