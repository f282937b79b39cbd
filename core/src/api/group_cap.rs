//! A cap on how many matches may share a value.

use serde_json::{Map, Value};

use super::json::{Fields, out_of_range, too_large, wrong_type};
use super::limits;
use crate::model::{Error, Result};

/// At most `count` matches for each value of `field`: no firm fills the list alone.
///
/// An advisor without a value is not capped. One with several counts against each of them, and is left out once
/// any is full.
///
/// ```
/// use shortlist::{ClientCriteria, GroupCap};
///
/// let criteria = ClientCriteria::from_json(r#"{"maxPer": {"field": "attributes.firm", "count": 2}}"#)?;
/// assert_eq!(criteria.max_per, [GroupCap { field: "attributes.firm".to_owned(), count: 2 }]);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCap {
    /// A keyword field, or `userId`.
    pub field: String,
    /// How many matches may share one value, 1 to 1,000.
    pub count: u32,
}

impl GroupCap {
    /// Reads the wire form: one cap, or a list of them.
    pub(super) fn list_from_value(value: Value) -> Result<Vec<Self>> {
        match value {
            Value::Object(map) => Ok(vec![Self::from_map(map)?]),
            Value::Array(values) => {
                check_length(values.len())?;
                let read = |value| match value {
                    Value::Object(map) => Self::from_map(map),
                    other => Err(wrong_type("maxPer", &other, EXPECTED)),
                };
                values.into_iter().map(read).collect()
            }
            other => Err(wrong_type("maxPer", &other, EXPECTED)),
        }
    }

    fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "maxPer.");
        let missing = |name: &str, expected: &str| Error::MissingField {
            field: format!("maxPer.{name}"),
            expected: expected.to_owned(),
        };
        let field = fields.string("field")?;
        let count = fields.count("count")?;
        fields.finish("a cap")?;
        Ok(Self {
            field: field.ok_or_else(|| missing("field", "a keyword field, or `userId`"))?,
            count: count.ok_or_else(|| missing("count", "1 to 1000"))?,
        })
    }
}

const EXPECTED: &str = "{\"field\": \"attributes.firm\", \"count\": 2}, or a list of such";

fn check_length(caps: usize) -> Result<()> {
    if caps > limits::GROUP_CAPS {
        return Err(too_large("maxPer", caps, limits::GROUP_CAPS, "caps"));
    }
    Ok(())
}

pub(super) fn check_caps(caps: &[GroupCap]) -> Result<()> {
    check_length(caps.len())?;
    match caps.iter().find(|cap| !(1..=limits::LIMIT).contains(&cap.count)) {
        Some(cap) => Err(out_of_range("maxPer.count", cap.count, "1 to 1000")),
        None => Ok(()),
    }
}
