//! What `dotenv-expand`, Next.js, Vite, Nuxt, Expo and Bun do with values after reading them: they expand `$NAME` in
//! every kind of quotes and take the backslash from `\$`.
//!
//! They differ in the details, and version 1000 of `dotenv-expand` runs `$(…)` as a command, so only what all of them
//! do alike is told.

use super::super::reading::{Fault, Value};
use zeroize::Zeroizing;

/// What becomes of a value.
pub fn expand(value: &str) -> Result<Value, Fault> {
    if value.contains("$(") {
        return Err(Fault::RunsCommand);
    }
    let mut plain = Zeroizing::new(String::with_capacity(value.len()));
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        let Some(before) = rest[..at].strip_suffix('\\') else { return Ok(Value::Expanded) };
        // Some take one backslash of two, some see an escaped backslash and expand.
        if before.ends_with('\\') {
            return Err(Fault::Unclear);
        }
        plain.push_str(before);
        plain.push('$');
        rest = &rest[at + 1..];
    }
    plain.push_str(rest);
    // These decrypt such values.
    if plain.starts_with("encrypted:") {
        return Err(Fault::Unclear);
    }
    Ok(Value::Text(plain))
}
