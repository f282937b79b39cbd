//! The limits of a histogram's ranges.

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, tz::Offset};

use super::ranges::Extent;
use crate::api::facet::Interval;
use crate::api::limits::FACET_BUCKETS;
use crate::model::{Error, Result};

/// The ascending limits of the ranges that hold every value, from the range of the least to that of the greatest:
/// one more than there are ranges, none where there is no value.
///
/// # Errors
/// [`Error::OutOfRange`] where these are more than 1,000 ranges.
pub(super) fn edges(field: &str, interval: Interval, extent: &Extent) -> Result<Vec<f64>> {
    if extent.count == 0 {
        return Ok(Vec::new());
    }
    match interval {
        Interval::Width(width) => of_width(field, width, extent),
        calendar => of_calendar(field, calendar, extent),
    }
}

fn of_width(field: &str, width: f64, extent: &Extent) -> Result<Vec<f64>> {
    let first = multiple(extent.min, width);
    let last = multiple(extent.max, width);
    // Multiples beyond 2^53 have no neighbours.
    let exact = first.abs().max(last.abs()) < 9e15;
    if !exact || last - first >= FACET_BUCKETS as f64 {
        let least = (extent.max - extent.min) / (FACET_BUCKETS - 1) as f64;
        return Err(too_fine(field, width.to_string(), &format!("a width of at least {least}")));
    }
    Ok((0..=(last - first) as usize + 1).map(|step| (first + step as f64) * width).collect())
}

/// The greatest whole number whose product with the width is not above the value.
fn multiple(value: f64, width: f64) -> f64 {
    let mut whole = (value / width).floor();
    if whole * width > value {
        whole -= 1.0;
    } else if (whole + 1.0) * width <= value {
        whole += 1.0;
    }
    whole
}

fn of_calendar(field: &str, interval: Interval, extent: &Extent) -> Result<Vec<f64>> {
    let refused = || {
        let name = Interval::CALENDAR.iter().find(|(_, known)| *known == interval);
        let wider = "a longer interval, such as `year`, or fewer dates by a filter";
        too_fine(field, name.map_or("", |(name, _)| name).to_owned(), wider)
    };
    let mut day = civil(extent.min).and_then(|day| start(day, interval)).ok_or_else(refused)?;
    let span = span(interval);
    let mut edges = Vec::new();
    loop {
        let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| refused())?;
        let edge = midnight.as_microsecond() as f64;
        edges.push(edge);
        if edge > extent.max {
            return Ok(edges);
        }
        if edges.len() > FACET_BUCKETS {
            return Err(refused());
        }
        day = day.checked_add(span).map_err(|_| refused())?;
    }
}

fn civil(micros: f64) -> Option<Date> {
    let moment = Timestamp::from_microsecond(micros as i64).ok()?;
    Some(Offset::UTC.to_datetime(moment).date())
}

fn start(day: Date, interval: Interval) -> Option<Date> {
    match interval {
        Interval::Week => {
            let since_monday = day.weekday().since(Weekday::Monday);
            day.checked_sub(Span::new().days(since_monday)).ok()
        }
        Interval::Month => Some(day.first_of_month()),
        Interval::Quarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok(),
        Interval::Year => Some(day.first_of_year()),
        Interval::Day | Interval::Width(_) => Some(day),
    }
}

fn span(interval: Interval) -> Span {
    match interval {
        Interval::Week => Span::new().weeks(1),
        Interval::Month => Span::new().months(1),
        Interval::Quarter => Span::new().months(3),
        Interval::Year => Span::new().years(1),
        Interval::Day | Interval::Width(_) => Span::new().days(1),
    }
}

fn too_fine(field: &str, value: String, wider: &str) -> Error {
    Error::OutOfRange {
        field: format!("facets.{field}.histogram"),
        value,
        expected: format!("{wider}: this result takes more than {FACET_BUCKETS} ranges"),
    }
}
