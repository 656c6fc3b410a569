//! What a pasted text becomes.

use super::*;
use crate::environment::{AttachedRepository, Scope, StoredValue};
use crate::ids::RepositoryId;
use crate::reader;
use crate::release::Releases;
use crate::{EnvSpec, Environment, RelativePath, resolve};
use proptest::prelude::*;

fn repository(id: &str, at: &str) -> AttachedRepository {
    let workspace_path = RelativePath::new(at).expect("a path");
    AttachedRepository { id: RepositoryId::from(id), name: id.to_owned(), workspace_path }
}

fn of(id: &str) -> Scope {
    Scope::Repository(RepositoryId::from(id))
}

fn key(name: &str) -> KeyName {
    KeyName::new(name).expect("a key")
}

fn stored(name: &str, scope: Scope, version: i64) -> StoredValue {
    StoredValue {
        key: key(name),
        scope,
        version,
        set_by: "Ada".to_owned(),
        set_at: 0,
        length: Some(1),
        fingerprint: format!("{name}{version}"),
        readable: true,
        releasers: Default::default(),
        warnings: Vec::new(),
    }
}

/// Two repositories; B stands in a file of each, D in one of neither.
fn environment(values: &[StoredValue]) -> Environment {
    environment_with(values, &Releases::all())
}

fn environment_with(values: &[StoredValue], releases: &Releases) -> Environment {
    let spec = r#"{"files":[{"workspacePath":"web","path":".env","keys":[{"key":"A"},{"key":"B"}]},
        {"workspacePath":"api","path":".env","keys":[{"key":"B"},{"key":"C"}]},
        {"path":"all.env","keys":[{"key":"D"}]}]}"#;
    let spec = EnvSpec::from_json(spec).expect("a spec");
    resolve(1, &spec, &[repository("web", "web"), repository("api", "api")], releases, values)
}

fn plan(text: &str, values: &[StoredValue], all: Choice, rulings: &[Ruling]) -> Vec<Planned> {
    let environment = environment(values);
    Plan::new(&environment, true).rows(&parse(text), all, rulings, &SameAsNow::new())
}

fn verdicts(planned: &[Planned]) -> Vec<Verdict> {
    planned.iter().map(|row| row.verdict).collect()
}

