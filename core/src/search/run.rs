//! Runs a plan and cuts the page.

use std::sync::Arc;

use super::cursor::Place;
use super::find::{Finder, Found};
use super::identity::identity;
use super::page::{Cut, Cutter, Start};
use super::plan::{Ranking, SearchPlan};
use super::row_sets::RowSets;
use crate::api::answer::{PlanReport, SearchAnswer};
use crate::api::deadline::Deadline;
use crate::api::facet_answer::Facet;
use crate::api::search::SearchRequest;
use crate::generation::{Generation, Keyed, RowOrder};
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
        Found::Rows(_) => RowOrder::by_fields(generation, &plan.order),
    };
    let identity = identity(request);
    let start = match (&request.cursor, &request.before) {
        (None, None) => Start::Top,
        (Some(cursor), _) => Start::After(Place::open(cursor, &order, generation, &identity)?),
        (None, Some(cursor)) => Start::Before(Place::open(cursor, &order, generation, &identity)?),
    };
    let limit = request.limit as usize;
    let cutter = Cutter { generation, plan: &plan, order: &order, found: &found, limit, deadline };
    let (page, cut) = cutter.cut(&start)?;
    let explain = request.explain.then(|| report(&plan, &found, cut, generation));
    let place = |row: Option<&Keyed>| row.map(|row| Place::of(&order, generation, *row));
    let (first, last) = (place(page.rows.first()), place(page.rows.last()));
    // A page that turns out empty leads back to where it started.
    let (first, last) = match start {
        Start::After(from) if page.rows.is_empty() => (Some(from.with_its_row()), None),
        Start::Before(from) if page.rows.is_empty() => (None, Some(from.with_its_row())),
        _ => (first, last),
    };
    let seal = |place: Place| place.seal(generation, &identity);
    let shown = page.rows.iter().map(|keyed| keyed.row);
    let highlights = plan
        .highlight
        .as_ref()
        .map(|highlight| highlight.show(generation, plan.query.as_ref(), shown, deadline))
        .transpose()?;
    let distances = match &found {
        Found::Rows(_) => plan.distance.map(|(place, centre)| {
            let distances = generation.distances(place, centre);
            page.rows.iter().map(|keyed| shown_km(distances.km(keyed.row))).collect()
        }),
        Found::Scored(_) => None,
    };
    Ok(SearchAnswer {
        next_cursor: last.filter(|_| page.after).map(seal),
        previous_cursor: first.filter(|_| page.before).map(seal),
        rows: page.rows.into_iter().map(|keyed| (keyed.row, found.score(keyed.row))).collect(),
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
    })
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

fn report(plan: &SearchPlan<'_>, found: &Found, cut: Cut, generation: &Generation) -> PlanReport {
    let (passed, rows) = (found.count(), generation.rows);
    let (path, why) = match (&plan.ranking, plan.text.is_some()) {
        (Ranking::Fields, false) => ("bitmaps", "no text: the filter's rows are put in order"),
        (Ranking::Fields, true) => ("text", "the order is by fields: words only filter"),
        (Ranking::Text, _) => ("text-relevance", "the order is by BM25F"),
        (Ranking::Similarity(_), _) => {
            ("similarity", "the order is by cosine: every row of the filter is scored")
        }
        (Ranking::Fused(_), _) => ("hybrid", "the first thousand of either ranking are fused"),
    };
    let path = match cut {
        Cut::Walk(_) => "sorted-walk",
        Cut::Nearby(_) => "nearby",
        _ => path,
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
        path,
        why: format!("{why}{how}"),
        considered: passed.into(),
        ..PlanReport::default()
    }
}
