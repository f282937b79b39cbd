//! The likely best of the candidates by the full score, by cells.

use super::plan::MatchPlan;
use super::rank::{Ranked, Ranking, by_id};
use crate::api::answer::PlanReport;
use crate::api::deadline::Deadline;
use crate::index::vector::{Probe, RowBases, UnitQuery, VectorIndex};
use crate::model::{Result, Rows};

/// Of fewer than one row in so many the exact search makes shorter work.
const LEAST_SHARE: usize = 40;

/// The parts of a score beside similarity, for the rows that a search asks about.
struct Parts<'a, 'b> {
    plan: &'a MatchPlan<'b>,
    deadline: &'a Deadline,
}

impl RowBases for Parts<'_, '_> {
    fn add(&self, rows: &[u32], bases: &mut [f64]) -> Result<()> {
        self.deadline.check()?;
        self.plan.accumulate(rows, bases);
        Ok(())
    }

    fn most(&self) -> f64 {
        // Every signal is worth at most 1.
        self.plan.signals().map(|part| part.share).sum()
    }
}

/// The likely first `k` of the rows by score descending, then id; `None` where only the exact search will do.
pub(super) fn likely(
    ranking: &mut Ranking<'_>,
    vectors: &VectorIndex,
    (query, weight): &(UnitQuery, f64),
    rows: &Rows,
    k: usize,
) -> Result<Option<Vec<Ranked>>> {
    let Ranking { generation, plan, deadline, .. } = *ranking;
    let candidates = rows.count() as usize;
    if *weight <= 0.0 || candidates * LEAST_SHARE < vectors.len() as usize {
        return Ok(None);
    }
    let bases = Parts { plan, deadline };
    let probe = Probe { query, within: rows, candidates, bases: &bases, weight: *weight, k };
    let Some(found) = vectors.probe(&probe, &|a, b| by_id(generation, a, b))? else {
        return Ok(None);
    };
    ranking.exact = false;
    ranking.tell(|| PlanReport {
        path: "approximate-cells",
        why: format!(
            "asked for; {} of {} cells visited until no more than one in a hundred of the top was likely to be missing",
            found.visited, found.cells
        ),
        considered: found.counts.considered as u64,
        bounded: found.counts.bounded as u64,
        coded: found.counts.coded as u64,
        dotted: found.counts.dotted as u64,
    });
    let ranked = found.rows.iter().map(|row| Ranked {
        row: row.row,
        score: row.score,
        similarity: Some(row.similarity),
    });
    Ok(Some(ranked.collect()))
}
