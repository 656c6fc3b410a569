//! Which slot comes next.

use domain::Environment;
use domain::environment::{FileView, SlotView, Status};
use domain::request::{RequestedKey, ValueRequest};
use domain::spec::SlotRef;

/// Slots in the order in which the panel shows them: file by file, required ones first.
fn shown(environment: &Environment) -> impl Iterator<Item = (&FileView, &SlotView)> {
    environment.files.iter().flat_map(|file| {
        let required = file.slots.iter().filter(|slot| slot.required);
        let optional = file.slots.iter().filter(|slot| !slot.required);
        required.chain(optional).map(move |slot| (file, slot))
    })
}

fn reference((file, slot): (&FileView, &SlotView)) -> SlotRef {
    SlotRef { file: file.place.clone(), key: slot.key.clone() }
}

/// The first required slot that a boot would not write.
pub fn first_missing(environment: &Environment) -> Option<SlotRef> {
    shown(environment).find(|(_, slot)| slot.is_lacking()).map(reference)
}

/// Where the keyboard goes after a slot was saved: to the next lacking required slot (from the top again after the
/// last), or from an optional slot to the next empty optional one of its file, which is in view as well.
pub fn next_missing(environment: &Environment, saved: &SlotRef) -> Option<SlotRef> {
    let all: Vec<_> = shown(environment).collect();
    let here = all.iter().position(|pair| reference(*pair) == *saved)?;
    let (file, slot) = all[here];
    let rest = all[here + 1..].iter().copied();
    if !slot.required {
        let mut optional = rest.filter(|(other, _)| other.place == file.place);
        return optional.find(|(_, slot)| !slot.status.is_written()).map(reference);
    }
    let mut around = rest.chain(all[..here].iter().copied());
    around.find(|(_, slot)| slot.is_lacking()).map(reference)
}

/// The next key of a request that wants an answer, after one that just got its own; from the top again after the last.
/// The page may not know yet that a value which is in the environment already was an answer.
pub fn next_asked(request: &ValueRequest, environment: &Environment, answered: &SlotRef) -> Option<SlotRef> {
    let here = request.keys.iter().position(|key| key.is(answered)).map_or(0, |at| at + 1);
    let around = request.keys[here..].iter().chain(&request.keys[..here]);
    let mut open = around.filter(|key| key.outcome.is_none()).map(RequestedKey::slot);
    let is_set = |at: &SlotRef| {
        shown(environment).any(|(file, slot)| file.place == at.file && slot.key == at.key && slot.status == Status::Set)
    };
    open.find(|at| at != answered && !is_set(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::{environment, file, request, slot};
    use domain::environment::Status::{Default, Missing, Set};
    use domain::request::KeyOutcome;

    fn at(place: &str, key: &str) -> SlotRef {
        let (file, slot) = (file(place, []), slot(key, true, Missing));
        SlotRef { file: file.place, key: slot.key }
    }

    fn sample() -> Environment {
        environment([
            file("a", [slot("A1", true, Missing), slot("O1", false, Missing), slot("A2", true, Set)]),
            file("b", [slot("O2", false, Missing), slot("B1", true, Missing), slot("A1", true, Missing)]),
        ])
    }

    #[test]
    fn saving_a_required_slot_leads_to_the_next_lacking_one_over_files() {
        assert_eq!(next_missing(&sample(), &at("a", "A1")), Some(at("b", "B1")));
        assert_eq!(next_missing(&sample(), &at("a", "A2")), Some(at("b", "B1")));
    }

    #[test]
    fn after_the_last_one_it_starts_from_the_top() {
        assert_eq!(next_missing(&sample(), &at("b", "A1")), Some(at("a", "A1")));
    }

    #[test]
    fn optional_slots_lead_to_optional_ones_of_their_file_only() {
        assert_eq!(next_missing(&sample(), &at("a", "O1")), None);
        let two =
            environment([file("a", [slot("O1", false, Set), slot("O2", false, Default), slot("O3", false, Missing)])]);
        assert_eq!(next_missing(&two, &at("a", "O1")), Some(at("a", "O3")));
    }

    #[test]
    fn when_nothing_lacks_there_is_no_next() {
        let complete = environment([file("a", [slot("A1", true, Set), slot("O1", false, Missing)])]);
        assert_eq!(next_missing(&complete, &at("a", "A1")), None);
        assert_eq!(first_missing(&complete), None);
    }

    #[test]
    fn the_first_lacking_slot_is_the_first_that_is_shown() {
        assert_eq!(first_missing(&sample()), Some(at("a", "A1")));
    }

    #[test]
    fn an_answer_leads_to_the_next_open_key_of_the_request_whatever_else_lacks() {
        let asked = request("r", [("A", true, None), ("B", true, Some(KeyOutcome::AlreadySet)), ("C", false, None)]);
        let unset = environment([file(".env", [slot("A", true, Missing), slot("C", false, Default)])]);
        assert_eq!(next_asked(&asked, &unset, &at(".env", "A")), Some(at(".env", "C")));
        assert_eq!(next_asked(&asked, &unset, &at(".env", "C")), Some(at(".env", "A")));
        let last = request("r", [("A", true, Some(KeyOutcome::Submitted)), ("B", false, None)]);
        assert_eq!(next_asked(&last, &unset, &at(".env", "B")), None);
    }

    #[test]
    fn a_key_whose_value_is_there_is_not_asked_again_though_its_outcome_has_not_arrived() {
        let asked = request("r", [("A", true, None), ("B", false, None)]);
        let saved = environment([file(".env", [slot("A", true, Set), slot("B", false, Missing)])]);
        assert_eq!(next_asked(&asked, &saved, &at(".env", "B")), None);
    }
}
