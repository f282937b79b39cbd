//! Runs a plan and cuts the page.

use std::sync::Arc;

use super::cursor::Place;
use super::find::{Finder, Found};
use super::order::{First, Keyed, RowOrder};
use super::plan::{Ranking, SearchPlan};
use super::row_sets::RowSets;
use crate::api::answer::{PlanReport, SearchAnswer};
use crate::api::deadline::Deadline;
use crate::api::facet_answer::Facet;
use crate::api::search::{SearchRequest, Sort, SortKey};
use crate::generation::Generation;
use crate::model::Result;

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
    let plan = SearchPlan::new(generation, request, deadline)?;
    let finder = Finder { generation, request, plan: &plan, deadline };
    let mut sets = RowSets::new(&finder)?;
    let found = finder.find_within(std::mem::take(&mut sets.whole))?;
    let facets = count_facets(&finder, &found, sets)?;
    deadline.check()?;
    let total = u64::from(found.count());
    let did_you_mean = match &plan.query {
        Some(query) if total == 0 => {
            finder.did_you_mean(query, &finder.filtered(|_| true)?.rows)?
        }
        _ => None,
    };
    let order = match &found {
        Found::Scored(_) => RowOrder::by_score(generation),
        Found::Rows(_) => RowOrder::by_fields(generation, &sort_keys(request))?,
    };
    let (page, more) = page(generation, request, &order, &found)?;
    let next_cursor = page
        .last()
        .filter(|_| more)
        .map(|last| Place::of(&order, generation, *last).seal(generation, request));
    let shown = page.iter().map(|keyed| keyed.row);
    let highlights = plan
        .highlight
        .as_ref()
        .map(|highlight| highlight.show(generation, plan.query.as_ref(), shown, deadline))
        .transpose()?;
    let rows = page.into_iter().map(|keyed| (keyed.row, found.score(keyed.row))).collect();
    Ok(SearchAnswer {
        source: Arc::clone(generation) as _,
        projection: Arc::new(plan.projection),
        rows,
        highlights,
        did_you_mean,
        total,
        next_cursor,
        facets,
        generation: generation.number,
        took_us: 0,
        explain: request.explain.then(|| report(&plan.ranking, plan.text.is_some(), total)),
    })
}

/// The fields that the result is ordered by where it is not by score.
fn sort_keys(request: &SearchRequest) -> Vec<SortKey> {
    match &request.sort {
        None | Some(Sort::Relevance) => Sort::Rating.keys(),
        Some(sort) => sort.keys(),
    }
}

fn count_facets(finder: &Finder<'_>, found: &Found, mut sets: RowSets) -> Result<Vec<Facet>> {
    if finder.plan.facets.is_empty() {
        return Ok(Vec::new());
    }
    sets.find_relaxed(finder)?;
    let rows = found.rows(finder.generation);
    let facets = finder.plan.facets.iter();
    let counted = facets.map(|facet| {
        let rows = sets.of(facet.field).unwrap_or(&rows);
        facet.count(finder.generation, rows, finder.deadline)
    });
    counted.collect()
}

/// The rows of the page, and whether more follow.
fn page(
    generation: &Generation,
    request: &SearchRequest,
    order: &RowOrder<'_>,
    found: &Found,
) -> Result<(Vec<Keyed>, bool)> {
    let limit = request.limit as usize;
    let mut first = First::new(order, limit + 1);
    match &request.cursor {
        None => found.visit(order, |keyed| first.offer(keyed)),
        Some(cursor) => {
            let place = Place::open(cursor, order, generation, request)?;
            found.visit(order, |keyed| {
                if place.is_before(order, generation, keyed) {
                    first.offer(keyed);
                }
            });
        }
    }
    let mut page = first.into_rows();
    let more = page.len() > limit;
    page.truncate(limit);
    Ok((page, more))
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
