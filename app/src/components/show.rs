//! Showing something only while a condition holds.

use leptos::either::Either;
use leptos::prelude::*;

/// The same as leptos's own, which is one more type at each place that uses it: with this one, all of them share one,
/// and the browser gets less code.
#[component]
pub fn Show(
    /// Whether the children are shown.
    #[prop(into)]
    when: Signal<bool>,
    children: ChildrenFn,
    /// What is shown otherwise; nothing, if it is left out.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    // The children stay as they are while the condition stays as it is.
    let when = Memo::new(move |_| when.get());
    move || match when.get() {
        true => Either::Left(children()),
        false => Either::Right(fallback.run()),
    }
}
