//! The newest part of what a command printed.

use domain::limits::{OUTPUT_BYTES, OUTPUT_LINES};

/// Text whose oldest lines go when it becomes too long. Places in it are counted from the first byte that ever came, so
/// whoever read up to one can go on from there.
#[derive(Debug, Default)]
pub struct Ring {
    text: String,
    /// The place of the first byte that is kept.
    start: u64,
    line_ends: usize,
}

/// A part of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The place of the oldest byte that is still kept.
    pub start: u64,
    /// The place of the first byte of `text`.
    pub from: u64,
    /// The text up to the end.
    pub text: String,
}

impl Ring {
    /// Adds to the end.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.line_ends += line_ends(text);
        // Cut well below the limit, so that not every addition moves the text.
        if self.text.len() > OUTPUT_BYTES || self.line_ends > OUTPUT_LINES + OUTPUT_LINES / 10 {
            self.cut();
        }
    }

    /// Forgets everything; places go on counting.
    pub fn clear(&mut self) {
        self.start = self.end();
        self.text.clear();
        self.line_ends = 0;
    }

    /// The place after the last byte.
    pub fn end(&self) -> u64 {
        self.start + self.text.len() as u64
    }

    /// What came after a place; everything that is kept if the place is gone or none of this ring's.
    pub fn after(&self, place: u64) -> Part {
        let skipped = place.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        match skipped.and_then(|skipped| Some((skipped, self.text.get(skipped..)?))) {
            Some((_, text)) => Part { start: self.start, from: place, text: text.to_owned() },
            None => Part { start: self.start, from: self.start, text: self.text.clone() },
        }
    }

    /// The last lines.
    pub fn tail(&self, lines: usize) -> Part {
        let kept = self.text.trim_end_matches('\n');
        let cut = kept.rmatch_indices('\n').nth(lines.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
        Part { start: self.start, from: self.start + cut as u64, text: self.text[cut..].to_owned() }
    }

    fn cut(&mut self) {
        let too_many = self.line_ends.saturating_sub(OUTPUT_LINES);
        let by_lines = self.text.match_indices('\n').nth(too_many.wrapping_sub(1)).map_or(0, |(at, _)| at + 1);
        let mut cut = by_lines;
        let kept = OUTPUT_BYTES - OUTPUT_BYTES / 8;
        if self.text.len() - cut > OUTPUT_BYTES {
            let least = self.text.len() - kept;
            // At the end of a line, or of a letter where the line is longer than everything that is kept.
            cut = match self.text.as_bytes()[least..].iter().position(|byte| *byte == b'\n') {
                Some(at) if least + at + 1 < self.text.len() => least + at + 1,
                _ => (least..=self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(least),
            };
        }
        self.line_ends -= line_ends(&self.text[..cut]);
        self.text.drain(..cut);
        self.start += cut as u64;
    }
}

fn line_ends(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_oldest_lines_go() {
        let mut ring = Ring::default();
        (0..3 * OUTPUT_LINES).for_each(|number| ring.push(&format!("{number}\n")));
        let all = ring.after(0);
        let count = all.text.lines().count();
        assert!((OUTPUT_LINES..=OUTPUT_LINES + OUTPUT_LINES / 10).contains(&count), "{count}");
        assert_eq!(all.text.lines().last(), Some("2999"));
        assert_eq!((all.start, all.from), (ring.start, ring.start));
    }

    #[test]
    fn a_line_without_end_is_cut_too() {
        let mut ring = Ring::default();
        (0..OUTPUT_BYTES).for_each(|_| ring.push("é"));
        assert!(ring.text.len() <= OUTPUT_BYTES && ring.text.starts_with('é'));
    }

    #[test]
    fn the_tail_is_the_last_lines() {
        let mut ring = Ring::default();
        ring.push("one\ntwo\nthree\n");
        assert_eq!(ring.tail(2), Part { start: 0, from: 4, text: "two\nthree\n".to_owned() });
        assert_eq!(ring.tail(9).text, "one\ntwo\nthree\n");
        ring.clear();
        assert_eq!(ring.tail(2), Part { start: 14, from: 14, text: String::new() });
    }

    proptest! {
        #[test]
        fn whoever_reads_on_from_place_to_place_misses_nothing_that_is_kept(pieces in prop::collection::vec("[a-zé\n]{0,40}", 0..60)) {
            let (mut ring, mut read, mut place) = (Ring::default(), String::new(), 0);
            for piece in &pieces {
                ring.push(piece);
                let part = ring.after(place);
                prop_assert_eq!(part.from, place);
                read += &part.text;
                place = ring.end();
            }
            prop_assert_eq!(read, pieces.concat());
        }
    }
}
