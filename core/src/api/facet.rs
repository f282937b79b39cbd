//! What a facet asks for: counts of a field's values, or a summary of a number's or date's.

use serde_json::{Map, Value};

use super::filter::Operand;
use super::json::{Fields, number, out_of_range, too_large, wrong_type};
use super::limits;
use crate::model::{Error, Result};

/// One facet of a search: a field, and what is told of it over the whole result.
///
/// A keyword or true-or-false field is counted value by value; a bare field name asks for every value. A number or date
/// names at least one of `buckets`, `histogram` and `stats`; all three may be asked for at once.
///
/// ```
/// use shortlist::{FacetRequest, SearchRequest};
///
/// let request = SearchRequest::from_json(
///     r#"{"facets": ["industries",
///                    {"field": "services", "limit": 10, "facetQuery": "tax"},
///                    {"field": "hourlyRate", "buckets": [100, 200, 300], "stats": true}]}"#,
/// )?;
/// assert_eq!(request.facets[0], FacetRequest::from("industries"));
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FacetRequest {
    /// The field, as the answer will name it.
    pub field: String,
    /// The most values to list, 1 to 1,000; what is left out is summed. None lists all.
    pub limit: Option<u32>,
    /// Lists only values of which every word of this begins a word: `tax pl` finds `Tax Planning` and `Planning, Taxes`.
    /// Case and accents do not count; a text without a letter or digit finds every value.
    pub facet_query: Option<String>,
    /// Ascending limits of ranges: below the first, from each to the next, and from the last on; at most 1,000.
    pub buckets: Vec<Operand>,
    /// Ranges of one width, from the one that holds the least value to the one that holds the greatest.
    pub histogram: Option<Interval>,
    /// Least, greatest, mean and count.
    pub stats: bool,
}

/// The width of a histogram's ranges.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Interval {
    /// Of a number: each range begins at a multiple of it.
    Width(f64),
    /// Of a date: from midnight to midnight, UTC.
    Day,
    /// Of a date: from Monday to Monday, UTC.
    Week,
    /// Of a date: calendar months, UTC.
    Month,
    /// Of a date: calendar quarters, UTC.
    Quarter,
    /// Of a date: calendar years, UTC.
    Year,
}

impl Interval {
    /// The calendar's intervals with their wire names.
    pub const CALENDAR: [(&'static str, Interval); 5] = [
        ("day", Interval::Day),
        ("week", Interval::Week),
        ("month", Interval::Month),
        ("quarter", Interval::Quarter),
        ("year", Interval::Year),
    ];

    fn from_value(value: &Value) -> Result<Self> {
        const EXPECTED: &str =
            "the width of a range of numbers, or `day`, `week`, `month`, `quarter` or `year`";
        match value {
            Value::Number(_) => number("facets.histogram", value).map(Interval::Width),
            Value::String(name) => {
                let known = Self::CALENDAR.into_iter().find(|(known, _)| known == name);
                known.map(|(_, interval)| interval).ok_or_else(|| {
                    out_of_range("facets.histogram", crate::model::error::shown(name), EXPECTED)
                })
            }
            other => Err(wrong_type("facets.histogram", other, EXPECTED)),
        }
    }
}

impl From<&str> for FacetRequest {
    fn from(field: &str) -> Self {
        Self { field: field.to_owned(), ..Self::default() }
    }
}

impl From<String> for FacetRequest {
    fn from(field: String) -> Self {
        Self { field, ..Self::default() }
    }
}

impl FacetRequest {
    /// Reads the wire form: a field's name, or an object.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::MissingField`], [`Error::UnknownField`], [`Error::WrongType`].
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_value(super::json::parse_value("facet", text)?)
    }

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::String(field) => Ok(field.into()),
            Value::Object(map) => Self::from_map(map),
            other => {
                Err(wrong_type("facets", &other, "a list of field names and of {\"field\": ...}"))
            }
        }
    }

    fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "facets.");
        let Some(field) = fields.string("field")? else {
            return Err(Error::MissingField {
                field: "facets.field".to_owned(),
                expected: "the name of the field to count the values of".to_owned(),
            });
        };
        let facet = Self {
            field,
            limit: fields.count("limit")?,
            facet_query: fields.string("facetQuery")?,
            buckets: match fields.take("buckets") {
                Some(value) => edges(value)?,
                None => Vec::new(),
            },
            histogram: fields
                .take("histogram")
                .map(|value| Interval::from_value(&value))
                .transpose()?,
            stats: fields.flag("stats")?.unwrap_or(false),
        };
        fields.finish("a facet")?;
        Ok(facet)
    }

    /// Whether only the field is named: such a facet answers with a plain list.
    pub(crate) fn is_plain(&self) -> bool {
        self.limit.is_none() && self.facet_query.is_none() && !self.asks_ranges()
    }

    /// Whether it asks for what only a number or date has.
    pub(crate) fn asks_ranges(&self) -> bool {
        !self.buckets.is_empty() || self.histogram.is_some() || self.stats
    }

    fn check(&self) -> Result<()> {
        if let Some(limit) = self.limit
            && !(1..=limits::LIMIT).contains(&limit)
        {
            return Err(out_of_range("facets.limit", limit, "1 to 1000"));
        }
        if let Some(query) = &self.facet_query
            && query.len() > limits::TEXT_BYTES
        {
            return Err(too_large("facets.facetQuery", query.len(), limits::TEXT_BYTES, "bytes"));
        }
        if self.buckets.len() > limits::FACET_BUCKETS {
            let found = self.buckets.len();
            return Err(too_large("facets.buckets", found, limits::FACET_BUCKETS, "limits"));
        }
        match self.histogram {
            Some(Interval::Width(width)) if !(width.is_finite() && width > 0.0) => {
                Err(out_of_range("facets.histogram", width, "a finite width above 0"))
            }
            _ => Ok(()),
        }
    }
}

/// The facets of a request: a name, an object, or a list of them.
pub(super) fn from_value(value: Value) -> Result<Vec<FacetRequest>> {
    match value {
        Value::Array(values) => values.into_iter().map(FacetRequest::from_value).collect(),
        one => FacetRequest::from_value(one).map(|facet| vec![facet]),
    }
}

/// Refuses more facets than a request may have, two under one name, and what one alone has wrong.
pub(super) fn check(facets: &[FacetRequest]) -> Result<()> {
    if facets.len() > limits::FIELDS {
        return Err(too_large("facets", facets.len(), limits::FIELDS, "fields"));
    }
    for (at, facet) in facets.iter().enumerate() {
        facet.check()?;
        if facets[..at].iter().any(|before| before.field == facet.field) {
            return Err(out_of_range(
                "facets",
                format!("`{}` twice", facet.field),
                "each field once; one object may ask for all that is to be told of it",
            ));
        }
    }
    Ok(())
}

fn edges(value: Value) -> Result<Vec<Operand>> {
    const EXPECTED: &str = "an ascending list of numbers, or of moments for a date";
    let Value::Array(values) = value else {
        return Err(wrong_type("facets.buckets", &value, EXPECTED));
    };
    if values.is_empty() {
        return Err(out_of_range("facets.buckets", "empty", EXPECTED));
    }
    let edge = |value| match value {
        Value::Number(_) => number("facets.buckets", &value).map(Operand::Number),
        Value::String(moment) => Ok(Operand::Moment(moment)),
        other => Err(wrong_type("facets.buckets", &other, EXPECTED)),
    };
    values.into_iter().map(edge).collect()
}
