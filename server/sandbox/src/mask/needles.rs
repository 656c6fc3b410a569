//! Every form in which a value may stand somewhere: what the guard of snapshots looks for and what output is cleaned of.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use domain::snapshot::Encoding;
use domain::{KeyName, SecretValue};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Shortest value that is looked for, in bytes. A shorter one stands in any larger text by chance.
pub const SHORTEST: usize = 6;

/// One way of writing a value, with every key that has it.
pub struct Needle {
    /// The bytes to look for. Of a value in base64 those that do not depend on what stands around it.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The keys that have this value, each with how it is written.
    pub meanings: Vec<(KeyName, Encoding)>,
}

/// Every way of writing every value. It has no `Debug`: it holds values.
#[derive(Default)]
pub struct Needles {
    all: Vec<Needle>,
    keys: BTreeSet<KeyName>,
    too_short: BTreeSet<KeyName>,
}

impl Needles {
    /// Derives them from values; a key may come with several.
    pub fn new<'a>(values: impl IntoIterator<Item = (&'a KeyName, &'a SecretValue)>) -> Self {
        let (mut needles, mut forms) = (Self::default(), Vec::new());
        for (key, value) in values {
            // What stands around a value when it is used elsewhere is rarely its own blanks and line ends.
            let value = value.expose().trim();
            if value.is_empty() {
                continue;
            }
            if value.len() < SHORTEST {
                needles.too_short.insert(key.clone());
                continue;
            }
            needles.keys.insert(key.clone());
            forms.extend(forms_of(value).into_iter().map(|(encoding, bytes)| (bytes, key.clone(), encoding)));
        }
        // Stable: the forms of a value come in the order of their plainness, and the first one names it.
        forms.sort_by(|(one, ..), (other, ..)| one.as_slice().cmp(other.as_slice()));
        for (bytes, key, encoding) in forms {
            match needles.all.last_mut().filter(|last| last.bytes == bytes) {
                Some(same) if same.meanings.iter().any(|(known, _)| *known == key) => {}
                Some(same) => same.meanings.push((key, encoding)),
                None => needles.all.push(Needle { bytes, meanings: vec![(key, encoding)] }),
            }
        }
        needles
    }

    /// All of them, each of different bytes.
    pub fn all(&self) -> &[Needle] {
        &self.all
    }

    /// The keys whose values are looked for.
    pub fn keys(&self) -> &BTreeSet<KeyName> {
        &self.keys
    }

    /// The keys with a value shorter than [`SHORTEST`], which is not looked for.
    pub fn too_short(&self) -> &BTreeSet<KeyName> {
        &self.too_short
    }
}

fn forms_of(value: &str) -> Vec<(Encoding, Zeroizing<Vec<u8>>)> {
    let mut forms = vec![(Encoding::Plain, Zeroizing::new(value.as_bytes().to_vec()))];
    forms.extend(json(value).into_iter().map(|text| (Encoding::Json, text)));
    forms.extend(percent(value).into_iter().map(|text| (Encoding::Url, text)));
    forms.extend(base64(value.as_bytes()).into_iter().map(|text| (Encoding::Base64, text)));
    forms.extend(hex(value.as_bytes()).into_iter().map(|text| (Encoding::Hex, text)));
    forms.extend(base32(value.as_bytes()).into_iter().map(|text| (Encoding::Base32, text)));
    forms
}

