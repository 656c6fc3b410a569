//! How much a read of a variable needs it: told by what stands around the read.

use super::source::Source;
use crate::discover::mention::Need;

/// What ends a program or a function where a value is missing.
const STOPS: [&str; 17] = [
    "throw",
    "raise",
    "panic",
    "Fatal",
    "fatal",
    "exit(",
    "abort",
    "die(",
    "bail!",
    "invariant(",
    "errors.New",
    "fmt.Errorf",
    "return err",
    "System.halt",
    "Err(",
    "exit 1",
    "sys.exit",
];
/// Methods behind a read that give something else where it is missing.
const SOFT_METHODS: [&str; 26] = [
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "ok",
    "is_ok",
    "is_err",
    "is_some",
    "is_none",
    "map_or",
    "map_or_else",
    "or_else",
    "or",
    "and_then",
    "presence",
    "present",
    "blank",
    "nil",
    "empty",
    "orElse",
    "isPresent",
    "ifPresent",
    "getOrDefault",
    "withDefault",
    "try",
    "isBlank",
    "isEmpty",
];
/// Methods behind a read that stop where it is missing.
const HARD_METHODS: [&str; 6] = ["unwrap", "expect", "orElseThrow", "context", "with_context", "unwrap_or_exit"];
/// Operators behind a read that choose something else where it is missing, or only ask about it.
const SOFT_OPERATORS: [&str; 17] = [
    "||", "??", "?:", "&&", "===", "!==", "==", "!=", "or ", "and ", "if ", "unless ", "is ", "in ", "?", "=~", "else ",
];

/// What stands around a read.
pub struct Around {
    pub need: Need,
    pub default: Option<String>,
}

/// Tells it for the expression from `start` to `end`; `bare` is what a plain read means.
pub fn around(source: &Source, start: usize, end: usize, bare: Need) -> Around {
    let plain = |need| Around { need, default: None };
    let (end, soft) = behind_methods(source, end);
    if let Some(need) = soft {
        return plain(need);
    }
    if let Some(around) = behind_operator(source, end) {
        return around;
    }
    if let Some(need) = before(source, start) {
        return plain(need);
    }
    // `Number(read) || 3`, `if (read)`: what stands around the call that the read is the argument of.
    let mut end = end;
    for _ in 0..3 {
        let close = source.skip(end);
        let close = if source.byte(close) == b',' { source.expression_end(close + 1) } else { close };
        if source.byte(close) != b')' {
            break;
        }
        let Some(open) = source.open(close) else { break };
        let word = source.word_before(open);
        if ["if", "while", "unless", "elseif", "elif"].contains(&word) {
            return plain(guarded(source, start, close));
        }
        if ["assert", "invariant", "required", "assertDefined", "nonNull", "must"].contains(&word) {
            return plain(Need::Required);
        }
        if ["Boolean", "bool", "isset", "empty", "defined", "isTruthy", "truthy"].contains(&word) {
            return plain(Need::Optional);
        }
        (end, _) = behind_methods(source, close + 1);
        if let Some(around) = behind_operator(source, end) {
            return around;
        }
    }
    plain(assigned(source, start, end).unwrap_or(bare))
}

/// Goes over methods and casts behind a read; some of them settle the need.
fn behind_methods(source: &Source, end: usize) -> (usize, Option<Need>) {
    let mut at = end;
    for _ in 0..8 {
        let next = source.skip(at);
        let rest = source.byte(next);
        if rest == b'!' && source.byte(next + 1) != b'=' {
            at = next + 1;
            continue;
        }
        if source.starts(next, "as ") || source.starts(next, "satisfies ") {
            let word = source.skip(next + 3);
            at = source.word_end(word).max(next + 3);
            continue;
        }
        // Rust's `?` stops; a ternary has white space or a value behind it.
        if rest == b'?'
            && matches!(source.byte(next + 1), b';' | b'.' | b')' | b',')
            && source.byte(next.wrapping_sub(1)) == b')'
        {
            let need = if source.byte(next + 1) == b'.' && !source.str(end, next).contains("::") {
                None
            } else {
                Some(Need::Required)
            };
            if need.is_some() {
                return (next + 1, need);
            }
        }
        let dot = if source.starts(next, "?.") {
            next + 2
        } else if source.starts(next, "&.") {
            next + 2
        } else {
            next + 1
        };
        if dot == next + 2 {
            return (dot, Some(Need::Optional));
        }
        if rest != b'.' {
            return (at, None);
        }
        let word_end = source.word_end(dot);
        let word = source.str(dot, word_end);
        if SOFT_METHODS.contains(&word) {
            return (word_end, Some(Need::Optional));
        }
        if HARD_METHODS.contains(&word) {
            return (word_end, Some(Need::Required));
        }
        at = word_end;
        if source.byte(at) == b'(' {
            match source.close(at) {
                Some(close) => at = close + 1,
                None => return (at, None),
            }
        }
    }
    (at, None)
}

