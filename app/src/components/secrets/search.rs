//! Which secrets a search finds.

use crate::api::secrets::SecretView;

/// The words of a search; each must be found.
pub fn words(search: &str) -> Vec<String> {
    search.split_whitespace().map(str::to_lowercase).collect()
}

/// Whether every word stands in the key, the description, the name of whoever set it, the name of a configuration that
/// uses it, or is "unused" and nothing does.
pub fn finds(words: &[String], secret: &SecretView) -> bool {
    let key = secret.key.as_str().to_lowercase();
    let description = secret.description.as_deref().unwrap_or_default().to_lowercase();
    let by = secret.set_by.to_lowercase();
    let found = |word: &String| {
        key.contains(word)
            || description.contains(word)
            || by.contains(word)
            || secret.uses.iter().any(|one| one.name.to_lowercase().contains(word))
            || (secret.uses.is_empty() && word == "unused")
    };
    words.iter().all(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::secrets::samples::{secret, used_by};

    #[test]
    fn every_word_must_be_found_somewhere_whatever_its_case() {
        let mut stripe = secret("STRIPE_KEY");
        stripe.description = Some("Takes the money".to_owned());
        stripe.uses = vec![used_by("Shop", &[])];
        for search in ["", "  ", "stripe", "STRIPE", "pe_k", "money", "shop", "ada stripe", "the key"] {
            assert!(finds(&words(search), &stripe), "{search}");
        }
        for search in ["unused", "stripe unused", "stripe api", "stripes"] {
            assert!(!finds(&words(search), &stripe), "{search}");
        }
        assert!(finds(&words("unused"), &secret("LOST")));
    }
}
