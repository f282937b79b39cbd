//! The candidates in shares, and each share in batches: nobody lists more rows than a cache holds.

use super::Candidates;
use crate::model::{Bits, Result};

/// Candidates that go through the first pass together: rows, bases, estimates and bounds of a batch stay
/// in second-level cache until its leaders are chosen.
pub const BATCH: usize = 1 << 13;

/// Some of the candidates, in order.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    /// The place of its first among all candidates.
    first: usize,
    count: usize,
    rows: Part<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    List(&'a [u32]),
    /// Words of a set, with the row of the first bit.
    Words(&'a [u64], u32),
}

/// All `considered` candidates in at most `most` shares of about equal size, none below a batch.
pub fn shares<'a>(candidates: &Candidates<'a>, considered: usize, most: usize) -> Vec<Share<'a>> {
    let each = considered.div_ceil(most.max(1)).max(BATCH).next_multiple_of(16);
    match candidates {
        Candidates::List(rows) => {
            let parts = rows.chunks(each).enumerate();
            let share = |(i, rows): (usize, &'a [u32])| Share {
                first: i * each,
                count: rows.len(),
                rows: Part::List(rows),
            };
            parts.map(share).collect()
        }
        Candidates::Set(rows) => {
            let words = rows.words();
            let (mut out, mut first, mut start, mut count) = (Vec::new(), 0, 0, 0);
            for (at, word) in words.iter().enumerate() {
                count += word.count_ones() as usize;
                if count >= each || at + 1 == words.len() {
                    let part = Part::Words(&words[start..=at], start as u32 * 64);
                    out.push(Share { first, count, rows: part });
                    (first, start, count) = (first + count, at + 1, 0);
                }
            }
            out
        }
    }
}

impl<'a> Share<'a> {
    /// How many candidates it has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Shows the share batch by batch: the place of the first among all candidates, and the rows.
    pub fn batches(&self, mut see: impl FnMut(usize, &[u32]) -> Result<()>) -> Result<()> {
        match self.rows {
            Part::List(rows) => rows
                .chunks(BATCH)
                .enumerate()
                .try_for_each(|(i, rows)| see(self.first + i * BATCH, rows)),
            Part::Words(words, row) => {
                let mut first = self.first;
                let mut rows = Vec::with_capacity(self.count.min(BATCH + 64));
                for (&word, start) in words.iter().zip((row..).step_by(64)) {
                    list(word, start, &mut rows);
                    if rows.len() >= BATCH {
                        see(first, &rows)?;
                        first += rows.len();
                        rows.clear();
                    }
                }
                if rows.is_empty() { Ok(()) } else { see(first, &rows) }
            }
        }
    }
}

/// Appends the rows of one word. A full word, as most are where nothing is filtered, is no walk over bits.
fn list(word: u64, start: u32, rows: &mut Vec<u32>) {
    if word == u64::MAX {
        rows.extend(start..start + 64);
    } else {
        rows.extend(Bits(word).map(|bit| start + bit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rows;

    #[test]
    fn shares_hold_each_candidate_once_and_in_order_with_its_place() {
        let universe = 5 * BATCH as u32 + 77;
        for step in [1, 2, 7, 5000] {
            let rows: Vec<u32> =
                (0..universe).filter(|row| row % step == 0 || *row > universe - 9).collect();
            let set = Rows::from_rows(universe, rows.iter().copied());
            for most in [1, 2, 3, 8] {
                for candidates in [Candidates::List(&rows), Candidates::Set(&set)] {
                    let shares = shares(&candidates, rows.len(), most);
                    assert!(shares.len() <= most, "{} of {most}", shares.len());
                    let mut seen = Vec::new();
                    for share in &shares {
                        let before = seen.len();
                        let see = |first: usize, batch: &[u32]| {
                            assert_eq!(first, seen.len());
                            seen.extend_from_slice(batch);
                            Ok(())
                        };
                        share.batches(see).expect("nothing fails here");
                        assert_eq!(seen.len() - before, share.count());
                    }
                    assert_eq!(seen, rows);
                }
            }
        }
    }
}
