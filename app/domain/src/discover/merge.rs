//! Puts together what several lines, or several example files, say about one key.

use crate::KeyName;
use crate::limits;
use crate::spec::Slot;
use std::collections::HashMap;

/// The slots of one file so far, each key once, in the order in which the keys first stand there.
#[derive(Default)]
pub(super) struct Candidates {
    slots: Vec<(Slot, bool)>,
    index: HashMap<KeyName, usize>,
}

impl Candidates {
    /// Takes a slot. For a key that is known the first line that is not commented out counts, and every other one
    /// fills what it leaves open.
    pub(super) fn absorb(&mut self, slot: Slot, commented_out: bool) {
        match self.index.get(&slot.key) {
            None => {
                self.index.insert(slot.key.clone(), self.slots.len());
                self.slots.push((slot, commented_out));
            }
            Some(&at) => {
                let (known, known_commented_out) = &mut self.slots[at];
                if *known_commented_out && !commented_out {
                    let before = std::mem::replace(known, slot);
                    *known_commented_out = false;
                    fill(known, before);
                } else {
                    fill(known, slot);
                }
            }
        }
    }

    /// Takes every slot of another example of the same file.
    pub(super) fn absorb_all(&mut self, other: Candidates) {
        for (slot, commented_out) in other.slots {
            self.absorb(slot, commented_out);
        }
    }

    /// How many different keys there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn into_slots(self) -> Vec<Slot> {
        self.slots.into_iter().map(|(slot, _)| slot).collect()
    }
}

/// Fills what `slot` leaves open from what else is said about its key; the line that counts stays first in evidence.
fn fill(slot: &mut Slot, other: Slot) {
    slot.description = slot.description.take().or(other.description);
    slot.documentation_url = slot.documentation_url.take().or(other.documentation_url);
    slot.generate = slot.generate.or(other.generate);
    slot.default = slot.default.take().or(other.default).filter(|_| slot.generate.is_none());
    for suggestion in other.suggestions {
        if !slot.suggestions.contains(&suggestion) && slot.suggestions.len() < limits::SUGGESTIONS {
            slot.suggestions.push(suggestion);
        }
    }
    for place in other.evidence {
        if !slot.evidence.contains(&place) && slot.evidence.len() < limits::EVIDENCE {
            slot.evidence.push(place);
        }
    }
}