/// The value in hexadecimal digits, of either case.
fn hex(value: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let form = |digits: &[u8; 16]| {
        let mut text = Zeroizing::new(Vec::with_capacity(2 * value.len()));
        for byte in value {
            text.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        text
    };
    vec![form(b"0123456789abcdef"), form(b"0123456789ABCDEF")]
}

/// The value in base32 as it stands inside of any longer text: as [`base64`], for each of the five places in a group of
/// five bytes, in either case.
fn base32(value: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const LOWER: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut forms = Vec::new();
    for before in 0..5 {
        // Only whole groups of five bits that the value alone makes up.
        let (first, last) = ((before * 8_usize).div_ceil(5), (before + value.len()) * 8 / 5);
        for alphabet in [UPPER, LOWER] {
            let mut text = Zeroizing::new(Vec::with_capacity(last - first));
            for letter in first..last {
                let bits = (letter * 5..letter * 5 + 5).map(|bit| bit - before * 8);
                let number = bits.fold(0, |number, bit| number << 1 | value[bit / 8] >> (7 - bit % 8) & 1);
                text.push(alphabet[usize::from(number)]);
            }
            forms.push(text);
        }
    }
    forms
}

/// The value in base64 as it stands inside of any longer text: once for each of the three places in a group of three
/// bytes at which it may start, without the characters that bytes before or after it have a part in.
fn base64(value: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let mut padded = Zeroizing::new(vec![0; before]);
        padded.reserve_exact(value.len());
        padded.extend_from_slice(value);
        // Each character holds six bits: the first that has none of what stands before, the last that has none after.
        let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for text in [STANDARD_NO_PAD.encode(&*padded), URL_SAFE_NO_PAD.encode(&*padded)] {
            let text = Zeroizing::new(text);
            forms.extend(text.as_bytes().get(first..last).map(|core| Zeroizing::new(core.to_vec())));
        }
    }
    forms
}

/// The value as the ways of writing addresses have it: they differ in what they leave as it is, in how they write a
/// space, and in the case of their digits.
fn percent(value: &str) -> Vec<Zeroizing<Vec<u8>>> {
    const UNRESERVED: &[u8] = b"-_.~";
    const COMPONENT: &[u8] = b"-_.!~*'()";
    const FORM: &[u8] = b"-_.*";
    const WHOLE: &[u8] = b"-_.!~*'();/?:@&=+$,#";
    let mut forms = Vec::new();
    for (kept, plus) in [(COMPONENT, false), (UNRESERVED, false), (FORM, true), (UNRESERVED, true), (WHOLE, false)] {
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            // Room for the longest form: a growing vector leaves copies of the value behind.
            let mut text = Zeroizing::new(Vec::with_capacity(3 * value.len()));
            for byte in value.bytes() {
                match byte {
                    b' ' if plus => text.push(b'+'),
                    _ if byte.is_ascii_alphanumeric() || kept.contains(&byte) => text.push(byte),
                    _ => text.extend([b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]),
                }
            }
            forms.push(text);
        }
    }
    forms
}

