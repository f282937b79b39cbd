//! Two rankings joined by their ranks, or by their scores brought to one scale.

use crate::api::search::Fusion;

/// How many rows of each ranking take part.
pub(super) const DEPTH: usize = 1_000;
/// The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
const RRF_K: f64 = 60.0;

/// Joins two rankings, each best first: the rows of either with their fused scores, in no order.
pub(super) fn fuse(fusion: Fusion, text: &[(u32, f64)], similar: &[(u32, f64)]) -> Vec<(u32, f64)> {
    let (text, similar) = match fusion {
        Fusion::Weighted(weight) => (scaled(text, 1.0 - weight), scaled(similar, weight)),
        Fusion::Rrf | Fusion::Auto => (reciprocal(text), reciprocal(similar)),
    };
    let mut fused: Vec<(u32, f64)> = text;
    fused.extend(similar);
    fused.sort_by_key(|(row, _)| *row);
    fused.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
    fused
}

fn reciprocal(ranking: &[(u32, f64)]) -> Vec<(u32, f64)> {
    ranking
        .iter()
        .enumerate()
        .map(|(at, (row, _))| (*row, 1.0 / (RRF_K + (at + 1) as f64)))
        .collect()
}

/// Scores brought to 0 to 1 by their least and greatest, times a weight; where all are equal, each is 1.
fn scaled(ranking: &[(u32, f64)], weight: f64) -> Vec<(u32, f64)> {
    let least = ranking.iter().map(|(_, score)| *score).fold(f64::INFINITY, f64::min);
    let greatest = ranking.iter().map(|(_, score)| *score).fold(f64::NEG_INFINITY, f64::max);
    let span = greatest - least;
    let share = |score: f64| if span > 0.0 { (score - least) / span } else { 1.0 };
    ranking.iter().map(|(row, score)| (*row, weight * share(*score))).collect()
}
