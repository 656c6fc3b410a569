//! What the panel shows equals what boots: random situations, shown and booted.

use crate::support::{Site, json_spec, run_sql};
use domain::environment::{Scope, Status, StoredValue};
use domain::ids::{ConfigurationId, RepositoryId, SessionId};
use domain::receipt::{BootReceipt, ReceiptFile};
use domain::{EnvSpec, Environment};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Where values may stand: the session, both repositories, the organization.
const SCOPES: usize = 4;
const FILES: [&str; 3] = [".env", "web/.env", "api/.env"];

/// One key of one file.
#[derive(Clone, Debug)]
struct Situation {
    file: usize,
    required: bool,
    default: bool,
    /// For each scope the text of a value, if there is one.
    values: [Option<String>; SCOPES],
    /// Whether the organization's value is released to the configuration.
    released: bool,
    /// Which of them was tampered with.
    tampered: Option<usize>,
}

fn situations() -> impl Strategy<Value = Vec<Situation>> {
    let value = proptest::option::of(prop_oneof!["", "same", "[ -~]{1,12}", "[a-z\n#=' ]{1,12}"]);
    let values = [value.clone(), value.clone(), value.clone(), value];
    let tampered = proptest::option::weighted(0.2, 0..SCOPES);
    let one = (0..FILES.len(), any::<bool>(), any::<bool>(), values, any::<bool>(), tampered);
    let one = one.prop_map(|(file, required, default, values, released, tampered)| {
        // What no file can carry is refused at save, which is another story.
        let carried = |text: &String| domain::reader::check(&[], text).is_ok();
        let values = values.map(|value| value.filter(carried));
        Situation { file, required, default, values, released, tampered }
    });
    proptest::collection::vec(one, 16)
}

/// One of each outcome, so that every run has them all: set, default, missing, held, conflict, unreadable.
fn one_of_each() -> [Situation; 6] {
    let values = Default::default();
    let none = Situation { file: 0, required: true, default: false, values, released: true, tampered: None };
    let text = |text: &str| Some(text.to_owned());
    [
        Situation { values: [None, None, None, text("v")], ..none.clone() },
        Situation { default: true, ..none.clone() },
        none.clone(),
        Situation { values: [None, None, None, text("v")], released: false, ..none.clone() },
        Situation { values: [None, text("one"), text("other"), text("v")], ..none.clone() },
        Situation { values: [None, text("changed"), None, text("v")], tampered: Some(1), ..none },
    ]
}

fn key_name(index: usize) -> String {
    format!("K{index:02}")
}

fn spec_of(situations: &[Situation]) -> EnvSpec {
    let file = |index: usize| {
        let of_file = situations.iter().enumerate().filter(|(_, situation)| situation.file == index);
        let slot = |(number, situation): (usize, &Situation)| {
            let mut slot = json!({"key": key_name(number), "required": situation.required});
            if situation.default {
                slot["default"] = json!(format!("default {number}"));
            }
            slot
        };
        json!({"path": FILES[index], "keys": of_file.map(slot).collect::<Vec<_>>()})
    };
    let files: Vec<_> = (0..FILES.len()).map(file).filter(|file| file["keys"] != json!([])).collect();
    json_spec(&json!({ "files": files }))
}

/// The values that stand in the database, by key and scope.
type Known = HashMap<(String, Scope), String>;

struct Stage<'a> {
    site: &'a Site,
    situations: &'a [Situation],
    repositories: Vec<RepositoryId>,
    known: Known,
    /// Whether the configuration uses every value of the organization.
    trusted: bool,
}

