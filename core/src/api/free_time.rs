//! The condition of being free: for so many minutes on end, between two moments.

use serde_json::{Map, Value};

use super::filter::Test;
use super::json::{number, out_of_range, wrong_type};
use super::limits;
use crate::model::{Error, Instant, Result};

const MINUTE: i64 = 60_000_000;
const BETWEEN: &str = "two moments such as [\"2026-12-01T08:00:00Z\", \"2026-12-05T17:00:00Z\"]";

/// Takes `freeBetween` and `forMinutes`, which belong together, out of a field's conditions.
pub(super) fn take(field: &str, map: &mut Map<String, Value>) -> Result<Option<Test>> {
    let mut part = |camel: &str, snake: &str| map.remove(camel).or_else(|| map.remove(snake));
    let between = part("freeBetween", "free_between");
    let minutes = part("forMinutes", "for_minutes");
    let (between, minutes) = match (between, minutes) {
        (None, None) => return Ok(None),
        (Some(between), Some(minutes)) => (between, minutes),
        (None, Some(_)) => return Err(missing(field, "freeBetween", BETWEEN)),
        (Some(_), None) => return Err(missing(field, "forMinutes", "how long, such as 60")),
    };
    let path = format!("{field}.freeBetween");
    let (from, to) = match &between {
        Value::Array(moments) => match &moments[..] {
            [Value::String(from), Value::String(to)] => {
                (Instant::parse(&path, from)?, Instant::parse(&path, to)?)
            }
            _ => return Err(wrong_type(&path, &between, BETWEEN)),
        },
        other => return Err(wrong_type(&path, other, BETWEEN)),
    };
    let path = format!("{field}.forMinutes");
    let minutes = number(&path, &minutes)?;
    if minutes.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&minutes) {
        return Err(out_of_range(&path, minutes, "a whole number of minutes, 1 or more"));
    }
    let minutes = minutes as u32;
    check(field, from, to, minutes)?;
    Ok(Some(Test::Free { from, to, minutes }))
}

/// Refuses a span or a length that nobody can be free in.
pub(super) fn check(field: &str, from: Instant, to: Instant, minutes: u32) -> Result<()> {
    let span = to.micros() - from.micros();
    if span <= 0 || span > limits::FREE_DAYS * 24 * 60 * MINUTE {
        return Err(out_of_range(
            &format!("{field}.freeBetween"),
            format!("{from} to {to}"),
            &format!("a later moment last, at most {} days after the first", limits::FREE_DAYS),
        ));
    }
    if minutes == 0 || i64::from(minutes) * MINUTE > span {
        let expected = "1 or more, and no more than there are minutes between the two moments";
        return Err(out_of_range(&format!("{field}.forMinutes"), minutes, expected));
    }
    Ok(())
}

fn missing(field: &str, name: &str, expected: &str) -> Error {
    Error::MissingField { field: format!("{field}.{name}"), expected: expected.to_owned() }
}
