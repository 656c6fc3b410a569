//! What a value of the organization reaches, told before it is saved.

use super::wording;
use crate::api::releases::get_secret_reach;
use crate::domain::KeyName;
use crate::domain::secret_use::SecretReach;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The sentence for the key that is typed, or that the form is about.
#[component]
pub fn Reach(
    /// The key; nothing while it is none.
    key: Signal<Option<KeyName>>,
    /// Id in the document.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    let reach = RwSignal::new(None::<SecretReach>);
    Effect::new(move || {
        let wanted = key.get();
        let Some(asked) = wanted.clone() else { return reach.set(None) };
        spawn_local(async move {
            let answer = get_secret_reach(asked).await.ok();
            // Of several answers that of the key which stands there counts.
            if key.try_get_untracked().is_some_and(|now| now == wanted) {
                reach.try_set(answer);
            }
        });
    });
    view! {
        <p class="hint secret-reach" id=id role="status">
            {move || reach.get().map(wording::reach)}
        </p>
    }
}
