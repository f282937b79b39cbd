//! The default fusion: both rankings as evidence in one unit, the nat, and the sum of it.
//!
//! Ranks forget how sure a ranking is, and weights that suit one collection spoil another. Evidence does
//! neither: a word that few profiles have, or a cosine that few profiles reach, says more, whatever the
//! scale of the embedding model.
//!
//! - *Text.* A BM25 score times `k1 + 1` is about the logarithm of how much likelier the words are in a
//!   profile that is meant (Robertson and Zaragoza, 2009). Words are not independent, and the fewer of the
//!   question's words a profile has, the likelier it has them by chance: the score counts by the square of
//!   the share that it is of all that the question says. What many say nearly as well says little: the best
//!   is no more than twice the logarithm of how rare such a score is, and the others are scaled with it.
//! - *Embedding.* Half the square of how many deviations a cosine lies above the query's mean cosine with
//!   the catalogue is the logarithm of the likelihood ratio against chance. A catalogue of `n` reaches
//!   `ln n` by chance alone; where the best is beyond twice that, cosines are no bell curve (few dimensions, copies),
//!   and all are scaled down to it.
//! - *Agreement.* What the words find should be nearer to the query than the catalogue is, by a good part of
//!   what the nearest of all are. Where it is not, the embeddings say nothing about these texts (another
//!   model's, shuffled, noise), and they count less.

/// What the text's evidence counts beside the embedding's.
const TEXT_SHARE: f64 = 2.0;
/// `k1 + 1`: what a word's weight is multiplied by in the derivation of BM25, and not in our scores.
const SATURATION: f64 = 2.2;
/// How many of the text's best say whether the embeddings agree.
pub(super) const WITNESSES: usize = 20;
/// How many are believed in before any witness, with embeddings that count wholly.
const BELIEF: f64 = 2.0;
/// From where on the embeddings begin to count, and where they count wholly: the mean deviations of the witnesses as a
/// share of those of as many that are nearest.
const DOUBT: (f64, f64) = (0.2, 0.45);
/// The least mean deviations of the nearest that the witnesses are measured by.
const NEAR: f64 = 0.5;
/// From which share of the best score on a row says nearly as much, less a rounding.
const NEARLY: f64 = 0.4 - 1e-9;
/// How much the best score may be, in logarithms of its rarity.
const RARE: f64 = 2.0;
/// What they count at least: enough to order what the words leave equal.
const LEAST: f64 = 0.01;
/// The least deviation of cosines that counts as one; below it they are all alike.
const FLAT: f64 = 0.005;

/// A row that takes part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) row: u32,
    /// Its BM25 score; 0 where the words do not find it.
    pub(super) text: f64,
    /// Its cosine; none where it has no embedding.
    pub(super) cosine: Option<f64>,
}

/// How a query's cosines with the catalogue lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    mean: f64,
    deviation: f64,
    /// The most evidence that a cosine can be.
    most: f64,
}

impl Spread {
    /// Of a sample of the cosines with a catalogue of `vectors`.
    pub(super) fn of(sample: &[f64], vectors: u32) -> Self {
        let count = sample.len().max(1) as f64;
        let mean = sample.iter().sum::<f64>() / count;
        let variance = sample.iter().map(|cosine| (cosine - mean).powi(2)).sum::<f64>() / count;
        let most = 2.0 * f64::from(vectors.max(3)).ln();
        Self { mean, deviation: (variance + FLAT * FLAT).sqrt(), most }
    }

    fn deviations(&self, cosine: f64) -> f64 {
        (cosine - self.mean) / self.deviation
    }
}

/// What the words of a query say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Words {
    /// What all of them say together.
    information: f64,
    /// What the evidence of each row is multiplied by.
    scale: f64,
}

impl Words {
    /// Of all rows that they find, with their scores, in a catalogue of `profiles`.
    ///
    /// Cost: two passes over the rows.
    pub(super) fn of(information: f64, found: &[(u32, f64)], profiles: u32) -> Self {
        let best = found.iter().map(|(_, score)| *score).fold(0.0, f64::max);
        let alike = found.iter().filter(|(_, score)| *score >= NEARLY * best).count();
        let rarity = (1.0 + f64::from(profiles) / alike.max(1) as f64).ln();
        let unscaled = Self { information, scale: 1.0 };
        let (evidence, most) = (unscaled.evidence(best), RARE * rarity);
        if evidence > most { Self { scale: most / evidence, ..unscaled } } else { unscaled }
    }

    fn evidence(&self, score: f64) -> f64 {
        let nats = SATURATION * score;
        let share = if self.information > 0.0 { (nats / self.information).min(1.0) } else { 0.0 };
        self.scale * TEXT_SHARE * nats * share * share
    }
}

/// The candidates with their joined evidence. `witnesses` are the cosines of the text's best, `nearest` those of as many
/// rows that are nearest. Cost: two passes over the candidates.
pub(super) fn fuse(
    candidates: &[Candidate],
    words: &Words,
    (witnesses, nearest): (&[f64], &[f64]),
    spread: &Spread,
) -> Vec<(u32, f64)> {
    let surprise = |candidate: &Candidate| {
        candidate.cosine.map_or(0.0, |cosine| {
            let deviations = spread.deviations(cosine);
            deviations * deviations.abs() / 2.0
        })
    };
    let best = candidates.iter().map(surprise).fold(0.0, f64::max);
    let scale = if best > spread.most { spread.most / best } else { 1.0 };
    let trust = scale * agreement(witnesses, nearest, spread);
    candidates
        .iter()
        .map(|candidate| {
            (candidate.row, words.evidence(candidate.text) + trust * surprise(candidate))
        })
        .collect()
}

