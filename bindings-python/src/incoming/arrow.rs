//! Tables through the Arrow PyCapsule interface: pyarrow, polars, pandas, duckdb, and whoever else speaks it.

use arrow_array::cast::AsArray as _;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use serde_json::{Map, Number, Value};
use shortlist::{AdvisorProfile, Error, Instant, Result, Schema};

use super::json::{Embedding, Wire};
use super::profiles::read;
use crate::error::exception;

/// The rows of a table, batch by batch as they come.
pub struct Table {
    batches: RecordBatchStreamReader,
    current: Option<(RecordBatch, usize)>,
}

impl Table {
    /// The table that an object gives; none where it gives none.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let Ok(give) = object.getattr(pyo3::intern!(object.py(), "__arrow_c_stream__")) else {
            return Ok(None);
        };
        let capsule = give.call0()?.cast_into::<PyCapsule>().map_err(PyErr::from)?;
        let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
        // SAFETY: the PyCapsule interface promises an Arrow C stream behind a capsule of that name, which was just
        // checked. It is moved out, and the capsule's own copy is marked as released.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) };
        let batches =
            RecordBatchStreamReader::try_new(stream).map_err(|error| unread(&error.to_string()))?;
        Ok(Some(Self { batches, current: None }))
    }

    /// The next row's profile; none after the last. The outer error ends the table.
    pub fn next(&mut self, schema: &mut Schema) -> PyResult<Option<Result<AdvisorProfile>>> {
        loop {
            if let Some((batch, at)) = &mut self.current
                && *at < batch.num_rows()
            {
                *at += 1;
                return Ok(Some(profile(batch, *at - 1, schema)));
            }
            match self.batches.next() {
                None => return Ok(None),
                Some(Ok(batch)) => self.current = Some((batch, 0)),
                Some(Err(error)) => return Err(unread(&error.to_string())),
            }
        }
    }
}

fn unread(reason: &str) -> PyErr {
    exception(&Error::Malformed { what: "the Arrow table".to_owned(), reason: reason.to_owned() })
}

/// One row. As in a Parquet file: `attributes` is a struct, a map or JSON text, or columns `attributes.x`; `details` any
/// value or JSON text; moments are timestamps or RFC 3339 text; a null is absent.
fn profile(batch: &RecordBatch, row: usize, schema: &mut Schema) -> Result<AdvisorProfile> {
    let (mut fields, mut attributes) = (Map::new(), Map::new());
    let mut embedding = Embedding::Absent;
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let name = field.name();
        // What pandas keeps of its index is no field.
        if column.is_null(row) || name.starts_with("__index_level_") {
            continue;
        }
        if name == "embedding"
            && let Some(vector) = floats(column, row)
        {
            embedding = Embedding::Given(vector);
            continue;
        }
        let value = cell(name, column, row)?;
        if let Some(attribute) = name.strip_prefix("attributes.") {
            attributes.insert(attribute.to_owned(), value);
            continue;
        }
        let value = match (name.as_str(), value) {
            (what @ ("attributes" | "details"), Value::String(text)) => serde_json::from_str(&text)
                .map_err(|error| Error::Malformed {
                    what: what.to_owned(),
                    reason: error.to_string(),
                })?,
            (_, value) => value,
        };
        fields.insert(name.clone(), value);
    }
    if !attributes.is_empty() {
        match fields.get_mut("attributes") {
            Some(Value::Object(known)) => known.extend(attributes),
            _ => {
                fields.insert("attributes".to_owned(), Value::Object(attributes));
            }
        }
    }
    read(Wire { text: Value::Object(fields).to_string(), embedding }, schema)
}

/// The items of a list cell.
fn items(column: &ArrayRef, row: usize) -> Option<ArrayRef> {
    Some(match column.data_type() {
        DataType::List(_) => column.as_list::<i32>().value(row),
        DataType::LargeList(_) => column.as_list::<i64>().value(row),
        DataType::FixedSizeList(..) => column.as_fixed_size_list().value(row),
        _ => return None,
    })
}

/// A vector that needs no text between: a list of floats without nulls.
fn floats(column: &ArrayRef, row: usize) -> Option<Vec<f32>> {
    let values = items(column, row)?;
    if values.null_count() > 0 {
        return None;
    }
    Some(match values.data_type() {
        DataType::Float32 => values.as_primitive::<Float32Type>().values().to_vec(),
        DataType::Float64 => values
            .as_primitive::<Float64Type>()
            .values()
            .iter()
            .map(|number| *number as f32)
            .collect(),
        DataType::Float16 => values
            .as_primitive::<Float16Type>()
            .values()
            .iter()
            .map(|number| number.to_f32())
            .collect(),
        _ => return None,
    })
}

