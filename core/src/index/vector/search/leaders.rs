//! The most promising of a batch, by estimate: looked at first, they set a floor that spares the rest.
//!
//! An estimate misses what lies outside of the subspace, which is as often below as above zero: who is below the
//! limit by estimate raises no floor, and is left for later.

/// The positions of the `most` highest `weight * estimate + base` of those that are candidates and reach `limit`, in
/// no order. Only a choice of whom to look at first: nothing rests on its precision.
///
/// One comparison a candidate; a buffer of four times `most` is cut back whenever it is full.
pub fn leaders(
    estimates: &[f32],
    bases: &[f64],
    weight: f64,
    limit: f32,
    most: usize,
    has: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let weight = weight as f32;
    let mut best: Vec<(f32, usize)> = Vec::with_capacity((4 * most).min(estimates.len()));
    let mut cut = limit;
    for first in (0..estimates.len()).step_by(16) {
        let end = estimates.len().min(first + 16);
        let mut scores = [f32::NEG_INFINITY; 16];
        for (score, (estimate, base)) in
            scores.iter_mut().zip(estimates[first..end].iter().zip(&bases[first..end]))
        {
            *score = weight * estimate + *base as f32;
        }
        if !any(&scores, |score| score >= cut) {
            continue;
        }
        for at in first..end {
            if scores[at - first] >= cut && has(at) {
                best.push((scores[at - first], at));
            }
        }
        if best.len() >= 4 * most {
            cut = keep(&mut best, most);
        }
    }
    if best.len() > most {
        keep(&mut best, most);
    }
    best.into_iter().map(|(_, at)| at).collect()
}

/// Whether any of a few numbers passes a test; all are looked at, as vectors do it fastest.
#[inline]
#[allow(clippy::needless_bitwise_bool)] // a lazy `||` is a branch for each
pub fn any(numbers: &[f32], test: impl Fn(f32) -> bool) -> bool {
    numbers.iter().fold(false, |any, &number| any | test(number))
}

/// Keeps the `most` highest and returns the lowest of them.
fn keep(best: &mut Vec<(f32, usize)>, most: usize) -> f32 {
    best.select_nth_unstable_by(most - 1, |a, b| b.0.total_cmp(&a.0));
    best.truncate(most);
    best[most - 1].0
}
