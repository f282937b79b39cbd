//! What a facet tells of a result, value by value.

use std::collections::BTreeMap;

use super::Twin;
use super::value::Value;
use crate::api::facet::{FacetRequest, Interval};
use crate::api::facet_answer::{Facet, FacetBucket, FacetCount, FacetPoint, FacetRest, FacetStats};
use crate::api::filter::Operand;
use crate::index::text::folded_words;
use crate::model::{Error, FieldRef, Instant, Result, Schema};

/// The facets' fields, each known and of a kind that can tell what is asked.
pub(super) fn fields(facets: &[FacetRequest], schema: &Schema) -> Result<Vec<FieldRef>> {
    let field = |facet: &FacetRequest| {
        let field = schema.resolve(&facet.field, "facets")?;
        let asks_values = facet.limit.is_some() || facet.facet_query.is_some();
        let asks_ranges = facet.stats || facet.histogram.is_some() || !facet.buckets.is_empty();
        let fits = match field {
            FieldRef::Keywords(_) | FieldRef::Flag(_) => !asks_ranges,
            FieldRef::Number(_) => {
                asks_ranges
                    && !asks_values
                    && matches!(facet.histogram, None | Some(Interval::Width(_)))
            }
            FieldRef::Date(_) => {
                asks_ranges && !asks_values && !matches!(facet.histogram, Some(Interval::Width(_)))
            }
            _ => false,
        };
        let limits = edges(&facet.buckets, matches!(field, FieldRef::Date(_)));
        if !fits || limits.is_none() {
            return Err(Error::WrongType {
                field: facet.field.clone(),
                value: field.kind().to_owned(),
                expected: "what such a field can tell".to_owned(),
            });
        }
        if limits.is_some_and(|limits| !limits.is_sorted_by(|a, b| a < b)) {
            return Err(Error::OutOfRange {
                field: facet.field.clone(),
                value: "limits in disorder".to_owned(),
                expected: "ascending".to_owned(),
            });
        }
        Ok(field)
    };
    facets.iter().map(field).collect()
}

fn edges(limits: &[Operand], is_date: bool) -> Option<Vec<f64>> {
    let edge = |limit: &Operand| match limit {
        Operand::Number(number) if !is_date && number.is_finite() => Some(*number),
        Operand::Moment(text) if is_date => Some(Instant::parse("", text).ok()?.as_f64()),
        _ => None,
    };
    limits.iter().map(edge).collect()
}

impl Twin {
    /// Tells of one field over the rows.
    pub(super) fn facet(
        &self,
        facet: &FacetRequest,
        field: FieldRef,
        rows: &[usize],
    ) -> Result<Facet> {
        let told = match field {
            FieldRef::Number(_) | FieldRef::Date(_) => self.numbers(facet, field, rows)?,
            _ => self.value_counts(facet, field, rows),
        };
        Ok(Facet { field: facet.field.clone(), ..told })
    }

    /// Counts the values: most frequent first, then by value.
    fn value_counts(&self, facet: &FacetRequest, field: FieldRef, rows: &[usize]) -> Facet {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for &row in rows {
            let mut values: Vec<String> = match self.value(row, field) {
                Value::Words { words, .. } => words.into_iter().map(str::to_owned).collect(),
                Value::Flag(flag) => flag.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            };
            values.sort();
            values.dedup();
            for value in values {
                *counts.entry(value).or_default() += 1;
            }
        }
        let query = facet.facet_query.as_deref().unwrap_or_default();
        let mut counts: Vec<FacetCount> = counts
            .into_iter()
            .filter(|(value, _)| {
                folded_words(query)
                    .all(|asked| folded_words(value).any(|word| word.starts_with(&asked)))
            })
            .map(|(value, count)| FacetCount { value, count })
            .collect();
        // A stable sort: equals stay in the order of their values.
        counts.sort_by_key(|one| std::cmp::Reverse(one.count));
        let listed = facet.limit.map_or(counts.len(), |limit| limit as usize).min(counts.len());
        let left_out = counts.split_off(listed);
        let rest = FacetRest {
            values: left_out.len() as u64,
            count: left_out.iter().map(|one| one.count).sum(),
        };
        let detailed = facet.limit.is_some() || facet.facet_query.is_some();
        Facet { counts, rest: detailed.then_some(rest), ..Facet::default() }
    }

