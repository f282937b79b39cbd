//! What a facet tells, as bars for a person.

use shortlist::{Facet, FacetBucket, FacetPoint};

use super::bar;
use super::facts::{count, printable};
use crate::output::Style;

/// How many values of a facet a person wants to see.
const FACET_VALUES: usize = 10;

/// The values or ranges of a facet as bars, and what there is beside.
pub fn facet_bars(facet: &Facet, style: Style) -> String {
    let mut text = format!("\n\n{}", style.strong(&facet.field));
    let values = facet.counts.iter().take(FACET_VALUES);
    let values =
        values.map(|value| (printable(&value.value).chars().take(48).collect(), value.count));
    let most = facet.counts.iter().map(|value| value.count).max().unwrap_or(0);
    text.push_str(&bars(&values.collect::<Vec<_>>(), most, style));
    let left_out = facet.rest.map_or(0, |rest| rest.values as usize);
    let more = facet.counts.len().saturating_sub(FACET_VALUES) + left_out;
    if more > 0 {
        text.push_str(&style.faint(&format!("\n  and {more} more")));
    }
    for (at, ranges) in [&facet.buckets, &facet.histogram].into_iter().flatten().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let most = ranges.iter().map(|range| range.count).max().unwrap_or(0);
        let named = ranges.iter().map(|range| (range_name(range), range.count));
        text.push_str(&bars(&named.collect::<Vec<_>>(), most, style));
    }
    if let Some(stats) = &facet.stats {
        let of = |point: Option<FacetPoint>| point.map_or_else(|| "-".to_owned(), shown);
        let (min, mean, max) = (of(stats.min), of(stats.mean), of(stats.max));
        let line = format!("\n  {min} to {max}, mean {mean}, of {}", count(stats.count));
        text.push_str(&line);
    }
    if let Some(missing) = facet.missing.filter(|missing| *missing > 0) {
        text.push_str(&style.faint(&format!("\n  {} without a value", count(missing))));
    }
    text
}

fn bars(lines: &[(String, u64)], most: u64, style: Style) -> String {
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, found) in lines {
        let bar = bar::share(*found, most, 24, style);
        let line = format!("  {name:width$}  {:>7}  {bar}", count(*found));
        text.push('\n');
        text.push_str(line.trim_end());
    }
    text
}

fn range_name(range: &FacetBucket) -> String {
    match (range.from, range.to) {
        (Some(from), Some(to)) => format!("{} to {}", shown(from), shown(to)),
        (None, Some(to)) => format!("below {}", shown(to)),
        (Some(from), None) => format!("{} and above", shown(from)),
        (None, None) => "all".to_owned(),
    }
}

fn shown(point: FacetPoint) -> String {
    match point {
        FacetPoint::Number(number) if number.fract() == 0.0 => format!("{number}"),
        FacetPoint::Number(number) => format!("{number:.2}"),
        FacetPoint::Date(moment) => {
            let text = moment.to_string();
            text.strip_suffix("T00:00:00Z").unwrap_or(&text).to_owned()
        }
        _ => String::new(),
    }
}
