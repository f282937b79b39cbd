//! The best of the candidates where rules multiply scores.
//!
//! Among candidates of one factor the order is that of their scores without it, since a factor never turns two
//! scores round: so the bounds that spare most of the work hold as they are, a group at a time, and the best of all
//! are among the best of each group. Scores that rounding makes equal stand in the order that they had before, so
//! that the answer is that of brute force to the last bit.

use super::rank::{Ranked, Ranking, by_id};
use crate::generation::lifted;
use crate::model::{Result, Rows};

/// The first `k` of the rows by their factored scores, then by the scores before, then by id.
///
/// Cost: a ranking a group of candidates with equal factors; where there are more groups than repay, a score for each
/// candidate.
pub(super) fn best(ranking: &mut Ranking<'_>, rows: &Rows, k: usize) -> Result<Vec<Ranked>> {
    let (generation, deadline) = (ranking.generation, ranking.deadline);
    let mut found: Vec<(Ranked, f64)> = Vec::new();
    match ranking.factors.groups(rows, deadline)? {
        Some(groups) => {
            for (factor, rows) in groups.iter().filter(|(_, rows)| !rows.is_empty()) {
                found.extend(
                    ranking.unruled(rows, k)?.into_iter().map(|one| {
                        (Ranked { score: lifted(one.score, *factor), ..one }, one.score)
                    }),
                );
            }
        }
        None => {
            for one in ranking.each(rows)? {
                let factor = ranking.factors.of(one.row);
                found.push((Ranked { score: lifted(one.score, factor), ..one }, one.score));
            }
        }
    }
    found.sort_unstable_by(|(a, a_before), (b, b_before)| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| b_before.total_cmp(a_before))
            .then_with(|| by_id(generation, a.row, b.row))
    });
    found.truncate(k);
    Ok(found.into_iter().map(|(one, _)| one).collect())
}
