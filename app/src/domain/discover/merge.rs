//! Puts together what several lines, or several example files, say about one key.

use super::Said;
use crate::domain::KeyName;
use crate::domain::limits;
use crate::domain::spec::Slot;
use std::collections::HashMap;

/// The slots of one file so far, each key once, in the order in which the keys first stand there.
#[derive(Default)]
pub(super) struct Candidates {
    slots: Vec<(Slot, Said)>,
    index: HashMap<KeyName, usize>,
}

impl Candidates {
    /// Takes a line of the example. Of several lines in force the last counts, as readers have it; a line that is
    /// commented out only fills what they leave open.
    pub(super) fn absorb_line(&mut self, slot: Slot, said: Said) {
        let known = self.index.get(&slot.key).map(|at| self.slots[*at].1.commented_out);
        if known == Some(false) && !said.commented_out {
            let at = self.index[&slot.key];
            let mut before = std::mem::replace(&mut self.slots[at], (slot, said)).0;
            (before.default, before.suggestions) = (None, Vec::new());
            fill(&mut self.slots[at].0, before);
        } else {
            self.absorb(slot, said);
        }
    }

    /// Takes a slot. For a key that is known the first line that is not commented out counts, and every other one
    /// fills what it leaves open.
    fn absorb(&mut self, slot: Slot, said: Said) {
        match self.index.get(&slot.key) {
            None => {
                self.index.insert(slot.key.clone(), self.slots.len());
                self.slots.push((slot, said));
            }
            Some(&at) => {
                let (known, known_said) = &mut self.slots[at];
                if known_said.commented_out && !said.commented_out {
                    let before = std::mem::replace(known, slot);
                    *known_said = said;
                    fill(known, before);
                } else {
                    fill(known, slot);
                }
            }
        }
    }

    /// Takes every slot of another example of the same file.
    pub(super) fn absorb_all(&mut self, other: Candidates) {
        for (slot, said) in other.slots {
            self.absorb(slot, said);
        }
    }

    /// How many different keys there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn into_slots(self) -> impl Iterator<Item = (Slot, Said)> {
        self.slots.into_iter()
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