/// The inside of the value as a JSON text: with the escapes that are needed, with everything outside of ASCII escaped
/// too, and with slashes escaped.
fn json(value: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = Vec::new();
    for (ascii, slashes) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut text = Zeroizing::new(Vec::with_capacity(12 * value.len()));
        for letter in value.chars() {
            match letter {
                '"' => text.extend(b"\\\""),
                '\\' => text.extend(b"\\\\"),
                '\n' => text.extend(b"\\n"),
                '\r' => text.extend(b"\\r"),
                '\t' => text.extend(b"\\t"),
                '\u{8}' => text.extend(b"\\b"),
                '\u{c}' => text.extend(b"\\f"),
                '/' if slashes => text.extend(b"\\/"),
                _ if letter < ' ' || (ascii && !letter.is_ascii()) => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        text.extend(format!("\\u{unit:04x}").bytes());
                    }
                }
                _ => text.extend(letter.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
        forms.push(text);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    fn key(name: &str) -> KeyName {
        KeyName::new(name).expect("a key")
    }

    fn of(value: &str) -> Needles {
        Needles::new([(&key("A"), &SecretValue::new(value.to_owned()))])
    }

    fn finds(needles: &Needles, text: &[u8]) -> Vec<Encoding> {
        let inside = |needle: &&Needle| text.windows(needle.bytes.len()).any(|part| part == needle.bytes.as_slice());
        let found = needles.all().iter().filter(inside).flat_map(|needle| &needle.meanings);
        found.map(|(_, encoding)| *encoding).collect()
    }

    proptest! {
        #[test]
        fn a_value_in_base64_of_anything_around_it_is_found(
            value in "[ -~]{6,80}", before in prop::collection::vec(any::<u8>(), 0..20),
            after in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            prop_assume!(value.trim().len() >= SHORTEST);
            let whole = [&before[..], value.as_bytes(), &after[..]].concat();
            for text in [STANDARD.encode(&whole), URL_SAFE.encode(&whole), STANDARD_NO_PAD.encode(&whole)] {
                prop_assert!(finds(&of(&value), text.as_bytes()).contains(&Encoding::Base64), "{text}");
            }
            let bits: String = whole.iter().map(|byte| format!("{byte:08b}")).collect();
            let letter = |bits: &[u8]| {
                let number = bits.iter().fold(0, |number, bit| number << 1 | usize::from(bit - b'0'));
                char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[number << (5 - bits.len())])
            };
            let text: String = bits.as_bytes().chunks(5).map(letter).collect();
            for text in [text.to_ascii_lowercase(), text] {
                prop_assert!(finds(&of(&value), text.as_bytes()).contains(&Encoding::Base32), "{text}");
            }
            let text: String = whole.iter().map(|byte| format!("{byte:02x}")).collect();
            for text in [text.to_ascii_uppercase(), text] {
                prop_assert!(finds(&of(&value), text.as_bytes()).contains(&Encoding::Hex), "{text}");
            }
        }

        #[test]
        fn a_value_is_found_as_addresses_and_json_write_it(value in "\\PC{6,40}") {
            prop_assume!(value.trim().len() >= SHORTEST);
            let needles = of(&value);
            let form: String = url::form_urlencoded::byte_serialize(value.trim().as_bytes()).collect();
            prop_assert!(!finds(&needles, form.as_bytes()).is_empty(), "{form}");
            prop_assert!(!finds(&needles, form.to_lowercase().as_bytes()).is_empty() || form.to_lowercase() != form);
            let json = serde_json::to_string(value.trim()).expect("json");
            prop_assert!(!finds(&needles, json.as_bytes()).is_empty(), "{json}");
        }
    }

    #[test]
    fn each_form_is_found_under_its_name() {
        let needles = of("p#ss w/\"rd\u{e9}");
        for (text, encoding) in [
            ("x=p#ss w/\"rd\u{e9};", Encoding::Plain),
            (r#""p#ss w/\"rdé""#, Encoding::Json),
            (r#""p#ss w/\"rd\u00e9""#, Encoding::Json),
            (r#""p#ss w\/\"rd\u00e9""#, Encoding::Json),
            ("p%23ss%20w%2F%22rd%C3%A9", Encoding::Url),
            ("p%23ss%20w%2f%22rd%c3%a9", Encoding::Url),
            ("p%23ss+w%2F%22rd%C3%A9", Encoding::Url),
        ] {
            assert_eq!(finds(&needles, text.as_bytes()), [encoding], "{text}");
        }
        assert_eq!(finds(&needles, b"p#ss w"), []);
    }

    #[test]
    fn short_values_are_named_and_empty_ones_are_nothing() {
        let (short, long) = (SecretValue::new("12345".to_owned()), SecretValue::new("123456".to_owned()));
        let empty = SecretValue::new(" \n".to_owned());
        let (a, b, c) = (key("A"), key("B"), key("C"));
        let needles = Needles::new([(&a, &short), (&b, &long), (&c, &empty)]);
        assert_eq!(needles.too_short().iter().collect::<Vec<_>>(), [&a]);
        assert_eq!(needles.keys().iter().collect::<Vec<_>>(), [&b]);
    }

    #[test]
    fn keys_with_the_same_value_share_a_needle_and_blanks_around_it_do_not_count() {
        let (one, other) = (SecretValue::new("secret-1".to_owned()), SecretValue::new(" secret-1\n".to_owned()));
        let (a, b) = (key("A"), key("B"));
        let needles = Needles::new([(&a, &one), (&b, &other)]);
        let plain = needles.all().iter().find(|needle| needle.bytes.as_slice() == b"secret-1").expect("a needle");
        assert_eq!(plain.meanings, [(a, Encoding::Plain), (b, Encoding::Plain)]);
    }
}
