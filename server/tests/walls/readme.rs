//! The README says what Keyslot protects against, and names the test of each protection.

use std::path::Path;

/// What a file with tests holds, in either language.
const MARKS: [&str; 6] = ["test(", "test]", "it(", "on_both!", "with_settings!", "proptest!"];

#[test]
fn every_protection_that_the_readme_tells_of_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let text = std::fs::read_to_string(root.join("README.md")).expect("the README");
    let (_, section) = text.split_once("## What Keyslot protects against").expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 30, "{} rows", rows.len());
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, what, tests] = cells[..] else { panic!("three cells: {row}") };
        let named: Vec<_> = tests.split('`').skip(1).step_by(2).filter(|name| name.contains('/')).collect();
        assert_eq!(named.is_empty(), what.starts_with("**Not prevented**"), "{row}");
        for name in named {
            let text =
                std::fs::read_to_string(root.join(name)).unwrap_or_else(|_| panic!("{name} is not there: {row}"));
            assert!(MARKS.iter().any(|mark| text.contains(mark)), "{name} holds no test");
        }
    }
}