    fn numbers(&self, facet: &FacetRequest, field: FieldRef, rows: &[usize]) -> Result<Facet> {
        let mut values: Vec<f64> = rows
            .iter()
            .filter_map(|&row| match self.value(row, field) {
                Value::Number(number) | Value::Moment(number) => number,
                _ => None,
            })
            .collect();
        values.sort_by(f64::total_cmp);
        let is_date = matches!(field, FieldRef::Date(_));
        let point = |value: f64| FacetPoint::new(value, is_date);
        let within = |from: f64, to: f64| {
            values.iter().filter(|value| from <= **value && **value < to).count() as u64
        };
        let limits = edges(&facet.buckets, is_date).unwrap_or_default();
        let buckets = (!limits.is_empty()).then(|| {
            let mut ends = vec![f64::NEG_INFINITY];
            ends.extend(&limits);
            ends.push(f64::INFINITY);
            let end = |at: f64| at.is_finite().then(|| point(at));
            let range = |pair: &[f64]| FacetBucket {
                from: end(pair[0]),
                to: end(pair[1]),
                count: within(pair[0], pair[1]),
            };
            ends.windows(2).map(range).collect()
        });
        let histogram = match facet.histogram {
            None => None,
            Some(interval) => {
                let ends = ranges(interval, &values)?;
                let range = |pair: &[f64]| FacetBucket {
                    from: Some(point(pair[0])),
                    to: Some(point(pair[1])),
                    count: within(pair[0], pair[1]),
                };
                Some(ends.windows(2).map(range).collect())
            }
        };
        let mean =
            (!values.is_empty()).then(|| point(values.iter().sum::<f64>() / values.len() as f64));
        Ok(Facet {
            missing: Some((rows.len() - values.len()) as u64),
            buckets,
            histogram,
            stats: facet.stats.then(|| FacetStats {
                count: values.len() as u64,
                min: values.first().map(|value| point(*value)),
                max: values.last().map(|value| point(*value)),
                mean,
            }),
            ..Facet::default()
        })
    }
}

/// Walks from one limit to the next until the greatest value is behind.
fn ranges(interval: Interval, ascending: &[f64]) -> Result<Vec<f64>> {
    let (Some(least), Some(greatest)) = (ascending.first(), ascending.last()) else {
        return Ok(Vec::new());
    };
    let too_fine = || Error::OutOfRange {
        field: "histogram".to_owned(),
        value: "too fine".to_owned(),
        expected: "at most a thousand ranges".to_owned(),
    };
    let mut step = match interval {
        Interval::Width(width) => (least / width).floor() - 1.0,
        _ => 0.0,
    };
    let end = |step: f64| match interval {
        Interval::Width(width) => step * width,
        calendar => civil_end(*least, calendar, step as i32),
    };
    while end(step + 1.0) <= *least {
        step += 1.0;
    }
    let mut ends = vec![end(step)];
    while ends.last().is_some_and(|last| last <= greatest) {
        if ends.len() > 1_000 {
            return Err(too_fine());
        }
        step += 1.0;
        ends.push(end(step));
    }
    Ok(ends)
}

/// Where the calendar's range that is `steps` behind the one that holds the moment begins.
fn civil_end(micros: f64, interval: Interval, steps: i32) -> f64 {
    const DAY: i64 = 86_400_000_000;
    let days = (micros as i64).div_euclid(DAY);
    let moment = jiff::Timestamp::from_microsecond(micros as i64).unwrap_or_default();
    let written = moment.to_string();
    let mut numbers = written.split('-').map(|part| part.get(..2).unwrap_or_default());
    let year: i64 = written.get(..4).and_then(|year| year.parse().ok()).unwrap_or(0);
    let month: i64 = numbers.nth(1).and_then(|month| month.parse().ok()).unwrap_or(1);
    let months = |many: i64, first: i64| {
        let since = year * 12 + first - 1 + many * i64::from(steps);
        let text =
            format!("{:04}-{:02}-01T00:00:00Z", since.div_euclid(12), since.rem_euclid(12) + 1);
        Instant::parse("", &text).map_or(f64::INFINITY, Instant::as_f64)
    };
    match interval {
        Interval::Month => months(1, month),
        Interval::Quarter => months(3, (month - 1) / 3 * 3 + 1),
        Interval::Year => months(12, 1),
        // The first of January 1970 was a Thursday.
        Interval::Week => ((days - (days + 3).rem_euclid(7) + 7 * i64::from(steps)) * DAY) as f64,
        _ => ((days + i64::from(steps)) * DAY) as f64,
    }
}
