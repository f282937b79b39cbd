//! The paths, as sequences of the same few steps.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::super::index::VectorIndex;
use super::super::prefix::PrefixQuery;
use super::dots;
use super::piece::{Piece, Shared};
use super::shares::{BATCH, Share};
use super::top::Top;
use super::{Ask, Counts, Found};
use crate::model::Result;

type Outcome = Result<(Vec<Found>, Counts)>;

/// A dot product for each candidate.
pub fn brute<R>(index: &VectorIndex, ask: &Ask, rank: &R, shares: &[Share]) -> Outcome
where
    R: Fn(u32, u32) -> Ordering,
{
    let considered: usize = shares.iter().map(Share::count).sum();
    let mut top = Top::new(ask.k, considered, rank);
    let mut bases = Vec::with_capacity(considered.min(BATCH));
    let mut batch = |rows: &[u32]| {
        (ask.check)()?;
        bases.clear();
        bases.resize(rows.len(), 0.0);
        (ask.bases)(rows, &mut bases);
        dots::each(
            index,
            ask.query,
            rows.len(),
            |i| rows[i],
            |i, similarity| {
                let score = ask.weight * similarity + bases[i];
                top.offer(Found { row: rows[i], score, similarity });
            },
        );
        Ok(())
    };
    shares.iter().try_for_each(|share| share.lists(&mut batch))?;
    Ok((top.into_found(), Counts { dotted: considered, ..Counts::default() }))
}

/// Codes, then dot products.
pub fn codes<R>(index: &VectorIndex, ask: &Ask, rank: &R, shares: &[Share]) -> Outcome
where
    R: Fn(u32, u32) -> Ordering,
{
    let shared = Shared::new(index, ask);
    let considered = shares.iter().map(Share::count).sum();
    let mut piece = Piece::new(&shared, considered, rank);
    shares.iter().try_for_each(|share| piece.bound_by_codes(share))?;
    piece.dot_pending()?;
    Ok(piece.into_parts())
}

/// Prefixes, codes, then dot products, in as many pieces as there are shares.
///
/// All pieces share one floor. They meet once, between the first pass and the rest, so that what an early
/// batch left pending is judged by the floor that all of the first pass reached.
pub fn prefix<R>(index: &VectorIndex, ask: &Ask, rank: &R, shares: &[Share]) -> Outcome
where
    R: Fn(u32, u32) -> Ordering + Sync,
{
    let Some(prefixes) = &index.prefixes else { return codes(index, ask, rank, shares) };
    let shared = Shared::new(index, ask);
    let query = PrefixQuery::new(ask.query, &shared.codes, &prefixes.basis, ask.weight);
    let first = |share: &Share| {
        let mut piece = Piece::new(&shared, share.count(), rank);
        piece.bound_by_prefix(prefixes, &query, share)?;
        Ok(piece)
    };
    let rest = |mut piece: Piece<R>| {
        piece.refine_by_prefix(prefixes, &query);
        piece.refine_by_codes()?;
        piece.dot_pending()?;
        Ok(piece.into_parts())
    };
    if let [share] = shares {
        return rest(first(share)?);
    }
    let pieces: Vec<Piece<R>> = shares.par_iter().map(first).collect::<Result<_>>()?;
    let parts: Vec<_> = pieces.into_par_iter().map(rest).collect::<Result<_>>()?;
    Ok(merge(ask, rank, parts))
}

/// The best of all pieces: each held its own best, so the best of all are among them.
fn merge<R>(ask: &Ask, rank: &R, parts: Vec<(Vec<Found>, Counts)>) -> (Vec<Found>, Counts)
where
    R: Fn(u32, u32) -> Ordering,
{
    let most = parts.iter().map(|(found, _)| found.len()).sum();
    let mut top = Top::new(ask.k, most, rank);
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
