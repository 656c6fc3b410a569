//! Reading changes out.

use leptos::prelude::*;

/// A region that screen readers read out when its text changes, in their own time. It is empty until the first change,
/// so that nothing is read out on arrival.
#[component]
pub fn Announce(
    /// What to say. The same text twice is said once.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let spoken = RwSignal::new(String::new());
    Effect::new(move |before: Option<String>| {
        let text = text.get();
        if before.is_some_and(|before| before != text) {
            spoken.set(text.clone());
        }
        text
    });
    view! {
        <p class="visually-hidden" aria-live="polite">
            {spoken}
        </p>
    }
}
