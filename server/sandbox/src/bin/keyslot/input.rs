//! Reading specs and values.

use crate::failure::Failure;
use domain::{EnvSpec, spec_text};
use sandbox::apply::{ApplyInput, INPUT_BYTES};
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

const SPEC_BYTES: u64 = 64 * 1024 * 1024;

/// The spec in a file; `-`, where the values do not come from standard input, is that.
pub fn spec(path: &Path) -> Result<EnvSpec, Failure> {
    if path == Path::new("-") {
        return Err(Failure::bad_input("--spec", "give a file; standard input is for the values"));
    }
    let text = spec_text(path)?;
    spec_text::read(&text).map_err(|problems| Failure::bad_spec(path.display(), problems))
}

/// The text of a spec in a file, or with `-` from standard input.
pub fn spec_text(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let mut text = String::new();
    let size = match path == Path::new("-") {
        true => std::io::stdin().lock().take(SPEC_BYTES + 1).read_to_string(&mut text),
        false => std::fs::File::open(path).and_then(|file| file.take(SPEC_BYTES + 1).read_to_string(&mut text)),
    };
    let size = size.map_err(|error| Failure::bad_input(&name, error))?;
    if size as u64 > SPEC_BYTES {
        return Err(Failure::bad_input(&name, format!("a spec has at most {} MiB", SPEC_BYTES / 1024 / 1024)));
    }
    Ok(text)
}

/// The values on standard input, for the keys of a spec.
pub fn values(spec: &EnvSpec) -> Result<ApplyInput, Failure> {
    let mut json = Zeroizing::new(Vec::new());
    let size = std::io::stdin().lock().take(INPUT_BYTES + 1).read_to_end(&mut json);
    let size = size.map_err(|error| Failure::bad_input("standard input", error))?;
    if size as u64 > INPUT_BYTES {
        return Err(Failure::bad_input("standard input", format!("at most {} MiB", INPUT_BYTES / 1024 / 1024)));
    }
    ApplyInput::from_json(&json, spec).map_err(|error| Failure::new(2, error.to_string()))
}
