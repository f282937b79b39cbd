//! Cuts a page out of a result that rules arrange: some rows stand at fixed places, and where the order is by fields
//! the others come in stretches, the boosted before the rest before the buried.
//!
//! A cursor says how many hits were shown, up to which pin, and the place of the last other row. From there both
//! sequences go on by themselves, so whatever changes meanwhile, no row of either is skipped or shown twice.

use std::sync::Arc;

use super::cursor::{Place, Spot};
use super::find::Found;
use super::page::{Cut, Cutter, Start};
use super::plan::SearchPlan;
use crate::api::deadline::Deadline;
use crate::generation::{Generation, Keyed, RowOrder};
use crate::model::Result;

/// Where a page starts, and in which direction it goes.
pub(super) enum From {
    Top,
    After(Spot),
    Before(Spot),
}

/// A row that is no pin.
#[derive(Clone, Copy)]
struct Other {
    keyed: Keyed,
    stretch: u8,
}

/// The rows of a page, and where the pages beside it start, if there are any.
pub(super) struct Arranged {
    pub(super) rows: Vec<u32>,
    pub(super) next: Option<Spot>,
    pub(super) previous: Option<Spot>,
}

pub(super) struct Arranger<'c, 'a> {
    pub(super) generation: &'c Arc<Generation>,
    pub(super) plan: &'c SearchPlan<'a>,
    pub(super) order: &'c RowOrder<'a>,
    /// The rows but the pins, in the order of their stretches.
    pub(super) stretches: &'c [Found],
    /// Places, ascending, each with its row.
    pub(super) pins: &'c [(u32, u32)],
    pub(super) limit: usize,
    pub(super) deadline: &'c Deadline,
}

/// Rows beside the pins, the nearest to the start first.
struct Others {
    rows: Vec<Other>,
    /// Whether there are more, and whether there are any on the other side of the start.
    more: bool,
    behind: bool,
    cut: Cut,
}

impl Arranger<'_, '_> {
    /// The page from there on.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn cut(&self, from: From) -> Result<(Arranged, Cut)> {
        let (spot, is_backward) = match from {
            From::Top => (Spot::top(), false),
            From::After(spot) => (spot, false),
            From::Before(spot) => (spot, true),
        };
        let others = self.others(&spot, is_backward)?;
        let cut = others.cut;
        Ok((self.arrange(&spot, is_backward, &others), cut))
    }

    fn others(&self, spot: &Spot, is_backward: bool) -> Result<Others> {
        let first = usize::from(spot.stretch).min(self.stretches.len().saturating_sub(1));
        let is_any = |stretches: &[Found]| stretches.iter().any(|found| found.count() > 0);
        let (before, after) = (&self.stretches[..first], &self.stretches[first + 1..]);
        let mut others = Others {
            rows: Vec::new(),
            more: false,
            behind: is_any(if is_backward { after } else { before }),
            cut: Cut::Visit,
        };
        let mut at = first;
        loop {
            let is_first = at == first;
            let start = match (is_first, is_backward) {
                (true, false) if spot.is_top() => Start::Top,
                (true, false) => Start::After(spot.place.clone()),
                (true, true) => Start::Before(spot.place.clone()),
                (false, false) => Start::Top,
                (false, true) => Start::Before(Place::everything()),
            };
            let left = self.limit - others.rows.len();
            let cutter = Cutter {
                generation: self.generation,
                plan: self.plan,
                order: self.order,
                found: &self.stretches[at],
                limit: left,
                deadline: self.deadline,
            };
            let (mut page, cut) = cutter.cut(&start)?;
            if is_backward {
                page.rows.reverse();
                std::mem::swap(&mut page.before, &mut page.after);
            }
            if is_first {
                others.behind |= page.before;
                others.cut = cut;
            }
            let other = |keyed: &Keyed| Other { keyed: *keyed, stretch: at as u8 };
            others.rows.extend(page.rows.iter().map(other));
            let further =
                if is_backward { &self.stretches[..at] } else { &self.stretches[at + 1..] };
            others.more = page.after || is_any(further);
            if page.after || others.rows.len() == self.limit || further.is_empty() {
                return Ok(others);
            }
            at = if is_backward { at - 1 } else { at + 1 };
        }
    }

    /// Joins pins and other rows: a pin where it is due, and behind the last of the others.
    fn arrange(&self, spot: &Spot, is_backward: bool, others: &Others) -> Arranged {
        let passed = self.pins.partition_point(|(place, _)| *place <= spot.passed);
        let mut pins: &[(u32, u32)] =
            if is_backward { &self.pins[..passed] } else { &self.pins[passed..] };
        let mut rest = others.rows.iter();
        let (mut rows, mut taken) = (Vec::with_capacity(self.limit.min(64)), Vec::new());
        // The place that is filled next, counted from 1.
        let mut place = if is_backward { spot.shown } else { spot.shown.saturating_add(1) };
        while rows.len() < self.limit {
            let next = if is_backward { pins.last() } else { pins.first() };
            let is_due =
                next.is_some_and(
                    |(wanted, _)| {
                        if is_backward { *wanted >= place } else { *wanted <= place }
                    },
                );
            match (if is_due { None } else { rest.next() }, next) {
                (Some(other), _) => {
                    taken.push(*other);
                    rows.push(other.keyed.row);
                }
                (None, Some((_, row))) => {
                    rows.push(*row);
                    pins = if is_backward { &pins[..pins.len() - 1] } else { &pins[1..] };
                }
                (None, None) => break,
            }
            place = if is_backward { place.saturating_sub(1) } else { place.saturating_add(1) };
        }
        let onward = others.more || rest.len() > 0 || !pins.is_empty();
        let count = rows.len() as u32;
        // The spot at the far end of the page, seen in the direction of the page, and at its near end, seen back.
        let pin_before = |pins: &[(u32, u32)]| pins.last().map_or(0, |(place, _)| *place);
        let far = Spot {
            shown: if is_backward {
                spot.shown.saturating_sub(count)
            } else {
                spot.shown.saturating_add(count)
            },
            passed: if is_backward {
                pin_before(pins)
            } else {
                pin_before(&self.pins[..self.pins.len() - pins.len()]).max(spot.passed)
            },
            ..self.beside(taken.last(), spot, false)
        };
        let near = Spot {
            shown: spot.shown,
            passed: spot.passed,
            ..self.beside(taken.first(), spot, true)
        };
        if is_backward {
            rows.reverse();
            let behind = others.behind || passed < self.pins.len();
            Arranged { rows, next: behind.then_some(near), previous: onward.then_some(far) }
        } else {
            let behind = others.behind || passed > 0;
            Arranged { rows, next: onward.then_some(far), previous: behind.then_some(near) }
        }
    }

    /// The spot beside a row; where the page has no other row, that of its start, to be gone from in the same
    /// direction or, turned, in the other.
    fn beside(&self, other: Option<&Other>, spot: &Spot, turned: bool) -> Spot {
        match other {
            Some(other) => Spot {
                stretch: other.stretch,
                place: Place::of(self.order, self.generation, other.keyed),
                ..*spot
            },
            None if turned => Spot { place: spot.place.clone().turned(), ..*spot },
            None => spot.clone(),
        }
    }
}
