//! How JSON Schemas are written, so that client generators and validators of every language take them.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value};

/// JSON Schema 2020-12, in its plainest forms.
pub(super) fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with_transform(RecursiveTransform(|schema: &mut Schema| {
        if let Some(schema) = schema.as_object_mut() {
            drop_widths(schema);
            list_choices(schema);
            leave_out_null(schema);
        }
    }))
}

/// The same for what calls take, where no text holds a NUL character: PostgreSQL has no such texts.
pub(super) fn settings_for_calls() -> SchemaSettings {
    settings().with_transform(RecursiveTransform(|schema: &mut Schema| {
        if let Some(schema) = schema.as_object_mut()
            && schema.get("type").is_some_and(|kind| kind == "string")
            && !schema.contains_key("enum")
        {
            schema.entry("pattern").or_insert("^[^\\x00]*$".into());
        }
    }))
}

/// Takes out Rust's names for the widths of numbers, which validators do not know.
fn drop_widths(schema: &mut Map<String, Value>) {
    if schema.get("type").is_some_and(|kind| kind.to_string().contains("integer")) {
        schema.remove("format");
    }
}

/// Writes alternatives that are all fixed strings as one `enum`; what each means goes into the description.
fn list_choices(schema: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = schema.get("oneOf") else { return };
    let mut choices: Vec<Value> = Vec::new();
    let mut meanings = Vec::new();
    for alternative in alternatives {
        let fixed = match (alternative.get("const"), alternative.get("enum")) {
            (Some(one), _) => std::slice::from_ref(one),
            (None, Some(Value::Array(several))) => several,
            _ => return,
        };
        if !fixed.iter().all(Value::is_string) {
            return;
        }
        if let (Some(meaning), [Value::String(name)]) = (alternative["description"].as_str(), fixed) {
            meanings.push(format!("`{name}`: {meaning}"));
        }
        choices.extend(fixed.iter().cloned());
    }
    let own = schema.get("description").and_then(Value::as_str).map(str::to_owned);
    let description: Vec<String> = own.into_iter().chain(meanings).collect();
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), choices.into());
    if !description.is_empty() {
        schema.insert("description".to_owned(), description.join("\n").into());
    }
}

/// Describes a property that may be left out by its type alone: whoever has nothing to say leaves it out.
fn leave_out_null(schema: &mut Map<String, Value>) {
    let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties {
        if let Value::Object(property) = property
            && !required.iter().any(|required| required == name.as_str())
        {
            without_null(property);
        }
    }
}

fn without_null(property: &mut Map<String, Value>) {
    if let Some(Value::Array(kinds)) = property.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = &kinds[..] {
            let kind = kind.clone();
            property.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(choices)) = property.get_mut("enum") {
        choices.retain(|choice| !choice.is_null());
    }
    if let Some(Value::Array(alternatives)) = property.get_mut("anyOf") {
        alternatives.retain(|alternative| alternative["type"] != "null");
        if let [Value::Object(only)] = &alternatives[..] {
            let only = only.clone();
            property.remove("anyOf");
            for (name, value) in only {
                property.entry(name).or_insert(value);
            }
        }
    }
    if property.get("default").is_some_and(Value::is_null) {
        property.remove("default");
    }
}

/// Everything in a document below `value`, itself included.
#[cfg(test)]
pub(super) fn parts(value: &Value) -> Vec<&Value> {
    let below: Vec<&Value> = match value {
        Value::Array(items) => items.iter().flat_map(parts).collect(),
        Value::Object(members) => members.values().flat_map(parts).collect(),
        _ => Vec::new(),
    };
    std::iter::once(value).chain(below).collect()
}
