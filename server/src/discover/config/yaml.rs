//! The leaves of a YAML text with the keys that lead to them.

use saphyr_parser::{Event, Parser};

/// Most leaves that one file gives.
const LEAVES: usize = 20_000;

/// One scalar of a text.
pub struct Leaf {
    /// The keys that lead to it, `-` for an item of a list with its number behind it.
    pub path: Vec<String>,
    pub value: String,
    pub line: u32,
}

enum Level {
    Map { key: Option<String> },
    List { at: usize },
}

/// The leaves up to the first fault, so that a template of YAML still says what stands above its braces.
pub fn leaves(text: &str) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        if found.len() > LEAVES || levels.len() > 100 {
            break;
        }
        match event {
            Event::MappingStart(..) => {
                levels.push(Level::Map { key: None });
            }
            Event::SequenceStart(..) => levels.push(Level::List { at: 0 }),
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
                next(&mut levels);
            }
            Event::Scalar(value, ..) => {
                if let Some(Level::Map { key: key @ None }) = levels.last_mut() {
                    *key = Some(value.to_string());
                    continue;
                }
                let path = levels.iter().map(|level| match level {
                    Level::Map { key } => key.clone().unwrap_or_default(),
                    Level::List { at } => format!("-{at}"),
                });
                let line = u32::try_from(span.start.line()).unwrap_or(1);
                found.push(Leaf { path: path.collect(), value: value.to_string(), line });
                next(&mut levels);
            }
            // What an anchor stands for was given where it was set.
            Event::Alias(_) => match levels.last_mut() {
                Some(Level::Map { key: key @ None }) => *key = Some("<<".to_owned()),
                _ => next(&mut levels),
            },
            _ => {}
        }
    }
    found
}

/// A value is over: the next scalar of a mapping is a key.
fn next(levels: &mut [Level]) {
    match levels.last_mut() {
        Some(Level::Map { key }) => *key = None,
        Some(Level::List { at }) => *at += 1,
        None => {}
    }
}
