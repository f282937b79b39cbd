//! Reading JSON that a stranger sent: every refusal names the field, the value and what would be right.

use serde::Deserializer as _;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{limits, survey};
use crate::model::error::{cut, shown};
use crate::model::field::is_snake_of;
use crate::model::{Error, Instant, Result, nearest_name};

/// Parses a text as one JSON object that is a request: at most [`limits::REQUEST_VALUES`] values.
pub(crate) fn parse_object(what: &'static str, text: &str) -> Result<Map<String, Value>> {
    survey::values(what, text, limits::REQUEST_VALUES)?;
    parse_record(what, text)
}

/// Parses a text as one JSON object with as many values as it likes.
pub(crate) fn parse_record(what: &'static str, text: &str) -> Result<Map<String, Value>> {
    match parse_value(what, text)? {
        Value::Object(map) => Ok(map),
        other => Err(wrong_type(what, &other, "a JSON object")),
    }
}

/// Parses a text as one JSON value. A text over [`limits::REQUEST_BYTES`] is refused unread.
pub(crate) fn parse_value(what: &'static str, text: &str) -> Result<Value> {
    if text.len() > limits::REQUEST_BYTES {
        return Err(too_large(what, text.len(), limits::REQUEST_BYTES, "bytes"));
    }
    serde_json::from_str(text).map_err(|error| malformed(what, &error))
}

fn malformed(what: &'static str, error: &serde_json::Error) -> Error {
    let reason = error.to_string();
    if reason.contains("recursion limit") {
        too_large(what, 128, limits::FILTER_DEPTH, "levels deep or more")
    } else {
        Error::Malformed { what: what.to_owned(), reason }
    }
}

