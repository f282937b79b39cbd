//! The best of the candidates by the full score.

use std::cmp::Ordering;

use super::plan::MatchPlan;
use crate::api::answer::PlanReport;
use crate::api::deadline::Deadline;
use crate::generation::Generation;
use crate::index::vector::{Ask, Path, UnitQuery, VectorIndex};
use crate::model::Result;

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
    rows: &[u32],
    k: usize,
    deadline: &Deadline,
) -> Result<(Vec<Ranked>, PlanReport)> {
    let mut bases = vec![0.0; rows.len()];
    for part in plan.signals() {
        part.signal.accumulate(rows, part.share, &mut bases);
        deadline.check()?;
    }
    Ok(match (&plan.query, &generation.vectors) {
        (Some((query, share)), Some(vectors)) if !vectors.is_empty() => {
            by_full_score(generation, vectors, (query, *share), rows, &bases, k)
        }
        (query, _) => by_base(generation, rows, &bases, k, query.as_ref().map(|_| 0.0)),
    })
}

fn by_full_score(
    generation: &Generation,
    vectors: &VectorIndex,
    (query, weight): (&UnitQuery, f64),
    rows: &[u32],
    bases: &[f64],
    k: usize,
) -> (Vec<Ranked>, PlanReport) {
    let ask = Ask { query, rows, bases, weight, k, path: None };
    let answer = vectors.search(&ask, &generation.costs, &|a, b| by_id(generation, a, b));
    let found = answer.found.iter().map(|found| Ranked {
        row: found.row,
        score: found.score,
        similarity: Some(found.similarity),
    });
    let path = match answer.path {
        Path::Brute => "exact-brute",
        Path::Codes => "exact-codes",
        Path::Prefix => "exact-bounds",
        Path::PrefixParallel => "exact-bounds-parallel",
    };
    let costs = &generation.costs;
    let report = PlanReport {
        path,
        why: format!(
            "{} candidates; codes repay from {}, bounds from {}, several threads from {}",
            rows.len(),
            costs.codes_from,
            costs.prefix_from,
            costs.parallel_from
        ),
        considered: answer.counts.considered as u64,
        bounded: answer.counts.bounded as u64,
        coded: answer.counts.coded as u64,
        dotted: answer.counts.dotted as u64,
    };
    (found.collect(), report)
}

fn by_base(
    generation: &Generation,
    rows: &[u32],
    bases: &[f64],
    k: usize,
    similarity: Option<f64>,
) -> (Vec<Ranked>, PlanReport) {
    let order = |a: &(u32, f64), b: &(u32, f64)| {
        b.1.total_cmp(&a.1).then_with(|| by_id(generation, a.0, b.0))
    };
    let mut scored: Vec<(u32, f64)> = rows.iter().copied().zip(bases.iter().copied()).collect();
    if k < scored.len() {
        scored.select_nth_unstable_by(k, order);
        scored.truncate(k);
    }
    scored.sort_unstable_by(order);
    let report = PlanReport {
        path: "business-only",
        why: "no embedding to compare with: the columns decide".to_owned(),
        considered: rows.len() as u64,
        ..PlanReport::default()
    };
    (scored.into_iter().map(|(row, score)| Ranked { row, score, similarity }).collect(), report)
}

fn by_id(generation: &Generation, a: u32, b: u32) -> Ordering {
    generation.id_bytes(a).cmp(generation.id_bytes(b))
}
