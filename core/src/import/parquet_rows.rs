//! Profiles from a Parquet file: one profile a row, columns named as in JSON.

use std::collections::HashSet;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::basic::{LogicalType, TimeUnit};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use serde_json::{Map, Value};

use super::records::Rejected;
use crate::api::json::parse_value;
use crate::model::field::{FieldRef, built_in};
use crate::model::{AdvisorProfile, AttributeKind, Error, Instant, Result, Schema};

/// Rows of a Parquet file. `attributes` is a group, a map or JSON text, or columns `attributes.x`;
/// `details` any value or JSON text; moments are timestamps or RFC 3339 text.
pub(super) struct ParquetRows {
    rows: RowIter<'static>,
    /// Columns of nanoseconds, which the row reader gives as plain whole numbers.
    nanoseconds: HashSet<String>,
    row: u64,
    total: u64,
    ended: bool,
}

impl ParquetRows {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::from_io(&error, "open", path))?;
        let unreadable = |reason: String| Error::Malformed {
            what: format!("the Parquet file {}", path.display()),
            reason,
        };
        let reader = guarded(|| SerializedFileReader::new(file)).map_err(unreadable)?;
        let metadata = reader.metadata().file_metadata();
        let total = u64::try_from(metadata.num_rows()).unwrap_or(0);
        let columns = metadata.schema_descr().columns().iter();
        let nanoseconds = columns
            .filter(|column| {
                matches!(
                    column.logical_type_ref(),
                    Some(LogicalType::Timestamp(kind)) if kind.unit == TimeUnit::NANOS
                )
            })
            .map(|column| column.path().string())
            .collect();
        let rows = guarded(|| Ok(RowIter::from_file_into(Box::new(reader)))).map_err(unreadable)?;
        Ok(Self { rows, nanoseconds, row: 0, total, ended: false })
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn next(
        &mut self,
        schema: &mut Schema,
    ) -> Option<Result<(u64, AdvisorProfile), Rejected>> {
        if self.ended {
            return None;
        }
        self.row += 1;
        let line = self.row;
        let rows = &mut self.rows;
        let row = match guarded(|| rows.next().transpose()) {
            Ok(Some(row)) => row,
            Ok(None) if line > self.total => {
                self.ended = true;
                return None;
            }
            ended => {
                self.ended = true;
                let reason = ended.err().unwrap_or_else(|| {
                    format!("it ends after {} of {} rows", line - 1, self.total)
                });
                let error = Error::Malformed { what: "the Parquet file".to_owned(), reason };
                return Some(Err(Rejected { line, error, raw: None, fatal: true }));
            }
        };
        let map = match self.map(row, schema) {
            Ok(map) => map,
            Err(error) => return Some(Err(Rejected { line, error, raw: None, fatal: false })),
        };
        // Kept aside only to be shown: a map that reads well is consumed.
        let copy = map.clone();
        Some(AdvisorProfile::from_map(map, schema).map(|profile| (line, profile)).map_err(
            |error| {
                let raw = Some(Value::Object(copy).to_string());
                Rejected { line, error, raw, fatal: false }
            },
        ))
    }

    fn map(&self, row: Row, schema: &Schema) -> Result<Map<String, Value>> {
        let mut map = Map::new();
        let mut attributes = Map::new();
        for (name, field) in row.into_columns() {
            let value = match field {
                Field::Null => continue,
                Field::Long(nanos) if self.nanoseconds.contains(&name) => moment(nanos / 1_000)?,
                field => value(&name, field)?,
            };
            if let Some(attribute) = name.strip_prefix("attributes.") {
                attributes.insert(attribute.to_owned(), structured(attribute, value, schema)?);
                continue;
            }
            match (built_in(&name), value) {
                (Some((name, FieldRef::Attributes | FieldRef::Details)), Value::String(text)) => {
                    map.insert(name.to_owned(), parse_value(name, &text)?);
                }
                (_, value) => {
                    map.insert(name, value);
                }
            }
        }
        if !attributes.is_empty() {
            match map.get_mut("attributes") {
                Some(Value::Object(known)) => known.extend(attributes),
                _ => {
                    map.insert("attributes".to_owned(), Value::Object(attributes));
                }
            }
        }
        Ok(map)
    }
}

