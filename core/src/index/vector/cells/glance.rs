//! What a query can know of cells before it looks into them.

use super::super::kernels::{Kernels, SIEVE_DIMS, Sieve};
use super::Cells;
use super::point::Point;

/// How many deviations a row may be better than its coarse codes say, and still pass the sieve.
const LIKELY: f32 = 3.5;

/// What one cell promises a query.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// How similar its rows are on average.
    pub mean: f32,
    /// How that scatters, as a standard deviation.
    pub deviation: f32,
    /// How it still scatters when the coarse codes are known.
    beyond: f32,
}

/// A query as cells see it.
pub struct Glance {
    point: Point,
    pub sieve: Sieve,
    /// What one unit of a dot product with the sieve is worth.
    unit: f32,
}

impl Glance {
    /// The query of these coordinates along directions of these steps.
    pub fn new(along: &[f32], steps: &[f32]) -> Self {
        let point = Point::of_query(along);
        let mut weights = [0.0f32; SIEVE_DIMS];
        let pairs = point.coordinates().iter().zip(steps);
        weights.iter_mut().zip(pairs).for_each(|(weight, (x, step))| *weight = x * step);
        let unit = weights.iter().fold(0.0f32, |most, w| most.max(w.abs())) / Sieve::MAX;
        let digit = |w: f32| if unit > 0.0 { (w / unit).round() as i8 } else { 0 };
        Self { point, sieve: Sieve::new(weights.map(digit)), unit }
    }

    /// What each cell promises, to a query whose norm outside of the subspace is `residual`.
    /// Cost: a short dot product for each.
    pub fn promises(&self, cells: &Cells, residual: f32) -> Vec<Promise> {
        let kernels = Kernels::best();
        let seen = cells.spread.seen(&self.point, residual);
        let promise = |(centre, &ratio): (&Point, &f32)| Promise {
            mean: self.point.with(kernels, centre),
            deviation: (seen.within * ratio + seen.outside).sqrt().max(1e-6),
            beyond: (seen.beyond * ratio + seen.outside).sqrt(),
        };
        cells.centres.iter().zip(cells.ratios.iter()).map(promise).collect()
    }

    /// The least dot product with the sieve of a row that may be as similar as `least`: the coordinates that the
    /// sieve does not see are thought to be the centre's, give or take.
    pub fn least_dot(&self, least: f32, centre: &Point, promise: &Promise) -> i32 {
        let pairs = self.point.coordinates().iter().zip(centre.coordinates()).take(SIEVE_DIMS);
        let seen: f32 = pairs.map(|(x, y)| x * y).sum();
        let unseen = promise.mean - seen + LIKELY * promise.beyond;
        // Out of range means all or none; what is no number, all.
        ((least - unseen) / self.unit).floor() as i32
    }
}
