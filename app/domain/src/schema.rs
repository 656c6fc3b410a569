//! JSON schemas of the types that check themselves while they are read.

use super::{KeyName, RelativePath, limits};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// An `http` or `https` address without blanks.
pub(super) const WEB_ADDRESS: &str = r"^https?://[^\s\x00-\x1f\x7f-\x9f]*$";
/// Any text that an environment variable can hold.
pub(super) const WITHOUT_NUL: &str = r"^[^\x00]*$";

impl JsonSchema for KeyName {
    fn schema_name() -> Cow<'static, str> {
        "KeyName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Name of an environment variable.",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
            "minLength": 1,
            "maxLength": limits::KEY_CHARS,
            "examples": ["DATABASE_URL"],
        })
    }
}

impl JsonSchema for RelativePath {
    fn schema_name() -> Cow<'static, str> {
        "RelativePath".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rest = format!("(/({}|\\.)?)*", named());
        path_schema(
            generator,
            "Path below the workspace: not absolute, without \"..\", \".git\" and backslashes.",
            format!("^({UP_TO_NAME}{}{rest}|\\.(/\\.?)*)$", first_named()),
        )
    }
}

/// Stands for a [`RelativePath`] that must name a file.
pub(super) struct FilePath;

impl JsonSchema for FilePath {
    fn schema_name() -> Cow<'static, str> {
        "FilePath".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // As it is read: a slash at the end says nothing.
        let rest = format!("(/({}|\\.)?)*", named());
        path_schema(
            generator,
            "Path of a file below the workspace: not absolute, without \"..\", \".git\" and backslashes.",
            format!("^{UP_TO_NAME}{}{rest}$", first_named()),
        )
    }
}

/// What is stated of a path. The pattern is for those who send one; those who are answered one need not check it.
fn path_schema(generator: &SchemaGenerator, description: &str, pattern: String) -> Schema {
    let mut schema = json_schema!({
        "type": "string",
        "description": description,
        "minLength": 1,
        "maxLength": limits::PATH_CHARS,
        "examples": [".env.local"],
    });
    if generator.contract().is_deserialize() {
        schema.insert("pattern".to_owned(), pattern.into());
    }
    schema
}

/// What no part of a path holds, for a class of characters.
macro_rules! never {
    () => {
        r"/\\\x00-\x1f\x7f-\x9f"
    };
}

/// What may stand before a path's first name: `./`, `.//./` and the like.
const UP_TO_NAME: &str = r"(\./(\.?/)*)?";

/// A part of a path that is none of `.`, `..` and `.git`. Spelled without lookahead, which many validators do not have.
fn named() -> String {
    let (any, plain) = (concat!("[^", never!(), "]"), concat!("[^.", never!(), "]"));
    format!("({plain}{any}*|{})", dotted())
}

/// The first such part, which is neither `~` nor a drive such as `C:`: those would be absolute.
fn first_named() -> String {
    let any = concat!("[^", never!(), "]");
    let plain = concat!("[^.~A-Za-z", never!(), "]");
    let no_drive = concat!("[^:", never!(), "]");
    format!("({plain}{any}*|~{any}+|[A-Za-z]({no_drive}{any}*)?|{})", dotted())
}

/// A part that starts with a dot and is none of those.
fn dotted() -> String {
    let any = concat!("[^", never!(), "]");
    let (no_g, no_i, no_t) =
        (concat!("[^.Gg", never!(), "]"), concat!("[^Ii", never!(), "]"), concat!("[^Tt", never!(), "]"));
    format!(r"\.({no_g}{any}*|\.{any}+|[Gg]({no_i}{any}*|[Ii]({no_t}{any}*|[Tt]{any}+)?)?)")
}

#[cfg(test)]
mod tests {
    use crate::EnvSpec;
    use crate::request::Ask;
    use schemars::schema_for;

    #[test]
    fn the_schemas_state_the_rules_and_limits_that_the_types_check() {
        let spec = schema_for!(EnvSpec).to_value();
        assert_eq!(spec["properties"]["files"]["maxItems"], 100);
        assert_eq!(spec["additionalProperties"], false);
        assert_eq!(spec["$defs"]["KeyName"]["maxLength"], 200);
        assert_eq!(spec["$defs"]["Slot"]["required"], serde_json::json!(["key"]));
        assert_eq!(spec["$defs"]["Slot"]["properties"]["documentationUrl"]["maxLength"], 2_000);
        let ask = schema_for!(Ask).to_value();
        assert_eq!(ask["properties"]["expiresInSeconds"]["minimum"], 5);
        assert_eq!(ask["required"], serde_json::json!(["keys"]));
    }
}
