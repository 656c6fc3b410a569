//! Which programs read a file: guessed from the checkout, named by agents, changed by people.

use crate::support::{Site, json_spec, rows_of};
use app::api::ApiError;
use app::api::thread::ThreadEvent;
use domain::Environment;
use domain::member::Role;
use domain::reader::Reader;
use serde_json::json;

fn readers(environment: &Environment) -> &[Reader] {
    &environment.files[0].readers
}

async fn a_person_changes_the_readers_and_hears_first_which_values_do_not_fit(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "B"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    owner.save((&target, ".env", "A"), "session", "canary$one\ntwo").await.expect("saved");
    owner.save((&target, ".env", "B"), "session", "pa$word").await.expect("saved");
    let fields = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![("target", target.clone()), ("file", ".env".to_owned())];
        all.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        all
    };
    let call = async |person: &crate::support::Person, more: &[(&'static str, &'static str)]| {
        let fields = fields(more);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        person.call::<Environment>("set_file_readers", &fields).await
    };

    let docker = [("readers[]", "docker"), ("readers[]", "next")];
    let vera = site.member(&site.organization().await, "vera", Role::Viewer).await;
    let eve = site.member(&site.other_organization().await, "eve", Role::Owner).await;
    let stored = rows_of(&site.url).await;
    assert_eq!(call(&vera, &docker).await.unwrap_err().status, 403);
    assert_eq!(call(&eve, &docker).await.unwrap_err().status, 404);
    assert_eq!(call(&owner, &[("readers[]", "emacs")]).await.unwrap_err().status, 422);
    assert_eq!(rows_of(&site.url).await, stored, "nothing changed");

    let refusal = call(&owner, &docker).await.unwrap_err();
    let ApiError::Invalid { field, message } = &refusal.error else { panic!("{refusal:?}") };
    assert_eq!((refusal.status, field.as_str()), (422, "readers"));
    assert!(message.contains("A: docker run --env-file cannot read line breaks"), "{message}");
    assert!(message.contains("B: no spelling of this use of dollar signs"), "{message}");
    assert!(!message.contains("canary") && !message.contains("pa$word"), "{message}");
    assert_eq!(readers(&owner.environment(&target).await), [], "nothing changed");

    let changed = call(&owner, &[("readers[]", "next")]).await.expect("every value fits");
    assert_eq!(readers(&changed), [Reader::Next]);
    assert_eq!(changed.chosen_readers.len(), 1);
    let text = site.file(&session, ".env").expect("a file");
    assert!(text.contains("B='pa\\$word'"), "written anew as Next.js reads it");
    let told = owner
        .thread(&session)
        .await
        .into_iter()
        .any(|entry| matches!(entry.event, ThreadEvent::Readers { readers, .. } if readers == [Reader::Next]));
    assert!(told);

    let store = site.keyslot.store();
    let organization = site.organization().await;
    let named = json!({"files": [{"path": ".env", "readers": ["shell"], "keys": [{"key": "A"}, {"key": "B"}]}]});
    store.save_spec(&organization, &configuration, &json_spec(&named), "agent", None).await.expect("saved");
    assert_eq!(readers(&owner.environment(&target).await), [Reader::Next], "the choice stands over what agents name");

    let anyway = call(&owner, &[("readers[]", "docker"), ("anyway", "true")]).await.expect("changed anyway");
    assert_eq!(readers(&anyway), [Reader::Docker]);
    let refused = owner.session(&session).await.expect("a session").receipt.expect("a receipt");
    let reason = refused.files[0].refused.as_deref().expect("the file is refused");
    assert!(reason.contains("docker run --env-file") && !reason.contains("canary"), "{reason}");

    let taken_back = call(&owner, &[("declared", "true")]).await.expect("taken back");
    assert_eq!(readers(&taken_back), [Reader::Shell], "what the agent named meanwhile");
    assert!(taken_back.chosen_readers.is_empty());
}

async fn without_scripts_the_panel_opens_the_choice_and_sends_it(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "readers": ["next"], "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let page = format!("/sessions/{session}?tab=environment");
    let closed = owner.get(&page).await.text;
    assert!(closed.contains("Read by ") && closed.contains("value=\".env:Next.js\""));
    assert!(!closed.contains("/fn/set_file_readers"));
    let opened = format!("{page}&readers=.env:Next.js");
    let open = owner.get(&opened).await.text;
    assert!(open.contains("Programs that read .env") && open.contains("/fn/set_file_readers"));
    let headers = [("accept", "text/html"), ("referer", opened.as_str()), ("sec-fetch-site", "same-origin")];
    let target = format!("session:{session}");
    let fields = [("target", target.as_str()), ("file", ".env"), ("readers[]", "compose"), ("readers[]", "next")];
    let sent = owner.post("/fn/set_file_readers", &headers, &fields).await;
    assert!(sent.status.is_redirection(), "{}", sent.status);
    assert_eq!(readers(&owner.environment(&target).await), [Reader::Compose, Reader::Next]);
    let after = owner.get(&opened).await.text;
    assert!(after.contains("docker compose, Next.js") && after.contains("according to "), "closed, with who said so");
    assert!(!after.contains("/fn/set_file_readers"));
}

async fn a_scan_guesses_the_readers_and_shows_why(site: Site) {
    let owner = site.owner().await;
    let files = [(".env.example", "PORT=3000\n"), ("package.json", "{\"dependencies\": {\"next\": \"^16\"}}\n")];
    let location = site.repository("shop", &files);
    let session = owner.connected(&location).await.id;
    let environment = owner.environment(&format!("session:{session}")).await;
    assert_eq!(readers(&environment), [Reader::Next]);
    let page = owner.get(&format!("/sessions/{session}?tab=environment")).await.text;
    assert!(page.contains("Found in the checkout") && page.contains("package.json:1"));
    let said = owner.thread(&session).await.into_iter().any(|entry| {
        matches!(entry.event, ThreadEvent::Message { text, .. } if text.contains(".env is read by Next.js (package.json:1)"))
    });
    assert!(said);
}

crate::on_both!(
    a_person_changes_the_readers_and_hears_first_which_values_do_not_fit,
    without_scripts_the_panel_opens_the_choice_and_sends_it,
    a_scan_guesses_the_readers_and_shows_why,
);