#[test]
fn each_line_gets_its_verdict() {
    let text = "A=1\nB=2\nnonsense\nA=3\nOTHER=4\n1X=5\nC=\"6\nD=it's \"both\"";
    let planned = plan(text, &[stored("B", Scope::Organization, 7)], Choice::Organization, &[]);
    use Verdict::*;
    assert_eq!(verdicts(&planned), [Repeated, Replaces, Invalid, New, NotInSpec, Invalid, Invalid, Invalid]);
    let ticked: Vec<_> = planned.iter().map(|row| row.ticked).collect();
    assert_eq!(ticked, [false, true, false, true, false, false, false, false]);
    assert_eq!(planned[1].at, [(Scope::Organization, 7)]);
    assert!(planned[0].reason.as_ref().is_some_and(|reason| reason.contains("line 4")), "{planned:?}");
    assert!(planned[7].reason.as_ref().is_some_and(|reason| reason.contains("all.env")), "{planned:?}");
    let lines: Vec<_> = parse(text).iter().map(|row| row.line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_choice_means_the_owner_of_each_file_that_asks_for_the_key() {
    let planned = plan("A=1\nB=2\nD=3\nE=4", &[stored("B", of("api"), 2)], Choice::Repository, &[]);
    let at: Vec<Vec<_>> = planned.into_iter().map(|row| row.at).collect();
    assert_eq!(at[0], [(of("web"), 0)]);
    assert_eq!(at[1], [(of("api"), 2), (of("web"), 0)]);
    assert_eq!((&at[2], &at[3]), (&vec![(Scope::Session, 0)], &vec![(Scope::Organization, 0)]));
}

#[test]
fn a_row_may_go_elsewhere_and_an_exception_that_makes_no_sense_does_not_count() {
    let session = Ruling { choice: Some(Choice::Session), ..Ruling::default() };
    let repository = Ruling { choice: Some(Choice::Repository), ticked: Some(true) };
    let planned = plan("A=1\nD=2\nOTHER=3", &[], Choice::Organization, &[session, repository, session]);
    assert_eq!(
        planned.iter().map(|row| row.choice).collect::<Vec<_>>(),
        [Choice::Session, Choice::Organization, Choice::Organization]
    );
}

#[test]
fn nothing_is_saved_for_the_organization_unless_somebody_chose_it() {
    let (environment, rows) = (environment(&[]), parse("A=1\nD=2\nOTHER=3"));
    let plan = Plan::new(&environment, false);
    assert_eq!(plan.choices(), [Choice::Repository, Choice::Organization], "the usual choice stands first");
    let of = |all, rulings: &[Ruling]| {
        let planned = plan.rows(&rows, all, rulings, &SameAsNow::new());
        planned.into_iter().map(|row| (row.choice, row.ticked)).collect::<Vec<_>>()
    };
    use Choice::{Organization, Repository};
    assert_eq!(of(Repository, &[]), [(Repository, true), (Organization, false), (Organization, false)]);
    assert_eq!(of(Organization, &[])[1], (Organization, true));
    let chosen = Ruling { choice: Some(Organization), ..Ruling::default() };
    assert_eq!(of(Repository, &[Ruling::default(), chosen])[1], (Organization, true));
    let in_session = Plan::new(&environment, true).rows(&rows, Repository, &[], &SameAsNow::new());
    assert_eq!((in_session[1].choice, in_session[1].ticked), (Choice::Session, true));
}

#[test]
fn the_same_value_is_left_out_unless_a_person_wants_it() {
    let values = [stored("A", Scope::Organization, 1), stored("OTHER", Scope::Organization, 1)];
    let environment = environment(&values);
    let same = SameAsNow::from([(key("A"), Scope::Organization)]);
    let rows = parse("A=1\nOTHER=1");
    let plan = Plan::new(&environment, false).with_stored(&values);
    let of = |rulings: &[Ruling]| plan.rows(&rows, Choice::Organization, rulings, &same);
    assert_eq!((of(&[])[0].verdict, of(&[])[0].ticked), (Verdict::Same, false));
    assert!(of(&[Ruling { ticked: Some(true), choice: None }])[0].ticked);
    let for_repository = plan.rows(&rows, Choice::Repository, &[], &same);
    assert_eq!(for_repository[0].verdict, Verdict::New, "another scope has no value yet");
    assert_eq!(for_repository[1].replaced.len(), 1, "what stands in no spec may be stored all the same");
}

#[test]
fn saving_the_organizations_own_value_where_it_is_held_is_a_change() {
    let values = [stored("A", Scope::Organization, 1)];
    let environment = environment_with(&values, &Releases::default());
    let same = SameAsNow::from([(key("A"), Scope::Organization)]);
    let of = |choice| Plan::new(&environment, false).rows(&parse("A=1"), choice, &[], &same).remove(0);
    let here = of(Choice::Organization);
    assert_eq!((here.verdict, here.ticked, here.held), (Verdict::Replaces, true, Some(values[0].clone())));
    assert_eq!(here.at, [(Scope::Organization, 1)], "and it is refused where somebody was faster");
    let elsewhere = of(Choice::Repository);
    assert_eq!((elsewhere.verdict, elsewhere.held), (Verdict::New, Some(values[0].clone())));
}

#[test]
fn an_organization_takes_any_key() {
    let known = [stored("A", Scope::Organization, 3), stored("B", Scope::Session, 1)];
    let plan = Plan::of_organization().with_stored(&known);
    assert_eq!(plan.choices(), [Choice::Organization]);
    let planned = plan.rows(&parse("A=1\nB=2"), Choice::Organization, &[], &SameAsNow::new());
    assert_eq!(verdicts(&planned), [Verdict::Replaces, Verdict::New]);
    assert!(planned.iter().all(|row| row.ticked));
}

#[test]
fn what_looks_wrong_is_told_beside_the_verdict() {
    let planned = plan("A=changeme\nB=good", &[], Choice::Organization, &[]);
    assert_eq!(planned[0].warnings, [crate::warnings::Warning::Placeholder]);
    assert!(planned[0].ticked && planned[1].warnings.is_empty());
}

#[test]
fn a_text_is_an_env_file_when_most_of_it_is_assignments() {
    assert!(keys_if_env_file("A=1\nB=2").is_some());
    assert!(keys_if_env_file("# settings\nexport A=1\n\nB='2'\n").is_some());
    for other in ["", "A=1", "sk_live_1", "postgres://a?b=1", "a sentence\nA=1\nanother one\nB=2\nand more"] {
        assert!(keys_if_env_file(other).is_none(), "{other}");
    }
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nAAAA\nBBBB==\n-----END PRIVATE KEY-----";
    assert!(keys_if_env_file(pem).is_none());
}

#[test]
fn a_reason_for_an_address_quotes_nothing() {
    let rows = parse("hunter§2=x");
    let fault = rows[0].fault().expect("a fault");
    assert!(fault.to_string().contains('§') && !fault.unquoted().contains('§'));
}

fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[A-F]=[ -~]{0,8}",
        "export [A-F]='[a-z ]{0,8}'",
        "[ -~]{0,12}",
        "# [a-z]{0,6}",
        "[A-F]=\"[a-z\\\\n]{0,6}\"?",
    ];
    proptest::collection::vec(line, 0..24).prop_map(|lines| lines.join("\n"))
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![Just(Choice::Repository), Just(Choice::Organization), Just(Choice::Session)]
}

