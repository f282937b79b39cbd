//! Whether one profile passes one filter.

use super::calendar::is_free;
use super::distance::kilometres;
use super::value::{Value, read};
use crate::api::filter::{Filter, Operand, Test};
use crate::model::{AdvisorProfile, Error, Instant, Result, Schema};

/// Refuses a filter that names a field there is not, or asks of one what it cannot answer: every part
/// of it is tried on a blank profile, so that an empty catalogue refuses the same filters.
pub(super) fn check(filter: &Filter, schema: &Schema) -> Result<()> {
    keeps(filter, &AdvisorProfile::new("blank"), schema).map(|_| ())
}

/// Whether the profile passes. No part is skipped, so that a wrong one is found whatever the others say.
pub(super) fn keeps(filter: &Filter, profile: &AdvisorProfile, schema: &Schema) -> Result<bool> {
    match filter {
        Filter::And(parts) => {
            parts.iter().try_fold(true, |all, part| Ok(all & keeps(part, profile, schema)?))
        }
        Filter::Or(parts) => {
            parts.iter().try_fold(false, |any, part| Ok(any | keeps(part, profile, schema)?))
        }
        Filter::Not(part) => Ok(!keeps(part, profile, schema)?),
        Filter::Field { field, tests } => {
            tests.iter().try_fold(true, |all, test| Ok(all & holds(test, field, profile, schema)?))
        }
    }
}

fn holds(test: &Test, field: &str, profile: &AdvisorProfile, schema: &Schema) -> Result<bool> {
    let value = read(profile, schema, schema.resolve(field, "the filter")?);
    match (&value, test) {
        (Value::Key(key), test) => key_holds(*key, test, field),
        (Value::Words { words, exists }, test) => words_hold(words, *exists, test, field),
        (Value::Number(number), Test::Exists(wanted)) => Ok(number.is_some() == *wanted),
        (Value::Moment(moment), Test::Exists(wanted)) => Ok(moment.is_some() == *wanted),
        (Value::Flag(flag), Test::Exists(wanted)) => Ok(flag.is_some() == *wanted),
        (Value::Point(point), Test::Exists(wanted)) => Ok(point.is_some() == *wanted),
        (Value::Point(point), Test::Near { centre, radius_km }) => {
            Ok(point.is_some_and(|point| kilometres(*centre, point) <= *radius_km))
        }
        (Value::Stored(there), Test::Exists(wanted)) => Ok(there == wanted),
        (Value::Flag(flag), Test::Is(wanted)) => Ok(*flag == Some(*wanted)),
        (Value::Number(left) | Value::Moment(left), Test::Compare(comparison, operand)) => {
            let right = right_side(&value, operand, field, profile, schema)?;
            Ok(match (left, right) {
                (Some(left), Some(right)) => comparison.holds(*left, right),
                _ => false,
            })
        }
        (Value::Number(_), _) => Err(wrong(field, "a comparison such as {\"gte\": 4}")),
        (Value::Moment(_), _) => {
            Err(wrong(field, "a comparison such as {\"eq\": \"2024-03-10T12:00:00Z\"}"))
        }
        (Value::Flag(_), _) => Err(wrong(field, "true, false or {\"exists\": true}")),
        (Value::Free(times), Test::Exists(wanted)) => Ok(times.is_some() == *wanted),
        (Value::Free(times), Test::Free { from, to, minutes }) => {
            Ok(times.is_some_and(|times| is_free(times, *from, *to, *minutes)))
        }
        (Value::Free(_), _) => Err(wrong(field, "freeBetween with forMinutes, or exists")),
        (Value::Point(_), _) => Err(wrong(field, "near or exists")),
        (Value::Stored(_), _) => Err(wrong(field, "{\"exists\": true} or {\"exists\": false}")),
    }
}

fn key_holds(key: Option<&str>, test: &Test, field: &str) -> Result<bool> {
    let words: Vec<&str> = key.into_iter().collect();
    words_hold(&words, key.is_some(), test, field)
}

fn words_hold(words: &[&str], exists: bool, test: &Test, field: &str) -> Result<bool> {
    let has = |value: &String| words.contains(&value.as_str());
    match test {
        Test::AnyOf(values) => Ok(values.iter().any(has)),
        Test::AllOf(values) => Ok(values.iter().all(has)),
        Test::NoneOf(values) => Ok(!values.iter().any(has)),
        Test::Exists(wanted) => Ok(exists == *wanted),
        Test::Compare(..) | Test::Is(_) | Test::Near { .. } | Test::Free { .. } => {
            Err(wrong(field, "a string, a list of strings, anyOf, allOf, noneOf or exists"))
        }
    }
}

/// What a number is compared with is a number, and a moment with a moment.
fn right_side(
    left: &Value,
    operand: &Operand,
    field: &str,
    profile: &AdvisorProfile,
    schema: &Schema,
) -> Result<Option<f64>> {
    match (left, operand) {
        (Value::Number(_), Operand::Number(number)) => Ok(Some(*number)),
        (Value::Moment(_), Operand::Moment(text)) => {
            Ok(Some(Instant::parse(field, text)?.as_f64()))
        }
        (left, Operand::Field(other)) => {
            let right = read(profile, schema, schema.resolve(other, "the filter")?);
            match (left, right) {
                (Value::Number(_), Value::Number(right))
                | (Value::Moment(_), Value::Moment(right)) => Ok(right),
                _ => Err(wrong(other, "a field of the same kind as the one it is compared with")),
            }
        }
        (Value::Number(_), _) => Err(wrong(field, "a number")),
        _ => Err(wrong(field, "an RFC 3339 moment")),
    }
}

fn wrong(field: &str, expected: &str) -> Error {
    Error::WrongType {
        field: field.to_owned(),
        value: "another kind of condition".to_owned(),
        expected: expected.to_owned(),
    }
}
