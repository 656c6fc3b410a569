//! Reads parsed JSON as the schemas describe it, where serde by itself takes more (an array for an object) or less (null
//! for what may be left out).

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};
use std::fmt::{self, Formatter};

/// A value that is read in this way, and everything below it.
pub(super) struct Shaped(pub Value);

/// One of the texts that a field takes.
struct Choice(&'static [&'static str]);

impl Expected for Choice {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let choices: Vec<_> = self.0.iter().map(|choice| format!("`{choice}`")).collect();
        match &choices[..] {
            [only] => formatter.write_str(only),
            [one, other] => write!(formatter, "{one} or {other}"),
            _ => write!(formatter, "one of {}", choices.join(", ")),
        }
    }
}

impl Shaped {
    /// What a refusal calls the value. The words never repeat the value itself.
    fn kind(&self) -> Unexpected<'static> {
        match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(it) => Unexpected::Bool(it),
            Value::Number(_) => Unexpected::Other("number"),
            Value::String(_) => Unexpected::Other("string"),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        }
    }
}

fn members(members: Map<String, Value>) -> MapDeserializer<'static, impl Iterator<Item = (String, Shaped)>, Error> {
    MapDeserializer::new(members.into_iter().map(|(name, member)| (name, Shaped(member))))
}

impl IntoDeserializer<'_, Error> for Shaped {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Shaped {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Shaped))),
            Value::Object(object) => visitor.visit_map(members(object)),
            simple => simple.deserialize_any(visitor),
        }
    }

    /// What may be left out and is null is left out: many clients write it so.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let kind = self.kind();
        let Value::Object(mut object) = self.0 else { return Err(Error::invalid_type(kind, &"struct")) };
        object.retain(|name, member| !member.is_null() || !fields.contains(&name.as_str()));
        visitor.visit_map(members(object))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let kind = self.kind();
        match self.0 {
            Value::String(choice) => visitor.visit_enum(choice.into_deserializer()),
            _ => Err(Error::invalid_type(kind, &Choice(variants))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
