//! Rows that stay while somebody types in them, whatever becomes of their slot: what is half typed is never thrown away.

use domain::environment::FileView;
use domain::spec::SlotRef;
use domain::{KeyName, RelativePath};
use std::collections::BTreeSet;

/// The slots of one host in whose fields something is typed.
pub type Typed = BTreeSet<SlotRef>;

/// The files that a panel shows: those of the environment, and after them those that left it while somebody types.
pub fn places(files: &[FileView], typed: &Typed) -> Vec<RelativePath> {
    let mut places: Vec<_> = files.iter().map(|file| file.place.clone()).collect();
    for slot in typed {
        if !places.contains(&slot.file) {
            places.push(slot.file.clone());
        }
    }
    places
}

/// The keys of one list of a file, required or optional. A row in which somebody types stays in the list and at the
/// place where it was (`before`), also when its slot moved to the other list or went away.
pub fn keys(
    file: Option<&FileView>,
    place: &RelativePath,
    required: bool,
    before: Option<&[KeyName]>,
    typed: &Typed,
) -> Vec<KeyName> {
    let is_typed = |key: &KeyName| typed.contains(&SlotRef { file: place.clone(), key: key.clone() });
    let was_here = |key: &KeyName| before.is_none_or(|before| before.contains(key));
    let slots = file.into_iter().flat_map(|file| &file.slots).filter(|slot| slot.required == required);
    let mut keys: Vec<_> = slots.map(|slot| slot.key.clone()).filter(|key| !is_typed(key) || was_here(key)).collect();
    for (at, key) in before.unwrap_or_default().iter().enumerate() {
        if is_typed(key) && !keys.contains(key) {
            keys.insert(at.min(keys.len()), key.clone());
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::{file, slot};
    use domain::environment::Status::Missing;

    fn names(keys: &[KeyName]) -> Vec<&str> {
        keys.iter().map(KeyName::as_str).collect()
    }

    fn typed(place: &str, key: &str) -> Typed {
        let file = file(place, [slot(key, true, Missing)]);
        Typed::from([SlotRef { file: file.place, key: file.slots[0].key.clone() }])
    }

    #[test]
    fn a_list_follows_the_spec_where_nobody_types() {
        let one = file("a", [slot("A", true, Missing), slot("B", false, Missing)]);
        let before = keys(Some(&one), &one.place, true, None, &Typed::new());
        assert_eq!(names(&before), ["A"]);
        let two = file("a", [slot("B", true, Missing), slot("A", false, Missing)]);
        assert_eq!(names(&keys(Some(&two), &two.place, true, Some(&before), &Typed::new())), ["B"]);
    }

    #[test]
    fn a_row_in_which_somebody_types_stays_where_it_is_when_its_slot_goes() {
        let one = file("a", [slot("A", true, Missing), slot("B", true, Missing), slot("C", true, Missing)]);
        let before = keys(Some(&one), &one.place, true, None, &Typed::new());
        let two = file("a", [slot("A", true, Missing), slot("C", true, Missing)]);
        assert_eq!(names(&keys(Some(&two), &two.place, true, Some(&before), &typed("a", "B"))), ["A", "B", "C"]);
        assert_eq!(names(&keys(None, &two.place, true, Some(&before), &typed("a", "B"))), ["B"]);
        assert_eq!(names(&keys(None, &two.place, true, Some(&before), &typed("b", "B"))), [""; 0], "another file's");
    }

    #[test]
    fn a_row_in_which_somebody_types_does_not_change_its_list() {
        let one = file("a", [slot("A", true, Missing), slot("B", false, Missing)]);
        let two = file("a", [slot("A", false, Missing), slot("B", false, Missing)]);
        let list = |required| {
            let before = keys(Some(&one), &one.place, required, None, &Typed::new());
            keys(Some(&two), &two.place, required, Some(&before), &typed("a", "A"))
        };
        assert_eq!(names(&list(true)), ["A"]);
        assert_eq!(names(&list(false)), ["B"]);
    }

    #[test]
    fn a_file_that_left_stays_as_long_as_somebody_types_in_it() {
        let left = [file("b", [])];
        let shown = |typed| places(&left, &typed).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown(typed("a", "A")), ["b", "a"]);
        assert_eq!(shown(Typed::new()), ["b"]);
    }
}
