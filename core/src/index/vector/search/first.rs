//! The first pass over any candidates: by blocks where they are dense, row by row where not.

use super::super::kernels::{Kernels, SCAN_LINES, prefetch};
use super::super::prefix::{PrefixQuery, Prefixes};

/// How many candidates ahead memory is asked for.
const AHEAD: usize = 8;

/// Estimates and bounds of candidates (at least one), one each. Cost: sixteen cache lines for each block of
/// sixteen rows where most rows are candidates, one for each candidate where not.
pub fn scan(
    prefixes: &Prefixes,
    query: &PrefixQuery,
    rows: &[u32],
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    let kernels = Kernels::best();
    // A mixture would be read at random; either way alone is read in the order of memory.
    if rows.len() * 2 < (rows[rows.len() - 1] - rows[0]) as usize {
        for (i, &row) in rows.iter().enumerate() {
            if let Some(&later) = rows.get(i + AHEAD) {
                prefetch(prefixes.heads.row(later as usize));
            }
            let head = &prefixes.heads.row(row as usize)[0];
            (estimates[i], bounds[i]) = query.head(kernels, head, bases[i]);
        }
        return;
    }
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
                &query.scan,
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
            kernels.scan(&query.scan, codes, slacks, &spread, &mut estimate, &mut bound);
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
