//! Cuts a page out of a result: by a look at every row that passes, or by a walk along a kept order.

use std::sync::Arc;

use super::cursor::Place;
use super::find::Found;
use super::nearby::Nearby;
use super::order::Nearest;
use super::plan::SearchPlan;
use super::walk::Walk;
use crate::api::deadline::Deadline;
use crate::generation::{Generation, Keyed, RowOrder, SortField};
use crate::model::Result;

/// Where a page starts, and in which direction it goes.
pub(super) enum Start {
    Top,
    After(Place),
    Before(Place),
}

/// The rows of a page in their order, and whether others come before and after them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Page {
    pub(super) rows: Vec<Keyed>,
    pub(super) before: bool,
    pub(super) after: bool,
}

/// How a page was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Every row that passes was looked at.
    Visit,
    /// That many rows of a kept order were looked at.
    Walk(usize),
    /// A walk would have repaid, but the order is still being sorted or was asked for too late to be kept.
    Unsorted,
    /// The order is by distance, and that many rows were measured.
    Nearby(usize),
    /// A walk met too few rows that pass and was given up.
    GivenUp,
}

/// Cuts pages of one result.
pub(super) struct Cutter<'c, 'a> {
    pub(super) generation: &'c Arc<Generation>,
    pub(super) plan: &'c SearchPlan<'a>,
    pub(super) order: &'c RowOrder<'a>,
    pub(super) found: &'c Found,
    pub(super) limit: usize,
    pub(super) deadline: &'c Deadline,
}

impl Cutter<'_, '_> {
    /// The page from `start` on.
    ///
    /// A walk needs about `limit / selectivity` steps and a visit one for each row that passes: the shorter is
    /// taken. A walk that turns out longer is given up for a visit, so that a page costs at most twice the better.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn cut(&self, start: &Start) -> Result<(Page, Cut)> {
        let Found::Rows(selection) = self.found else { return Ok((self.visit(start), Cut::Visit)) };
        // From an edge there is no circle to widen: the whole is looked at.
        let is_edge =
            matches!(start, Start::After(place) | Start::Before(place) if place.is_edge());
        if let Some((SortField::Distance { place, centre }, order)) = self.plan.order.first()
            && !is_edge
        {
            let distances = self.generation.distances(*place, *centre);
            return Nearby { cutter: self, distances, order: *order, found: selection }.cut(start);
        }
        let (count, steps) = (u64::from(selection.count), self.expected_steps(selection.count));
        if steps >= count || self.plan.is_by_distance() {
            return Ok((self.visit(start), Cut::Visit));
        }
        let Some(sorted) = self.generation.sorted(&self.plan.order) else {
            return Ok((self.visit(start), Cut::Unsorted));
        };
        let walk = Walk {
            generation: self.generation,
            order: self.order,
            sorted,
            rows: &selection.rows,
            limit: self.limit,
            least_key: self.plan.least_key(),
            budget: count as usize,
            deadline: self.deadline,
        };
        Ok(match walk.cut(start)? {
            Some((page, steps)) => (page, Cut::Walk(steps)),
            None => (self.visit(start), Cut::GivenUp),
        })
    }

    /// How many rows of a kept order are looked at for a page, if those that pass are spread evenly.
    fn expected_steps(&self, count: u32) -> u64 {
        (self.limit as u64 + 1) * u64::from(self.generation.rows) / u64::from(count.max(1))
    }

    fn visit(&self, start: &Start) -> Page {
        let (order, generation) = (self.order, &**self.generation);
        let is_backward = matches!(start, Start::Before(_));
        let mut nearest = Nearest::new(order, self.limit + 1, is_backward);
        // Whether there is anybody on the other side of the start.
        let mut behind = false;
        match start {
            Start::Top => self.found.visit(order, |row| nearest.offer(row)),
            Start::After(place) => self.found.visit(order, |row| {
                if place.is_before(order, generation, row) {
                    nearest.offer(row);
                } else {
                    behind = true;
                }
            }),
            Start::Before(place) => self.found.visit(order, |row| {
                if place.is_after(order, generation, row) {
                    nearest.offer(row);
                } else {
                    behind = true;
                }
            }),
        }
        Page::new(nearest.into_rows(), self.limit, is_backward, behind)
    }
}

impl Page {
    /// Of up to one row more than the limit, the nearest to the start first.
    pub(super) fn new(mut rows: Vec<Keyed>, limit: usize, is_backward: bool, behind: bool) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        if is_backward {
            rows.reverse();
            Self { rows, before: more, after: behind }
        } else {
            Self { rows, before: behind, after: more }
        }
    }
}
