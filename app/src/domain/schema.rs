//! JSON schemas of the types that check themselves while they are read.

use super::{KeyName, RelativePath, limits};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

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

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Path below the workspace: not absolute, without \"..\", \".git\" and backslashes.",
            "pattern": r"^[^/\\~\x00-\x1f][^\\\x00-\x1f]*$",
            "minLength": 1,
            "maxLength": limits::PATH_CHARS,
            "examples": [".env.local"],
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::EnvSpec;
    use crate::domain::request::Ask;
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
