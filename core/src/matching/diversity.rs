//! Maximal marginal relevance (Carbonell and Goldstein, 1998): a list whose members are not alike.

use super::rank::Ranked;
use crate::api::deadline::Deadline;
use crate::generation::Generation;
use crate::index::vector::UnitQuery;
use crate::model::Result;

/// How many rows take part for a list of that length.
pub(super) fn pool(limit: usize) -> usize {
    (5 * limit).max(100)
}

/// Fills up a list to `limit` from a pool, one by one, each the best by `lambda * score - (1 - lambda) * likeness` to
/// the nearest in the list, those that stood in it before included. Equal ones are taken in the order of their scores.
/// Cost: `limit` times the pool, one dot product each.
pub(super) fn spread(
    generation: &Generation,
    list: &mut Vec<Ranked>,
    pool: Vec<Ranked>,
    lambda: f64,
    limit: usize,
    deadline: &Deadline,
) -> Result<()> {
    let mut open: Vec<(Ranked, Option<f64>)> =
        pool.into_iter().map(|ranked| (ranked, None)).collect();
    for one in list.iter() {
        note_likeness(generation, &mut open, one.row);
        deadline.check()?;
    }
    let worth = |(ranked, nearest): &(Ranked, Option<f64>)| {
        lambda * ranked.score - (1.0 - lambda) * nearest.unwrap_or(0.0)
    };
    while list.len() < limit && !open.is_empty() {
        let mut best = 0;
        for at in 1..open.len() {
            if worth(&open[at]) > worth(&open[best]) {
                best = at;
            }
        }
        let (next, _) = open.remove(best);
        list.push(next);
        if list.len() < limit {
            note_likeness(generation, &mut open, next.row);
        }
        deadline.check()?;
    }
    Ok(())
}

/// Brings the likeness to the nearest in the list up to date with one that was added; 0 without an embedding.
fn note_likeness(generation: &Generation, open: &mut [(Ranked, Option<f64>)], added: u32) {
    let vectors = generation.vectors.as_ref();
    let query: Option<UnitQuery> = vectors.and_then(|vectors| vectors.query_of(added));
    for (ranked, nearest) in open {
        let likeness = match (vectors, &query) {
            (Some(vectors), Some(query)) => vectors.similarity(ranked.row, query),
            _ => 0.0,
        };
        *nearest = Some(nearest.map_or(likeness, |nearest| nearest.max(likeness)));
    }
}
