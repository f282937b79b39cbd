//! Dot products of many rows, four at a time: what memory brings of four comes sooner than of one.

use super::super::index::{VectorIndex, similarities, similarity};
use super::super::kernels::{Kernels, floats, prefetch};
use super::super::query::UnitQuery;

/// Rows at a time.
const FOUR: usize = 4;

/// Shows the similarity of each of `count` rows to a query, in order. Cost: a dot product each; the next rows are asked
/// of memory while those before them are compared.
pub fn each(
    index: &VectorIndex,
    query: &UnitQuery,
    count: usize,
    row: impl Fn(usize) -> u32,
    mut see: impl FnMut(usize, f64),
) {
    let kernels = Kernels::best();
    let lanes = |at: usize| index.lanes.row(row(at) as usize);
    (0..count.min(FOUR)).for_each(|at| prefetch(lanes(at)));
    for first in (0..count).step_by(FOUR) {
        let next = (first + FOUR).min(count);
        (next..(next + FOUR).min(count)).for_each(|at| prefetch(lanes(at)));
        if next - first < FOUR {
            for at in first..next {
                see(at, similarity(kernels, floats(lanes(at)), query));
            }
        } else {
            let units = std::array::from_fn(|i| floats(lanes(first + i)));
            let found = similarities(kernels, units, query);
            (first..).zip(found).for_each(|(at, similarity)| see(at, similarity));
        }
    }
}
