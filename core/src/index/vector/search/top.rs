//! The best rows so far, and the floor that they set.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering as Memory};

use super::Found;

/// The best `k` of what was offered, in order.
///
/// A sorted list: an offer that enters costs a search and a shift of at most `k` entries, and few enter.
pub struct Top<'r, R> {
    found: Vec<Found>,
    k: usize,
    rank: &'r R,
}

impl<'r, R: Fn(u32, u32) -> Ordering> Top<'r, R> {
    pub fn new(k: usize, most: usize, rank: &'r R) -> Self {
        Self { found: Vec::with_capacity(k.min(most) + 1), k, rank }
    }

    /// The score that a row must reach to enter: a row that equals it may still enter by its rank.
    #[inline]
    pub fn floor(&self) -> f64 {
        if self.found.len() < self.k { f64::NEG_INFINITY } else { self.found[self.k - 1].score }
    }

    fn order(&self, a: &Found, b: &Found) -> Ordering {
        b.score.total_cmp(&a.score).then_with(|| (self.rank)(a.row, b.row))
    }

    /// Takes the row in if it is among the best.
    pub fn offer(&mut self, new: Found) {
        // Adding zero makes one zero of two: a score of -0.0 ties with 0.0.
        let new = Found { score: new.score + 0.0, similarity: new.similarity + 0.0, ..new };
        if new.score < self.floor() {
            return;
        }
        let place = self.found.partition_point(|old| self.order(old, &new) == Ordering::Less);
        if place < self.k {
            self.found.insert(place, new);
            self.found.truncate(self.k);
        }
    }

    /// The best, best first.
    pub fn into_found(self) -> Vec<Found> {
        self.found
    }
}

/// The best `k` of what candidates score at least, each counted once: the lowest of them is a floor before
/// any exact score is known.
pub struct Lows {
    lows: Vec<f64>,
    k: usize,
}

impl Lows {
    pub fn new(k: usize, most: usize) -> Self {
        Self { lows: Vec::with_capacity(k.min(most) + 1), k }
    }

    /// What the `k`-th best scores at least.
    #[inline]
    pub fn floor(&self) -> f64 {
        if self.lows.len() < self.k { f64::NEG_INFINITY } else { self.lows[self.k - 1] }
    }

    /// Takes another candidate's least score; says whether it is among the best. A search and a shift of at
    /// most `k` numbers.
    #[inline]
    pub fn offer(&mut self, low: f64) -> bool {
        if low <= self.floor() {
            return false;
        }
        let place = self.lows.partition_point(|&other| other >= low);
        self.lows.insert(place, low);
        self.lows.truncate(self.k);
        true
    }
}

/// The highest floor that any of several threads has reached: the k-th best of some of the candidates is
/// never above the k-th best of all.
pub struct Floor(AtomicU64);

impl Floor {
    pub fn new() -> Self {
        Self(AtomicU64::new(ordered(f64::NEG_INFINITY)))
    }

    #[inline]
    pub fn get(&self) -> f64 {
        from_ordered(self.0.load(Memory::Relaxed))
    }

    #[inline]
    pub fn raise(&self, floor: f64) {
        if floor > self.get() {
            self.0.fetch_max(ordered(floor), Memory::Relaxed);
        }
    }
}

/// The bits of a float, so turned that they order as the float does.
fn ordered(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn from_ordered(bits: u64) -> f64 {
    f64::from_bits(if bits >> 63 == 1 { bits & !(1 << 63) } else { !bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_orders_as_floats_do_and_only_rises() {
        let floor = Floor::new();
        assert_eq!(floor.get(), f64::NEG_INFINITY);
        for (raised, now) in
            [(-2.5, -2.5), (-3.0, -2.5), (-0.0, -0.0), (1e-300, 1e-300), (0.0, 1e-300)]
        {
            floor.raise(raised);
            assert_eq!(floor.get(), now);
        }
    }

    #[test]
    fn equal_scores_come_by_rank_whatever_the_order_of_offers() {
        let rank = |a: u32, b: u32| b.cmp(&a);
        let mut top = Top::new(2, 9, &rank);
        for row in [3, 9, 1, 7] {
            top.offer(Found { row, score: 0.5, similarity: 0.5 });
        }
        let rows: Vec<u32> = top.into_found().iter().map(|found| found.row).collect();
        assert_eq!(rows, [9, 7]);
    }
}
