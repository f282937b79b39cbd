//! Exact counts by string that change a little at a time and are cheap to share.

use std::sync::Arc;

use super::near::{Wanted, near};
use super::strings::{StringTable, merge_walk};
use crate::api::deadline::{Deadline, Pulse};
use crate::model::Result;

/// A map from string to count, kept as a few sorted runs of changes.
///
/// A clone shares all runs. A change adds a run and merges it with those of its own size, so there
/// are at most about log2 of the size many, and a change costs its own size times that in the mean.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    runs: Vec<Arc<Run>>,
}

#[derive(Debug, Default, PartialEq)]
struct Run {
    keys: StringTable,
    counts: Vec<i32>,
}

impl Counts {
    /// What it takes in memory, about.
    pub fn memory_bytes(&self) -> usize {
        self.runs.iter().map(|run| run.keys.memory_bytes() + run.counts.len() * 4).sum()
    }

    /// The counts of ascending distinct keys in `keys`, or none if the two differ in length.
    pub fn from_parts(keys: StringTable, counts: Vec<i32>) -> Option<Self> {
        (keys.len() == counts.len()).then(|| Self { runs: vec![Arc::new(Run { keys, counts })] })
    }

    /// Adds to the counts; keys ascend and are distinct.
    pub fn add<'k>(&mut self, changes: impl IntoIterator<Item = (&'k str, i32)>) {
        let mut run = Run::default();
        for (key, change) in changes {
            run.keys.push(key);
            run.counts.push(change);
        }
        if run.keys.is_empty() {
            return;
        }
        let mut run = Arc::new(run);
        while let Some(last) = self.runs.last()
            && last.keys.len() <= 2 * run.keys.len()
        {
            run = Arc::new(last.merged(&run));
            self.runs.pop();
        }
        self.runs.push(run);
    }

    /// The count of `key`; 0 if it was never counted. One bisection a run.
    pub fn get(&self, key: &str) -> i64 {
        self.runs
            .iter()
            .filter_map(|run| run.keys.find(key).map(|index| i64::from(run.counts[index])))
            .sum()
    }

    /// The keys that begin with `prefix` and count more than zero, ascending.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub fn with_prefix(&self, prefix: &str, deadline: &Deadline) -> Result<Vec<(&str, i64)>> {
        let mut found: Vec<(&str, i64)> = Vec::new();
        let mut pulse = Pulse::of(deadline);
        deadline.check()?;
        for run in &self.runs {
            for i in run.keys.with_prefix(prefix) {
                pulse.step()?;
                found.push((run.keys.get(i), i64::from(run.counts[i])));
            }
        }
        if self.runs.len() > 1 {
            join(&mut found, |kept, next| *kept += next);
        }
        found.retain(|&(_, count)| count > 0);
        Ok(found)
    }

    /// The keys near `wanted` that count more than zero, ascending, each with its count and edits;
    /// with `first`, only those that begin with that letter.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub fn near(
        &self,
        wanted: Wanted<'_>,
        first: Option<char>,
        deadline: &Deadline,
    ) -> Result<Vec<(&str, i64, u8)>> {
        deadline.check()?;
        let mut found: Vec<(&str, (i64, u8))> = Vec::new();
        for run in &self.runs {
            let range = match first {
                Some(letter) => run.keys.with_prefix(letter.encode_utf8(&mut [0; 4])),
                None => 0..run.keys.len(),
            };
            near(&run.keys, range, wanted, deadline, |i, edits| {
                found.push((run.keys.get(i), (i64::from(run.counts[i]), edits)));
            })?;
        }
        if self.runs.len() > 1 {
            join(&mut found, |kept, next| kept.0 += next.0);
        }
        let found = found.into_iter().map(|(key, (count, edits))| (key, count, edits));
        Ok(found.filter(|(_, count, _)| *count > 0).collect())
    }

    /// All of it as one run: keys, ascending, and the count of each.
    pub fn to_parts(&self) -> (StringTable, Vec<i32>) {
        let run = self.runs.iter().rev().fold(Run::default(), |sum, run| run.merged(&sum));
        (run.keys, run.counts)
    }
}

/// Brings what several runs have under one key together.
fn join<T: Copy>(found: &mut Vec<(&str, T)>, add: impl Fn(&mut T, T)) {
    // The parts are sorted runs, which the stable sort merges.
    found.sort_by_key(|&(key, _)| key);
    found.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            add(&mut kept.1, next.1);
        }
        same
    });
}

impl Run {
    fn merged(&self, other: &Run) -> Run {
        let mut sum = Run::default();
        merge_walk(&self.keys, &other.keys, |key, left, right| {
            let count = left.map_or(0, |i| self.counts[i]) + right.map_or(0, |j| other.counts[j]);
            if count != 0 {
                sum.keys.push(key);
                sum.counts.push(count);
            }
        });
        sum
    }
}
