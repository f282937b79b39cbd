//! Runs a plan and cuts the page.

use std::sync::Arc;

use super::cursor::Place;
use super::order::RowOrder;
use super::plan::{Ranking, SearchPlan};
use super::{facets, fusion};
use crate::api::answer::{Facet, PlanReport, SearchAnswer};
use crate::api::deadline::Deadline;
use crate::api::search::{SearchRequest, Sort};
use crate::generation::Generation;
use crate::index::bitmap::Predicate;
use crate::index::vector::UnitQuery;
use crate::model::{FieldRef, Result, Rows};

/// Answers a search from one generation.
///
/// Cost: a pass over `rows / 64` words a keyword condition, a visit to each surviving row for a numeric one
/// and for the order, and a read of the postings of each word.
///
/// # Errors
/// Whatever the request has wrong, and [`Error::TimedOut`](crate::Error::TimedOut).
pub(crate) fn search(
    generation: &Arc<Generation>,
    request: &SearchRequest,
    deadline: &Deadline,
) -> Result<SearchAnswer> {
    let plan = SearchPlan::new(generation, request)?;
    let run = Run { generation, request, plan: &plan, deadline };
    let found = run.find()?;
    let facets = plan
        .facets
        .iter()
        .map(|facet| run.facet(&found, &facet.name, facet.field))
        .collect::<Result<_>>()?;
    deadline.check()?;
    let total = u64::from(found.rows.count());
    let default_keys;
    let order = if let Some(scores) = &found.scores {
        RowOrder::by_score(generation, scores)
    } else {
        default_keys = match &request.sort {
            None | Some(Sort::Relevance) => Sort::Rating.keys(),
            Some(sort) => sort.keys(),
        };
        RowOrder::by_fields(generation, &default_keys)?
    };
    let (page, more) = run.page(&order, &found.rows)?;
    let next_cursor = page
        .last()
        .filter(|_| more)
        .map(|row| Place::of(&order, generation, *row).seal(generation, request));
    let scores = found.scores.as_ref();
    let rows =
        page.into_iter().map(|row| (row, scores.map(|scores| scores[row as usize]))).collect();
    Ok(SearchAnswer {
        source: Arc::clone(generation) as _,
        projection: Arc::new(plan.projection),
        rows,
        total,
        next_cursor,
        facets,
        generation: generation.number,
        took_us: 0,
        explain: request.explain.then(|| report(&plan.ranking, plan.text.is_some(), total)),
    })
}

fn report(ranking: &Ranking, has_text: bool, total: u64) -> PlanReport {
    let (path, why) = match (ranking, has_text) {
        (Ranking::Fields, false) => ("bitmaps", "no text: the filter's rows are put in order"),
        (Ranking::Fields, true) => ("text", "the order is by fields: words only filter"),
        (Ranking::Text, _) => ("text-relevance", "the order is by BM25F"),
        (Ranking::Similarity(_), _) => {
            ("similarity", "the order is by cosine: every row of the filter is scored")
        }
        (Ranking::Fused(_), _) => ("hybrid", "the first thousand of either ranking are fused"),
    };
    PlanReport { path, why: why.to_owned(), considered: total, ..PlanReport::default() }
}

/// The rows that a search finds; by row, their scores where the order is by score.
struct Found {
    rows: Rows,
    scores: Option<Vec<f64>>,
}

struct Run<'a> {
    generation: &'a Generation,
    request: &'a SearchRequest,
    plan: &'a SearchPlan<'a>,
    deadline: &'a Deadline,
}

