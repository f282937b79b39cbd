//! A request and the query of the judgements that it stands for.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value};
use shortlist::{Engine, Error};

use super::config::Config;
use crate::ask::{Ask, Record, Requests};
use crate::failure::{Failure, Place, Result};

/// A request as it was written, before any config.
pub struct Question {
    /// The query of the judgements.
    pub id: Option<String>,
    /// Its fields, in camelCase.
    pub fields: Map<String, Value>,
    /// From the file beside it, or of the collection.
    pub embedding: Option<Vec<f32>>,
}

impl Record for Question {
    fn parse(json: &str) -> shortlist::Result<Self> {
        let mut fields = match serde_json::from_str(json) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(malformed("it is no JSON object")),
            Err(error) => return Err(malformed(&error.to_string())),
        };
        let id = match fields.shift_remove("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id),
            Some(Value::Number(id)) => Some(id.to_string()),
            Some(other) => {
                return Err(Error::WrongType {
                    field: "id".to_owned(),
                    value: if other.is_object() { "an object" } else { "a list or a bool" }
                        .to_owned(),
                    expected: "the query's id, a string or a number".to_owned(),
                });
            }
        };
        if let Some(Value::Object(request)) = fields.get("request").cloned() {
            if let Some(other) = fields.keys().find(|key| *key != "request") {
                return Err(Error::UnknownField {
                    field: other.clone(),
                    within: "a line of `id` and `request`",
                    nearest: None,
                });
            }
            fields = request;
        }
        Ok(Self { id, fields: camel_case(fields), embedding: None })
    }

    fn with_embedding(self, embedding: Vec<f32>) -> Self {
        Self { embedding: Some(embedding), ..self }
    }
}

impl Question {
    /// The request under a config.
    pub fn under<A: Ask>(&self, config: &Config) -> shortlist::Result<A> {
        let mut fields = Value::Object(self.fields.clone());
        merge(&mut fields, &Value::Object(config.fields.clone()));
        let request = A::parse(&fields.to_string())?;
        match &self.embedding {
            Some(embedding) if !config.fields.contains_key("embedding") => {
                Ok(request.with_embedding(embedding.clone()))
            }
            _ => Ok(request),
        }
    }
}

/// The questions of a file; where they are judged, each needs an id of its own.
pub fn read(
    file: &Path,
    embeddings: Option<&Path>,
    engine: &Engine,
    judged: bool,
) -> Result<Vec<(Place, Question)>> {
    let mut lines = Requests::open(file, embeddings, engine)?;
    let mut questions = Vec::new();
    let mut ids = HashSet::new();
    while let Some((place, question)) = lines.next::<Question>()? {
        let question = question.map_err(|error| Failure::at(error, place.clone()))?;
        let wrong = match &question.id {
            None if judged => Some(Error::MissingField {
                field: "id".to_owned(),
                expected: "the id of the query that the judgements are of".to_owned(),
            }),
            Some(id) if !ids.insert(id.clone()) => {
                Some(Error::DuplicateId { id: id.clone(), first: None })
            }
            _ => None,
        };
        match wrong {
            Some(error) => return Err(Failure::at(error, place)),
            None => questions.push((place, question)),
        }
    }
    Ok(questions)
}

fn malformed(reason: &str) -> Error {
    Error::Malformed { what: "request".to_owned(), reason: reason.to_owned() }
}

/// The outermost names in camelCase, so that `text_match` and `textMatch` are one field when objects are merged.
pub fn camel_case(fields: Map<String, Value>) -> Map<String, Value> {
    let camel = |name: &str| {
        let mut words = name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |camel, word| {
            let mut letters = word.chars();
            let head = letters.next().map(|letter| letter.to_ascii_uppercase());
            camel + &head.into_iter().chain(letters).collect::<String>()
        })
    };
    fields.into_iter().map(|(name, value)| (camel(&name), value)).collect()
}

/// A JSON merge patch (RFC 7396).
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.shift_remove(name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_merged_lists_are_replaced_and_null_takes_away() {
        let mut request =
            json!({"text": "tax", "weights": {"rating": 1, "business": 2}, "industries": ["a"]});
        merge(&mut request, &json!({"text": null, "weights": {"rating": 3}, "industries": ["b"]}));
        assert_eq!(request, json!({"weights": {"rating": 3, "business": 2}, "industries": ["b"]}));
    }

    #[test]
    fn both_forms_of_a_line_are_the_same_question() {
        let flat = Question::parse(r#"{"id": 7, "text_match": "any", "text": "x"}"#);
        let nested =
            Question::parse(r#"{"id": "7", "request": {"textMatch": "any", "text": "x"}}"#);
        let (flat, nested) = (flat.expect("flat"), nested.expect("nested"));
        assert_eq!((flat.id, flat.fields), (nested.id, nested.fields));
    }

    #[test]
    fn a_line_of_id_and_request_holds_nothing_else() {
        let wrong = Question::parse(r#"{"id": "7", "request": {"text": "x"}, "txt": 1}"#);
        assert_eq!(wrong.err().map(|error| error.code()), Some("SL1001"));
    }
}
