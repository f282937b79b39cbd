//! The candidates in shares, and each share in batches: nobody lists more rows than a cache holds.

use super::Candidates;
use crate::model::{Bits, Result};

/// Candidates that go through the first pass together: rows, bases, estimates and bounds of a batch stay
/// in second-level cache until its leaders are chosen.
pub const BATCH: usize = 1 << 13;

/// Words of a set that are looked at together.
const SPAN: usize = BATCH / 64;

/// Some of the candidates, in order.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    count: usize,
    rows: Part<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    List(&'a [u32]),
    /// Words of a set, with the row of the first bit.
    Words(&'a [u64], u32),
}

/// Candidates that are looked at together.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Ascending rows.
    pub rows: &'a [u32],
    /// Which of the rows are candidates, a bit each; `None`: all.
    members: Option<&'a [u64]>,
}

impl Batch<'_> {
    /// Whether its rows follow each other without a gap, from the first of a block on.
    pub fn is_run(&self) -> bool {
        self.members.is_some()
    }

    /// Whether the row at that place is a candidate.
    #[inline]
    pub fn has(&self, at: usize) -> bool {
        self.members.is_none_or(|words| words[at / 64] >> (at % 64) & 1 == 1)
    }
}

/// All `considered` candidates in at most `most` shares of about equal size, none below a batch.
pub fn shares<'a>(candidates: &Candidates<'a>, considered: usize, most: usize) -> Vec<Share<'a>> {
    let each = considered.div_ceil(most.max(1)).max(BATCH);
    match candidates {
        Candidates::List(rows) => {
            let share = |rows: &'a [u32]| Share { count: rows.len(), rows: Part::List(rows) };
            rows.chunks(each).map(share).collect()
        }
        Candidates::Set(rows) => {
            let words = rows.words();
            let (mut out, mut start, mut count) = (Vec::new(), 0, 0);
            for (at, word) in words.iter().enumerate() {
                count += word.count_ones() as usize;
                if count >= each || at + 1 == words.len() {
                    let rows = Part::Words(&words[start..=at], start as u32 * 64);
                    out.push(Share { count, rows });
                    (start, count) = (at + 1, 0);
                }
            }
            out
        }
    }
}

impl Share<'_> {
    /// How many candidates it has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Shows the share in lists of rows.
    pub fn lists(&self, mut see: impl FnMut(&[u32]) -> Result<()>) -> Result<()> {
        self.batches(usize::MAX, |batch| see(batch.rows))
    }

    /// Shows the share in lists of rows and, where at least one in `sparse` is a candidate, in runs.
    pub fn batches(&self, sparse: usize, mut see: impl FnMut(Batch) -> Result<()>) -> Result<()> {
        let (words, row) = match self.rows {
            Part::List(rows) => {
                let list = |rows| see(Batch { rows, members: None });
                return rows.chunks(BATCH).try_for_each(list);
            }
            Part::Words(words, row) => (words, row),
        };
        let room = (64 * words.len()).min(BATCH);
        let (mut list, mut run) = (Vec::with_capacity(room.min(self.count)), Vec::new());
        for (words, start) in words.chunks(SPAN).zip((row..).step_by(BATCH)) {
            let count: u32 = words.iter().map(|word| word.count_ones()).sum();
            if sparse < BATCH && count as usize >= 64 * words.len() / sparse {
                // The rows are those of the words up to the last candidate: no later ones need exist.
                let last = words.iter().rposition(|&word| word != 0).unwrap_or(0);
                let end = last * 64 + (64 - words[last].leading_zeros() as usize);
                run.clear();
                run.extend(start..start + end as u32);
                see(Batch { rows: &run, members: Some(words) })?;
                continue;
            }
            if list.len() + count as usize > BATCH {
                see(Batch { rows: &list, members: None })?;
                list.clear();
            }
            for (&word, start) in words.iter().zip((start..).step_by(64)) {
                list.extend(Bits(word).map(|bit| start + bit));
            }
        }
        if list.is_empty() { Ok(()) } else { see(Batch { rows: &list, members: None }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rows;

    #[test]
    fn shares_hold_each_candidate_once_and_no_row_beyond_the_last() {
        let universe = 5 * BATCH as u32 + 77;
        for step in [1, 2, 7, 5000] {
            let rows: Vec<u32> =
                (0..universe).filter(|row| row % step == 0 || *row > universe - 9).collect();
            let set = Rows::from_rows(universe, rows.iter().copied());
            for (most, sparse) in [(1, 4), (2, 4), (3, usize::MAX), (8, 1)] {
                for candidates in [Candidates::List(&rows), Candidates::Set(&set)] {
                    let shares = shares(&candidates, rows.len(), most);
                    assert!(shares.len() <= most, "{} of {most}", shares.len());
                    let mut seen = Vec::new();
                    for share in &shares {
                        let mut members = Vec::new();
                        let see = |batch: Batch| {
                            assert!(batch.rows.len() <= BATCH && !batch.rows.is_empty());
                            assert!(!batch.is_run() || batch.rows[0].is_multiple_of(64));
                            let rows = batch.rows.iter().enumerate();
                            members
                                .extend(rows.filter(|(at, _)| batch.has(*at)).map(|(_, row)| *row));
                            Ok(())
                        };
                        share.batches(sparse, see).expect("nothing fails here");
                        assert_eq!(members.len(), share.count());
                        members.sort_unstable();
                        seen.extend(members);
                    }
                    assert_eq!(seen, rows);
                }
            }
        }
    }
}