fn behind_operator(source: &Source, end: usize) -> Option<Around> {
    let at = source.skip(end);
    if source.starts(at, "=>") {
        return None;
    }
    let operator = SOFT_OPERATORS.iter().find(|operator| source.starts(at, operator))?;
    // `x if y` of a next line is another statement.
    if operator.ends_with(' ') && source.str(end, at).contains('\n') {
        return None;
    }
    let value = source.skip(at + operator.len());
    let falls_back = ["||", "??", "?:", "or "].contains(operator);
    if falls_back && STOPS.iter().any(|stop| source.starts(value, stop)) {
        return Some(Around { need: Need::Required, default: None });
    }
    let default = falls_back.then(|| literal(source, value)).flatten();
    Some(Around { need: Need::Optional, default })
}

/// The literal at a place: a string, a number, `true` or `false`.
pub fn literal(source: &Source, at: usize) -> Option<String> {
    if let Some((text, _)) = source.string(at) {
        return Some(text.to_owned()).filter(|text| !text.is_empty());
    }
    let end = source.word_end(at);
    let word = source.str(at, end);
    let is_number = !word.is_empty() && word.bytes().all(|c| c.is_ascii_digit() || c == b'_');
    (is_number || ["true", "false", "True", "False"].contains(&word)).then(|| word.replace('_', "").to_lowercase())
}

/// What a negation or a keyword before a read says.
fn before(source: &Source, start: usize) -> Option<Need> {
    let end = source.back(start);
    let word = source.word_before(start);
    if source.byte(end.wrapping_sub(1)) == b'!' {
        return Some(guarded(source, start, start));
    }
    let operators = ["&&", "||", "??", "==", "!="];
    if operators.iter().any(|operator| source.str(end.saturating_sub(2), end) == *operator) {
        return Some(Need::Optional);
    }
    match word {
        "if" | "unless" | "elsif" | "elif" | "while" | "not" | "and" | "or" | "typeof" => {
            Some(guarded(source, start, start))
        }
        _ => None,
    }
}

/// A guard that stops the program makes a key required; any other makes it optional.
fn guarded(source: &Source, start: usize, end: usize) -> Need {
    let line = source.text[..start].iter().rposition(|c| *c == b'\n').map_or(0, |at| at + 1);
    let head = source.str(line.max(start.saturating_sub(200)), start);
    let negated = head.contains('!') || head.contains("not ") || head.contains("unless");
    let ahead = source.ahead(end, 220);
    // Only the block of the guard itself counts.
    let block = ahead.split_once('}').map_or(&*ahead, |(block, _)| block);
    if negated && STOPS.iter().any(|stop| block.contains(stop)) { Need::Required } else { Need::Optional }
}

/// What the next lines do with the variable that a read is assigned to.
fn assigned(source: &Source, start: usize, end: usize) -> Option<Need> {
    let equals = source.back(start);
    if source.byte(equals.checked_sub(1)?) != b'=' || b"=!<>".contains(&source.byte(equals.wrapping_sub(2))) {
        return None;
    }
    let before = equals - if source.byte(equals.wrapping_sub(2)) == b':' { 2 } else { 1 };
    let name = source.word_before(before);
    if name.len() < 2 || source.byte(source.word_start(source.back(before)).wrapping_sub(1)) == b'.' {
        return None;
    }
    let ahead = source.ahead(end, 600);
    for (at, _) in ahead.match_indices(name) {
        let (head, tail) =
            (ahead[..at].trim_end_matches(['(', ' ']), ahead[at + name.len()..].trim_start_matches([' ', ')']));
        if head.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
            && !head.ends_with("if")
            && !head.ends_with("not")
        {
            continue;
        }
        let missing = head.ends_with('!') && !head.ends_with("!!")
            || head.ends_with("not")
            || head.ends_with("unless")
            || ["== \"\"", "== nil", "=== undefined", "== null", "is None", "== ''"]
                .iter()
                .any(|test| tail.starts_with(test));
        let rest = &ahead[at..];
        let block = rest.split_once('}').map_or(rest, |(block, _)| block);
        let block: String = block.chars().take(250).collect();
        if missing {
            return Some(if STOPS.iter().any(|stop| block.contains(stop)) { Need::Required } else { Need::Optional });
        }
        let asked = head.ends_with("if")
            || ["||", "??", "&&", "? ", "!= \"\"", "!= nil", "!== undefined", "is not None", "=== \"", "== \""]
                .iter()
                .any(|test| tail.starts_with(test));
        if asked {
            return Some(Need::Optional);
        }
    }
    None
}
