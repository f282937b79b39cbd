//! The default fusion: both rankings as evidence in one unit, the nat, and the sum of it.
//!
//! Ranks forget how sure a ranking is, and weights that suit one collection spoil another. Evidence does
//! neither: a word that few profiles have, or a cosine that few profiles reach, says more, whatever the
//! scale of the embedding model.
//!
//! - *Text.* A BM25 score times `k1 + 1` is about the logarithm of how much likelier the words are in a
//!   profile that is meant (Robertson and Zaragoza, 2009). Words are not independent, and the fewer of the
//!   question's words a profile has, the likelier it has them by chance: the score counts by the square of
//!   the share that it is of all that the question says.
//! - *Embedding.* Half the square of how many deviations a cosine lies above the query's mean cosine with
//!   the catalogue is the logarithm of the likelihood ratio against chance. A catalogue of `n` reaches
//!   `ln n` by chance alone; where the best is beyond twice that, cosines are no bell curve (few dimensions, copies),
//!   and all are scaled down to it.
//! - *Agreement.* What the words find should be nearer to the query than the catalogue is. Where it is not,
//!   the embeddings say nothing about these texts (another model's, shuffled, noise), and they count less.

/// What the text's evidence counts beside the embedding's.
const TEXT_SHARE: f64 = 2.0;
/// `k1 + 1`: what a word's weight is multiplied by in the derivation of BM25, and not in our scores.
const SATURATION: f64 = 2.2;
/// How many of the text's best say whether the embeddings agree.
pub(super) const WITNESSES: usize = 20;
/// What is believed before any witness: that many, that many deviations above the mean.
const BELIEF: (f64, f64) = (2.0, 2.0);
/// From where on the embeddings begin to count, and where they count wholly, in mean deviations of the witnesses.
const DOUBT: (f64, f64) = (0.6, 1.4);
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

/// The candidates with their joined evidence. `information` is what all words of the query say together;
/// `witnesses` are the cosines of the text's best. Cost: two passes over the candidates.
pub(super) fn fuse(
    candidates: &[Candidate],
    information: f64,
    witnesses: &[f64],
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
    let trust = scale * agreement(witnesses, spread);
    candidates
        .iter()
        .map(|candidate| {
            let text = text_evidence(candidate.text, information);
            (candidate.row, text + trust * surprise(candidate))
        })
        .collect()
}

fn text_evidence(score: f64, information: f64) -> f64 {
    let nats = SATURATION * score;
    let share = if information > 0.0 { (nats / information).min(1.0) } else { 0.0 };
    TEXT_SHARE * nats * share * share
}

/// How much the embeddings count, 0 to 1, by where the witnesses lie.
fn agreement(witnesses: &[f64], spread: &Spread) -> f64 {
    let (weight, deviations) = BELIEF;
    let sum: f64 = witnesses.iter().map(|cosine| spread.deviations(*cosine)).sum();
    let mean = (sum + weight * deviations) / (witnesses.len() as f64 + weight);
    let (from, to) = DOUBT;
    ((mean - from) / (to - from)).clamp(LEAST, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A catalogue whose cosines lie from -0.3 to 0.3.
    fn spread() -> Spread {
        let sample: Vec<f64> = (0..=100).map(|at| 0.006 * f64::from(at) - 0.3).collect();
        Spread::of(&sample, 10_000)
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
        assert_eq!(order(fuse(&candidates, 0.0, &[], &spread())), [1, 2, 0]);
    }

    #[test]
    fn without_embeddings_the_order_is_that_of_the_words() {
        let none = |row, text| Candidate { row, text, cosine: None };
        let candidates = [none(0, 1.0), none(1, 3.5), none(2, 0.0)];
        assert_eq!(order(fuse(&candidates, 12.0, &[], &Spread::of(&[], 0))), [1, 0, 2]);
    }

    #[test]
    fn another_scale_of_cosines_changes_nothing() {
        let sample: Vec<f64> = (0..=100).map(|at| 0.006 * f64::from(at) - 0.3).collect();
        let shifted: Vec<f64> = sample.iter().map(|cosine| 0.8 + 0.3 * cosine).collect();
        let candidates = [candidate(0, 1.0, 0.3), candidate(1, 0.5, 0.6), candidate(2, 2.0, 0.1)];
        let moved = candidates
            .map(|one| Candidate { cosine: one.cosine.map(|cosine| 0.8 + 0.3 * cosine), ..one });
        let here = fuse(&candidates, 9.0, &[0.5, 0.3], &Spread::of(&sample, 10_000));
        let there = fuse(&moved, 9.0, &[0.95, 0.89], &Spread::of(&shifted, 10_000));
        for (a, b) in here.iter().zip(&there) {
            assert!((a.1 - b.1).abs() < 0.05 * a.1.abs().max(0.1), "{here:?} {there:?}");
        }
    }

    #[test]
    fn embeddings_that_do_not_know_what_the_words_find_hardly_count() {
        let candidates = [candidate(0, 3.0, -0.1), candidate(1, 0.0, 0.6)];
        let agreeing = fuse(&candidates, 12.0, &[0.5; WITNESSES], &spread());
        let strange = fuse(&candidates, 12.0, &[0.0; WITNESSES], &spread());
        assert_eq!((order(agreeing), order(strange)), (vec![1, 0], vec![0, 1]));
    }

    #[test]
    fn every_word_found_outweighs_a_near_vector_and_some_words_do_not() {
        let all = [candidate(0, 5.0, 0.2), candidate(1, 0.0, 0.6)];
        let some = [candidate(0, 1.5, 0.2), candidate(1, 0.0, 0.6)];
        assert_eq!(order(fuse(&all, 11.0, &[0.4], &spread())), [0, 1]);
        assert_eq!(order(fuse(&some, 11.0, &[0.4], &spread())), [1, 0]);
    }
}
