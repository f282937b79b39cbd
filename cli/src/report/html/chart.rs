//! Lines of a page, over time or over percentiles.

use serde_json::{Value, json};

/// What a chart's height measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Requests a second.
    PerSecond,
    /// Mebibytes.
    Mebibytes,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::PerSecond => "/s",
            Self::Mebibytes => "MiB",
        }
    }
}

/// A line: a value at each place of its chart.
pub struct Series {
    label: String,
    values: Vec<Option<f64>>,
}

impl Series {
    /// A line of that name.
    pub fn new(label: impl Into<String>, values: Vec<Option<f64>>) -> Self {
        Self { label: label.into(), values }
    }
}

/// A chart.
pub struct Chart {
    pub(super) title: String,
    pub(super) note: String,
    percentiles: bool,
    unit: Unit,
    at: Vec<f64>,
    series: Vec<Series>,
}

impl Chart {
    /// Lines over seconds, from zero up.
    pub fn over_time(title: &str, unit: Unit, seconds: Vec<f64>, series: Vec<Series>) -> Self {
        let (title, note) = (title.to_owned(), String::new());
        Self { title, note, percentiles: false, unit, at: seconds, series }
    }

    /// Lines over percentiles, the higher ones wider apart ([`nines`]); their heights by powers of ten.
    pub fn over_percentiles(title: &str, unit: Unit, at: Vec<f64>, series: Vec<Series>) -> Self {
        Self { percentiles: true, ..Self::over_time(title, unit, at, series) }
    }

    /// The same with a word on how it is to be read.
    #[must_use]
    pub fn with_note(self, note: &str) -> Self {
        Self { note: note.to_owned(), ..self }
    }

    pub(super) fn json(&self) -> Value {
        // Where heights are powers of ten, zero has no place.
        let shown = |value: &Option<f64>| value.filter(|value| !self.percentiles || *value > 0.0);
        let series: Vec<Value> = self
            .series
            .iter()
            .map(|one| {
                json!({"label": one.label, "values": one.values.iter().map(shown).collect::<Vec<_>>()})
            })
            .collect();
        json!({
            "x": if self.percentiles { "percentile" } else { "time" }, "log": self.percentiles,
            "unit": self.unit.name(), "at": self.at, "series": series,
        })
    }
}

/// The shares of so many measurements that a chart of percentiles shows, each with its place: 1 at 90 %, 2 at 99 %,
/// 3 at 99.9 %, up to where one measurement is left.
pub fn nines(measurements: u64) -> Vec<(f64, f64)> {
    const STEPS: u32 = 20;
    let last = (measurements.max(100) as f64).log10().min(6.0);
    let places =
        (0..=(last * f64::from(STEPS)) as u32).map(|step| f64::from(step) / f64::from(STEPS));
    places.map(|place| (1.0 - 10f64.powf(-place), place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_shown_as_far_as_measurements_carry() {
        let places = nines(10_000);
        assert_eq!(places.first(), Some(&(0.0, 0.0)));
        let last = places.last().copied().unwrap_or_default();
        assert!((last.0 - 0.9999).abs() < 1e-12 && (last.1 - 4.0).abs() < 1e-12, "{last:?}");
    }

    #[test]
    fn a_height_of_zero_is_left_out_where_heights_are_powers_of_ten() {
        let series = || vec![Series::new("a", vec![Some(0.0), None, Some(2.0)])];
        let at = || vec![0.0, 1.0, 2.0];
        let logarithmic = Chart::over_percentiles("t", Unit::Milliseconds, at(), series()).json();
        assert_eq!(logarithmic["series"][0]["values"], json!([null, null, 2.0]));
        let plain = Chart::over_time("t", Unit::Milliseconds, at(), series()).json();
        assert_eq!(plain["series"][0]["values"], json!([0.0, null, 2.0]));
    }
}