impl Stage<'_> {
    fn scope(&self, number: usize) -> Scope {
        match number {
            0 => Scope::Session,
            1 | 2 => Scope::Repository(self.repositories[number - 1].clone()),
            _ => Scope::Organization,
        }
    }

    /// Saves the values of some scopes through the panel's road.
    async fn save(&mut self, target: &str, scopes: std::ops::Range<usize>) {
        let owner = self.site.owner().await;
        for (index, situation) in self.situations.iter().enumerate() {
            for number in scopes.clone() {
                let (Some(text), scope) = (&situation.values[number], self.scope(number)) else { continue };
                let key = key_name(index);
                let saved = owner.save((target, FILES[situation.file], &key), &scope.to_string(), text).await;
                // What is typed for the organization in a panel is released with that.
                let held = saved.is_ok() && scope == Scope::Organization && !situation.released && !self.trusted;
                if held {
                    let fields = [("target", target), ("key", key.as_str())];
                    owner.call::<Environment>("withdraw_release", &fields).await.expect("withdraws");
                }
                match saved {
                    Ok(_) => drop(self.known.insert((key, scope), text.clone())),
                    // A file of the other repository: nothing is stored, so nothing may be written.
                    Err(refusal) => assert_eq!(refusal.status, 422, "{refusal:?} {situation:?}"),
                }
            }
        }
    }

    /// Puts another value's record in the place of those that the situations name.
    async fn tamper(&self) {
        for (index, situation) in self.situations.iter().enumerate() {
            let place = match situation.tampered.map(|number| self.scope(number)) {
                None | Some(Scope::Session) => continue,
                Some(Scope::Organization) => "repository_id IS NULL".to_owned(),
                Some(Scope::Repository(id)) => format!("repository_id = '{id}'"),
            };
            let key = key_name(index);
            let foreign = "(SELECT record FROM root_key_check)";
            let statement = format!("UPDATE secrets SET record = {foreign} WHERE key = '{key}' AND {place}");
            run_sql(&self.site.url, &statement).await;
        }
    }

    /// Compares what is shown with the receipt and with the bytes in the files.
    fn agrees(&self, shown: &Environment, receipt: &BootReceipt, session: &SessionId) {
        assert_eq!(receipt.files, ReceiptFile::all_of(shown), "{:?}", self.situations);
        let mut expected: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (file, slot) in shown.slots() {
            let situation = self.situations.iter().enumerate().find(|(index, _)| key_name(*index) == slot.key.as_str());
            let released = self.trusted || situation.is_some_and(|(_, situation)| situation.released);
            let of_organization = |value: &StoredValue| value.scope == Scope::Organization;
            assert!(
                released || !slot.winner.as_ref().is_some_and(of_organization),
                "held values are not used: {slot:?}"
            );
            let text = match (slot.status, &slot.winner) {
                (Status::Set, Some(winner)) => self.known[&(slot.key.to_string(), winner.scope.clone())].clone(),
                (Status::Default, _) => slot.default.clone().expect("a default"),
                _ => continue,
            };
            expected.entry(file.place.to_string()).or_default().push((slot.key.to_string(), text));
        }
        for place in FILES {
            let written = self.site.assigned(session, place);
            assert_eq!(written, expected.remove(place).unwrap_or_default(), "{place} {:?}", self.situations);
        }
        let lacking = receipt.lacking().count();
        assert_eq!(lacking, shown.slots().filter(|(_, slot)| slot.is_lacking()).count());
    }
}

async fn what_the_panel_shows_equals_what_boots(site: Site) {
    let owner = site.owner().await;
    let mut runner = TestRunner::default();
    let mut seen = HashMap::new();
    let mut made: Option<(ConfigurationId, Vec<RepositoryId>)> = None;
    for round in 0..4 {
        let mut situations = situations().new_tree(&mut runner).expect("situations").current();
        situations.extend(one_of_each());
        let spec = spec_of(&situations);
        let (configuration, repositories) = match &made {
            None => site.configuration(&[("web", "web"), ("api", "api")], &spec).await,
            Some(known) => known.clone(),
        };
        let (store, organization) = (site.keyslot.store(), site.organization().await);
        store.save_spec(&organization, &configuration, &spec, "Agent", None).await.expect("a spec");
        run_sql(&site.url, "DELETE FROM secrets").await;
        run_sql(&site.url, "DELETE FROM releases").await;
        let trusted = round == 3;
        let mode = [("configuration", configuration.as_str()), ("mode", if trusted { "all" } else { "each" })];
        owner.call::<()>("set_release_mode", &mode).await.expect("sets");
        made = Some((configuration.clone(), repositories.clone()));
        let mut stage = Stage { site: &site, situations: &situations, repositories, known: Known::new(), trusted };
        let target = format!("configuration:{configuration}");
        stage.save(&target, 1..SCOPES).await;
        stage.tamper().await;

        let promised = owner.environment(&target).await;
        let work = owner.work(&configuration).await;
        stage.agrees(&promised, work.receipt.as_ref().expect("a receipt"), &work.id);
        let target = format!("session:{}", work.id);
        assert_eq!(owner.environment(&target).await, promised, "before it has values of its own");

        stage.save(&target, 0..1).await;
        let (shown, view) = (owner.environment(&target).await, owner.session(&work.id).await.expect("the session"));
        stage.agrees(&shown, &view.receipt.expect("a receipt"), &work.id);
        for (_, slot) in shown.slots().chain(promised.slots()) {
            *seen.entry(slot.status).or_insert(0) += 1;
        }
    }
    for status in [Status::Set, Status::Default, Status::Missing, Status::Held, Status::Conflict, Status::Unreadable] {
        assert!(seen.contains_key(&status), "{status:?} came up: {seen:?}");
    }
}

crate::on_both!(what_the_panel_shows_equals_what_boots);
