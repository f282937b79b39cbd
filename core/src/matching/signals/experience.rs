//! How long an advisor has been at it.

use super::{Signal, accumulate_from};
use crate::api::reasons::Reasons;
use crate::index::column::NumberColumn;

/// `min(yearsExperience / 15, 1)`; 0 where the years are missing.
pub(in crate::matching) struct Experience<'a> {
    pub(in crate::matching) years: &'a NumberColumn,
}

impl Signal for Experience<'_> {
    fn name(&self) -> &'static str {
        "experience"
    }

    fn value(&self, row: u32) -> f64 {
        seniority(self.years.raw(row))
    }

    fn accumulate(&self, rows: &[u32], weight: f64, sums: &mut [f64]) {
        accumulate_from(self.years, rows, weight, sums, seniority);
    }

    fn note(&self, row: u32, reasons: &mut Reasons) {
        reasons.years = self.years.raw(row);
    }
}

fn seniority(years: f64) -> f64 {
    if years.is_nan() { 0.0 } else { (years / 15.0).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::seniority;

    #[test]
    fn fifteen_years_are_full_and_missing_years_none() {
        assert_eq!(
            [seniority(3.0), seniority(15.0), seniority(40.0), seniority(f64::NAN)],
            [0.2, 1.0, 1.0, 0.0]
        );
    }
}
