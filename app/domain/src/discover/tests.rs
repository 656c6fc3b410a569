use super::super::spec::Generate;
use super::*;
use proptest::prelude::*;

fn path(text: &str) -> RelativePath {
    RelativePath::new(text).expect("a good path")
}

/// What is found in example files (path and text) of a workspace with one repository at its root.
fn found(examples: &[(&str, &str)]) -> Discovered {
    let root = RelativePath::root();
    let paths: Vec<RelativePath> = examples.iter().map(|(at, _)| path(at)).collect();
    let given = paths.iter().zip(examples);
    let given: Vec<Example> = given.map(|(source, (_, text))| Example { source, repository: &root, text }).collect();
    let found = discover(&given, &[]);
    assert_eq!(found.spec.clone().checked(), Ok(found.spec.clone()));
    found
}

/// The slots of one `.env.example`.
fn slots(text: &str) -> Vec<Slot> {
    found(&[(".env.example", text)]).spec.files.into_iter().flat_map(|file| file.keys).collect()
}

fn slot(text: &str, key: &str) -> Slot {
    slots(text).into_iter().find(|slot| slot.key.as_str() == key).unwrap_or_else(|| panic!("{key} is not listed"))
}

fn optional(text: &str) -> Vec<String> {
    slots(text).into_iter().filter(|slot| !slot.required).map(|slot| slot.key.to_string()).collect()
}

fn description(text: &str, key: &str) -> Option<String> {
    slot(text, key).description
}

const SERVICE: &str = "\
# ––––––––––––––––
# –––  SERVER  –––
# ––––––––––––––––
#
# Any of these can be read from a file. Instead of:
#   SECRET=x
# you can use:
#   SECRET_FILE=/run/secret

# The port to listen on, as it is
# configured in compose.yml
PORT=3000
# Generate it with `openssl rand -hex 32`.
SECRET=generate_a_new_key
export HOST='0.0.0.0' # where to listen

# Level of the log. One of: debug (noisy), info, error
# DOCS: https://docs.service.test/log
LOG_LEVEL=info

# [[MAIL OPTIONAL]]
MAIL_HOST=

# Key of the mailer
MAIL_API_KEY=your-key
# REQUIRED: the sender
MAIL_FROM=

# [[QUEUE]]
# OPTIONAL: Jobs at a time.
# QUEUE_JOBS=10
#QUEUE_TOKEN=abc
QUEUE_URL=amqp://guest:guest@queue:5672
";

#[test]
fn every_key_is_listed_once_with_what_is_said_about_it() {
    let all: Vec<(String, bool, Option<u32>)> =
        slots(SERVICE).iter().map(|slot| (slot.key.to_string(), slot.required, slot.evidence[0].line)).collect();
    let expected = [
        ("PORT", true, 12),
        ("SECRET", true, 14),
        ("HOST", true, 15),
        ("LOG_LEVEL", true, 19),
        ("MAIL_HOST", false, 22),
        ("MAIL_API_KEY", false, 25),
        ("MAIL_FROM", true, 27),
        ("QUEUE_JOBS", false, 31),
        ("QUEUE_TOKEN", false, 32),
        ("QUEUE_URL", true, 33),
    ];
    assert_eq!(all, expected.map(|(key, required, line)| (key.to_owned(), required, Some(line))));

    let port = slot(SERVICE, "PORT");
    assert_eq!(port.description.as_deref(), Some("The port to listen on, as it is configured in compose.yml"));
    assert_eq!(port.default.as_deref(), Some("3000"));
    let secret = slot(SERVICE, "SECRET");
    assert_eq!((secret.default, secret.generate), (None, Some(Generate::Hex32)));
    let host = slot(SERVICE, "HOST");
    assert_eq!((host.description.as_deref(), host.default.as_deref()), (Some("where to listen"), Some("0.0.0.0")));
    let level = slot(SERVICE, "LOG_LEVEL");
    assert_eq!(level.documentation_url.as_deref(), Some("https://docs.service.test/log"));
    assert_eq!(level.suggestions, ["debug", "info", "error"]);
    assert_eq!(slot(SERVICE, "MAIL_API_KEY").default, None);
    // A line that was commented out is offered and not used by itself.
    let jobs = slot(SERVICE, "QUEUE_JOBS");
    assert_eq!((jobs.default, jobs.suggestions), (None, vec!["10".to_owned()]));
}

#[test]
fn no_value_of_a_sensitive_key_or_with_credentials_gets_into_the_spec() {
    let text = "# One of: hush1, hush2, hush3\nAPI_TOKEN=hush4\n#DB_PASSWORD=hush5\nURL=http://me:hush6@host/\n\
                # URL_2=http://me:hush7@host/\n# Set to \"hush8\"\nMY_SECRET=\"hush9\n";
    for slot in slots(text) {
        assert_eq!((slot.default, slot.suggestions), (None, Vec::new()), "{}", slot.key);
    }
}