impl Run<'_> {
    /// Scope, availability and every condition but those on `without`.
    fn filtered(&self, without: Option<FieldRef>) -> Rows {
        let mut rows = self.generation.scope(self.request.scope).clone();
        if self.request.available {
            rows.intersect(&self.generation.open);
        }
        let kept = self
            .plan
            .conditions
            .iter()
            .filter(|condition| without.is_none() || condition.field != without);
        let predicates: Vec<Predicate> =
            kept.map(|condition| condition.predicate.clone()).collect();
        self.generation.narrow_by(&Predicate::And(predicates), &mut rows);
        rows
    }

    fn find(&self) -> Result<Found> {
        self.find_within(self.filtered(None))
    }

    fn find_within(&self, rows: Rows) -> Result<Found> {
        self.deadline.check()?;
        Ok(match (&self.plan.ranking, &self.plan.text) {
            (Ranking::Fields | Ranking::Text, None) => Found { rows, scores: None },
            (Ranking::Fields, Some(words)) => Found { rows: words.matching(&rows)?, scores: None },
            (Ranking::Text, Some(words)) => self.scored(&words.ranked(&rows)?),
            (Ranking::Similarity(query), _) => self.scored(&self.similarities(query, rows.iter())?),
            (Ranking::Fused(query), words) => {
                let mut words = match words {
                    Some(words) => words.ranked(&rows)?,
                    None => Vec::new(),
                };
                self.rank(&mut words);
                let vectors = self.generation.vectors.as_ref();
                let embedded =
                    rows.iter().filter(|row| vectors.is_some_and(|v| v.present().contains(*row)));
                let mut similar = self.similarities(query, embedded)?;
                self.rank(&mut similar);
                self.scored(&fusion::fuse(self.request.fusion, &words, &similar))
            }
        })
    }

    fn similarities(
        &self,
        query: &UnitQuery,
        rows: impl Iterator<Item = u32>,
    ) -> Result<Vec<(u32, f64)>> {
        let vectors = self.generation.vectors.as_ref();
        let mut scored = Vec::new();
        for row in rows {
            if scored.len() % 4_096 == 0 {
                self.deadline.check()?;
            }
            scored.push((row, vectors.map_or(0.0, |vectors| vectors.similarity(row, query))));
        }
        Ok(scored)
    }

    /// The first rows of a ranking, best first.
    fn rank(&self, scored: &mut Vec<(u32, f64)>) {
        let id = |row| self.generation.id_bytes(row);
        scored.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then_with(|| id(a.0).cmp(id(b.0))));
        scored.truncate(fusion::DEPTH);
    }

    fn scored(&self, ranked: &[(u32, f64)]) -> Found {
        let mut rows = Rows::none(self.generation.rows);
        let mut scores = vec![0.0; self.generation.rows as usize];
        for (row, score) in ranked {
            rows.insert(*row);
            scores[*row as usize] = *score;
        }
        Found { rows, scores: Some(scores) }
    }

    fn facet(&self, found: &Found, name: &str, field: FieldRef) -> Result<Facet> {
        self.deadline.check()?;
        let own =
            self.request.disjunctive && self.plan.conditions.iter().any(|c| c.field == Some(field));
        if !own {
            return Ok(facets::count(self.generation, name, field, &found.rows));
        }
        let mut rows = self.filtered(Some(field));
        rows = match (&self.plan.ranking, &self.plan.text) {
            // What either ranking finds belongs to a fused result.
            (Ranking::Fused(_), _) => self.find_within(rows)?.rows,
            (_, Some(words)) => words.matching(&rows)?,
            (_, None) => rows,
        };
        Ok(facets::count(self.generation, name, field, &rows))
    }

    /// The rows of the page, and whether more follow.
    fn page(&self, order: &RowOrder<'_>, rows: &Rows) -> Result<(Vec<u32>, bool)> {
        let limit = self.request.limit as usize;
        let mut first = match &self.request.cursor {
            None => order.first(rows.iter(), limit + 1),
            Some(cursor) => {
                let place = Place::open(cursor, order, self.generation, self.request)?;
                let after = rows.iter().filter(|row| place.is_before(order, self.generation, *row));
                order.first(after, limit + 1)
            }
        };
        let more = first.len() > limit;
        first.truncate(limit);
        Ok((first, more))
    }
}
