//! Runs a plan and cuts the page.

use std::sync::Arc;

use super::arrange::{Arranger, From};
use super::cursor::Spot;
use super::depends::SearchDepends;
use super::find::{Finder, Found};
use super::identity::identity;
use super::page::Cut;
use super::plan::{Ranking, SearchPlan};
use super::row_sets::RowSets;
use crate::api::answer::{PlanReport, SearchAnswer};
use crate::api::deadline::Deadline;
use crate::api::facet_answer::Facet;
use crate::api::filter::Filter;
use crate::api::search::SearchRequest;
use crate::generation::{Generation, RowOrder};
use crate::model::Result;

/// An answer, and what it will hold by as the index changes: none where that cannot be told.
pub(crate) struct Answered {
    pub(crate) answer: SearchAnswer,
    pub(crate) depends: Option<SearchDepends>,
}

/// Answers a search from one generation, of the rows that `within` keeps, where it is given: no part of the answer
/// speaks of another row, and a cursor is bound to it.
///
/// Cost: a pass over `rows / 64` words a keyword condition, a visit to each surviving row for a numeric one
/// and for the order, and a read of the postings of each word.
///
/// # Errors
/// Whatever the request has wrong, and [`Error::TimedOut`](crate::Error::TimedOut).
pub(crate) fn search(
    generation: &Arc<Generation>,
    request: &SearchRequest,
    within: Option<&Filter>,
    deadline: &Deadline,
) -> Result<Answered> {
    let plan = SearchPlan::new(generation, request, within, deadline)?;
    let finder = Finder { generation, request, plan: &plan, deadline };
    let mut sets = RowSets::new(&finder)?;
    let pins: Vec<(u32, u32)> = finder.pins_within(&sets.whole.rows).collect();
    let filter = Arc::clone(&sets.whole.rows);
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
        Found::Rows(_) => RowOrder::by_fields(generation, &plan.order),
    };
    let identity = identity(request, within);
    let open = |cursor| Spot::open(cursor, &order, generation, &identity);
    let from = match (&request.cursor, &request.before) {
        (None, None) => From::Top,
        (Some(cursor), _) => From::After(open(cursor)?),
        (None, Some(cursor)) => From::Before(open(cursor)?),
    };
    let passed = found.count();
    let (stretches, of_pins) = finder.arranged(found, &pins)?;
    let limit = request.limit as usize;
    let arranger = Arranger {
        generation,
        plan: &plan,
        order: &order,
        stretches: &stretches,
        pins: &pins,
        limit,
        deadline,
    };
    let (page, cut) = arranger.cut(from)?;
    let path = path(&plan, cut);
    let explain = request.explain.then(|| report(&plan, passed, cut, generation));
    let is_arranged = request.rules.is_some();
    let seal = |spot: Spot| spot.seal(generation, &identity, is_arranged);
    let shown = page.rows.iter().copied();
    let pinned: Vec<u32> =
        shown.clone().filter(|row| of_pins.iter().any(|(pin, _)| pin == row)).collect();
    let score = |row: u32| match of_pins.iter().find(|(pin, _)| *pin == row) {
        Some((_, score)) => *score,
        None => stretches.iter().find_map(|found| found.score(row)),
    };
    let highlights = plan
        .highlight
        .as_ref()
        .map(|highlight| highlight.show(generation, plan.query.as_ref(), shown, deadline))
        .transpose()?;
    let by_distance = plan.distance.filter(|_| matches!(stretches[..], [Found::Rows(_), ..]));
    let distances = by_distance.map(|(place, centre)| {
        let distances = generation.distances(place, centre);
        page.rows.iter().map(|row| shown_km(distances.km(*row))).collect()
    });
    let depends = SearchDepends::new(&finder, filter, passed, page.next.is_some());
    let answer = SearchAnswer {
        rows: page.rows.iter().map(|row| (*row, score(*row))).collect(),
        pinned,
        next_cursor: page.next.map(seal),
        previous_cursor: page.previous.map(seal),
        path,
        source: Arc::clone(generation) as _,
        projection: Arc::new(plan.projection),
        highlights,
        distances,
        did_you_mean,
        total,
        facets,
        generation: generation.number,
        took_us: 0,
        explain,
    };
    Ok(Answered { answer, depends })
}

/// A distance as an answer shows it: to the metre.
fn shown_km(km: f64) -> Option<f64> {
    (!km.is_nan()).then(|| (km * 1e3).round() / 1e3)
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

/// The name of the path that was taken.
fn path(plan: &SearchPlan<'_>, cut: Cut) -> &'static str {
    match (cut, &plan.ranking, plan.text.is_some()) {
        (Cut::Walk(_), ..) => "sorted-walk",
        (Cut::Nearby(_), ..) => "nearby",
        (_, Ranking::Fields, false) => "bitmaps",
        (_, Ranking::Fields, true) => "text",
        (_, Ranking::Text, _) => "text-relevance",
        (_, Ranking::Similarity(_), _) => "similarity",
        (_, Ranking::Fused(_), _) => "hybrid",
    }
}

fn report(plan: &SearchPlan<'_>, passed: u32, cut: Cut, generation: &Generation) -> PlanReport {
    let rows = generation.rows;
    let why = match (&plan.ranking, plan.text.is_some()) {
        (Ranking::Fields, false) => "no text: the filter's rows are put in order",
        (Ranking::Fields, true) => "the order is by fields: words only filter",
        (Ranking::Text, _) => "the order is by BM25F",
        (Ranking::Similarity(_), _) => "the order is by cosine: every row of the filter is scored",
        (Ranking::Fused(_), _) => "the first thousand of either ranking are fused",
    };
    let how = match cut {
        Cut::Visit => String::new(),
        Cut::Walk(steps) => format!(
            "; {passed} of {rows} rows pass, so a walk of {steps} rows along the kept order fills the page"
        ),
        Cut::Nearby(measured) => {
            format!("; {passed} of {rows} rows pass, of which {measured} were measured")
        }
        Cut::Unsorted => format!("; {passed} of {rows} rows pass, and their order is not kept yet"),
        Cut::GivenUp => format!(
            "; {passed} of {rows} rows pass, but they lie so late in the order that a walk was given up"
        ),
    };
    PlanReport {
        path: path(plan, cut),
        why: format!("{why}{how}"),
        considered: passed.into(),
        ..PlanReport::default()
    }
}