#[test]
fn frames_and_distant_comments_are_no_description() {
    assert_eq!(description("# Far away.\n\nA=1\n", "A"), None);
    assert_eq!(description("# ---- Mail ----\n# The host\nA=1\n", "A").as_deref(), Some("The host"));
    assert_eq!(description("##########\n# Mail\n##########\n# The host\nA=1\n", "A").as_deref(), Some("The host"));
    assert_eq!(description("# ------\nA=1\n", "A"), None);
    assert_eq!(description("A=1\nB=2 # two\n", "A"), None);
    // With nothing else above the key the words of a heading are better than nothing.
    assert_eq!(description("# [[MAIL]]\nA=1\n", "A").as_deref(), Some("MAIL"));
    assert_eq!(description("# === Mail ===\nA=1\n", "A").as_deref(), Some("Mail"));
}

#[test]
fn wrapped_lines_are_joined_and_paragraphs_lists_and_labels_are_not() {
    let text =
        "# The address of the\n# server. Possible are\n# - one\n# - two\n#\n# Last words\n# See: x\nA= # behind\n";
    let expected = "The address of the server. Possible are\n- one\n- two\nLast words\nSee: x\nbehind";
    assert_eq!(description(text, "A").as_deref(), Some(expected));
    let text = "# Mail\n# https://x.test\n# Or see here:\n# https://y.test\nA=\n";
    let expected = "Mail\nhttps://x.test\nOr see here: https://y.test";
    assert_eq!(description(text, "A").as_deref(), Some(expected));
}

#[test]
fn a_comment_says_in_few_ways_that_a_key_is_optional() {
    for comment in [
        "OPTIONAL: The host",
        "Optional host",
        "Optionally a host",
        "The host (optional)",
        "The host. This is optional.",
        "The host, can be left empty",
        "Leave blank to switch it off",
        "Normally this does not need to be set.",
        "The host. Defaults to localhost.",
    ] {
        assert_eq!(optional(&format!("# {comment}\nHOST=\n")), ["HOST"], "{comment}");
        assert_eq!(optional(&format!("HOST= # {comment}\n")), ["HOST"], "{comment}");
    }
    for comment in ["The host", "The optional features need this", "REQUIRED: is optional in tests"] {
        assert_eq!(optional(&format!("# {comment}\nHOST=\n")), Vec::<String>::new(), "{comment}");
    }
}

#[test]
fn a_heading_makes_its_section_optional_up_to_the_next_heading() {
    let text = "# --- Optional ---\nA=\n\n# Words about it\nB=\n# REQUIRED: yes\nC=\n\n# --- Mail ---\nD=\n";
    assert_eq!(optional(text), ["A", "B"]);
    assert_eq!(optional("# Optional settings\n\nA=\nB=\n\n# Mail\n\nC=\n"), ["A", "B"]);
    assert_eq!(optional("# ------\n# Optional\n# ------\n\nA=\n# ------\n# Mail\n# ------\nB=\n"), ["A"]);
    // The bare word above a key speaks for the lines up to the next gap.
    assert_eq!(optional("# Optional\nA=\nB=\n\nC=\n"), ["A", "B"]);
}

#[test]
fn keys_of_one_service_share_the_link_and_the_optional_of_the_first() {
    let text =
        "# OPTIONAL: Sign in with X: https://x.test/oauth\nNEXT_PRIVATE_X_ID=\nNEXT_PRIVATE_X_SECRET=\nY=\n\nX_Z=\n";
    assert_eq!(optional(text), ["NEXT_PRIVATE_X_ID", "NEXT_PRIVATE_X_SECRET"]);
    let secret = slot(text, "NEXT_PRIVATE_X_SECRET");
    assert_eq!((secret.description, secret.documentation_url.as_deref()), (None, Some("https://x.test/oauth")));
    assert_eq!(slot(text, "Y").documentation_url, None);
}

#[test]
fn a_line_in_force_wins_over_one_that_is_commented_out() {
    for text in ["# The port\n# PORT=1\nPORT=2\n", "PORT=2\n# The port\n# PORT=1\n"] {
        let port = slot(text, "PORT");
        assert!(port.required, "{text}");
        assert_eq!(port.default.as_deref(), Some("2"));
        assert_eq!((port.description.as_deref(), port.evidence.len()), (Some("The port"), 2));
        assert_eq!(slots(text).len(), 1);
    }
}

#[test]
fn several_examples_of_one_file_become_one() {
    let found = found(&[
        (".env.example", "A=1\n# B=\n"),
        (".env.sample", "# The b\nB=2\nC=3\n"),
        ("web/.env.example", "A=4\n"),
        ("README.md", "D=5\n"),
    ]);
    let places: Vec<String> = found.spec.files.iter().map(|file| file.place().to_string()).collect();
    assert_eq!(places, [".env", "web/.env"]);
    let keys: Vec<&str> = found.spec.files[0].keys.iter().map(|slot| slot.key.as_str()).collect();
    assert_eq!(keys, ["A", "B", "C"]);
    let b = &found.spec.files[0].keys[1];
    assert_eq!((b.required, b.description.as_deref(), b.default.as_deref()), (true, Some("The b"), Some("2")));
    let evidence: Vec<(&str, Option<u32>)> = b.evidence.iter().map(|at| (at.path.as_str(), at.line)).collect();
    assert_eq!(evidence, [(".env.sample", Some(2)), (".env.example", Some(2))]);
    assert_eq!(found.read, [(path(".env.example"), 2), (path(".env.sample"), 2), (path("web/.env.example"), 1)]);
    assert_eq!(found.skipped[0].0, "README.md");
}

