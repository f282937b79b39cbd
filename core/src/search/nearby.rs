//! A page of an order by distance: only rows that may be on it are measured.
//!
//! The rows that pass are looked at in their own order. A straight line through the earth tells of most whether they
//! are nearer or farther than what is wanted still, and that narrows with each better row. Where many rows pass and
//! the nearest are asked for, a first circle is drawn that should hold a page of them, and wider ones until one does.

use super::cursor::Place;
use super::order::Nearest;
use super::page::{Cut, Cutter, Page, Start};
use crate::api::search::Order;
use crate::generation::{Distances, Keyed, MISSING, directed, undirected};
use crate::index::bitmap::Selection;
use crate::index::column::Ring;
use crate::model::Result;

/// Fewer rows than that are looked at without a circle.
const MANY: u32 = 1 << 13;
/// How many times the rows of a page a circle should hold.
const SPARE: f64 = 4.0;
/// The first circle, how much wider the next one is, and what no circle need be.
const FIRST_KM: f64 = 1.0;
const WIDER: f64 = 3.0;
const WIDEST_KM: f64 = 20_016.0;

/// A page of one order by distance.
pub(super) struct Nearby<'n, 'c, 'a> {
    pub(super) cutter: &'n Cutter<'c, 'a>,
    pub(super) distances: Distances<'a>,
    pub(super) order: Order,
    pub(super) found: &'n Selection,
}

/// One look at the rows of a circle, or at all.
struct Pass {
    rows: Vec<Keyed>,
    behind: bool,
    measured: usize,
}

impl Nearby<'_, '_, '_> {
    /// The page from `start` on.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn cut(&self, start: &Start) -> Result<(Page, Cut)> {
        let (is_backward, place) = match start {
            Start::Top => (false, None),
            Start::After(place) => (false, Some(place)),
            Start::Before(place) => (true, Some(place)),
        };
        let mut reach = self.first_reach(place, is_backward);
        let mut measured = 0;
        loop {
            let pass = self.pass(place, is_backward, reach)?;
            measured += pass.measured;
            // Going backward, nothing beyond the circle comes before the place.
            if is_backward || reach.is_none_or(|km| self.is_whole(&pass, km)) {
                let page = Page::new(pass.rows, self.cutter.limit, is_backward, pass.behind);
                return Ok((page, Cut::Nearby(measured)));
            }
            reach = reach.map(|km| km * WIDER).filter(|km| *km < WIDEST_KM);
        }
    }

    /// Whether a page and one row more lie in the circle itself: what was looked at is a box around it, and in its
    /// corners lie rows that are farther than others beside the box.
    fn is_whole(&self, pass: &Pass, reach_km: f64) -> bool {
        let last = pass.rows.get(self.cutter.limit);
        last.is_some_and(|last| undirected(last.key, self.order) <= reach_km)
    }

    /// A circle that should hold the page; none where all rows are looked at.
    fn first_reach(&self, place: Option<&Place>, is_backward: bool) -> Option<f64> {
        if self.order == Order::Desc || self.found.count < MANY {
            return None;
        }
        let origin = place.map(|place| self.origin(place));
        if is_backward {
            return origin.filter(|km| !km.is_nan());
        }
        let share = f64::from(self.cutter.generation.rows) / f64::from(self.found.count);
        let before = origin.map_or(0, |km| self.distances.estimate(km));
        let wanted = f64::from(before) + SPARE * share * self.cutter.limit as f64;
        let mut km = origin.unwrap_or(0.0).max(FIRST_KM / WIDER);
        while km < WIDEST_KM {
            km *= WIDER;
            if f64::from(self.distances.estimate(km)) >= wanted {
                return Some(km);
            }
        }
        None
    }

    /// The distance of a place, NaN where its row has no point.
    fn origin(&self, place: &Place) -> f64 {
        undirected(place.first_key().unwrap_or(MISSING), self.order)
    }

    fn pass(&self, place: Option<&Place>, is_backward: bool, reach: Option<f64>) -> Result<Pass> {
        let Cutter { generation, order, limit, deadline, .. } = *self.cutter;
        let mut nearest = Nearest::new(order, limit + 1, is_backward);
        let seeks_near = (self.order == Order::Asc) != is_backward;
        let (mut behind, mut measured) = (false, 0);
        let start = self.start(place, is_backward, seeks_near);
        let (mut ring, mut worst) = (start, nearest.worst());
        let passed = self.distances.visit(&self.found.rows, reach, ring, deadline, |row, km| {
            measured += usize::from(!km.is_nan());
            let keyed = Keyed { key: directed(km, self.order), row };
            let is_wanted = match place {
                None => true,
                Some(place) if is_backward => place.is_after(order, generation, keyed),
                Some(place) => place.is_before(order, generation, keyed),
            };
            if is_wanted {
                nearest.offer(keyed);
            } else {
                behind = true;
            }
            if nearest.worst() != worst {
                worst = nearest.worst();
                ring = self.narrowed(start, worst, is_backward, seeks_near);
            }
            ring
        })?;
        // What the ring's fixed side left out lies behind the place.
        behind |= match place {
            None => false,
            Some(place) if !is_backward && self.origin(place).is_nan() => passed.nearer,
            Some(_) if seeks_near => passed.nearer,
            Some(_) => passed.farther,
        };
        Ok(Pass { rows: nearest.into_rows(), behind, measured })
    }

    /// What a page can hold that starts at a place.
    fn start(&self, place: Option<&Place>, is_backward: bool, seeks_near: bool) -> Ring {
        match place.map(|place| self.origin(place)) {
            None => Ring::WHOLE,
            // Only rows without a point come after one; all may come before it.
            Some(km) if km.is_nan() => {
                if is_backward {
                    Ring::WHOLE
                } else {
                    Ring::BEYOND
                }
            }
            Some(km) if seeks_near => Ring::WHOLE.beyond_km(km),
            Some(km) => Ring::WHOLE.up_to_km(km),
        }
    }

    /// What can still come before the last of the rows that are kept.
    fn narrowed(&self, start: Ring, worst: u64, is_backward: bool, seeks_near: bool) -> Ring {
        let km = undirected(worst, self.order);
        match (km.is_nan(), is_backward) {
            // The page is full of rows without a point, of which those before come last.
            (true, true) => Ring::BEYOND,
            (true, false) => start,
            (false, _) if seeks_near => start.up_to_km(km),
            (false, _) => start.beyond_km(km),
        }
    }
}
