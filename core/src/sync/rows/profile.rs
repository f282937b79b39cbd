//! One row as a profile, or as what is wrong with it.

use serde_json::{Map, Value};

use super::value::{embedding, value};
use crate::model::field::FieldRef;
use crate::model::{AdvisorProfile, Error, Schema};
use crate::sync::mapping::{Column, Target};

/// What a row of the table became.
#[derive(Debug)]
pub(in crate::sync) enum Row {
    Profile(Box<AdvisorProfile>),
    /// A row that makes no profile: its id as far as it has one, and why.
    Wrong(String, Error),
}

/// Reads the fields of a row, in the order of the columns. `schema` is the index's.
pub(in crate::sync) fn read_row<'a>(
    columns: &[Column],
    fields: impl Iterator<Item = Option<&'a [u8]>>,
    schema: &mut Schema,
) -> Row {
    let mut id = String::new();
    match read(columns, fields, schema, &mut id) {
        Ok(profile) => Row::Profile(Box::new(profile)),
        Err(error) => Row::Wrong(id, error),
    }
}

fn read<'a>(
    columns: &[Column],
    fields: impl Iterator<Item = Option<&'a [u8]>>,
    schema: &mut Schema,
    id: &mut String,
) -> Result<AdvisorProfile, Error> {
    let mut map = Map::new();
    let mut attributes = Map::new();
    let mut vector = None;
    for (at, (column, bytes)) in columns.iter().zip(fields).enumerate() {
        let Some(bytes) = bytes else { continue };
        let wrong = |reason: String| Error::Malformed {
            what: column.target.name(),
            reason: format!("column `{}` {reason}", column.name),
        };
        if at == 0 {
            *id = String::from_utf8_lossy(bytes).into_owned();
            map.insert("id".to_owned(), Value::String(id.clone()));
            continue;
        }
        match &column.target {
            Target::Field(_, FieldRef::Embedding) => {
                vector = Some(embedding(column.wire, bytes).map_err(wrong)?);
            }
            Target::Field(name, field) => {
                let value = value(column.wire, bytes).map_err(wrong)?;
                map.insert((*name).to_owned(), fitted(*field, value));
            }
            Target::Attribute(name) => {
                let value = value(column.wire, bytes).map_err(wrong)?;
                attributes.insert(name.clone(), value);
            }
        }
    }
    if !attributes.is_empty() {
        match map.entry("attributes").or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(whole) => whole.extend(attributes),
            other => *other = Value::Object(attributes),
        }
    }
    // An empty list of numbers is how some tables say that there is none.
    let vector = vector.filter(|vector| !vector.is_empty());
    let mut profile = AdvisorProfile::from_map(map, schema)?;
    if let Some(vector) = vector {
        crate::api::check_embedding("embedding", &vector)?;
        if let Some(expected) = schema.dimension
            && expected != vector.len()
        {
            let field = "embedding".to_owned();
            return Err(Error::WrongDimension { field, found: vector.len(), expected });
        }
        schema.dimension = Some(vector.len());
        profile.embedding = Some(vector);
    }
    Ok(profile)
}

/// Numbers of keys become text, and a single keyword a list of one.
fn fitted(field: FieldRef, value: Value) -> Value {
    match (field, value) {
        (FieldRef::String(_), Value::Number(number)) => Value::String(number.to_string()),
        (FieldRef::Keywords(place), Value::String(text))
            if place != crate::model::field::keywords::STATUS =>
        {
            Value::Array(vec![Value::String(text)])
        }
        (_, value) => value,
    }
}
