//! The ways to write a value into a line. They know no reader: whether one serves a reader, its model says.

use zeroize::Zeroizing;

/// What stands around a value.
#[derive(Clone, Copy, PartialEq)]
enum Around {
    Nothing,
    Single,
    Double,
    Backtick,
}

/// What is written in the place of single characters.
#[derive(Clone, Copy)]
struct Escapes {
    backslash: Option<&'static str>,
    quote: Option<&'static str>,
    dollar: Option<&'static str>,
    line_feed: Option<&'static str>,
    carriage_return: Option<&'static str>,
    number_sign: Option<&'static str>,
}

const NONE: Escapes =
    Escapes { backslash: None, quote: None, dollar: None, line_feed: None, carriage_return: None, number_sign: None };
const DOLLARS: Escapes = Escapes { dollar: Some("\\$"), ..NONE };
const ENDS: Escapes = Escapes { line_feed: Some("\\n"), carriage_return: Some("\\r"), ..NONE };
const FULL: Escapes = Escapes { backslash: Some("\\\\"), quote: Some("\\\""), dollar: Some("\\$"), ..NONE };

/// From the plainest to the oddest; the first that every reader gives back is taken.
const ALL: &[(Around, Escapes)] = &[
    (Around::Single, NONE),
    (Around::Double, NONE),
    (Around::Backtick, NONE),
    (Around::Nothing, NONE),
    (Around::Single, DOLLARS),
    (Around::Double, DOLLARS),
    (Around::Backtick, DOLLARS),
    (Around::Nothing, DOLLARS),
    (Around::Double, ENDS),
    (Around::Double, Escapes { dollar: Some("\\$"), ..ENDS }),
    (Around::Single, Escapes { line_feed: Some("\\n"), ..NONE }),
    (Around::Double, FULL),
    (Around::Double, Escapes { carriage_return: Some("\\r"), ..FULL }),
    (Around::Double, Escapes { line_feed: Some("\\n"), carriage_return: Some("\\r"), ..FULL }),
    (Around::Double, Escapes { dollar: None, ..FULL }),
    (Around::Double, Escapes { dollar: None, carriage_return: Some("\\r"), ..FULL }),
    // A nameless variable whose default is a dollar sign.
    (Around::Double, Escapes { dollar: Some("${:-$}"), carriage_return: Some("\\r"), ..FULL }),
    (Around::Double, Escapes { backslash: Some("\\\\"), ..NONE }),
    (Around::Nothing, Escapes { backslash: Some("\\\\"), quote: Some("\\\""), dollar: Some("\\$"), ..NONE }),
    (Around::Single, Escapes { quote: Some("'\"'\"'"), ..NONE }),
    (Around::Single, Escapes { quote: Some("'\"'\"'"), carriage_return: Some("'\"\\r\"'"), ..NONE }),
    (Around::Nothing, Escapes { dollar: Some("$$"), number_sign: Some("\\#"), ..NONE }),
];

/// Every way to write a value.
pub(super) fn spellings(value: &str) -> impl Iterator<Item = Zeroizing<String>> + '_ {
    let bare = stands_bare(value).then(|| spelled(value, Around::Nothing, NONE));
    bare.into_iter().chain(ALL.iter().map(|(around, escapes)| spelled(value, *around, *escapes)))
}

/// Characters that mean themselves to every reader, in places where they do.
fn stands_bare(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&byte);
    !value.is_empty() && value.bytes().all(plain) && !value.starts_with('=') && !value.contains(":=")
}

fn spelled(value: &str, around: Around, escapes: Escapes) -> Zeroizing<String> {
    let quote = match around {
        Around::Nothing => "",
        Around::Single => "'",
        Around::Double => "\"",
        Around::Backtick => "`",
    };
    let escape = |c: char| match c {
        '\\' => escapes.backslash,
        '\'' if around == Around::Single => escapes.quote,
        '"' if around != Around::Single => escapes.quote,
        '$' => escapes.dollar,
        '\n' => escapes.line_feed,
        '\r' => escapes.carriage_return,
        '#' => escapes.number_sign,
        _ => None,
    };
    // The right capacity from the start: a growing string leaves copies of the value behind.
    let length: usize = value.chars().map(|c| escape(c).map_or(c.len_utf8(), str::len)).sum();
    let mut text = Zeroizing::new(String::with_capacity(length + 2 * quote.len()));
    text.push_str(quote);
    for c in value.chars() {
        match escape(c) {
            Some(instead) => text.push_str(instead),
            None => text.push(c),
        }
    }
    text.push_str(quote);
    text
}
