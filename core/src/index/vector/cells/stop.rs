//! When a search has seen enough: how many rows of the top are likely to lie where it has not looked.

use super::glance::Promise;
use super::tail::Tail;

/// Candidates that stand for all of them.
pub const SAMPLE: usize = 1_024;

/// The share of the top that may be expected to be missing when a search stops.
const MISSING: f64 = 0.01;

/// A few of the candidates, with what is known of them without a look at their vectors.
///
/// Each stands for `worth` candidates like itself: of its cell, with its base. So filters and bases that go
/// with the place, whichever way, are in the forecast.
pub struct Forecast {
    /// The cell and the base of each.
    sampled: Vec<(u32, f64)>,
    worth: f64,
}

impl Forecast {
    pub fn new(sampled: Vec<(u32, f64)>, worth: f64) -> Self {
        Self { sampled, worth }
    }

    /// Whether what lies in cells not visited may be left there, for a top of `k` of which the last scores `floor`.
    ///
    /// A sampled row is thought to be as similar as a normal variable with its cell's mean and deviation: how
    /// likely is it then to pass the floor? Cost: one look into a table for each.
    pub fn is_enough(
        &self,
        floor: f64,
        weight: f64,
        k: usize,
        promises: &[Promise],
        visited: &[bool],
    ) -> bool {
        let tail = Tail::table();
        let mut missing = 0.0;
        for &(cell, base) in &self.sampled {
            if visited[cell as usize] {
                continue;
            }
            let promise = &promises[cell as usize];
            let needed = ((floor - base) / weight) as f32;
            missing += f64::from(tail.above((needed - promise.mean) / promise.deviation));
        }
        missing * self.worth <= MISSING * k as f64
    }
}
