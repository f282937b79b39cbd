//! How well the rate fits the budget.

use super::{Signal, accumulate_from};
use crate::api::reasons::Reasons;
use crate::index::column::NumberColumn;

/// 1 up to 80 % of the budget, then linear to 0 at the budget.
pub(in crate::matching) struct Budget<'a> {
    pub(in crate::matching) rates: &'a NumberColumn,
    pub(in crate::matching) budget: f64,
}

impl Signal for Budget<'_> {
    fn name(&self) -> &'static str {
        "budget"
    }

    fn value(&self, row: u32) -> f64 {
        fit(self.rates.raw(row), self.budget)
    }

    fn accumulate(&self, rows: &[u32], weight: f64, sums: &mut [f64]) {
        accumulate_from(self.rates, rows, weight, sums, |rate| fit(rate, self.budget));
    }

    fn note(&self, row: u32, reasons: &mut Reasons) {
        reasons.rate = self.rates.raw(row);
        reasons.budget = self.budget;
    }
}

fn fit(rate: f64, budget: f64) -> f64 {
    if rate <= 0.8 * budget {
        1.0
    } else if rate < budget {
        (budget - rate) / (0.2 * budget)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn the_fit_is_full_to_eighty_percent_and_then_falls_to_nothing_at_the_budget() {
        let close = |rate: f64, expected: f64| {
            assert!((fit(rate, 200.0) - expected).abs() < 1e-12, "{rate}");
        };
        close(0.0, 1.0);
        close(160.0, 1.0);
        close(180.0, 0.5);
        close(200.0, 0.0);
    }

    #[test]
    fn a_free_advisor_fits_a_budget_of_nothing() {
        assert_eq!(fit(0.0, 0.0), 1.0);
    }
}
