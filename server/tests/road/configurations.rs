//! Configurations of several repositories: made, changed and deleted.

use crate::support::{Listening, Person, Refusal, Site, json_spec, rows_of, status};
use app::api::ApiError;
use app::api::configurations::{ConfigurationView, ConnectedRepository};
use app::api::live::ORGANIZATION_EVENTS;
use app::api::repositories::ConfigurationRow;
use domain::environment::{Readiness, Status};
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use serde_json::json;
use server::store::Keys;

/// Lines of the form: repository, location, path.
type Lines<'a> = &'a [(&'a str, &'a str, &'a str)];

async fn create(person: &Person, name: &str, lines: Lines<'_>) -> Result<SessionId, Refusal> {
    let mut fields = vec![("name".to_owned(), name)];
    for (line, (repository, location, path)) in lines.iter().enumerate() {
        for (field, value) in [("repository", repository), ("location", location), ("path", path)] {
            fields.push((format!("places[{line}][{field}]"), *value));
        }
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let path: String = person.call("create_configuration", &fields).await?;
    Ok(SessionId::from(path.strip_prefix("/sessions/").expect("a session's path")))
}

async fn edit(person: &Person, what: &str, fields: &[(&str, &str)]) -> Result<ConfigurationView, Refusal> {
    person.call(&format!("{what}_repository"), fields).await
}

async fn rows(person: &Person) -> Vec<ConfigurationRow> {
    person.call("list_configurations", &[]).await.expect("rows")
}

fn field_of(refusal: Refusal) -> (String, String) {
    match refusal.error {
        ApiError::Invalid { field, message } => (field, message),
        other => panic!("{other:?}"),
    }
}

/// Two repositories with an example file each; the first is connected.
async fn two(site: &Site) -> (Person, String, String, String) {
    let owner = site.owner().await;
    let web = site.repository("web", &[(".env.example", "TOKEN=\nWEB_ONLY=\n")]);
    let api = site.repository("api", &[(".env.example", "TOKEN=\n")]);
    owner.connected(&web).await;
    let connected: Vec<ConnectedRepository> = owner.call("list_repositories", &[]).await.expect("repositories");
    (owner, connected[0].id.to_string(), web, api)
}

async fn a_session_puts_each_repository_at_its_path_and_values_reach_their_owners_files(site: Site) {
    let (owner, web, _, api) = two(&site).await;
    let session =
        create(&owner, " Both ", &[(&web, "", "apps/web"), ("", &api, "apps/api"), ("", "", "")]).await.expect("made");
    let view = owner.wait(&session, "the first apply", |view| view.receipt.is_some()).await;
    assert_eq!(view.configuration_name, "Both");
    let places: Vec<_> = view.repositories.iter().map(|one| (one.name.as_str(), one.workspace_path.as_str())).collect();
    assert_eq!(places, [("web", "apps/web"), ("api", "apps/api")]);
    for place in ["apps/web/.env.example", "apps/api/.env.example"] {
        assert!(site.workspace(&session).join(place).exists(), "{place}");
    }
    // The scan of the setup session found both; a value of one repository stays in its files.
    let target = format!("configuration:{}", view.configuration);
    let of_api = format!("repository:{}", view.repositories[1].id);
    owner.save((&target, "apps/api/.env", "TOKEN"), &of_api, "for the api").await.expect("saved");
    let shown = owner.environment(&target).await;
    assert_eq!(status(&shown, "apps/api/.env", "TOKEN"), Status::Set);
    assert_eq!(status(&shown, "apps/web/.env", "TOKEN"), Status::Missing);
    owner.finish(&session, true).await.expect("finishes");
    let work = owner.work(&view.configuration).await.id;
    assert_eq!(site.assigned(&work, "apps/api/.env"), [("TOKEN".to_owned(), "for the api".to_owned())]);
    assert_eq!(site.file(&work, "apps/web/.env"), None);
    // Making it did not connect the known repository twice.
    assert_eq!(owner.call::<Vec<ConnectedRepository>>("list_repositories", &[]).await.expect("repositories").len(), 2);
}

async fn an_inner_repository_is_cloned_into_the_outer_one_and_in_the_way_is_told(site: Site) {
    let (owner, web, _, api) = two(&site).await;
    let session = create(&owner, "Nested", &[("", &api, "vendor/api"), (&web, "", ".")]).await.expect("made");
    owner.wait(&session, "the first apply", |view| view.receipt.is_some()).await;
    for place in [".git", ".env.example", "vendor/api/.git"] {
        assert!(site.workspace(&session).join(place).exists(), "{place}");
    }
    let full = site.repository("full", &[("vendor/api/README.md", "here already")]);
    let session = create(&owner, "Occupied", &[("", &full, "."), ("", &api, "vendor/api")]).await.expect("made");
    let failed = loop {
        let view = owner.session(&session).await.expect("the session");
        if view.state.is_over() {
            break view;
        }
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
    };
    assert!(failed.error.as_deref().is_some_and(|text| text.contains("has something there")), "{failed:?}");
}

async fn a_bad_line_is_named_and_nothing_is_made(site: Site) {
    let (owner, web, location, api) = two(&site).await;
    let before = rows_of(&site.url).await;
    let cases: &[(&str, Lines<'_>, &str, &str)] = &[
        ("", &[(&web, "", ".")], "name", "Give the configuration a name"),
        ("X", &[], "places[0][repository]", "Choose a connected repository"),
        ("X", &[("", "", ""), ("", "", " . ")], "places[0][repository]", "Choose a connected repository"),
        ("X", &[(&web, "", "a"), ("", &api, "")], "places[1][path]", "Repository 2: give the folder"),
        ("X", &[(&web, "", "a"), ("", &api, "./a/")], "places[1][path]", "has the folder of repository 1 (a)"),
        ("X", &[(&web, "", "../a")], "places[0][path]", "must not leave the workspace"),
        ("X", &[("", &api, "a"), (&web, "", "/b")], "places[1][path]", "not absolute"),
        ("X", &[(&web, "", "a/.git")], "places[0][path]", "nothing is written into .git"),
        ("X", &[(&web, &api, "a")], "places[0][location]", "not both"),
        ("X", &[("unknown", "", "a")], "places[0][repository]", "not connected any more"),
        ("X", &[(&web, "", "a"), ("", &location, "b")], "places[1][repository]", "stands in the list twice"),
        ("X", &[(&web, "", "a"), ("", "/nowhere", "b")], "places[1][location]", "There is no git repository"),
        ("X", &[(&web, "", "a"), ("", "", "b")], "places[1][repository]", "choose a connected repository"),
    ];
    for (name, lines, field, words) in cases {
        let (refused, message) = field_of(create(&owner, name, lines).await.unwrap_err());
        assert_eq!(refused, *field, "{message}");
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(rows_of(&site.url).await, before, "nothing was stored");
}

/// A configuration of `web` and `api`, with a file that belongs to neither.
async fn shared(site: &Site) -> (ConfigurationId, Vec<String>) {
    let spec = json_spec(&json!({"files": [
        {"path": ".env", "keys": [{"key": "A"}]},
        {"path": "api/.env", "keys": [{"key": "A"}]}]}));
    let (id, repositories) = site.configuration(&[("web", "web"), ("api", "api")], &spec).await;
    (id, repositories.iter().map(ToString::to_string).collect())
}

async fn repositories_that_disagree_are_a_conflict_until_one_is_detached(site: Site) {
    let owner = site.owner().await;
    let (id, repositories) = shared(&site).await;
    let session = owner.work(&id).await.id;
    let target = format!("configuration:{id}");
    for (repository, value) in repositories.iter().zip(["one", "other"]) {
        owner.save((&target, ".env", "A"), &format!("repository:{repository}"), value).await.expect("saved");
    }
    assert_eq!(rows(&owner).await[0].readiness, Readiness::Conflict(1));
    assert!(owner.get("/").await.text.contains("Conflict"), "the row says so");
    assert_eq!(site.assigned(&session, ".env"), []);
    assert_eq!(site.assigned(&session, "api/.env"), [("A".to_owned(), "other".to_owned())]);

    let mut news = Listening::open(&site, owner.cookie(), ORGANIZATION_EVENTS, &[]).await.expect("a stream");
    let at = [("configuration", id.as_str()), ("repository", repositories[1].as_str())];
    let view = edit(&owner, "detach", &at).await.expect("detached");
    assert_eq!(view.row.repositories.len(), 1);
    news.until("change", "\"configurations\"").await;
    // The values of the repository that is gone reach this configuration no more, also where it runs.
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), "one".to_owned())]);
    assert_eq!(status(&owner.environment(&target).await, "api/.env", "A"), Status::Set, "the one that is left counts");
    let last = [("configuration", id.as_str()), ("repository", repositories[0].as_str())];
    let refusal = edit(&owner, "detach", &last).await.unwrap_err();
    assert!(
        matches!(&refusal.error, ApiError::Conflict { message } if message.contains("only repository")),
        "{refusal:?}"
    );
    // They are kept for the day that it is attached again.
    let place =
        [("configuration", id.as_str()), ("place[repository]", repositories[1].as_str()), ("place[path]", "api")];
    edit(&owner, "attach", &place).await.expect("attached");
    assert_eq!(rows(&owner).await[0].readiness, Readiness::Conflict(1));
}

async fn a_repository_is_attached_and_moved_and_a_bad_place_is_named(site: Site) {
    let owner = site.owner().await;
    let (id, repositories) = shared(&site).await;
    let docs = site.repository("docs", &[("a.txt", "a")]);
    let at = |field: &'static str, value: &'static str| (field, value);
    for (place, field, words) in [
        (
            [("place[location]", docs.as_str()), at("place[path]", "web")],
            "place[path]",
            "Another repository, web, is checked out at web",
        ),
        ([("place[location]", docs.as_str()), at("place[path]", "")], "place[path]", "Give the folder"),
        (
            [("place[repository]", repositories[0].as_str()), at("place[path]", "x")],
            "place[repository]",
            "attached already",
        ),
        ([("place[location]", "/nowhere"), at("place[path]", "x")], "place[location]", "no git repository"),
    ] {
        let fields = [&[("configuration", id.as_str())], &place[..]].concat();
        let (refused, message) = field_of(edit(&owner, "attach", &fields).await.unwrap_err());
        assert_eq!(refused, field);
        assert!(message.contains(words), "{message}");
    }
    let fields = [("configuration", id.as_str()), ("place[location]", docs.as_str()), ("place[path]", "docs/")];
    let view = edit(&owner, "attach", &fields).await.expect("attached");
    let paths = |view: &ConfigurationView| {
        view.row.repositories.iter().map(|one| one.workspace_path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&view), ["web", "api", "docs"]);
    let moved =
        |path: &'static str| [("configuration", id.as_str()), ("repository", repositories[1].as_str()), ("path", path)];
    let (field, message) = field_of(edit(&owner, "move", &moved("docs")).await.unwrap_err());
    assert!(field == "place[path]" && message.contains("docs, is checked out"), "{field}: {message}");
    assert_eq!(
        paths(&edit(&owner, "move", &moved("services/api")).await.expect("moved")),
        ["web", "services/api", "docs"]
    );
    // The file of the old place belongs to nobody alone now.
    let shown = owner.environment(&format!("configuration:{id}")).await;
    assert!(shown.files.iter().all(|file| file.owner.is_none()));
}

async fn a_new_name_is_told_everywhere(site: Site) {
    let owner = site.owner().await;
    let (id, _) = shared(&site).await;
    let session = owner.work(&id).await.id;
    let rename = async |name: &'static str| {
        let fields = [("configuration", id.as_str()), ("name", name)];
        owner.call::<ConfigurationView>("rename_configuration", &fields).await
    };
    assert_eq!(rename("  Shop with API ").await.expect("renamed").row.name, "Shop with API");
    assert_eq!(owner.session(&session).await.expect("the session").configuration_name, "Shop with API");
    assert!(owner.get(&format!("/configurations/{id}")).await.text.contains("Shop with API"));
    let long = "x".repeat(101);
    for name in ["", "   ", long.as_str(), "a\u{7}b"] {
        let fields = [("configuration", id.as_str()), ("name", name)];
        let refusal = owner.call::<ConfigurationView>("rename_configuration", &fields).await.unwrap_err();
        assert_eq!(field_of(refusal).0, "name");
    }
}