/// What the schema has as an object may also be one as JSON text.
fn structured(attribute: &str, value: Value, schema: &Schema) -> Result<Value> {
    let kind = schema.attribute(attribute).map(|attribute| attribute.kind);
    match (kind, value) {
        (Some(AttributeKind::Geo | AttributeKind::Availability), Value::String(text)) => {
            parse_value("attributes", &text)
        }
        (_, value) => Ok(value),
    }
}

/// A Parquet value as JSON says it.
fn value(name: &str, field: Field) -> Result<Value> {
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(flag) => flag.into(),
        Field::Byte(number) => number.into(),
        Field::Short(number) => number.into(),
        Field::Int(number) => number.into(),
        Field::Long(number) => number.into(),
        Field::UByte(number) => number.into(),
        Field::UShort(number) => number.into(),
        Field::UInt(number) => number.into(),
        Field::ULong(number) => number.into(),
        Field::Float(number) => finite(name, f64::from(number))?,
        Field::Double(number) => finite(name, number)?,
        Field::Str(text) => text.into(),
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) => text.into(),
            Err(_) => return Err(unfit(name, "bytes", "UTF-8 text")),
        },
        Field::Date(days) => moment(i64::from(days).saturating_mul(86_400_000_000))?,
        Field::TimestampMillis(millis) => moment(millis.saturating_mul(1_000))?,
        Field::TimestampMicros(micros) => moment(micros)?,
        Field::Group(row) => Value::Object(
            row.into_columns()
                .into_iter()
                .map(|(inner, field)| Ok((inner.clone(), value(&inner, field)?)))
                .collect::<Result<_>>()?,
        ),
        Field::ListInternal(list) => {
            list.elements().iter().map(|field| value(name, field.clone())).collect::<Result<_>>()?
        }
        Field::MapInternal(map) => Value::Object(
            map.entries()
                .iter()
                .map(|(key, field)| match key {
                    Field::Str(key) => Ok((key.clone(), value(key, field.clone())?)),
                    _ => Err(unfit(name, "a map with other keys than text", "a map from text")),
                })
                .collect::<Result<_>>()?,
        ),
        Field::Float16(_) => {
            return Err(unfit(name, "16-bit numbers", "32-bit or 64-bit numbers"));
        }
        decimal @ Field::Decimal(_) => {
            let number = decimal.to_string().parse().unwrap_or(f64::NAN);
            finite(name, number)?
        }
        Field::TimeMillis(_) | Field::TimeMicros(_) => {
            return Err(unfit(name, "a time of day", "a timestamp"));
        }
    })
}

fn finite(name: &str, number: f64) -> Result<Value> {
    let json = serde_json::Number::from_f64(number).map(Value::Number);
    if let Some(json) = json {
        return Ok(json);
    }
    Err(match built_in(name) {
        Some((_, FieldRef::Embedding)) => {
            Error::InvalidEmbedding { field: name.to_owned(), reason: format!("has {number}") }
        }
        _ => Error::OutOfRange {
            field: name.to_owned(),
            value: number.to_string(),
            expected: "a finite number".to_owned(),
        },
    })
}

fn moment(micros: i64) -> Result<Value> {
    Instant::from_micros(micros).map(|moment| moment.to_string().into())
}

fn unfit(name: &str, value: &str, expected: &str) -> Error {
    Error::WrongType {
        field: name.to_owned(),
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}

/// Runs the Parquet reader, which checks what it reads but may still panic on a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it is damaged, or holds a kind of column that is not read".to_owned()),
    }
}
