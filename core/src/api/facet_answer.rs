//! What a facet tells of a result.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::listing::{Moment, Plain};
use crate::model::Instant;

/// One facet of an answer.
///
/// Its wire form is the list of `counts` where the request names only the field, and else an object of the parts that
/// were asked for: `{"values": [...], "rest": {"values", "count"}}` for keywords and true-or-false fields,
/// `{"missing", "buckets": [...], "histogram": [...], "stats": {...}}` for numbers and dates.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Facet {
    /// The field, as the request names it.
    pub field: String,
    /// Its values with their counts: most frequent first, then by value. Values that no hit has are left out.
    pub counts: Vec<FacetCount>,
    /// What the request's `limit` left out; none where the request names only the field, and for numbers and dates.
    pub rest: Option<FacetRest>,
    /// How many profiles of the result have no number or date; none for other fields.
    pub missing: Option<u64>,
    /// The ranges between the request's limits.
    pub buckets: Option<Vec<FacetBucket>>,
    /// The ranges of one width, those without a profile included; empty where the result has no value.
    pub histogram: Option<Vec<FacetBucket>>,
    /// Least, greatest, mean and count.
    pub stats: Option<FacetStats>,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FacetCount {
    /// The value.
    pub value: String,
    /// How many profiles of the result have it.
    pub count: u64,
}

/// The values that a limit left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct FacetRest {
    /// How many values.
    pub values: u64,
    /// The sum of their counts; a profile counts once for each of its values.
    pub count: u64,
}

/// The profiles with `from <= value < to`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FacetBucket {
    /// The least value; none has no lower end.
    pub from: Option<FacetPoint>,
    /// What every value lies below; none has no upper end.
    pub to: Option<FacetPoint>,
    /// How many profiles of the result.
    pub count: u64,
}

/// A number field's or date's values over a result. Without a value, all but `count` are missing.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize)]
pub struct FacetStats {
    /// How many profiles have a value.
    pub count: u64,
    /// The least.
    pub min: Option<FacetPoint>,
    /// The greatest.
    pub max: Option<FacetPoint>,
    /// Their sum divided by their count.
    pub mean: Option<FacetPoint>,
}

/// A number, or a moment where the field is a date.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FacetPoint {
    /// Of a number field.
    Number(f64),
    /// Of a date.
    Date(Instant),
}

impl FacetPoint {
    /// From how columns keep values.
    pub(crate) fn new(value: f64, is_date: bool) -> Self {
        if is_date {
            FacetPoint::Date(Instant::from_f64(value.round()))
        } else {
            FacetPoint::Number(value)
        }
    }
}

impl Serialize for FacetPoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            FacetPoint::Number(number) => Plain(*number).serialize(serializer),
            FacetPoint::Date(moment) => Moment(moment.as_f64()).serialize(serializer),
        }
    }
}

impl Serialize for Facet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { field: _, counts, rest, missing, buckets, histogram, stats } = self;
        if rest.is_none() && missing.is_none() {
            return counts.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        if let Some(rest) = rest {
            map.serialize_entry("values", counts)?;
            map.serialize_entry("rest", rest)?;
        }
        if let Some(missing) = missing {
            map.serialize_entry("missing", missing)?;
        }
        if let Some(buckets) = buckets {
            map.serialize_entry("buckets", buckets)?;
        }
        if let Some(histogram) = histogram {
            map.serialize_entry("histogram", histogram)?;
        }
        if let Some(stats) = stats {
            map.serialize_entry("stats", stats)?;
        }
        map.end()
    }
}

/// The facets of an answer by their fields.
pub(super) struct Facets<'a>(pub(super) &'a [Facet]);

impl Serialize for Facets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|facet| (&facet.field, facet)))
    }
}
