//! Agents save snapshots through the same code as the screen.

use super::{DATABASE, filled, snapshots, write};
use crate::support::Site;
use serde_json::json;

async fn an_agent_saves_waits_and_hears_places_and_no_value(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let agent = site.program(&owner.token(&setup.id, "agent").await);
    let done = agent.http("POST", "/snapshots?wait=60", Some(json!({"name": "by HTTP"}))).await.expect("saved");
    owner.accept_pending(&setup.id, &done).await;
    let path = format!("/snapshots/{}", done["id"].as_str().expect("an id"));
    let done = agent.http("GET", &path, None).await.expect("the snapshot");
    assert_eq!((&done["state"], &done["current"], &done["percent"]), (&json!("ready"), &json!(true), &json!(100)));
    assert_eq!(done["report"]["scrubbed"][0]["keys"], json!(["DATABASE_URL", "COOKIE_SECRET"]));
    assert!(done["size"].as_u64().is_some_and(|size| size > 0), "{done}");
    let same = agent.tool("get_snapshot", json!({})).await.expect("the newest");
    assert_eq!(same, done, "both ways in tell the same");

    write(&site.workspace(&setup.id), "notes.txt", format!("a\nb\n{DATABASE}\n"));
    let blocked = agent.tool("save_snapshot", json!({"makeCurrent": false, "waitSeconds": 60})).await.expect("told");
    assert_eq!(blocked["state"], "blocked");
    assert_eq!(blocked["report"]["findings"], json!([{"place": "notes.txt", "key": "DATABASE_URL"}]));
    assert!(!blocked.to_string().contains("p#ss"), "{blocked}");
    let id = blocked["id"].as_str().expect("an id");
    assert_eq!(agent.http("GET", &format!("/snapshots/{id}"), None).await.expect("the same"), blocked);
    assert_eq!(agent.http("GET", "/snapshots/none", None).await.expect_err("there is none").status, 404);
    let wrong = agent.http("POST", "/snapshots", Some(json!({"title": "x"}))).await.expect_err("no such field");
    assert_eq!(wrong.fields, ["title"]);
    let all = snapshots(&owner, &setup.id).await;
    assert_eq!(all.iter().map(|one| one.created_by.as_str()).collect::<Vec<_>>(), ["Claude", "Claude"]);
}

crate::on_both!(an_agent_saves_waits_and_hears_places_and_no_value);
