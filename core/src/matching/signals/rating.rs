//! What clients said.

use super::{Signal, accumulate_from};
use crate::api::criteria::{BAYESIAN_REVIEWS, RatingMode};
use crate::api::reasons::Reasons;
use crate::generation::Generation;
use crate::index::column::NumberColumn;
use crate::model::field::numbers;

/// The rating on a scale of 0 to 1, as it is or shrunk towards the catalogue's mean.
pub(in crate::matching) struct Rating<'a> {
    ratings: &'a NumberColumn,
    reviews: &'a NumberColumn,
    prior: Option<f64>,
}

impl<'a> Rating<'a> {
    pub(in crate::matching) fn new(generation: &'a Generation, mode: RatingMode) -> Self {
        Self {
            ratings: &generation.numbers[numbers::OVERALL_RATING],
            reviews: &generation.numbers[numbers::TOTAL_REVIEWS],
            prior: (mode == RatingMode::Bayesian).then(|| generation.mean_rating()),
        }
    }
}

impl Signal for Rating<'_> {
    fn name(&self) -> &'static str {
        "rating"
    }

    fn value(&self, row: u32) -> f64 {
        let rating = self.ratings.raw(row);
        match self.prior {
            None => rating / 5.0,
            Some(mean) => shrunk(rating, self.reviews.raw(row), mean) / 5.0,
        }
    }

    fn accumulate(&self, rows: &[u32], weight: f64, sums: &mut [f64]) {
        if self.prior.is_none() {
            return accumulate_from(self.ratings, rows, weight, sums, |rating| rating / 5.0);
        }
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum += weight * self.value(*row);
        }
    }

    fn note(&self, row: u32, reasons: &mut Reasons) {
        reasons.rating = self.ratings.raw(row);
        reasons.reviews = self.reviews.raw(row);
    }
}

fn shrunk(rating: f64, reviews: f64, mean: f64) -> f64 {
    (BAYESIAN_REVIEWS * mean + reviews * rating) / (BAYESIAN_REVIEWS + reviews)
}

#[cfg(test)]
mod tests {
    use super::shrunk;

    #[test]
    fn few_reviews_stay_near_the_mean_and_many_near_the_rating() {
        assert_eq!(shrunk(5.0, 0.0, 3.0), 3.0);
        assert_eq!(shrunk(5.0, 10.0, 3.0), 4.0);
        assert!(shrunk(5.0, 990.0, 3.0) > 4.97);
    }
}
