//! What is said of the sides of a conflict.

use crate::components::words;
use domain::environment::{AttachedRepository, Scope, StoredValue};

/// The name of the repository whose value it is.
pub fn repository(scope: &Scope, repositories: &[AttachedRepository]) -> String {
    let name = words::scope(scope, repositories);
    name.strip_prefix("repository ").map_or(name.clone(), str::to_owned)
}

/// What one side of a conflict is to the others.
pub fn side_compared(side: &StoredValue, sides: &[StoredValue], repositories: &[AttachedRepository]) -> String {
    let others = || sides.iter().filter(|other| other.scope != side.scope);
    let alike = others().filter(|other| other.fingerprint == side.fingerprint);
    let alike: Vec<_> = alike.map(|other| repository(&other.scope, repositories)).collect();
    if alike.is_empty() {
        let others: Vec<_> = others().map(|other| repository(&other.scope, repositories)).collect();
        return format!("another value than {}", words::sentence(&others));
    }
    format!("the same value as {}", words::sentence(&alike))
}

/// The question before one side's value is used for the others, naming what it replaces.
pub fn use_for_others(side: &StoredValue, sides: &[StoredValue], repositories: &[AttachedRepository]) -> String {
    let replaced = sides.iter().filter(|other| other.fingerprint != side.fingerprint);
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for other in replaced {
        let name = repository(&other.scope, repositories);
        values.push(format!("{name}'s own value (version {}, set by {})", other.version, other.set_by));
        names.push(name);
    }
    let (verb, uses) = if names.len() == 1 { ("is", "it is") } else { ("are", "they are") };
    format!(
        "Use {}'s value for {} too? {} {verb} replaced, wherever {uses} used.",
        repository(&side.scope, repositories),
        words::sentence(&names),
        words::sentence(&values)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::{repository as attached, stored};

    #[test]
    fn the_sides_of_a_conflict_are_compared_and_named() {
        let all = ["shop", "api", "web"].map(|name| attached(name, name));
        let side = |id: &str, fingerprint: &str| stored(Scope::Repository(id.into()), fingerprint);
        let sides = [side("shop", "x"), side("api", "y"), side("web", "x")];
        assert_eq!(side_compared(&sides[0], &sides, &all), "the same value as web");
        assert_eq!(side_compared(&sides[1], &sides, &all), "another value than shop and web");
        assert_eq!(
            use_for_others(&sides[0], &sides, &all),
            "Use shop's value for api too? api's own value (version 2, set by Ada) is replaced, wherever it is used."
        );
        assert!(use_for_others(&sides[1], &sides, &all).contains("for shop and web too?"));
    }
}
