//! Which of several example files is the one that a project uses.
//!
//! Example files in one folder whose names differ only in what stands behind `.env` are variants of one file: the one
//! that documents and scripts copy is used, else the one that frameworks read by convention. In a monorepo each package
//! that loads an env file keeps its own.

use super::kind::is_for_show;
use super::loads::Load;
use app::domain::{RelativePath, discover};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// An example file that is used.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The example.
    pub source: RelativePath,
    /// The file that it is copied to.
    pub real: RelativePath,
}

/// An example file that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// The example.
    pub path: RelativePath,
    /// The example that is used in its place; none if no program loads the file.
    pub instead: Option<RelativePath>,
    /// Why, as half a sentence.
    pub reason: String,
}

/// A weight from which on a document or script speaks for the whole project.
const STRONG: u32 = 60;
/// Words in a name that mark a variant for a special purpose.
const SPECIAL: [&str; 14] = [
    "test",
    "prod",
    "production",
    "ci",
    "docker",
    "e2e",
    "staging",
    "complete",
    "full",
    "sail",
    "azure",
    "cluster",
    "all",
    "preview",
];
const USUAL: [&str; 4] = ["dev", "development", "local", "vars"];

/// What documents say about one example.
#[derive(Default, Clone)]
struct Spoken {
    weight: u32,
    line: u32,
    real: Option<RelativePath>,
    place: Option<(String, u32)>,
}

/// Chooses among the examples of one repository. `loads_env` tells whether a folder holds a program that loads one.
pub fn choose(
    root: &RelativePath,
    examples: &[RelativePath],
    loads: &[Load],
    loads_env: impl Fn(&str) -> bool,
) -> (Vec<Chosen>, Vec<Variant>) {
    let spoken = spoken(root, examples, loads);
    let mut groups: BTreeMap<(String, String), Vec<&RelativePath>> = BTreeMap::new();
    for example in examples {
        groups.entry(group(example)).or_default().push(example);
    }
    let strong = spoken.values().any(|spoken| spoken.weight >= STRONG);
    let (mut chosen, mut variants) = (Vec::new(), Vec::new());
    let mut taken: BTreeSet<RelativePath> = BTreeSet::new();
    let mut lost: Vec<Variant> = Vec::new();
    for ((folder, _), mut group) in groups {
        let of = |example: &RelativePath| spoken.get(example).cloned().unwrap_or_default();
        group.sort_by_key(|example| {
            let spoken = of(example);
            (std::cmp::Reverse(rank(example, spoken.weight)), spoken.line, (*example).clone())
        });
        let first = group[0];
        let best = of(first);
        let copied = best.weight >= STRONG;
        let at_top = folder == *root.as_str() || (folder.is_empty() && root.is_root());
        if !copied && !at_top && is_for_show(&folder) {
            lost.extend(group.iter().map(|path| variant(path, None, "it is in a folder for tests or examples")));
            continue;
        }
        if !copied && strong && !loads_env(&folder) {
            lost.extend(group.iter().map(|path| variant(path, None, "nothing in its folder loads it")));
            continue;
        }
        for example in group {
            let spoken = of(example);
            let real = spoken.real.clone().or_else(|| discover::real_path(example));
            let Some(real) = real else { continue };
            let is_schema = example.as_str().ends_with(".schema");
            // The same document may copy several, each under a name of its own.
            let beside = copied
                && spoken.weight + 5 >= best.weight
                && special(example) == 0
                && spoken.real.is_some()
                && !taken.contains(&real);
            if example == first || is_schema || beside {
                taken.insert(real.clone());
                chosen.push(Chosen { source: example.clone(), real });
            } else {
                let reason = best.place.as_ref().filter(|_| copied).map_or_else(
                    || format!("{first} is the usual one"),
                    |(path, line)| format!("{path}:{line} copies {first}"),
                );
                variants.push(variant(example, Some(first), &reason));
            }
        }
    }
    // Where nothing else is left, an example of a test or a tool is better than none.
    if chosen.is_empty() && !lost.is_empty() {
        let all: Vec<Chosen> = lost
            .iter()
            .filter_map(|lost| Some(Chosen { source: lost.path.clone(), real: discover::real_path(&lost.path)? }))
            .collect();
        return (all, variants);
    }
    variants.extend(lost);
    (chosen, variants)
}

fn variant(path: &RelativePath, instead: Option<&RelativePath>, reason: &str) -> Variant {
    Variant { path: path.clone(), instead: instead.cloned(), reason: reason.to_owned() }
}

/// The folder of an example, and what it is a variant of there: all of `.env.X`, or a file of its own such as `db.env`.
fn group(example: &RelativePath) -> (String, String) {
    let real = discover::real_path(example).unwrap_or_else(|| example.clone());
    let folder = example.as_str().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let name = real.parts().last().unwrap_or_default();
    let family = if name == ".env" || name.starts_with(".env.") { ".env" } else { name };
    (folder, family.to_owned())
}

/// What documents and scripts say about each example; the strongest place counts, of one document the first line.
fn spoken(root: &RelativePath, examples: &[RelativePath], loads: &[Load]) -> BTreeMap<RelativePath, Spoken> {
    let all: BTreeSet<&RelativePath> = examples.iter().collect();
    let mut spoken: BTreeMap<RelativePath, Spoken> = BTreeMap::new();
    for load in loads {
        let Some((example, real)) = load.resolve(root, |path| all.contains(path)) else { continue };
        let weight = load.weight(&example);
        let known = spoken.entry(example).or_default();
        // A line with the file's new name says more than one without.
        let better = (weight, real.is_some(), std::cmp::Reverse(load.line))
            > (known.weight, known.real.is_some(), std::cmp::Reverse(known.line));
        if better {
            let real = real.or(known.real.take());
            *known = Spoken { weight, line: load.line, real, place: Some((load.path.to_string(), load.line)) };
        } else if known.real.is_none() {
            known.real = real;
        }
    }
    spoken
}

/// 0 for a name without a special purpose.
fn special(example: &RelativePath) -> u32 {
    let name = example.parts().last().unwrap_or_default().to_ascii_lowercase();
    u32::from(name.split(['.', '-', '_']).any(|word| SPECIAL.contains(&word)))
}

/// How well an example fits: what is said about it, then its name.
fn rank(example: &RelativePath, weight: u32) -> u32 {
    let name = example.parts().last().unwrap_or_default().to_ascii_lowercase();
    let real = discover::real_path(example);
    let plain = real.is_some_and(|real| real.parts().last() == Some(".env"));
    let usual = name.split(['.', '-', '_']).any(|word| USUAL.contains(&word));
    let marker = ["example", "sample", "template", "dist"]
        .iter()
        .position(|marker| name.contains(marker))
        .map_or(0, |at| 4 - at as u32);
    let fit = if plain {
        30
    } else if usual {
        25
    } else {
        0
    };
    weight * 2 + fit + marker + 10 - 10 * special(example)
}
