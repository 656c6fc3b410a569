//! Telling bytes that are packed or encrypted from others, where their kind is not known.

/// What is said of such a file.
pub(super) const UNKNOWN: &str = "it looks packed or encrypted, in a way that is not known";
/// Fewer bytes than this are never dense enough to tell.
const FEWEST: usize = 256;
/// Bits a byte that may be missing of what random bytes have.
const SLACK: f64 = 0.25;

/// Kinds of files that are dense and hold pictures, sound, video, fonts, or git's own tables of ids.
const KNOWN: [(usize, &[u8]); 22] = [
    (0, b"\x89PNG"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (8, b"WEBP"),
    (8, b"WAVE"),
    (8, b"AVI "),
    (4, b"ftyp"),
    (0, b"\x1aE\xdf\xa3"),
    (0, b"OggS"),
    (0, b"ID3"),
    (0, b"\xff\xfb"),
    (0, b"fLaC"),
    (0, b"wOFF"),
    (0, b"wOF2"),
    (0, b"\xfftOc"),
    (0, b"RIDX"),
    (0, b"MTME"),
    (0, b"DIRC"),
    (0, b"CGPH"),
    (0, b"MIDX"),
    (0, b"BITM"),
    (0, b"II*\0"),
];

/// Whether a file that begins like this is of a kind that is dense and no archive.
pub(super) fn is_media(head: &[u8]) -> bool {
    KNOWN.iter().any(|(at, magic)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
}

/// Whether these bytes, the first ones of something, are packed or encrypted: as mixed as random ones.
pub(super) fn is_dense(bytes: &[u8]) -> bool {
    if bytes.len() < FEWEST {
        return false;
    }
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    #[allow(clippy::cast_precision_loss, reason = "at most a block's length")]
    let all = bytes.len() as f64;
    let share = |count: &u32| f64::from(*count) / all;
    let entropy: f64 = counts.iter().filter(|count| **count > 0).map(share).map(|part| -part * part.log2()).sum();
    // Few random bytes do not meet every value equally often.
    let expected = 8.0 - 255.0 / (2.0 * all * std::f64::consts::LN_2);
    entropy > expected - SLACK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        };
        (0..bytes).map(next).collect()
    }

    #[test]
    fn what_is_packed_is_told_from_programs_and_text() {
        for bytes in [256, 1000, 5000, 60_000] {
            assert!(is_dense(&noise(bytes)), "{bytes}");
        }
        let program = std::fs::read(std::env::current_exe().expect("a program")).expect("its bytes");
        assert!(program.chunks(64 * 1024).take(200).filter(|block| is_dense(block)).count() == 0);
        let text: String = noise(3000).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!is_dense(text.as_bytes()) && !is_dense(&noise(100)) && !is_dense(&[0; 5000]));
        let counting: Vec<u8> = (0..=255).collect();
        assert!(is_dense(&counting), "every value once is as mixed as can be");
    }

    #[test]
    fn pictures_are_known() {
        assert!(is_media(b"\x89PNG\r\n") && is_media(b"RIFF1234WEBPVP8 ") && !is_media(b"RIFF1234"));
    }
}