#[test]
fn a_file_is_placed_in_its_repository() {
    let (source, repository) = (path("shop/apps/web/.env.local.example"), path("shop"));
    let found = discover(&[Example { source: &source, repository: &repository, text: "A=1" }], &[]);
    let file = &found.spec.files[0];
    assert_eq!((file.workspace_path.as_str(), file.path.as_str()), ("shop", "apps/web/.env.local"));
    assert_eq!((file.mode, file.keys[0].evidence[0].path.as_str()), (Mode::Secret, source.as_str()));
}

#[test]
fn what_is_over_the_limits_is_cut_and_named() {
    let keys = |count: usize| (0..count).map(|n| format!("K{n}=1\n")).collect::<String>();
    let long = format!("# {}\nA={}\n{}", "ä".repeat(5_000), "v".repeat(limits::VALUE_BYTES + 1), keys(1_000));
    let paths: Vec<String> = (0..102).map(|n| format!("{n}/.env.example")).collect();
    let hundred = keys(100);
    let mut examples = vec![(".env.example", long.as_str())];
    examples.extend(paths.iter().map(|at| (at.as_str(), hundred.as_str())));
    let found = found(&examples);
    assert_eq!((found.spec.files[0].keys.len(), found.spec.slot_count()), (limits::KEYS_PER_FILE, limits::KEYS));
    let first = &found.spec.files[0].keys[0];
    assert_eq!(first.description.as_ref().map(|text| text.chars().count()), Some(limits::DESCRIPTION_CHARS));
    assert_eq!(first.default, None);
    let skipped = |at: &str| found.skipped.iter().find(|(place, _)| place == at).map(|(_, why)| why.as_str());
    assert_eq!(skipped(".env"), Some("1 keys left out, because a file has at most 1000"));
    assert_eq!(skipped("40/.env"), Some("100 keys left out, because a spec has at most 5000"));
    assert_eq!(skipped("101/.env"), Some("left out, because a spec has at most 100 files"));
}

#[test]
fn a_name_that_a_shell_keeps_for_itself_is_left_out_and_named() {
    let found = found(&[(".env.example", "UID=1000\nA=\n")]);
    assert_eq!(found.spec.slot_count(), 1);
    assert!(found.skipped.iter().any(|(place, reason)| place == ".env.example:1" && reason.contains("UID")));
}

proptest! {
    #[test]
    fn whatever_the_text_the_spec_is_good(
        text in "(?s).{0,200}",
        rows in prop::collection::vec(
            "(# ?)?([A-C]{1,2}|optional|one of: a, b|- -|---|\\[\\[x\\]\\]|https://x.y/\u{7f}z|set to \"|random|\u{130})[=: ]{0,2}[a-c\"'\u{0}\t#(]{0,5}",
            0..20,
        ),
    ) {
        let rows = rows.join("\n");
        let found = found(&[(".env.example", &text), ("a/.env.sample", &rows), ("a/.env.dist", &text)]);
        for file in &found.spec.files {
            prop_assert!(file.keys.iter().all(|slot| !slot.evidence.is_empty()));
        }
    }

    #[test]
    fn every_simple_line_is_listed_and_required(keys in prop::collection::btree_set("[A-Z_][A-Z0-9_]{0,8}", 1..20)) {
        let writable = |key: &String| {
            KeyName::new(key.as_str()).is_ok_and(|key| reader::check_key(&[], &key).is_ok())
        };
        let keys: Vec<String> = keys.into_iter().filter(writable).collect();
        let text: String = keys.iter().map(|key| format!("{key}=value\n")).collect();
        let listed: Vec<(String, bool)> = slots(&text).iter().map(|s| (s.key.to_string(), s.required)).collect();
        prop_assert_eq!(listed, keys.into_iter().map(|key| (key, true)).collect::<Vec<_>>());
    }
}

#[test]
fn a_comment_in_the_place_of_a_value_describes_the_key_and_is_no_default() {
    let text = "LOG_LEVEL=# debug, info or warn\nMODE=#what it runs as\nEMPTY=#\nCOLOR=#ff0000 # red\nHOST=#optional\n\
        PORT=// the port\n";
    for (key, described) in [
        ("LOG_LEVEL", Some("debug, info or warn")),
        ("MODE", Some("what it runs as")),
        ("EMPTY", None),
        ("HOST", Some("optional")),
        ("PORT", None),
    ] {
        assert_eq!((slot(text, key).default, description(text, key).as_deref()), (None, described), "{key}");
    }
    assert!(!slot(text, "HOST").required);
    let color = slot(text, "COLOR");
    assert_eq!(color.description.as_deref(), Some("red"));
    assert_eq!(color.default.as_deref().or(color.suggestions.first().map(String::as_str)), Some("#ff0000"));
}