/// How much the embeddings count, 0 to 1, by where the witnesses lie.
fn agreement(witnesses: &[f64], nearest: &[f64], spread: &Spread) -> f64 {
    let sum =
        |cosines: &[f64]| -> f64 { cosines.iter().map(|cosine| spread.deviations(*cosine)).sum() };
    let (from, to) = DOUBT;
    let best = (sum(nearest) / nearest.len().max(1) as f64).max(NEAR);
    let share = (sum(witnesses) / best + BELIEF * to) / (witnesses.len() as f64 + BELIEF);
    ((share - from) / (to - from)).clamp(LEAST, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A catalogue whose cosines lie from -0.3 to 0.3.
    fn spread() -> Spread {
        let sample: Vec<f64> = (0..=100).map(|at| 0.006 * f64::from(at) - 0.3).collect();
        Spread::of(&sample, 10_000)
    }

    /// Words of that much information, found in one row.
    fn says(information: f64) -> Words {
        Words { information, scale: 1.0 }
    }

    fn order(mut fused: Vec<(u32, f64)>) -> Vec<u32> {
        fused.sort_by(|a, b| b.1.total_cmp(&a.1));
        fused.into_iter().map(|(row, _)| row).collect()
    }

    fn candidate(row: u32, text: f64, cosine: f64) -> Candidate {
        Candidate { row, text, cosine: Some(cosine) }
    }

    #[test]
    fn without_words_the_order_is_that_of_the_cosines() {
        let candidates = [candidate(0, 0.0, -0.2), candidate(1, 0.0, 0.7), candidate(2, 0.0, 0.1)];
        assert_eq!(order(fuse(&candidates, &Words::default(), (&[], &[]), &spread())), [1, 2, 0]);
    }

    #[test]
    fn without_embeddings_the_order_is_that_of_the_words() {
        let none = |row, text| Candidate { row, text, cosine: None };
        let candidates = [none(0, 1.0), none(1, 3.5), none(2, 0.0)];
        let order = order(fuse(&candidates, &says(12.0), (&[], &[]), &Spread::of(&[], 0)));
        assert_eq!(order, [1, 0, 2]);
    }

    #[test]
    fn another_scale_of_cosines_changes_nothing() {
        let sample: Vec<f64> = (0..=100).map(|at| 0.006 * f64::from(at) - 0.3).collect();
        let shifted: Vec<f64> = sample.iter().map(|cosine| 0.8 + 0.3 * cosine).collect();
        let candidates = [candidate(0, 1.0, 0.3), candidate(1, 0.5, 0.6), candidate(2, 2.0, 0.1)];
        let moved = candidates
            .map(|one| Candidate { cosine: one.cosine.map(|cosine| 0.8 + 0.3 * cosine), ..one });
        let (own, best) = ([0.5, 0.3], [0.6, 0.5]);
        let here = fuse(&candidates, &says(9.0), (&own, &best), &Spread::of(&sample, 10_000));
        let (own, best) = ([0.95, 0.89], [0.98, 0.95]);
        let there = fuse(&moved, &says(9.0), (&own, &best), &Spread::of(&shifted, 10_000));
        for (a, b) in here.iter().zip(&there) {
            assert!((a.1 - b.1).abs() < 0.05 * a.1.abs().max(0.1), "{here:?} {there:?}");
        }
    }

    #[test]
    fn embeddings_that_do_not_know_what_the_words_find_hardly_count() {
        let candidates = [candidate(0, 3.0, -0.1), candidate(1, 0.0, 0.6)];
        let best = [0.6; WITNESSES];
        let agreeing = fuse(&candidates, &says(12.0), (&[0.5; WITNESSES], &best), &spread());
        let strange = fuse(&candidates, &says(12.0), (&[0.0; WITNESSES], &best), &spread());
        assert_eq!((order(agreeing), order(strange)), (vec![1, 0], vec![0, 1]));
    }

    #[test]
    fn every_word_found_outweighs_a_near_vector_and_some_words_do_not() {
        let all = [candidate(0, 5.0, 0.2), candidate(1, 0.0, 0.6)];
        let some = [candidate(0, 1.5, 0.2), candidate(1, 0.0, 0.6)];
        assert_eq!(order(fuse(&all, &says(11.0), (&[0.4], &[0.6]), &spread())), [0, 1]);
        assert_eq!(order(fuse(&some, &says(11.0), (&[0.4], &[0.6]), &spread())), [1, 0]);
    }

    #[test]
    fn words_that_many_have_say_less_than_words_that_few_have() {
        let found = |alike: u32| -> Vec<(u32, f64)> { (0..alike).map(|row| (row, 5.0)).collect() };
        let evidence = |alike| Words::of(11.0, &found(alike), 10_000).evidence(5.0);
        assert!((evidence(1) - 2.0 * 10_001_f64.ln()).abs() < 1e-9);
        assert!((evidence(10_000) - 2.0 * 2_f64.ln()).abs() < 1e-9);
        // What is little already stays as it is.
        let little = Words { information: 11.0, scale: 1.0 };
        assert_eq!(Words::of(11.0, &[(0, 1.0)], 10_000), little);
    }

    #[test]
    fn in_a_small_catalogue_witnesses_are_measured_by_what_the_nearest_reach() {
        let spread = spread();
        let (witnesses, nearest) = ([0.15; WITNESSES], [0.3; WITNESSES]);
        assert!(agreement(&witnesses, &nearest, &spread) > 0.99);
        assert!(agreement(&witnesses, &[0.9; WITNESSES], &spread) < 0.2);
    }
}
