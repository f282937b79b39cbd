//! How many numbers lie in each of some ranges, and what they are like on the whole.

use super::NumbersPlan;
use super::histogram;
use crate::api::deadline::Deadline;
use crate::api::facet_answer::{Facet, FacetBucket, FacetPoint, FacetStats};
use crate::generation::Generation;
use crate::index::column::NumberColumn;
use crate::model::{Result, Rows};

/// Least, greatest, sum and count of the values that are there, in one visit to each row.
pub(super) struct Extent {
    pub(super) count: u64,
    pub(super) min: f64,
    pub(super) max: f64,
    sum: f64,
}

impl Extent {
    fn of(column: &NumberColumn, rows: &Rows, deadline: &Deadline) -> Result<Self> {
        let mut extent = Self { count: 0, min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0 };
        let see = |_, value: f64| {
            if !value.is_nan() {
                extent.count += 1;
                extent.min = extent.min.min(value);
                extent.max = extent.max.max(value);
                extent.sum += value;
            }
        };
        column.visit_while(rows, || deadline.check(), see)?;
        Ok(extent)
    }
}

/// Tells of a number or date field what was asked.
///
/// Cost: a visit to each row for the summary, another for buckets and a third for a histogram, a search among
/// the limits at each of the last two.
pub(super) fn summarize(
    generation: &Generation,
    name: &str,
    plan: &NumbersPlan,
    rows: &Rows,
    deadline: &Deadline,
) -> Result<Facet> {
    let column = &generation.numbers[plan.place];
    let extent = Extent::of(column, rows, deadline)?;
    let point = |value| FacetPoint::new(value, plan.is_date);
    let known = |value| (extent.count > 0).then(|| point(value));
    let histogram = match plan.interval {
        Some(interval) => {
            let edges = histogram::edges(name, interval, &extent)?;
            let counts = count(column, rows, &edges, deadline)?;
            // Nothing lies outside of the histogram's own first and last limit.
            let inner = edges.windows(2).zip(counts.into_iter().skip(1));
            let bucket = |(pair, count): (&[f64], u64)| FacetBucket {
                from: Some(point(pair[0])),
                to: Some(point(pair[1])),
                count,
            };
            Some(inner.map(bucket).collect())
        }
        None => None,
    };
    let buckets = match &plan.edges {
        Some(edges) => {
            let counts = count(column, rows, edges, deadline)?;
            let froms = std::iter::once(None).chain(edges.iter().map(|edge| Some(point(*edge))));
            let tos = edges.iter().map(|edge| Some(point(*edge))).chain(std::iter::once(None));
            let ranges = froms.zip(tos).zip(counts);
            let bucket = |((from, to), count)| FacetBucket { from, to, count };
            Some(ranges.map(bucket).collect())
        }
        None => None,
    };
    Ok(Facet {
        missing: Some(u64::from(rows.count()) - extent.count),
        buckets,
        histogram,
        stats: plan.stats.then(|| FacetStats {
            count: extent.count,
            min: known(extent.min),
            max: known(extent.max),
            mean: known(extent.sum / extent.count as f64),
        }),
        ..Facet::default()
    })
}

/// How many values lie below the first limit, between each two, and from the last one on.
fn count(
    column: &NumberColumn,
    rows: &Rows,
    edges: &[f64],
    deadline: &Deadline,
) -> Result<Vec<u64>> {
    let mut counts = vec![0; edges.len() + 1];
    let see = |_, value: f64| {
        if !value.is_nan() {
            counts[edges.partition_point(|edge| *edge <= value)] += 1;
        }
    };
    column.visit_while(rows, || deadline.check(), see)?;
    Ok(counts)
}