/// Parses a text as a list of requests, or as one. Each request of a list is read before the next is parsed, so that
/// beside the text no more than the requests themselves is held.
pub(crate) fn parse_requests<T>(
    what: &'static str,
    text: &str,
    read: impl FnMut(Map<String, Value>) -> Result<T>,
) -> Result<Vec<T>> {
    if text.len() > limits::REQUEST_LIST_BYTES {
        return Err(too_large(what, text.len(), limits::REQUEST_LIST_BYTES, "bytes"));
    }
    survey::values(what, text, limits::REQUEST_VALUES)?;
    let mut list = RequestList { what, read, requests: Vec::new(), refusal: None };
    if !text.trim_start().starts_with('[') {
        return match parse_value(what, text)? {
            Value::Object(map) => Ok(vec![(list.read)(map)?]),
            other => Err(wrong_type(what, &other, "a list of JSON objects")),
        };
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    let parsed = parser.deserialize_seq(&mut list).and_then(|()| parser.end());
    match (parsed, list.refusal) {
        (_, Some(refusal)) => Err(refusal),
        (Err(error), None) => Err(malformed(what, &error)),
        (Ok(()), None) => Ok(list.requests),
    }
}

/// Requests as they are met in a list.
struct RequestList<T, F> {
    what: &'static str,
    read: F,
    requests: Vec<T>,
    /// What is wrong with the request that ended the reading.
    refusal: Option<Error>,
}

impl<T, F: FnMut(Map<String, Value>) -> Result<T>> RequestList<T, F> {
    fn take(&mut self, value: Value) -> Result<()> {
        if self.requests.len() == limits::REQUESTS {
            return Err(too_large(
                self.what,
                limits::REQUESTS + 1,
                limits::REQUESTS,
                "requests or more",
            ));
        }
        match value {
            Value::Object(map) => self.requests.push((self.read)(map)?),
            other => return Err(wrong_type(self.what, &other, "a list of JSON objects")),
        }
        Ok(())
    }
}

impl<'de, T, F: FnMut(Map<String, Value>) -> Result<T>> Visitor<'de> for &mut RequestList<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of JSON objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        while let Some(value) = values.next_element()? {
            if let Err(refusal) = self.take(value) {
                self.refusal = Some(refusal);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

/// The wire form of an answer.
pub(crate) fn to_json(answer: &impl serde::Serialize) -> String {
    // Writing fails only where a map's key is not a string or a `Serialize` of ours says so: none does.
    serde_json::to_string(answer).unwrap_or_default()
}

/// The error of a value of another kind than `expected`.
pub(crate) fn wrong_type(field: &str, value: &Value, expected: &str) -> Error {
    Error::WrongType { field: cut(field), value: shown_value(value), expected: expected.to_owned() }
}

/// The error of a value outside of what is allowed.
pub(crate) fn out_of_range(field: &str, value: impl std::fmt::Display, expected: &str) -> Error {
    Error::OutOfRange {
        field: cut(field),
        value: cut(&value.to_string()),
        expected: expected.to_owned(),
    }
}

/// The error of something over a limit.
pub(crate) fn too_large(field: &str, found: usize, limit: usize, unit: &'static str) -> Error {
    Error::TooLarge { field: cut(field), found: found as u64, limit: limit as u64, unit }
}

/// A JSON value as an error shows it.
pub(crate) fn shown_value(value: &Value) -> String {
    match value {
        Value::String(text) => shown(text),
        Value::Array(values) => format!("a list of {}", values.len()),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// What [`Fields::name_or_object`] read.
pub(crate) enum NameOrObject {
    Name(String),
    Object(Map<String, Value>),
}

/// An object being read: fields are taken out by name, and what is left at the end is unknown.
pub(crate) struct Fields {
    map: Map<String, Value>,
    path: &'static str,
    known: Vec<&'static str>,
}

impl Fields {
    /// Starts to read an object; `path` goes before field names in errors (`weights.`), or is empty.
    pub(crate) fn new(map: Map<String, Value>, path: &'static str) -> Self {
        Self { map, path, known: Vec::new() }
    }

    /// The field of that camelCase name, also in `snake_case`; null counts as absent.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let value = match self.map.remove(name) {
            Some(value) => Some(value),
            None if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                let snake = self.map.keys().find(|key| is_snake_of(key, name)).cloned();
                snake.and_then(|key| self.map.remove(&key))
            }
            None => None,
        };
        value.filter(|value| !value.is_null())
    }

    /// Whether the object holds the field at all, null included.
    pub(crate) fn has(&self, name: &'static str) -> bool {
        self.map.keys().any(|key| key == name || is_snake_of(key, name))
    }

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    pub(crate) fn string(&mut self, name: &'static str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(&self.named(name), &other, "a string")),
        }
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(wrong_type(&self.named(name), &other, "true or false")),
        }
    }

    /// A finite number.
    pub(crate) fn number(&mut self, name: &'static str) -> Result<Option<f64>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => number(&self.named(name), &value).map(Some),
        }
    }

    /// A finite number, 0 or more.
    pub(crate) fn amount(&mut self, name: &'static str) -> Result<Option<f64>> {
        match self.number(name)? {
            Some(amount) if amount < 0.0 => {
                Err(out_of_range(&self.named(name), amount, "0 or more"))
            }
            // Negative zero and zero are one number; keep one of them.
            amount => Ok(amount.map(|amount| amount + 0.0)),
        }
    }

    /// A whole number that fits `u32`.
    pub(crate) fn count(&mut self, name: &'static str) -> Result<Option<u32>> {
        let whole = self.whole(name, f64::from(u32::MAX), "a whole number from 0 to 4294967295")?;
        Ok(whole.map(|whole| whole as u32))
    }

    /// The number of a generation: a whole number that every reader of JSON has exactly.
    pub(crate) fn generation(&mut self, name: &'static str) -> Result<Option<u64>> {
        let most = 9_007_199_254_740_991.0;
        let whole = self.whole(name, most, "a whole number from 0 to 9007199254740991")?;
        Ok(whole.map(|whole| whole as u64))
    }

    fn whole(&mut self, name: &'static str, most: f64, expected: &str) -> Result<Option<f64>> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let named = self.named(name);
        let whole = number(&named, &value)?;
        if whole.fract() != 0.0 || !(0.0..=most).contains(&whole) {
            return Err(out_of_range(&named, whole, expected));
        }
        Ok(Some(whole))
    }

    pub(crate) fn instant(&mut self, name: &'static str) -> Result<Option<Instant>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Instant::parse(&self.named(name), &text).map(Some),
            Some(other) => Err(wrong_type(
                &self.named(name),
                &other,
                "an RFC 3339 moment such as `2024-03-10T12:00:00Z`",
            )),
        }
    }

    /// A list of strings; a bare string is a list of one.
    pub(crate) fn strings(&mut self, name: &'static str) -> Result<Option<Vec<String>>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => strings(&self.named(name), value).map(Some),
        }
    }

    /// A list of finite numbers as f32.
    pub(crate) fn embedding(&mut self, name: &'static str) -> Result<Option<Vec<f32>>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => embedding(&self.named(name), &value).map(Some),
        }
    }

    /// A name, or an object that says more.
    pub(crate) fn name_or_object(
        &mut self,
        name: &'static str,
        expected: &str,
    ) -> Result<Option<NameOrObject>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(NameOrObject::Name(text))),
            Some(Value::Object(map)) => Ok(Some(NameOrObject::Object(map))),
            Some(other) => Err(wrong_type(&self.named(name), &other, expected)),
        }
    }

    pub(crate) fn object(&mut self, name: &'static str) -> Result<Option<Map<String, Value>>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(wrong_type(&self.named(name), &other, "an object")),
        }
    }

    /// Ends the reading: a field that nobody took is unknown.
    pub(crate) fn finish(self, within: &'static str) -> Result<()> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(field) => Err(Error::UnknownField {
                field: cut(&self.named(field)),
                within,
                nearest: nearest_name(field, self.known.iter().copied()),
            }),
        }
    }
}

