//! Whoever may only speak to the database makes no server do anything.

use crate::support::{Listening, Site, json_spec, on_postgres, until_listening};
use app::api::live::{Change, events_path};
use serde_json::json;
use sqlx::postgres::PgListener;
use sqlx::{Connection, PgConnection};

const CHANNEL: &str = "keyslot_events";
const TOKEN: &str = "\"token\"";

async fn say(database: &mut PgConnection, text: &str) {
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(text).execute(database).await.expect("said");
}

async fn nobody_else_is_heard_on_the_servers_channel(url: String) {
    let (one, other) = (Site::start(&url).await, Site::start(&url).await);
    let organization = one.organization().await;
    let spec = json_spec(&json!({"files": []}));
    let (configuration, _) = one.configuration(&[("shop", ".")], &spec).await;
    let session = one.owner().await.work(&configuration).await.id;
    let publish = |change| one.keyslot.events().publish(&organization, &session, change);

    until_listening(&url, 2).await;

    // What a stranger hears of a real notice.
    let mut stranger = PgListener::connect(&url).await.expect("connects");
    stranger.listen(CHANNEL).await.expect("listens");
    let mut there =
        Listening::open(&other, other.owner().await.cookie(), &events_path(&session), &[]).await.expect("a stream");
    publish(Change::Token);
    there.until("change", TOKEN).await;
    let real = loop {
        let notice = stranger.recv().await.expect("a notice");
        if notice.payload().contains("token") {
            break notice.payload().to_owned();
        }
    };

    let mut database = PgConnection::connect(&url).await.expect("connects");
    let facts = json!([[organization.as_str(), {"session": [session.as_str(), "token"]}]]);
    for missed in [false, true] {
        say(&mut database, &json!({"from": "stranger", "number": 9, "facts": facts, "missed": missed}).to_string())
            .await;
    }
    for text in ["", "nonsense", &real, &real.replace("token", "thread"), &real[64..]] {
        say(&mut database, text).await;
    }
    publish(Change::Request);
    let heard = there.until("change", "\"request\"").await;
    assert_eq!(heard.len(), 1, "nothing of a stranger: {heard:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_notices_of_strangers_move_nobody() {
    on_postgres(nobody_else_is_heard_on_the_servers_channel).await;
}
