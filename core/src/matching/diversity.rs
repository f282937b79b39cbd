//! Maximal marginal relevance (Carbonell and Goldstein, 1998): a list whose members are not alike.

use super::rank::Ranked;
use crate::generation::Generation;

/// How many rows take part for a list of that length.
pub(super) fn pool(limit: usize) -> usize {
    (5 * limit).max(100)
}

/// Picks `limit` rows one by one, each the best by `lambda * score - (1 - lambda) * likeness` to the nearest picked.
/// Equal ones are picked in the order of their scores. Cost: `limit` times the pool, one dot product each.
pub(super) fn spread(
    generation: &Generation,
    pool: Vec<Ranked>,
    lambda: f64,
    limit: usize,
) -> Vec<Ranked> {
    let mut open: Vec<(Ranked, f64)> = pool.into_iter().map(|ranked| (ranked, 0.0)).collect();
    let mut picked = Vec::with_capacity(limit);
    while picked.len() < limit && !open.is_empty() {
        let worth =
            |(ranked, likeness): &(Ranked, f64)| lambda * ranked.score - (1.0 - lambda) * likeness;
        let mut best = 0;
        for at in 1..open.len() {
            if worth(&open[at]) > worth(&open[best]) {
                best = at;
            }
        }
        let (next, _) = open.remove(best);
        let query = generation
            .vectors
            .as_ref()
            .and_then(|vectors| Some((vectors, vectors.query_of(next.row)?)));
        for (ranked, nearest) in &mut open {
            let likeness = query
                .as_ref()
                .map_or(0.0, |(vectors, query)| vectors.similarity(ranked.row, query));
            *nearest = if picked.is_empty() { likeness } else { nearest.max(likeness) };
        }
        picked.push(next);
    }
    picked
}
