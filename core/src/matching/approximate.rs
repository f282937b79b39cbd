//! The likely best of the candidates by the full score, by cells: when, and how.

use super::plan::MatchPlan;
use super::rank::{Ranked, Ranking, by_id};
use crate::api::answer::PlanReport;
use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::index::vector::{CostModel, Probe, RowBases, UnitQuery, VectorIndex};
use crate::model::{Result, Rows};

/// Which answers will do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    /// The true top, whatever it takes.
    Exact,
    /// The likely top, wherever it is found sooner.
    Likely,
    /// The true top where it is estimated to take no longer than this.
    Within { budget_us: f64 },
}

impl Wish {
    pub(super) fn of(criteria: &ClientCriteria, budget_us: f64) -> Self {
        match criteria {
            ClientCriteria { exact: true, .. } => Wish::Exact,
            ClientCriteria { approximate: true, .. } => Wish::Likely,
            _ => Wish::Within { budget_us },
        }
    }

    /// Why the likely top is looked for, if it is.
    fn reason(self, exact_us: f64) -> Option<String> {
        match self {
            Wish::Exact => None,
            Wish::Likely => Some("asked for".to_owned()),
            Wish::Within { budget_us } => (exact_us > budget_us).then(|| {
                format!("the exact path is estimated to pass its budget of {budget_us:.0} us")
            }),
        }
    }
}

/// What came of it.
pub(super) enum Likely {
    Top(Vec<Ranked>),
    /// The exact path is to be taken, and in words why, where the other was wished for.
    Not(String),
}

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

/// The likely first `k` of the rows by score descending, then id, if that is wished for and found sooner than the
/// true ones.
pub(super) fn likely(
    ranking: &mut Ranking<'_>,
    vectors: &VectorIndex,
    (query, weight): &(UnitQuery, f64),
    rows: &Rows,
    k: usize,
) -> Result<Likely> {
    let Ranking { generation, plan, deadline, wish, one_thread, .. } = *ranking;
    if wish == Wish::Exact || (wish != Wish::Likely && !vectors.has_cells()) {
        return Ok(Likely::Not(String::new()));
    }
    let (costs, candidates) = (generation.costs(), rows.count() as usize);
    let exact_us = costs.exact_us(candidates, k, one_thread);
    let Some(reason) = wish.reason(exact_us) else { return Ok(Likely::Not(String::new())) };
    let cells_us = costs.cells_us(candidates, k).filter(|us| *weight > 0.0 && *us < exact_us);
    let Some(cells_us) = cells_us else { return Ok(not(&reason, costs, candidates, k)) };
    let bases = Parts { plan, deadline };
    let probe = Probe {
        query,
        within: rows,
        candidates,
        bases: &bases,
        weight: *weight,
        k,
        most_looks: costs.looks(exact_us),
    };
    let Some(found) = vectors.probe(&probe, &|a, b| by_id(generation, a, b))? else {
        return Ok(Likely::Not(format!("; {reason}, but cells had no advantage for this query")));
    };
    ranking.exact = false;
    ranking.tell("approximate-cells", || PlanReport {
        why: format!(
            "{reason}; {candidates} candidates: cells {cells_us:.0} us, exact {exact_us:.0} us, measured here; {} of {} cells \
             visited until little of the top was likely to be missing",
            found.visited, found.cells
        ),
        considered: found.counts.considered as u64,
        bounded: found.counts.bounded as u64,
        coded: found.counts.coded as u64,
        dotted: found.counts.dotted as u64,
        cells: found.visited as u64,
        ..PlanReport::default()
    });
    let ranked = found.rows.iter().map(|row| Ranked {
        row: row.row,
        score: row.score,
        similarity: Some(row.similarity),
    });
    Ok(Likely::Top(ranked.collect()))
}

/// The likely top was wished for, and the exact path is the faster one.
fn not(reason: &str, costs: &CostModel, candidates: usize, k: usize) -> Likely {
    Likely::Not(match costs.cells_us(candidates, k) {
        Some(us) => format!("; the likely top: {reason}, but cells would take {us:.0} us"),
        None => format!("; the likely top: {reason}, but so few have no use of cells"),
    })
}
