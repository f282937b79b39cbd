//! The first pass over any candidates: whole blocks where they are dense, lanes of blocks where not.

use super::super::kernels::{Kernels, SCAN_LINES, Scan};
use super::super::prefix::Prefixes;

/// Estimates and bounds of candidates, one each. Cost: nine cache lines for each block of sixteen rows
/// that holds a candidate.
pub fn scan(
    prefixes: &Prefixes,
    query: &Scan,
    rows: &[u32],
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    let kernels = Kernels::best();
    let mut at = 0;
    while at < rows.len() {
        let block = rows[at] as usize / 16;
        let most = dense_blocks(&rows[at..]);
        if most > 0 {
            let slacks = prefixes.slacks.run(block, most);
            let codes = prefixes.blocks.run(block, slacks.len());
            let blocks = slacks.len().min(codes.len() / SCAN_LINES);
            let end = at + blocks * 16;
            kernels.scan(
                query,
                &codes[..blocks * SCAN_LINES],
                &slacks[..blocks],
                &bases[at..end],
                &mut estimates[at..end],
                &mut bounds[at..end],
            );
            at = end;
        } else {
            let lanes = rows[at..].iter().take_while(|&&row| row as usize / 16 == block).count();
            let end = at + lanes;
            let mut spread = [f64::NEG_INFINITY; 16];
            for (&row, &base) in rows[at..end].iter().zip(&bases[at..end]) {
                spread[row as usize % 16] = base;
            }
            let (mut estimate, mut bound) = ([0.0; 16], [0.0; 16]);
            let (codes, slacks) = (prefixes.blocks.row(block), prefixes.slacks.row(block));
            kernels.scan(query, codes, slacks, &spread, &mut estimate, &mut bound);
            for i in at..end {
                let lane = rows[i] as usize % 16;
                (estimates[i], bounds[i]) = (estimate[lane], bound[lane]);
            }
            at = end;
        }
    }
}

/// How many whole blocks these ascending rows start with.
fn dense_blocks(rows: &[u32]) -> usize {
    let first = rows[0];
    if !first.is_multiple_of(16) {
        return 0;
    }
    let whole = |(block, rows): (usize, &[u32; 16])| rows[15] - first == block as u32 * 16 + 15;
    rows.as_chunks::<16>().0.iter().enumerate().take_while(|&(i, rows)| whole((i, rows))).count()
}
