//! The first pass over any candidates: by blocks where they are dense, row by row where not.

use super::super::kernels::{Kernels, SCAN_LINES, prefetch};
use super::super::prefix::{PrefixQuery, Prefixes};

/// How many candidates ahead memory is asked for.
const AHEAD: usize = 32;

/// Heads that fit the nearest cache beside what is read until they are looked at.
const FIRST_HEADS: usize = 256;

/// Asks memory for the heads that [`scan_list`] reads first.
pub fn ask_for_heads(prefixes: &Prefixes, rows: &[u32]) {
    rows.iter().take(FIRST_HEADS).for_each(|&row| prefetch(prefixes.heads.row(row as usize)));
}

/// Estimates and bounds of ascending rows, one each. Cost: one cache line a row.
pub fn scan_list(
    prefixes: &Prefixes,
    query: &PrefixQuery,
    rows: &[u32],
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    let kernels = Kernels::best();
    let out = estimates.iter_mut().zip(bounds);
    for (i, ((&row, &base), (estimate, bound))) in rows.iter().zip(bases).zip(out).enumerate() {
        if let Some(&later) = rows.get(i + AHEAD) {
            prefetch(prefixes.heads.row(later as usize));
        }
        let head = &prefixes.heads.row(row as usize)[0];
        (*estimate, *bound) = query.head(kernels, head, base);
    }
}

/// Estimates and bounds of the rows from the first of a block on, to whole blocks. Cost: sixteen cache lines a
/// block of sixteen rows, in the order of memory.
pub fn scan_run(
    prefixes: &Prefixes,
    query: &PrefixQuery,
    first: usize,
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    let (kernels, mut block, mut at) = (Kernels::best(), first / 16, 0);
    while at < bases.len() {
        // A table's rows lie in one piece as far as their chunk reaches.
        let slacks = prefixes.slacks.run(block, (bases.len() - at) / 16);
        let codes = prefixes.blocks.run(block, slacks.len());
        let blocks = slacks.len().min(codes.len() / SCAN_LINES);
        let end = at + blocks * 16;
        kernels.scan(
            &query.scan,
            &codes[..blocks * SCAN_LINES],
            &slacks[..blocks],
            &bases[at..end],
            &mut estimates[at..end],
            &mut bounds[at..end],
        );
        (at, block) = (end, block + blocks);
    }
}
