//! Answers as Arrow tables, for whoever speaks the PyCapsule interface.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator, TimestampMicrosecondArray};
use arrow_schema::{ArrowError, Field, Schema};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use serde::Serialize;
use serde_json::{Map, Value};
use shortlist::{Error, Instant};

use super::object::snake;
use crate::error::exception;

/// What a column holds. It is told by the field's name where that is one of the profile's own, so that it is the same
/// for every page, and else by the values.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Texts,
    Whole,
    Number,
    Flag,
    Moment,
    Vector,
    /// Anything else: as JSON text.
    Json,
}

const KNOWN: &[(&str, Kind)] = &[
    ("industries", Kind::Texts),
    ("services", Kind::Texts),
    ("certifications", Kind::Texts),
    ("reasons", Kind::Texts),
    ("hourly_rate", Kind::Number),
    ("monthly_retainer_min", Kind::Number),
    ("overall_rating", Kind::Number),
    ("score", Kind::Number),
    ("similarity", Kind::Number),
    ("business", Kind::Number),
    ("rating", Kind::Number),
    ("distance_km", Kind::Number),
    ("years_experience", Kind::Whole),
    ("total_reviews", Kind::Whole),
    ("current_clients", Kind::Whole),
    ("max_clients", Kind::Whole),
    ("is_verified", Kind::Flag),
    ("is_available", Kind::Flag),
    ("pinned", Kind::Flag),
    ("created_at", Kind::Moment),
    ("updated_at", Kind::Moment),
    ("deleted_at", Kind::Moment),
    ("embedding", Kind::Vector),
    ("attributes", Kind::Json),
    ("details", Kind::Json),
    ("highlights", Kind::Json),
];

/// The rows of an answer, one flat object each.
pub fn rows(answer: &impl Serialize, list: &str) -> Vec<Map<String, Value>> {
    let Ok(Value::Object(mut whole)) = serde_json::to_value(answer) else { return Vec::new() };
    let Some(Value::Array(items)) = whole.remove(list) else { return Vec::new() };
    items.into_iter().map(flat).collect()
}

/// A match as one row: advisor and score, the parts of the score, then the listing.
fn flat(item: Value) -> Map<String, Value> {
    let Value::Object(item) = item else { return Map::new() };
    let mut row = Map::new();
    for (name, value) in item {
        match (name.as_str(), value) {
            ("listing", Value::Object(listing)) => {
                row.extend(listing.into_iter().filter(|(name, _)| name != "id").map(named));
            }
            ("breakdown", Value::Object(breakdown)) => {
                row.extend(breakdown.into_iter().filter(|(name, _)| name != "parts").map(named));
            }
            (_, value) => {
                row.extend([named((name, value))]);
            }
        }
    }
    row
}

fn named((name, value): (String, Value)) -> (String, Value) {
    let name = if name.contains('.') { name } else { snake(&name) };
    (name, value)
}

/// A stream of one batch, in a capsule.
pub fn stream<'py>(
    py: Python<'py>,
    rows: &[Map<String, Value>],
) -> PyResult<Bound<'py, PyCapsule>> {
    let mut names: Vec<&String> = Vec::new();
    for row in rows {
        let before = names.len();
        if row.keys().ne(names.iter().copied()) {
            names.extend(
                row.keys().filter(|name| !names[..before].contains(name)).collect::<Vec<_>>(),
            );
        }
    }
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for name in names {
        let kind = kind(name, rows);
        let column = column(rows, name, kind);
        fields.push(Field::new(name.as_str(), column.data_type().clone(), true));
        columns.push(column);
    }
    let schema = Arc::new(Schema::new(fields));
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)
        .map_err(failed)?;
    let reader = RecordBatchIterator::new([Ok::<_, ArrowError>(batch)], schema);
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn failed(error: ArrowError) -> PyErr {
    exception(&Error::Internal { what: format!("a table of an answer: {error}") })
}

fn kind(name: &str, rows: &[Map<String, Value>]) -> Kind {
    if let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return *kind;
    }
    let mut found = None;
    for value in rows.iter().filter_map(|row| row.get(name)) {
        let kind = match value {
            Value::Null => continue,
            Value::String(_) => Kind::Text,
            Value::Bool(_) => Kind::Flag,
            Value::Number(_) => Kind::Number,
            Value::Array(values) if values.iter().all(Value::is_string) => Kind::Texts,
            _ => Kind::Json,
        };
        if found.is_some_and(|other| other != kind) {
            return Kind::Json;
        }
        found = Some(kind);
    }
    found.unwrap_or(Kind::Text)
}

fn column(rows: &[Map<String, Value>], name: &str, kind: Kind) -> ArrayRef {
    let values = || rows.iter().map(|row| row.get(name).filter(|value| !value.is_null()));
    match kind {
        Kind::Text => {
            let mut column = StringBuilder::new();
            values().for_each(|value| column.append_option(value.and_then(Value::as_str)));
            Arc::new(column.finish())
        }
        Kind::Json => {
            let mut column = StringBuilder::new();
            values().for_each(|value| column.append_option(value.map(Value::to_string)));
            Arc::new(column.finish())
        }
        Kind::Whole => {
            let mut column = Int64Builder::new();
            values().for_each(|value| column.append_option(value.and_then(Value::as_i64)));
            Arc::new(column.finish())
        }
        Kind::Number => {
            let mut column = Float64Builder::new();
            values().for_each(|value| column.append_option(value.and_then(Value::as_f64)));
            Arc::new(column.finish())
        }
        Kind::Flag => {
            let mut column = BooleanBuilder::new();
            values().for_each(|value| column.append_option(value.and_then(Value::as_bool)));
            Arc::new(column.finish())
        }
        Kind::Moment => {
            let micros =
                |value: &Value| Instant::parse("moment", value.as_str()?).ok().map(Instant::micros);
            let column: TimestampMicrosecondArray =
                values().map(|value| value.and_then(micros)).collect();
            Arc::new(column.with_timezone("UTC"))
        }
        Kind::Texts => {
            let mut column = ListBuilder::new(StringBuilder::new());
            for value in values() {
                let texts = value.and_then(Value::as_array);
                texts
                    .into_iter()
                    .flatten()
                    .for_each(|text| column.values().append_option(text.as_str()));
                column.append(texts.is_some());
            }
            Arc::new(column.finish())
        }
        Kind::Vector => {
            let mut column = ListBuilder::new(Float32Builder::new());
            for value in values() {
                let numbers = value.and_then(Value::as_array);
                for number in numbers.into_iter().flatten() {
                    column.values().append_option(number.as_f64().map(|number| number as f32));
                }
                column.append(numbers.is_some());
            }
            Arc::new(column.finish())
        }
    }
}