async fn a_configuration_is_deleted_once_nothing_of_it_runs_and_values_stay(site: Site) {
    let owner = site.owner().await;
    let (id, repositories) = shared(&site).await;
    let target = format!("configuration:{id}");
    let scope = format!("repository:{}", repositories[0]);
    owner.save((&target, ".env", "A"), &scope, "kept").await.expect("saved");
    let session = owner.work(&id).await.id;
    let view: ConfigurationView =
        owner.call("get_configuration", &[("configuration", id.as_str())]).await.expect("a view");
    assert_eq!((view.sessions, view.running.len(), &view.running[0].id), (1, 1, &session));
    let delete = async || owner.call::<()>("delete_configuration", &[("configuration", id.as_str())]).await;
    let refusal = delete().await.unwrap_err();
    assert!(matches!(&refusal.error, ApiError::Conflict { message } if message.contains("still runs")), "{refusal:?}");
    owner.end(&session).await.expect("ends");
    delete().await.expect("deleted");

    assert_eq!(rows(&owner).await, []);
    assert_eq!(owner.get(&format!("/configurations/{id}")).await.status.as_u16(), 404);
    assert_eq!(owner.session(&session).await.unwrap_err().status, 404);
    assert_eq!(owner.start(&id, "work").await.unwrap_err().status, 404);
    assert_eq!(delete().await.unwrap_err().status, 404);
    let secrets = site.keyslot.store().secrets(&site.organization().await, Keys::All).await.expect("secrets");
    assert_eq!(secrets.len(), 1, "what was saved for the repository is kept");
    assert_eq!(owner.call::<Vec<ConnectedRepository>>("list_repositories", &[]).await.expect("repositories").len(), 2);
}

