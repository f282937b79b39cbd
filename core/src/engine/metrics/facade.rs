//! The same numbers for whatever exporter the process has.

use std::time::Duration;

use super::Kind;
#[cfg(feature = "metrics")]
use super::PATHS;
#[cfg(feature = "metrics")]
use super::writing::STEPS;
use super::writing::Step;

/// Handles of the `metrics` facade, taken when the first request is recorded: an exporter that is installed before it
/// sees everything. Without the feature, nothing.
#[derive(Default)]
pub(super) struct Facade {
    #[cfg(feature = "metrics")]
    handles: std::sync::OnceLock<Vec<(metrics::Histogram, metrics::Histogram)>>,
    #[cfg(feature = "metrics")]
    steps: std::sync::OnceLock<Vec<metrics::Histogram>>,
}

#[cfg(feature = "metrics")]
impl Facade {
    pub(super) fn record(&self, at: usize, took: Duration, considered: u64) {
        let handles = self.handles.get_or_init(|| {
            let of = |(kind, path): &(Kind, &'static str)| {
                let kind = kind.name();
                (
                    metrics::histogram!("shortlist_request_seconds", "kind" => kind, "path" => *path),
                    metrics::histogram!("shortlist_rows_considered", "kind" => kind, "path" => *path),
                )
            };
            PATHS.iter().map(of).collect()
        });
        handles[at].0.record(took.as_secs_f64());
        handles[at].1.record(considered as f64);
    }

    pub(super) fn record_step(&self, step: Step, took: Duration) {
        let steps = self.steps.get_or_init(|| {
            let of = |step: &'static str| metrics::histogram!("shortlist_writer_seconds", "step" => step);
            STEPS.map(of).into()
        });
        steps[step as usize].record(took.as_secs_f64());
    }

    #[expect(clippy::unused_self, reason = "as the other")]
    pub(super) fn record_error(&self, kind: Kind, code: &'static str) {
        metrics::counter!("shortlist_errors_total", "kind" => kind.name(), "code" => code)
            .increment(1);
    }
}

#[cfg(not(feature = "metrics"))]
#[expect(clippy::unused_self, reason = "there is nobody to tell")]
impl Facade {
    pub(super) fn record(&self, _at: usize, _took: Duration, _considered: u64) {}

    pub(super) fn record_step(&self, _step: Step, _took: Duration) {}

    pub(super) fn record_error(&self, _kind: Kind, _code: &'static str) {}
}