/// A finite number.
pub(crate) fn number(field: &str, value: &Value) -> Result<f64> {
    match value.as_f64() {
        Some(number) if number.is_finite() => Ok(number),
        Some(number) => Err(out_of_range(field, number, "a finite number")),
        None => Err(wrong_type(field, value, "a number")),
    }
}

/// A list of strings; a bare string is a list of one.
pub(crate) fn strings(field: &str, value: Value) -> Result<Vec<String>> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Array(values) => {
            if values.len() > limits::FILTER_VALUES {
                return Err(too_large(field, values.len(), limits::FILTER_VALUES, "values"));
            }
            values
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text),
                    other => Err(wrong_type(field, &other, "a list of strings")),
                })
                .collect()
        }
        other => Err(wrong_type(field, &other, "a list of strings")),
    }
}

/// An embedding: numbers that are finite as f32, not all zero.
pub(crate) fn embedding(field: &str, value: &Value) -> Result<Vec<f32>> {
    let Value::Array(values) = value else {
        return Err(wrong_type(field, value, "a list of numbers"));
    };
    let mut vector = Vec::with_capacity(values.len());
    for value in values {
        let Some(number) = value.as_f64() else {
            return Err(Error::InvalidEmbedding {
                field: field.to_owned(),
                reason: format!("has {} at position {}", shown_value(value), vector.len()),
            });
        };
        vector.push(number as f32);
    }
    super::check_embedding(field, &vector)?;
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<usize> {
        parse_requests("requests", text, Ok).map(|requests| requests.len())
    }

    #[test]
    fn a_list_of_requests_is_one_or_many_but_not_too_many() {
        assert_eq!(read("{}"), Ok(1));
        assert_eq!(read("[]"), Ok(0));
        let many = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
        assert_eq!(read(&many(limits::REQUESTS)), Ok(limits::REQUESTS));
        assert!(matches!(read(&many(limits::REQUESTS + 1)), Err(Error::TooLarge { .. })));
        assert!(matches!(read("[{}, 3]"), Err(Error::WrongType { .. })));
        assert!(matches!(read("[{}, "), Err(Error::Malformed { .. })));
        assert!(matches!(read("[{}] {}"), Err(Error::Malformed { .. })));
        assert!(matches!(read(&"[".repeat(500)), Err(Error::TooLarge { .. })));
        assert!(matches!(read("3"), Err(Error::WrongType { .. })));
    }
}
