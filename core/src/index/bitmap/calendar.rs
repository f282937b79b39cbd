//! One field of free time: which rows are free in each quarter hour of the week, and whose dates differ.
//!
//! The week that repeats is kept turned: for each of its 672 quarter hours in UTC one bit a row. "Free for an hour" is
//! then the AND of four neighbouring words of 64 rows, and "at some time of the day" an OR over the starts; 1,024
//! rows are asked at once. Rows that have dates of their own in the window are few, and asked one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bound::{Bound, is_empty};
use super::openings::{Openings, WEEK};
use super::postings::Postings;
use crate::model::availability::QUARTERS;
use crate::model::persistent::Chunked;
use crate::model::rows::{BLOCK_WORDS, Block};
use crate::model::{Availability, Bits, Rows};

/// Words that the quarters of one block of rows take.
const BLOCK: usize = WEEK * BLOCK_WORDS;
/// What a block costs, in passes over its words, for each start that is tried.
const A_START: u32 = 3;

/// Free time by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct CalendarIndex {
    times: Chunked<Option<Arc<Availability>>>,
    /// Block by block, quarter by quarter from Monday 00:00 UTC.
    quarters: Chunked<u64>,
    /// Days since 1970, at the profile's own offset, with the rows that have dates of their own then.
    days: Arc<BTreeMap<i32, Arc<Postings>>>,
    present: Arc<Rows>,
    count: u32,
}

impl CalendarIndex {
    /// The free time of a row.
    pub(crate) fn get(&self, row: u32) -> Option<&Arc<Availability>> {
        self.times.get(row as usize)?.as_ref()
    }

    /// Writes one row, making room for it where it is new.
    pub(crate) fn set(&mut self, row: u32, times: Option<&Arc<Availability>>) {
        let old = self.get(row).cloned();
        if old.as_ref() == times {
            return;
        }
        self.times.extend_to(row as usize + 1, &None);
        if let Some(slot) = self.times.get_mut(row as usize) {
            *slot = times.cloned();
        }
        self.write_week(row, old.as_deref(), times.map(|times| &**times));
        let listed = |times: &Availability| -> Vec<i32> {
            times.dates().iter().chain(times.busy()).map(|(day, _)| *day).collect()
        };
        let before = old.as_deref().map(listed).unwrap_or_default();
        let after = times.map(|times| listed(times)).unwrap_or_default();
        let universe = self.times.len() as u32;
        if before != after {
            let days = Arc::make_mut(&mut self.days);
            for day in before {
                let Some(rows) = days.get_mut(&day) else { continue };
                Arc::make_mut(rows).remove(row);
                if rows.count() == 0 {
                    days.remove(&day);
                }
            }
            for day in after {
                Arc::make_mut(days.entry(day).or_default()).insert(row, universe);
            }
        }
        let present = Arc::make_mut(&mut self.present);
        if row >= present.universe() {
            present.resize(universe);
        }
        self.count -= u32::from(present.contains(row));
        self.count += u32::from(times.is_some());
        present.set(row, times.is_some());
    }

    /// Of these rows, one after the other.
    pub(crate) fn compacted(&self, rows: &[u32]) -> Self {
        let mut next = Self::default();
        for (from, to) in rows.iter().zip(0..) {
            next.set(to, self.get(*from));
        }
        next
    }

    /// Changes the bits of the quarters that differ.
    fn write_week(&mut self, row: u32, old: Option<&Availability>, new: Option<&Availability>) {
        let (old, new) = (old.map(week_in_utc), new.map(week_in_utc));
        let start = row as usize / 1_024 * BLOCK;
        if new.is_some() {
            self.quarters.extend_to(start + BLOCK, &0);
        }
        for quarter in 0..WEEK {
            let is_free =
                |week: &Option<[bool; WEEK]>| week.as_ref().is_some_and(|week| week[quarter]);
            if is_free(&old) != is_free(&new) {
                let at = start + quarter * BLOCK_WORDS + row as usize % 1_024 / 64;
                if let Some(word) = self.quarters.get_mut(at) {
                    *word ^= 1 << (row % 64);
                }
            }
        }
    }

