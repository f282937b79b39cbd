//! The best of the candidates by the full score.

use std::cmp::Ordering;

use super::approximate::{self, Likely, Wish};
use super::factored;
use super::plan::MatchPlan;
use crate::api::answer::PlanReport;
use crate::api::deadline::Deadline;
use crate::generation::{Factors, Generation};
use crate::index::vector::{Answer, Ask, Candidates, CostModel, Path, UnitQuery, VectorIndex};
use crate::model::{Result, Rows};

/// A row with its score, and its similarity where the criteria have an embedding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    pub(super) row: u32,
    pub(super) score: f64,
    pub(super) similarity: Option<f64>,
}

/// One or several rankings for one answer, and how they were made.
pub(super) struct Ranking<'a> {
    pub(super) generation: &'a Generation,
    pub(super) plan: &'a MatchPlan<'a>,
    pub(super) deadline: &'a Deadline,
    /// What rules multiply scores by.
    pub(super) factors: Factors,
    /// Matches that score less are left out.
    pub(super) least: f64,
    /// Whether other threads have matches of their own to do.
    pub(super) one_thread: bool,
    /// Whether the likely best will do.
    pub(super) wish: Wish,
    /// Whether every ranking so far was exact.
    pub(super) exact: bool,
    /// The path that the first ranking took.
    pub(super) path: &'static str,
    /// How it went, where somebody wants to be told.
    pub(super) report: Option<PlanReport>,
}

impl Ranking<'_> {
    /// The first `k` of the rows by score descending, then id.
    pub(super) fn best(&mut self, rows: &Rows, k: usize) -> Result<Vec<Ranked>> {
        let mut ranked = if self.factors.is_empty() {
            self.unruled(rows, k)?
        } else {
            factored::best(self, rows, k)?
        };
        ranked.truncate(ranked.partition_point(|one| one.score >= self.least));
        Ok(ranked)
    }

    /// The first `k` by the score without the factors of rules.
    pub(super) fn unruled(&mut self, rows: &Rows, k: usize) -> Result<Vec<Ranked>> {
        Ok(match (&self.plan.query, &self.generation.vectors) {
            (Some(query), Some(vectors)) if !vectors.is_empty() => {
                match approximate::likely(self, vectors, query, rows, k)? {
                    Likely::Top(ranked) => ranked,
                    Likely::Not(why) => self.by_full_score(vectors, query, (rows, k), &why)?,
                }
            }
            (query, _) => self.by_base(rows, k, query.as_ref().map(|_| 0.0))?,
        })
    }

    /// Every one of the rows with its score without the factors of rules, in no order.
    pub(super) fn each(&mut self, rows: &Rows) -> Result<Vec<Ranked>> {
        let rows: Vec<u32> = rows.iter().collect();
        let mut scored = Vec::with_capacity(rows.len());
        for rows in rows.chunks(BATCH) {
            self.deadline.check()?;
            let mut sums = vec![0.0; rows.len()];
            self.plan.accumulate(rows, &mut sums);
            scored.extend(rows.iter().zip(sums).map(|(row, base)| match &self.plan.query {
                None => Ranked { row: *row, score: base, similarity: None },
                Some((query, weight)) => {
                    let vectors = self.generation.vectors.as_ref();
                    let similarity = vectors.map_or(0.0, |vectors| vectors.similarity(*row, query));
                    Ranked {
                        row: *row,
                        score: weight * similarity + base + 0.0,
                        similarity: Some(similarity),
                    }
                }
            }));
        }
        self.tell("exact-each", || PlanReport {
            why: "the rules give the candidates so many factors that each is scored".to_owned(),
            considered: rows.len() as u64,
            dotted: rows.len() as u64,
            ..PlanReport::default()
        });
        Ok(scored)
    }

    fn by_full_score(
        &mut self,
        vectors: &VectorIndex,
        (query, weight): &(UnitQuery, f64),
        (rows, k): (&Rows, usize),
        not_likely: &str,
    ) -> Result<Vec<Ranked>> {
        let Self { generation, plan, deadline, .. } = *self;
        let costs = generation.costs();
        let path = self.one_thread.then(|| match costs.path(rows.count() as usize, k) {
            Path::PrefixParallel => Path::Prefix,
            path => path,
        });
        let ask = Ask {
            query,
            rows: Candidates::Set(rows),
            bases: &|rows, sums| plan.accumulate(rows, sums),
            weight: *weight,
            k,
            path,
            check: &|| deadline.check(),
        };
        let answer = vectors.search(&ask, costs, &|a, b| by_id(generation, a, b))?;
        self.tell(name_of(answer.path), || {
            let mut told = report(&answer, costs, k);
            told.why.push_str(not_likely);
            told
        });
        let ranked = answer.found.iter().map(|found| Ranked {
            row: found.row,
            score: found.score,
            similarity: Some(found.similarity),
        });
        Ok(ranked.collect())
    }

    fn by_base(&mut self, rows: &Rows, k: usize, similarity: Option<f64>) -> Result<Vec<Ranked>> {
        let order = |a: &(u32, f64), b: &(u32, f64)| {
            b.1.total_cmp(&a.1).then_with(|| by_id(self.generation, a.0, b.0))
        };
        let rows: Vec<u32> = rows.iter().collect();
        let considered = rows.len() as u64;
        let mut scored: Vec<(u32, f64)> = Vec::new();
        for rows in rows.chunks(BATCH) {
            self.deadline.check()?;
            let mut sums = vec![0.0; rows.len()];
            self.plan.accumulate(rows, &mut sums);
            scored.extend(rows.iter().copied().zip(sums));
            if k < scored.len() {
                scored.select_nth_unstable_by(k, order);
                scored.truncate(k);
            }
        }
        scored.sort_unstable_by(order);
        self.tell("business-only", || PlanReport {
            why: "no embedding to compare with: the columns decide".to_owned(),
            considered,
            ..PlanReport::default()
        });
        Ok(scored.into_iter().map(|(row, score)| Ranked { row, score, similarity }).collect())
    }

    /// The first ranking says which path and why; each further one that it was needed, and what it cost.
    pub(super) fn tell(&mut self, path: &'static str, report: impl FnOnce() -> PlanReport) {
        if self.path.is_empty() {
            self.path = path;
        }
        let Some(told) = &mut self.report else { return };
        let report = PlanReport { path, ..report() };
        if told.path.is_empty() {
            *told = report;
        } else {
            told.why.push_str("; ");
            told.why.push_str(report.path);
            told.why.push_str(" again to fill the list");
            told.bounded += report.bounded;
            told.coded += report.coded;
            told.dotted += report.dotted;
            told.cells += report.cells;
        }
    }
}

/// How a search of vectors went.
pub(super) fn report(answer: &Answer, costs: &CostModel, k: usize) -> PlanReport {
    PlanReport {
        path: name_of(answer.path),
        why: costs.why(answer.counts.considered, k),
        considered: answer.counts.considered as u64,
        bounded: answer.counts.bounded as u64,
        coded: answer.counts.coded as u64,
        dotted: answer.counts.dotted as u64,
        cells: 0,
    }
}

pub(super) fn name_of(path: Path) -> &'static str {
    match path {
        Path::Brute => "exact-brute",
        Path::Codes => "exact-codes",
        Path::Prefix => "exact-bounds",
        Path::PrefixParallel => "exact-bounds-parallel",
    }
}

/// Rows that are scored between two looks at the clock.
const BATCH: usize = 8_192;

pub(super) fn by_id(generation: &Generation, a: u32, b: u32) -> Ordering {
    generation.id_bytes(a).cmp(generation.id_bytes(b))
}
