//! Which configs differ from the first by more than chance.

use shortlist::testing::relevance::{Measures, Paired, holm};

use super::outcome::Outcome;

/// How often signs are drawn.
const ROUNDS: u32 = 100_000;

/// A measure by its name in JSON.
pub type Measure = (&'static str, fn(&Measures) -> f64);

/// The measures that are compared.
pub const MEASURES: [Measure; 3] =
    [("ndcg10", |one| one.ndcg_10), ("mrr10", |one| one.mrr_10), ("recall", |one| one.recall)];

/// One measure of one config beside the first config's.
pub struct Comparison {
    /// The place of the config.
    pub config: usize,
    /// The place of the measure in [`MEASURES`].
    pub measure: usize,
    /// What differs.
    pub paired: Paired,
    /// Its p, corrected for the number of configs.
    pub corrected: f64,
}

/// Every measure of every config beside the first config's.
pub fn with_the_first(outcomes: &[Outcome], seed: u64) -> Vec<Comparison> {
    let Some((first, others)) = outcomes.split_first() else { return Vec::new() };
    if first.each.is_empty() {
        return Vec::new();
    }
    let mut comparisons = Vec::new();
    for (measure, (_, of)) in MEASURES.iter().enumerate() {
        let values = |outcome: &Outcome| outcome.each.iter().map(of).collect::<Vec<f64>>();
        let base = values(first);
        let tested: Vec<Paired> =
            others.iter().map(|other| Paired::test(&base, &values(other), ROUNDS, seed)).collect();
        let corrected = holm(&tested.iter().map(|paired| paired.p).collect::<Vec<_>>());
        for (other, (paired, corrected)) in tested.into_iter().zip(corrected).enumerate() {
            comparisons.push(Comparison { config: other + 1, measure, paired, corrected });
        }
    }
    comparisons.sort_by_key(|one| (one.config, one.measure));
    comparisons
}