    /// The condition of having any free time told.
    pub(crate) fn exists(&self) -> Bound<'_> {
        Bound::rows(&self.present, self.count)
    }

    /// The condition of being free at one of the openings.
    pub(crate) fn free(&self, openings: Openings) -> Bound<'_> {
        let starts: u32 = openings.list.iter().map(|one| one.starts.min(WEEK as u32)).sum();
        let days = self.days.range(openings.days.0..=openings.days.1);
        let differing: Vec<&Postings> = days.map(|(_, rows)| &**rows).collect();
        let passes = starts.saturating_mul(A_START).saturating_add(1);
        Bound::blocks(self.count / 2, passes, move |at, block| {
            let mut weekly = self.free_in_week(&openings, at, block);
            for rows in &differing {
                let dated = rows.block(at);
                for (number, word) in weekly.iter_mut().enumerate() {
                    for bit in Bits(dated[number] & block[number]) {
                        let row = (at * 1_024 + number * 64) as u32 + bit;
                        let fits = self.get(row).is_some_and(|times| openings.fit(times));
                        *word = *word & !(1 << bit) | u64::from(fits) << bit;
                    }
                }
            }
            block.iter_mut().zip(weekly).for_each(|(word, free)| *word &= free);
        })
    }

    /// The rows of a block that the repeating week has free.
    fn free_in_week(&self, openings: &Openings, at: usize, wanted: &Block) -> Block {
        let mut found = [0; BLOCK_WORDS];
        for opening in &openings.list {
            // A week repeats: after one round of starts nothing new comes, and who is free for a week always is.
            let starts = (opening.starts as usize).min(WEEK);
            let run = (opening.quarters as usize).min(WEEK);
            // Quarter 0 was a Thursday's first.
            let first = (opening.first + 3 * i64::from(QUARTERS)).rem_euclid(WEEK as i64) as usize;
            self.runs(at, first, starts, run, wanted, &mut found);
        }
        found
    }

    /// Adds the rows that are free for `run` quarters from one of `starts` on.
    ///
    /// Starts are taken `run` at a time: a window of that length is a suffix of one stretch of quarters and a prefix of
    /// the next, so that each quarter is joined three times however long the run is.
    fn runs(
        &self,
        at: usize,
        first: usize,
        starts: usize,
        run: usize,
        wanted: &Block,
        found: &mut Block,
    ) {
        let quarter = |number: usize| -> Block {
            let place = at * BLOCK + number % WEEK * BLOCK_WORDS;
            self.quarters.part::<BLOCK_WORDS>(place).copied().unwrap_or_default()
        };
        let mut suffixes: Vec<Block> = Vec::with_capacity(run);
        for stretch in (0..starts).step_by(run) {
            let open: Block = std::array::from_fn(|word| wanted[word] & !found[word]);
            if is_empty(&open) {
                return;
            }
            suffixes.clear();
            let mut joined = open;
            for back in (0..run).rev() {
                join(&mut joined, &quarter(first + stretch + back));
                suffixes.push(joined);
            }
            let mut prefix = [u64::MAX; BLOCK_WORDS];
            for ahead in 0..run.min(starts - stretch) {
                if ahead > 0 {
                    join(&mut prefix, &quarter(first + stretch + run + ahead - 1));
                }
                let suffix = &suffixes[run - 1 - ahead];
                for (word, found) in found.iter_mut().enumerate() {
                    *found |= suffix[word] & prefix[word];
                }
            }
        }
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        let times = self.times.iter().flatten();
        let dates: usize =
            times.map(|times| 208 + 32 * (times.dates().len() + times.busy().len())).sum();
        let days: usize = self.days.values().map(|rows| rows.bytes() + 64).sum();
        dates + days + self.times.len() * 8 + self.quarters.len() * 8
    }
}

#[inline]
fn join(block: &mut Block, other: &Block) {
    block.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
}

/// The free quarters of the repeating week, from Monday 00:00 UTC.
fn week_in_utc(times: &Availability) -> [bool; WEEK] {
    let mut week = [false; WEEK];
    let ahead = times.offset_minutes() / 15;
    for (day, slots) in times.week().iter().enumerate() {
        for quarter in 0..QUARTERS as usize {
            if slots.bits() >> quarter & 1 == 1 {
                let local = (day * QUARTERS as usize + quarter) as i32;
                week[(local - ahead).rem_euclid(WEEK as i32) as usize] = true;
            }
        }
    }
    week
}