macro_rules! whole {
    ($column:ident, $row:ident, $kind:ty) => {
        Value::from($column.as_primitive::<$kind>().value($row))
    };
}

/// A cell as JSON says it.
fn cell(name: &str, column: &ArrayRef, row: usize) -> Result<Value> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Int8 => whole!(column, row, Int8Type),
        DataType::Int16 => whole!(column, row, Int16Type),
        DataType::Int32 => whole!(column, row, Int32Type),
        DataType::Int64 => whole!(column, row, Int64Type),
        DataType::UInt8 => whole!(column, row, UInt8Type),
        DataType::UInt16 => whole!(column, row, UInt16Type),
        DataType::UInt32 => whole!(column, row, UInt32Type),
        DataType::UInt64 => whole!(column, row, UInt64Type),
        DataType::Float16 => {
            finite(name, column.as_primitive::<Float16Type>().value(row).to_f64())?
        }
        DataType::Float32 => finite(name, column.as_primitive::<Float32Type>().value(row).into())?,
        DataType::Float64 => finite(name, column.as_primitive::<Float64Type>().value(row))?,
        DataType::Decimal128(..) => {
            let shown = column.as_primitive::<Decimal128Type>().value_as_string(row);
            finite(name, shown.parse().unwrap_or(f64::NAN))?
        }
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).into(),
        DataType::Utf8View => column.as_string_view().value(row).into(),
        DataType::Timestamp(unit, _) => moment(column, *unit, row)?,
        DataType::Date32 => of_micros(
            i64::from(column.as_primitive::<Date32Type>().value(row))
                .saturating_mul(86_400_000_000),
        )?,
        DataType::Date64 => {
            of_micros(column.as_primitive::<Date64Type>().value(row).saturating_mul(1_000))?
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct();
            let part = |(at, field): (usize, &arrow_schema::FieldRef)| {
                let inner = parts.column(at);
                if inner.is_null(row) {
                    return None;
                }
                Some(cell(field.name(), inner, row).map(|value| (field.name().clone(), value)))
            };
            Value::Object(fields.iter().enumerate().filter_map(part).collect::<Result<_>>()?)
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let entry = |at| match cell(name, keys, at)? {
                Value::String(key) => Ok((key, cell(name, values, at)?)),
                _ => Err(unfit(name, "a map with other keys than text", "a map from text")),
            };
            Value::Object((0..entries.len()).map(entry).collect::<Result<_>>()?)
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            let key = dictionary.normalized_keys().get(row).copied();
            match key {
                Some(key) => cell(name, dictionary.values(), key)?,
                None => Value::Null,
            }
        }
        other => match items(column, row) {
            Some(values) => {
                (0..values.len()).map(|at| cell(name, &values, at)).collect::<Result<_>>()?
            }
            None => {
                return Err(unfit(
                    name,
                    &format!("a column of {other}"),
                    "text, numbers, bools, moments or lists",
                ));
            }
        },
    })
}

fn moment(column: &ArrayRef, unit: TimeUnit, row: usize) -> Result<Value> {
    of_micros(match unit {
        TimeUnit::Second => {
            column.as_primitive::<TimestampSecondType>().value(row).saturating_mul(1_000_000)
        }
        TimeUnit::Millisecond => {
            column.as_primitive::<TimestampMillisecondType>().value(row).saturating_mul(1_000)
        }
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => {
            column.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000)
        }
    })
}

fn of_micros(micros: i64) -> Result<Value> {
    Instant::from_micros(micros).map(|moment| moment.to_string().into())
}

/// A number; pandas has no other word for a missing one than not-a-number.
fn finite(name: &str, number: f64) -> Result<Value> {
    if number.is_nan() {
        return Ok(Value::Null);
    }
    Number::from_f64(number)
        .map(|number| {
            // A column of whole numbers with gaps is one of floats: 3.0 is 3.
            let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15);
            whole.map_or(Value::Number(number), |value| Value::from(value as i64))
        })
        .ok_or_else(|| Error::OutOfRange {
            field: name.to_owned(),
            value: number.to_string(),
            expected: "a finite number".to_owned(),
        })
}

fn unfit(name: &str, value: &str, expected: &str) -> Error {
    Error::WrongType {
        field: name.to_owned(),
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}
