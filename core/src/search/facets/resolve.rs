//! From a facet's names to places, and the refusal of what a field has not.

use super::{FacetPlan, NumbersPlan, ValuesPlan, What};
use crate::api::facet::{FacetRequest, Interval};
use crate::api::filter::Operand;
use crate::generation::Generation;
use crate::index::text::folded_words;
use crate::model::{Error, FieldRef, Instant, Result};

impl FacetPlan {
    /// Resolves one facet of a request that passed its own checks.
    ///
    /// # Errors
    /// [`Error::UnknownField`], [`Error::WrongType`], [`Error::OutOfRange`].
    pub(in super::super) fn new(generation: &Generation, facet: &FacetRequest) -> Result<Self> {
        let field = generation.schema.resolve(&facet.field, "facets")?;
        let what = match field {
            FieldRef::Keywords(_) | FieldRef::Flag(_) => values(facet, field).map(What::Values)?,
            FieldRef::Number(place) | FieldRef::Date(place) => {
                numbers(facet, field, place).map(What::Numbers)?
            }
            other => {
                return Err(wrong(
                    facet,
                    other.kind(),
                    "a keyword or true-or-false field to count the values of, or a number or date",
                ));
            }
        };
        Ok(Self { name: facet.field.clone(), field, what })
    }
}

fn values(facet: &FacetRequest, field: FieldRef) -> Result<ValuesPlan> {
    if facet.asks_ranges() {
        let expected = "a number or date for `buckets`, `histogram` or `stats`; values take `limit` and `facetQuery`";
        return Err(wrong(facet, field.kind(), expected));
    }
    Ok(ValuesPlan {
        limit: facet.limit.map(|limit| limit as usize),
        plain: facet.is_plain(),
        words: facet
            .facet_query
            .as_deref()
            .map(|query| folded_words(query).collect())
            .unwrap_or_default(),
    })
}

fn numbers(facet: &FacetRequest, field: FieldRef, place: usize) -> Result<NumbersPlan> {
    let is_date = matches!(field, FieldRef::Date(_));
    if !facet.asks_ranges() || facet.limit.is_some() || facet.facet_query.is_some() {
        let expected = if is_date {
            "{\"field\": ..., \"buckets\": [\"2024-01-01T00:00:00Z\"] | \"histogram\": \"month\" | \"stats\": true}"
        } else {
            "{\"field\": ..., \"buckets\": [100, 200] | \"histogram\": 10 | \"stats\": true}"
        };
        return Err(wrong(facet, field.kind(), expected));
    }
    match (facet.histogram, is_date) {
        (Some(Interval::Width(_)), true) => {
            return Err(wrong(
                facet,
                "a date",
                "`day`, `week`, `month`, `quarter` or `year` as its histogram",
            ));
        }
        (None | Some(Interval::Width(_)), _) | (Some(_), true) => {}
        (Some(_), false) => return Err(wrong(facet, "a number", "a width as its histogram")),
    }
    let edges = facet.buckets.iter().map(|edge| self::edge(facet, edge, is_date));
    let edges = edges.collect::<Result<Vec<f64>>>()?;
    if let Some([before, after]) = edges.array_windows().find(|[before, after]| before >= after) {
        return Err(Error::OutOfRange {
            field: "facets.buckets".to_owned(),
            value: format!("{before} before {after}"),
            expected: "a list in ascending order, each limit once".to_owned(),
        });
    }
    Ok(NumbersPlan {
        place,
        is_date,
        edges: (!edges.is_empty()).then_some(edges),
        interval: facet.histogram,
        stats: facet.stats,
    })
}

fn edge(facet: &FacetRequest, edge: &Operand, is_date: bool) -> Result<f64> {
    match edge {
        Operand::Number(number) if !is_date && number.is_finite() => Ok(number + 0.0),
        Operand::Moment(text) if is_date => {
            Instant::parse("facets.buckets", text).map(Instant::as_f64)
        }
        _ if is_date => {
            Err(wrong(facet, "a date", "RFC 3339 moments such as `2024-03-10T12:00:00Z` as limits"))
        }
        _ => Err(wrong(facet, "a number", "finite numbers as limits")),
    }
}

fn wrong(facet: &FacetRequest, value: &str, expected: &str) -> Error {
    Error::WrongType {
        field: facet.field.clone(),
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}
