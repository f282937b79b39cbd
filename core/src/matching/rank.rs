//! The best of the candidates by the full score.

use std::cmp::Ordering;

use super::plan::MatchPlan;
use crate::api::answer::PlanReport;
use crate::api::deadline::Deadline;
use crate::generation::Generation;
use crate::index::vector::{Answer, Ask, Candidates, CostModel, Path, UnitQuery, VectorIndex};
use crate::model::{Result, Rows};

/// A row with its score, and its similarity where the criteria have an embedding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    pub(super) row: u32,
    pub(super) score: f64,
    pub(super) similarity: Option<f64>,
}

/// The first `k` of the rows by score descending, then id; and how they were found.
pub(super) fn rank(
    generation: &Generation,
    plan: &MatchPlan<'_>,
    rows: &Rows,
    k: usize,
    deadline: &Deadline,
) -> Result<(Vec<Ranked>, PlanReport)> {
    match (&plan.query, &generation.vectors) {
        (Some(query), Some(vectors)) if !vectors.is_empty() => {
            by_full_score(generation, plan, vectors, query, rows, k, deadline)
        }
        (query, _) => by_base(generation, plan, rows, k, query.as_ref().map(|_| 0.0), deadline),
    }
}

fn by_full_score(
    generation: &Generation,
    plan: &MatchPlan<'_>,
    vectors: &VectorIndex,
    (query, weight): &(UnitQuery, f64),
    rows: &Rows,
    k: usize,
    deadline: &Deadline,
) -> Result<(Vec<Ranked>, PlanReport)> {
    let ask = Ask {
        query,
        rows: Candidates::Set(rows),
        bases: &|rows, sums| plan.accumulate(rows, sums),
        weight: *weight,
        k,
        path: None,
        check: &|| deadline.check(),
    };
    let answer = vectors.search(&ask, &generation.costs, &|a, b| by_id(generation, a, b))?;
    let found = answer.found.iter().map(|found| Ranked {
        row: found.row,
        score: found.score,
        similarity: Some(found.similarity),
    });
    let report = report(&answer, &generation.costs);
    Ok((found.collect(), report))
}

fn report(answer: &Answer, costs: &CostModel) -> PlanReport {
    let path = match answer.path {
        Path::Brute => "exact-brute",
        Path::Codes => "exact-codes",
        Path::Prefix => "exact-bounds",
        Path::PrefixParallel => "exact-bounds-parallel",
    };
    PlanReport {
        path,
        why: costs.why(answer.counts.considered),
        considered: answer.counts.considered as u64,
        bounded: answer.counts.bounded as u64,
        coded: answer.counts.coded as u64,
        dotted: answer.counts.dotted as u64,
    }
}

/// Rows that are scored between two looks at the clock.
const BATCH: usize = 8_192;

fn by_base(
    generation: &Generation,
    plan: &MatchPlan<'_>,
    rows: &Rows,
    k: usize,
    similarity: Option<f64>,
    deadline: &Deadline,
) -> Result<(Vec<Ranked>, PlanReport)> {
    let order = |a: &(u32, f64), b: &(u32, f64)| {
        b.1.total_cmp(&a.1).then_with(|| by_id(generation, a.0, b.0))
    };
    let rows: Vec<u32> = rows.iter().collect();
    let considered = rows.len() as u64;
    let mut scored: Vec<(u32, f64)> = Vec::new();
    for rows in rows.chunks(BATCH) {
        deadline.check()?;
        let mut sums = vec![0.0; rows.len()];
        plan.accumulate(rows, &mut sums);
        scored.extend(rows.iter().copied().zip(sums));
        if k < scored.len() {
            scored.select_nth_unstable_by(k, order);
            scored.truncate(k);
        }
    }
    scored.sort_unstable_by(order);
    let report = PlanReport {
        path: "business-only",
        why: "no embedding to compare with: the columns decide".to_owned(),
        considered,
        ..PlanReport::default()
    };
    let ranked = scored.into_iter().map(|(row, score)| Ranked { row, score, similarity });
    Ok((ranked.collect(), report))
}

fn by_id(generation: &Generation, a: u32, b: u32) -> Ordering {
    generation.id_bytes(a).cmp(generation.id_bytes(b))
}
