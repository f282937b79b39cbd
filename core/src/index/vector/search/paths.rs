//! The paths, as sequences of the same few steps.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::super::index::{VectorIndex, similarity};
use super::super::kernels::{Kernels, floats, prefetch};
use super::super::prefix::PrefixQuery;
use super::piece::{Piece, Shared};
use super::top::Top;
use super::{Ask, Counts, Found};

type Result = (Vec<Found>, Counts);

/// A dot product for each candidate.
pub fn brute<R: Fn(u32, u32) -> Ordering>(index: &VectorIndex, ask: &Ask, rank: &R) -> Result {
    let kernels = Kernels::best();
    let mut top = Top::new(ask.k, ask.rows.len(), rank);
    for (i, (&row, &base)) in ask.rows.iter().zip(ask.bases).enumerate() {
        if let Some(&next) = ask.rows.get(i + 1) {
            prefetch(index.lanes.row(next as usize));
        }
        let similarity = similarity(kernels, floats(index.lanes.row(row as usize)), ask.query);
        top.offer(Found { row, score: ask.weight * similarity + base, similarity });
    }
    (top.into_found(), Counts { dotted: ask.rows.len(), ..Counts::default() })
}

/// Codes, then dot products.
pub fn codes<R: Fn(u32, u32) -> Ordering>(index: &VectorIndex, ask: &Ask, rank: &R) -> Result {
    let shared = Shared::new(index, ask);
    let mut piece = Piece::new(&shared, ask.rows.len(), rank);
    piece.bound_by_codes(ask.rows, ask.bases);
    piece.dot_pending();
    piece.into_parts()
}

/// Prefixes, codes, then dot products, the candidates in as many pieces as `threads`.
///
/// All pieces share one floor. They meet once, between the first pass and the rest, so that what an early
/// batch left pending is judged by the floor that all of the first pass reached.
pub fn prefix<R>(index: &VectorIndex, ask: &Ask, rank: &R, threads: usize) -> Result
where
    R: Fn(u32, u32) -> Ordering + Sync,
{
    let Some(prefixes) = &index.prefixes else { return codes(index, ask, rank) };
    let query = PrefixQuery::new(ask.query, &prefixes.basis, ask.weight);
    let shared = Shared::new(index, ask);
    let share = ask.rows.len().div_ceil(threads.max(1)).next_multiple_of(16);
    let first = |(rows, bases): (&[u32], &[f64])| {
        let mut piece = Piece::new(&shared, rows.len(), rank);
        piece.bound_by_prefix(prefixes, &query, rows, bases);
        piece
    };
    let rest = |mut piece: Piece<R>| {
        piece.refine_by_prefix(prefixes, &query);
        piece.refine_by_codes();
        piece.dot_pending();
        piece.into_parts()
    };
    if threads <= 1 {
        return rest(first((ask.rows, ask.bases)));
    }
    let shares = ask.rows.par_chunks(share).zip(ask.bases.par_chunks(share));
    let pieces: Vec<Piece<R>> = shares.map(first).collect();
    let parts: Vec<Result> = pieces.into_par_iter().map(rest).collect();
    merge(ask, rank, parts)
}

/// The best of all pieces: each held its own best, so the best of all are among them.
fn merge<R: Fn(u32, u32) -> Ordering>(ask: &Ask, rank: &R, parts: Vec<Result>) -> Result {
    let mut top = Top::new(ask.k, ask.rows.len(), rank);
    let mut counts = Counts::default();
    for (found, part) in parts {
        for found in found {
            top.offer(found);
        }
        counts.bounded += part.bounded;
        counts.coded += part.coded;
        counts.dotted += part.dotted;
    }
    (top.into_found(), counts)
}
