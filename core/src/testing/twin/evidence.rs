//! The default fusion, worked out the long way: every row's evidence by words and by likeness, added up.

use xxhash_rust::xxh3::xxh3_64;

use super::Twin;
use super::cosine::cosine;
use super::rank::{DEPTH, Ranked, sorted};
use crate::testing::text::Query;

/// How far the engine's cosines may be from ours: it adds up in f32.
const ROUNDING: f64 = 1e-6;

/// Where a cosine stands among those of the sample, in deviations above their mean.
struct Scale {
    mean: f64,
    deviation: f64,
}

impl Scale {
    fn place(&self, cosine: f64) -> f64 {
        (cosine - self.mean) / self.deviation
    }

    /// How far off a place may be by rounding.
    fn slack(&self, place: f64) -> f64 {
        2.0 * ROUNDING / self.deviation * (1.0 + place.abs())
    }
}

impl Twin {
    /// The rows of either ranking's first thousand, by the sum of their evidence.
    pub(super) fn by_evidence(&self, query: &Query, wanted: &[f32], rows: &[usize]) -> Vec<Ranked> {
        let words = self.by_text(query, rows);
        let likeness = self.embedded_by_likeness(rows, wanted);
        let information = self.text().information(query);
        let first = |ranking: &[Ranked]| -> Vec<usize> {
            ranking.iter().take(DEPTH).map(|ranked| ranked.row).collect()
        };
        let mut joined = [first(&words), first(&likeness)].concat();
        joined.sort_unstable();
        joined.dedup();

        let scale = self.scale(wanted);
        let likeness_of =
            |row: usize| self.embedding(row).map(|own| scale.place(cosine(own, wanted)));
        let (trust, trust_slack) = trust(&words, &likeness, &scale, &likeness_of);
        let surprise = |place: f64| place * place.abs() / 2.0;
        let best = joined.iter().filter_map(|row| likeness_of(*row)).map(surprise);
        let best = best.fold(0.0, f64::max);
        let embedded = self.profiles().filter(|profile| profile.embedding.is_some()).count();
        let most = 2.0 * (embedded.max(3) as f64).ln();
        let shrink = if best > most { most / best } else { 1.0 };

        let by_words = |score: f64| {
            let nats = 2.2 * score;
            let share = if information > 0.0 { (nats / information).min(1.0) } else { 0.0 };
            2.0 * nats * share.powi(2)
        };
        let greatest = words.iter().map(|ranked| ranked.score).fold(0.0, f64::max);
        let nearly = (0.4 - 1e-9) * greatest;
        let alike = words.iter().filter(|ranked| ranked.score >= nearly).count().max(1);
        let rarity = (1.0 + self.profiles().len() as f64 / alike as f64).ln();
        let least = (2.0 * rarity / by_words(greatest)).min(1.0);

        let evidence = |row: usize| {
            let score = words.iter().find(|ranked| ranked.row == row).map_or(0.0, |r| r.score);
            let place = likeness_of(row).unwrap_or(0.0);
            let likely = shrink * surprise(place);
            let total = least * by_words(score) + trust * likely;
            // The best and its shrinking round too, but both ways at once.
            let slack = trust * shrink * (place.abs() * scale.slack(place))
                + trust_slack * likely.abs()
                + 2.0 * trust * likely.abs() * scale.slack(place);
            Ranked { row, score: total, low: total - slack, high: total + slack }
        };
        sorted(joined.into_iter().map(evidence).collect())
    }

    /// Mean and deviation of the cosines with the 128 embeddings whose ids hash lowest.
    fn scale(&self, wanted: &[f32]) -> Scale {
        let mut known: Vec<(u64, &[f32])> = self
            .profiles()
            .filter_map(|one| Some((xxh3_64(one.id.as_bytes()), one.embedding.as_deref()?)))
            .collect();
        known.sort_unstable_by_key(|(hash, _)| *hash);
        known.truncate(128);
        let cosines: Vec<f64> = known.iter().map(|(_, own)| cosine(own, wanted)).collect();
        let count = cosines.len().max(1) as f64;
        let mean = cosines.iter().sum::<f64>() / count;
        let variance = cosines.iter().map(|cosine| (cosine - mean).powi(2)).sum::<f64>() / count;
        Scale { mean, deviation: (variance + 0.005 * 0.005).sqrt() }
    }
}

/// How much the embeddings are believed, by where the text's twenty best stand beside the nearest; and its slack.
fn trust(
    words: &[Ranked],
    likeness: &[Ranked],
    scale: &Scale,
    likeness_of: &impl Fn(usize) -> Option<f64>,
) -> (f64, f64) {
    let twentieth = words.get(19).map_or(0.0, |ranked| ranked.score);
    let places: Vec<f64> = words
        .iter()
        .take(DEPTH)
        .filter(|ranked| ranked.score > 0.0 && ranked.score >= twentieth * (1.0 - 1e-9))
        .filter_map(|ranked| likeness_of(ranked.row))
        .collect();
    let nearest: Vec<f64> =
        likeness.iter().take(places.len()).filter_map(|ranked| likeness_of(ranked.row)).collect();
    let slack = |places: &[f64]| places.iter().map(|place| scale.slack(*place)).sum::<f64>();
    let many = nearest.len().max(1) as f64;
    let best = (nearest.iter().sum::<f64>() / many).max(0.5);
    let count = places.len() as f64 + 2.0;
    let share = (places.iter().sum::<f64>() / best + 0.9) / count;
    let off = (slack(&places) / best + share.abs() * count / best * slack(&nearest) / many) / count;
    (((share - 0.2) / 0.25).clamp(0.01, 1.0), off / 0.25)
}
