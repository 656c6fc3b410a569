//! A JSON Schema, walked: each field with its rules, and calls that hold a given value in that field.

use regex::Regex;
use serde_json::{Map, Value, json};

/// One step from a document to a field of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Member(String),
    First,
}

/// The schema of a whole document.
pub struct Shape {
    root: Value,
}

/// A field of a document, with the schema that holds there.
pub struct Field {
    pub steps: Vec<Step>,
    pub schema: Value,
}

impl Field {
    /// The field's name as problems have it: `files[0].keys[0].key`.
    pub fn name(&self) -> String {
        name(&self.steps)
    }
}

/// The name of a place in a document.
pub fn name(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |name, step| match step {
        Step::First => format!("{name}[0]"),
        Step::Member(member) if name.is_empty() => member.clone(),
        Step::Member(member) => format!("{name}.{member}"),
    })
}

impl Shape {
    pub fn new(root: Value) -> Self {
        Self { root }
    }

    /// The schema itself in the place of a reference to it.
    fn resolved(&self, schema: &Value) -> Value {
        let Some(reference) = schema["$ref"].as_str() else { return schema.clone() };
        let place = reference.strip_prefix('#').expect("a reference into the document");
        let found = self.root.pointer(place).unwrap_or_else(|| panic!("{reference} leads somewhere"));
        self.resolved(found)
    }

    /// Every field, the document itself first.
    pub fn fields(&self) -> Vec<Field> {
        let mut found = Vec::new();
        self.collect(&self.root, Vec::new(), &mut found);
        found
    }

    fn collect(&self, schema: &Value, steps: Vec<Step>, found: &mut Vec<Field>) {
        let schema = self.resolved(schema);
        for (member, below) in schema["properties"].as_object().into_iter().flatten() {
            self.collect(below, [&steps[..], &[Step::Member(member.clone())]].concat(), found);
        }
        if schema["type"] == "array" {
            self.collect(&schema["items"], [&steps[..], &[Step::First]].concat(), found);
        }
        found.push(Field { steps, schema });
    }

    /// A document with `value` at a field, and beside it only what is required.
    pub fn document(&self, steps: &[Step], value: Value) -> Value {
        self.around(&self.root, steps, value)
    }

    fn around(&self, schema: &Value, steps: &[Step], value: Value) -> Value {
        let schema = self.resolved(schema);
        let Some((step, below)) = steps.split_first() else { return value };
        match step {
            Step::First => json!([self.around(&schema["items"], below, value)]),
            Step::Member(member) => {
                let mut object = self.least(&schema, 0);
                object[member] = self.around(&schema["properties"][member], below, value);
                object
            }
        }
    }

    /// The least that a schema takes; those with different numbers differ.
    pub fn least(&self, schema: &Value, number: usize) -> Value {
        let schema = self.resolved(schema);
        if let Some(choices) = schema["enum"].as_array() {
            return choices[number % choices.len()].clone();
        }
        match schema["type"].as_str().expect("one type") {
            "object" => {
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                let members = required.iter().filter_map(Value::as_str);
                let members = members.map(|name| (name.to_owned(), self.least(&schema["properties"][name], number)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            "array" => {
                let count = schema["minItems"].as_u64().unwrap_or(0) as usize;
                (0..count).map(|at| self.least(&schema["items"], at)).collect()
            }
            "string" => {
                let seed = seed(&schema);
                if number == 0 { json!(seed) } else { json!(format!("{seed}{number}")) }
            }
            "integer" => schema["minimum"].as_u64().unwrap_or(0).into(),
            "boolean" => json!(false),
            other => panic!("{other}"),
        }
    }

    /// A list of so many.
    pub fn list(&self, schema: &Value, count: usize) -> Value {
        (0..count).map(|at| self.least(&schema["items"], at)).collect()
    }
}

/// A text that a schema takes.
pub fn seed(schema: &Value) -> String {
    let example = schema["examples"][0].as_str().map(str::to_owned);
    let candidates = example.into_iter().chain(["a", "https://a"].map(str::to_owned));
    candidates.into_iter().find(|text| takes(schema, &json!(text))).expect("a text of that shape")
}

/// Whether a schema takes a text, a number or a list, by the keywords that it states.
pub fn takes(schema: &Value, value: &Value) -> bool {
    let within = |low: &str, high: &str, count: u64| {
        schema[low].as_u64().is_none_or(|low| count >= low) && schema[high].as_u64().is_none_or(|high| count <= high)
    };
    if let Some(choices) = schema["enum"].as_array() {
        return choices.contains(value);
    }
    match (schema["type"].as_str(), value) {
        (Some("string"), Value::String(text)) => {
            let fits = |pattern: &str| Regex::new(pattern).expect("a pattern without lookaround").is_match(text);
            within("minLength", "maxLength", text.chars().count() as u64) && schema["pattern"].as_str().is_none_or(fits)
        }
        (Some("integer"), Value::Number(number)) => {
            number.as_u64().map_or(schema["minimum"].is_null(), |number| within("minimum", "maximum", number))
        }
        (Some("array"), Value::Array(items)) => within("minItems", "maxItems", items.len() as u64),
        (Some("boolean"), Value::Bool(_)) | (Some("object"), Value::Object(_)) => true,
        _ => false,
    }
}