proptest! {
    #[test]
    fn each_key_is_saved_at_most_once_and_it_is_the_last_that_counts(text in texts(), all in choice()) {
        let (rows, every) = (parse(&text), Ruling { ticked: Some(true), choice: None });
        let planned = plan(&text, &[], all, &vec![every; rows.len()]);
        let mut saved = std::collections::BTreeMap::new();
        for (row, planned) in rows.iter().zip(&planned) {
            if planned.ticked {
                let key = row.key.clone().expect("only keys are saved");
                prop_assert!(saved.insert(key, row.line).is_none());
            }
        }
        for row in &rows {
            let Ok(key) = &row.key else { continue };
            if let Some(line) = saved.get(key) {
                prop_assert!(*line >= row.line, "a later line counts");
            }
        }
    }

    #[test]
    fn what_is_saved_has_a_place_and_what_is_not_has_a_reason(text in texts(), all in choice()) {
        let values = [stored("A", of("web"), 1), stored("B", Scope::Organization, 2), stored("F", Scope::Organization, 3)];
        for row in plan(&text, &values, all, &[]) {
            match row.verdict {
                Verdict::New => prop_assert!(row.replaced.is_empty() && row.at.iter().all(|(_, version)| *version == 0)),
                Verdict::Replaces | Verdict::Same => prop_assert!(!row.replaced.is_empty()),
                Verdict::NotInSpec => prop_assert!(!row.ticked && row.at.len() == 1),
                Verdict::Invalid | Verdict::Repeated => prop_assert!(row.reason.is_some() && row.at.is_empty()),
            }
            prop_assert_eq!(row.possible, row.reason.is_none());
            prop_assert!(row.possible || !row.ticked);
            prop_assert!(!row.possible || row.choices.contains(&row.choice));
        }
    }

    #[test]
    fn what_the_writer_wrote_is_imported_as_it_was(values in proptest::collection::vec("[ -~]{0,20}(\n[a-z]{1,5})?", 1..8)) {
        let values: Vec<_> = values.into_iter().filter(|text| reader::check(&[], text).is_ok()).collect();
        let mut text = String::new();
        for (number, value) in values.iter().enumerate() {
            let value = SecretValue::new(value.clone());
            text += &reader::assignment(&[], &key(&format!("K{number}")), &value).expect("it can be written");
        }
        let rows = parse(&text);
        let read: Vec<_> = rows.iter().map(|row| row.value.expose().to_owned()).collect();
        prop_assert_eq!(read, values);
        prop_assert!(rows.iter().all(|row| row.key.is_ok() && row.repeated_on.is_none()));
    }
}
