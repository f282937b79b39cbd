//! Rankings by relevance: of text, of an embedding, and of both joined.

use super::Twin;
use super::cosine::cosine;
use crate::api::search::Fusion;

/// How far down each of two rankings goes that are joined.
pub(super) const DEPTH: usize = 1_000;
/// What is added to each rank before its reciprocal is taken.
pub(super) const RRF_K: f64 = 60.0;
/// Scores nearer than this may stand in either order.
pub(crate) const TIE: f64 = 1e-6;

/// A row in a ranking. Where ranks decide the score, near ties leave it a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    pub(super) row: usize,
    pub(super) score: f64,
    /// The least that the score can be if near ties stand in another order.
    pub(super) low: f64,
    /// The most that it can be so.
    pub(super) high: f64,
}

impl Ranked {
    pub(super) fn new(row: usize, score: f64) -> Self {
        Self { row, score, low: score, high: score }
    }
}

/// Best first, then by id.
pub(super) fn sorted(mut ranking: Vec<Ranked>) -> Vec<Ranked> {
    ranking.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    ranking
}

impl Twin {
    /// Every one of the rows by its likeness to `wanted`; 0 where it has no embedding.
    pub(super) fn by_likeness(&self, rows: &[usize], wanted: &[f32]) -> Vec<Ranked> {
        let likeness = |row| self.embedding(row).map_or(0.0, |own| cosine(own, wanted));
        sorted(rows.iter().map(|&row| Ranked::new(row, likeness(row))).collect())
    }

    /// The rows that have an embedding, by likeness.
    pub(super) fn embedded_by_likeness(&self, rows: &[usize], wanted: &[f32]) -> Vec<Ranked> {
        let embedded: Vec<usize> =
            rows.iter().copied().filter(|&row| self.embedding(row).is_some()).collect();
        self.by_likeness(&embedded, wanted)
    }
}

/// Two rankings as one, over the union of their first thousand each.
pub(super) fn fuse(
    mut text: Vec<Ranked>,
    mut likeness: Vec<Ranked>,
    fusion: Fusion,
) -> Vec<Ranked> {
    text.truncate(DEPTH);
    likeness.truncate(DEPTH);
    let (text, likeness) = match fusion {
        Fusion::Weighted(weight) => (spread(&text, 1.0 - weight), spread(&likeness, weight)),
        Fusion::Rrf | Fusion::Auto => (reciprocal_ranks(&text), reciprocal_ranks(&likeness)),
    };
    let mut joined = text;
    for other in likeness {
        match joined.iter_mut().find(|ranked| ranked.row == other.row) {
            Some(ranked) => {
                ranked.score += other.score;
                ranked.low += other.low;
                ranked.high += other.high;
            }
            None => joined.push(other),
        }
    }
    sorted(joined)
}

/// One over sixty and the rank, which starts at 1.
fn reciprocal_ranks(ranking: &[Ranked]) -> Vec<Ranked> {
    let reciprocal = |rank: usize| 1.0 / (RRF_K + rank as f64);
    ranking
        .iter()
        .enumerate()
        .map(|(at, ranked)| {
            let near = |other: &&Ranked| (other.score - ranked.score).abs() <= tie_of(ranked.score);
            let above = ranking[..at].iter().rev().take_while(near).count();
            let below = ranking[at + 1..].iter().take_while(near).count();
            let tied = |other: &Ranked| other.score == ranked.score;
            // Exact ties end by id in every engine: no range for them.
            let exact_above = ranking[..at].iter().rev().take_while(|other| tied(other)).count();
            let exact_below = ranking[at + 1..].iter().take_while(|other| tied(other)).count();
            let (up, down) =
                if (above, below) == (exact_above, exact_below) { (0, 0) } else { (above, below) };
            Ranked {
                row: ranked.row,
                score: reciprocal(at + 1),
                low: reciprocal(at + 1 + down),
                high: reciprocal(at + 1 - up),
            }
        })
        .collect()
}

/// How near two scores of that size must be to stand in either order.
pub(crate) fn tie_of(score: f64) -> f64 {
    TIE * score.abs().max(1.0)
}

/// Scores brought to 0 to 1 by the least and the greatest, times a weight.
fn spread(ranking: &[Ranked], weight: f64) -> Vec<Ranked> {
    let scores = || ranking.iter().map(|ranked| ranked.score);
    let least = scores().fold(f64::INFINITY, f64::min);
    let greatest = scores().fold(f64::NEG_INFINITY, f64::max);
    let share = |score: f64| {
        if greatest > least { (score - least) / (greatest - least) } else { 1.0 }
    };
    ranking.iter().map(|ranked| Ranked::new(ranked.row, weight * share(ranked.score))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(scores: &[(usize, f64)]) -> Vec<Ranked> {
        sorted(scores.iter().map(|&(row, score)| Ranked::new(row, score)).collect())
    }

    fn scores(ranking: &[Ranked]) -> Vec<(usize, f64)> {
        ranking.iter().map(|ranked| (ranked.row, ranked.score)).collect()
    }

    #[test]
    fn reciprocal_ranks_add_up_over_both_rankings() {
        let fused =
            fuse(ranking(&[(0, 9.0), (1, 5.0)]), ranking(&[(1, 0.9), (2, 0.1)]), Fusion::Rrf);
        let expected = [(1, 1.0 / 62.0 + 1.0 / 61.0), (0, 1.0 / 61.0), (2, 1.0 / 62.0)];
        assert_eq!(scores(&fused), expected);
    }

    #[test]
    fn weights_join_scores_brought_to_one_scale() {
        let text = ranking(&[(0, 10.0), (1, 6.0), (2, 2.0)]);
        let fused = fuse(text, ranking(&[(2, 0.5), (1, 0.0)]), Fusion::Weighted(0.25));
        assert_eq!(scores(&fused), [(0, 0.75), (1, 0.375), (2, 0.25)]);
    }

    #[test]
    fn a_ranking_of_equals_is_all_ones() {
        let fused =
            fuse(ranking(&[(0, 3.0), (4, 3.0)]), ranking(&[(1, -0.2)]), Fusion::Weighted(0.5));
        assert_eq!(scores(&fused), [(0, 0.5), (1, 0.5), (4, 0.5)]);
    }

    #[test]
    fn near_ties_leave_the_reciprocal_rank_a_range_and_exact_ones_do_not() {
        let ranks = reciprocal_ranks(&ranking(&[(0, 0.5), (1, 0.5 - 1e-8), (2, 0.1), (3, 0.1)]));
        assert_eq!((ranks[0].low, ranks[0].high), (1.0 / 62.0, 1.0 / 61.0));
        assert_eq!((ranks[1].low, ranks[1].high), (1.0 / 62.0, 1.0 / 61.0));
        assert_eq!((ranks[3].low, ranks[3].high), (1.0 / 64.0, 1.0 / 64.0));
    }
}