async fn a_viewer_and_another_organization_change_nothing(site: Site) {
    let (owner, (id, repositories)) = (site.owner().await, shared(&site).await);
    let viewer = site.member(&site.organization().await, "vera", Role::Viewer).await;
    let other = site.member(&site.other_organization().await, "mallory", Role::Owner).await;
    assert_eq!(rows(&viewer).await, rows(&owner).await);
    let page = viewer.get(&format!("/configurations/{id}")).await.text;
    assert!(page.contains("You are a viewer") && !page.contains("Delete configuration"), "read-only, with the reason");
    let list = viewer.get(&format!("/?configuration={id}")).await.text;
    assert!(list.contains("You are a viewer") && !list.contains("Start work session") && !list.contains("Save A"));
    let before = rows_of(&site.url).await;
    for (person, refused) in [(&viewer, 403), (&other, 404)] {
        let at = [("configuration", id.as_str()), ("repository", repositories[0].as_str()), ("path", "x")];
        for what in ["detach", "move"] {
            assert_eq!(edit(person, what, &at).await.unwrap_err().status, refused, "{what}");
        }
        let place = [at[0], ("place[repository]", repositories[0].as_str()), ("place[path]", "x")];
        assert_eq!(edit(person, "attach", &place).await.unwrap_err().status, refused);
        let rename = person.call::<ConfigurationView>("rename_configuration", &[at[0], ("name", "x")]).await;
        assert_eq!(rename.unwrap_err().status, refused);
        assert_eq!(person.call::<()>("delete_configuration", &at[..1]).await.unwrap_err().status, refused);
    }
    assert_eq!(create(&viewer, "X", &[(&repositories[0], "", ".")]).await.unwrap_err().status, 403);
    assert_eq!(
        field_of(create(&other, "X", &[(&repositories[0], "", ".")]).await.unwrap_err()).0,
        "places[0][repository]"
    );
    assert_eq!(rows_of(&site.url).await, before);
}

crate::on_both!(
    a_session_puts_each_repository_at_its_path_and_values_reach_their_owners_files,
    an_inner_repository_is_cloned_into_the_outer_one_and_in_the_way_is_told,
    a_bad_line_is_named_and_nothing_is_made,
    repositories_that_disagree_are_a_conflict_until_one_is_detached,
    a_repository_is_attached_and_moved_and_a_bad_place_is_named,
    a_new_name_is_told_everywhere,
    a_configuration_is_deleted_once_nothing_of_it_runs_and_values_stay,
    a_viewer_and_another_organization_change_nothing,
);
