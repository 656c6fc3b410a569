//! What a value of the organization reaches, told before it is saved.

use super::words;
use crate::api::environment::EnvironmentTarget;
use crate::api::releases::get_secret_reach;
use domain::KeyName;
use domain::secret_use::SecretReach;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is said where no script can ask: it holds for every key.
pub const UNASKED: &str = "A value for the organization reaches every configuration that may use the key, and replaces the one that is there.";

/// The same on a page whose scripts do not run.
#[component]
pub fn WithoutScripts() -> impl IntoView {
    // What is inside is no element to a browser that runs scripts, so that nothing may look for one there.
    view! { <noscript inner_html=format!(r#"<p class="hint">{UNASKED}</p>"#) /> }
}

/// The sentence for the key that is typed, or the keys that the form is about.
#[component]
pub fn Reach(
    /// The keys; none while another place is chosen.
    keys: Signal<Vec<KeyName>>,
    /// The environment whose configuration the value is released to when it is saved.
    #[prop(optional_no_strip)]
    target: Option<EnvironmentTarget>,
    /// Id in the document.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    let reach = RwSignal::new(None::<SecretReach>);
    Effect::new(move || {
        let (wanted, target) = (keys.get(), target.clone());
        reach.set(None);
        if wanted.is_empty() {
            return;
        }
        spawn_local(async move {
            let answer = get_secret_reach(wanted.clone(), target).await.ok();
            // Of several answers that of the keys which stand there counts.
            if keys.try_get_untracked().is_some_and(|now| now == wanted) {
                reach.try_set(answer);
            }
        });
    });
    view! {
        <p class="hint secret-reach" id=id role="status">
            {move || reach.get().map(told)}
        </p>
    }
}

/// "Used by 2 configurations now, fills 5 missing values."
pub fn told(reach: SecretReach) -> String {
    let mut text = match reach.uses {
        0 => "No configuration uses it now.".to_owned(),
        uses => format!("Used by {} now", words::count(uses, "configuration")),
    };
    if reach.uses > 0 {
        text += &match reach.fills {
            0 => ".".to_owned(),
            fills => format!(", fills {}.", words::count(fills, "missing value")),
        };
    }
    text + &held(reach.held)
}

/// How many configurations ask before they use it.
pub fn held(held: usize) -> String {
    match held {
        0 => String::new(),
        1 => " 1 configuration has the key and uses the value once you let it.".to_owned(),
        held => format!(" {held} configurations have the key and use the value once you let them."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_value_reaches_is_told_in_one_sentence_or_two() {
        let told = |uses, fills, held| told(SecretReach { uses, fills, held });
        assert_eq!(told(2, 5, 0), "Used by 2 configurations now, fills 5 missing values.");
        assert_eq!(told(1, 0, 0), "Used by 1 configuration now.");
        assert_eq!(
            told(0, 0, 1),
            "No configuration uses it now. 1 configuration has the key and uses the value once you let it."
        );
    }
}
