//! Connecting a repository.

use crate::support::{Person, Refusal, Site};
use app::api::ApiError;

/// The words about the field `location` in a refusal.
fn words(refusal: Refusal) -> String {
    match refusal.error {
        ApiError::Invalid { field, message } if field == "location" => {
            assert_eq!(refusal.status, 422);
            message
        }
        other => panic!("{other:?}"),
    }
}

async fn connected_count(person: &Person) -> usize {
    person.call::<Vec<serde_json::Value>>("list_configurations", &[]).await.expect("rows").len()
}

async fn a_wrong_address_is_refused_in_words_and_nothing_is_stored(site: Site) {
    let owner = site.owner().await;
    let plain = site.folder.join("plain");
    std::fs::create_dir(&plain).unwrap();
    let (plain, absent) = (plain.display().to_string(), site.folder.join("absent").display().to_string());
    for (location, expected) in [
        ("", "Give the git URL"),
        ("shop", "starting with /"),
        (plain.as_str(), "There is no git repository"),
        (absent.as_str(), "There is no git repository"),
        ("https://ada:hunter2@git.test/shop.git", "password or token out"),
        ("ext::sh -c true", "Use an https"),
        ("--upload-pack=true", "neither a git URL nor a path"),
    ] {
        let message = words(owner.connect(location).await.unwrap_err());
        assert!(message.contains(expected), "{location}: {message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    let store = site.keyslot.store();
    assert_eq!(connected_count(&owner).await, 0);
    assert!(store.repositories(&site.organization().await).await.unwrap().is_empty());
}

async fn the_same_repository_is_connected_once_however_it_is_written(site: Site) {
    let (owner, location) = (site.owner().await, site.repository("shop", &[("a.txt", "a")]));
    owner.connect(&location).await.expect("connects");
    for again in [location.clone(), format!("{location}/"), format!("  {location}  ")] {
        let message = words(owner.connect(&again).await.unwrap_err());
        assert!(message.contains("is already connected"), "{message}");
    }
    assert_eq!(connected_count(&owner).await, 1);
}

crate::on_both!(
    a_wrong_address_is_refused_in_words_and_nothing_is_stored,
    the_same_repository_is_connected_once_however_it_is_written,
);
