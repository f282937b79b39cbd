//! How a filter becomes one set of rows: one walk over blocks of 1,024 rows, each narrowed by condition after
//! condition while it is in the first-level cache, and counted on the way out.

use std::sync::Arc;

use super::bound::{Bound, Kind, and, is_empty};
use super::predicate::{Leaves, Predicate};
use crate::model::rows::{BLOCK_WORDS, Block};
use crate::model::{Result, Rows};

/// A set of rows and how many they are. A clone costs a counter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Selection {
    pub(crate) rows: Arc<Rows>,
    pub(crate) count: u32,
}

impl Selection {
    /// Counts a set.
    pub(crate) fn of(rows: Rows) -> Self {
        Self { count: rows.count(), rows: Arc::new(rows) }
    }
}

/// Blocks between two looks at the time limit at most: some 100 us where conditions are few. Where a block costs
/// much, they are fewer.
const BLOCKS_A_CHECK: usize = 256;

/// The rows that are in every one of `base` and for which every predicate holds.
///
/// Conditions go cheapest and most selective first, and a block is left as soon as no row of it is. Where one of
/// them lists its few rows, only the blocks of these are visited. The depth of the recursion is the filter's, at
/// most 32; `check` is asked now and then whether to go on.
///
/// # Errors
/// What `check` says.
pub(crate) fn select<'a>(
    base: &[&Rows],
    predicates: impl IntoIterator<Item = &'a Predicate>,
    leaves: &'a impl Leaves,
    universe: u32,
    check: &dyn Fn() -> Result<()>,
) -> Result<Selection> {
    let mut parts: Vec<Bound<'a>> =
        predicates.into_iter().map(|part| bind(part, leaves, universe)).collect();
    parts.sort_by_cached_key(|part| part.rank(universe));
    let driver = parts.iter().filter_map(Bound::listed).min_by_key(|list| list.len());
    let every = (1 << 15) / passes(&parts).max(1) as usize;
    let every = every.clamp(1, BLOCKS_A_CHECK);
    let walk = Walk { base, parts: &parts, rows: Rows::none(universe), count: 0, every };
    match driver {
        Some(list) => walk.over(
            list.chunk_by(|a, b| a / 1_024 == b / 1_024).map(|run| run[0] as usize / 1_024),
            check,
        ),
        None => walk.over(0..(universe as usize).div_ceil(BLOCK_WORDS * 64), check),
    }
}

/// Whether one row is among those for which the predicate holds. Cost: a block for each condition.
pub(crate) fn holds<'a>(
    predicate: &'a Predicate,
    leaves: &'a impl Leaves,
    universe: u32,
    row: u32,
) -> bool {
    let mut block = [0; BLOCK_WORDS];
    let word = row as usize / 64 % BLOCK_WORDS;
    block[word] = 1 << (row % 64);
    bind(predicate, leaves, universe).narrow(row as usize / (BLOCK_WORDS * 64), &mut block);
    block[word] != 0
}

struct Walk<'w, 'a> {
    base: &'w [&'w Rows],
    parts: &'w [Bound<'a>],
    rows: Rows,
    count: u32,
    /// Blocks between two looks at the time limit.
    every: usize,
}

impl Walk<'_, '_> {
    fn over(
        mut self,
        blocks: impl Iterator<Item = usize>,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Selection> {
        for (step, at) in blocks.enumerate() {
            if step % self.every == 0 {
                check()?;
            }
            let mut block = match self.base {
                [] => [u64::MAX; BLOCK_WORDS],
                [first, ..] => first.block(at),
            };
            self.base.iter().skip(1).for_each(|rows| and(&mut block, &rows.block(at)));
            for part in self.parts {
                if is_empty(&block) {
                    break;
                }
                part.narrow(at, &mut block);
            }
            if !is_empty(&block) {
                self.keep(at, &block);
            }
        }
        Ok(Selection { rows: Arc::new(self.rows), count: self.count })
    }

    fn keep(&mut self, at: usize, block: &Block) {
        let words = self.rows.words_mut().get_mut(at * BLOCK_WORDS..).unwrap_or_default();
        words.iter_mut().zip(block).for_each(|(word, kept)| *word = *kept);
        self.count += block.iter().map(|word| word.count_ones()).sum::<u32>();
    }
}

fn bind<'a>(predicate: &'a Predicate, leaves: &'a impl Leaves, universe: u32) -> Bound<'a> {
    let all = |parts: &'a [Predicate]| {
        let mut parts: Vec<_> = parts.iter().map(|part| bind(part, leaves, universe)).collect();
        parts.sort_by_cached_key(|part| part.rank(universe));
        parts
    };
    match predicate {
        Predicate::Leaf(leaf) => leaves.bind(leaf),
        Predicate::And(parts) => {
            let parts = all(parts);
            let estimate = parts.iter().map(|part| part.estimate).min().unwrap_or(universe);
            Bound { estimate, passes: passes(&parts), kind: Kind::And(parts) }
        }
        Predicate::Or(parts) => {
            let mut parts = all(parts);
            // Of these the one that holds most leaves least to the others.
            parts.sort_by_key(|part| (part.passes, u32::MAX - part.estimate));
            Bound::either(parts, universe)
        }
        Predicate::Not(part) => {
            let part = bind(part, leaves, universe);
            let estimate = universe.saturating_sub(part.estimate);
            Bound { estimate, passes: 1 + part.passes, kind: Kind::Not(Box::new(part)) }
        }
    }
}

fn passes(parts: &[Bound<'_>]) -> u32 {
    parts.iter().fold(0, |sum: u32, part| sum.saturating_add(part.passes))
}

impl Bound<'_> {
    /// The order of evaluation: what a condition costs for each row that it takes out.
    fn rank(&self, universe: u32) -> u64 {
        let out = u64::from(universe.saturating_sub(self.estimate)).max(1);
        (u64::from(self.passes) << 32) / out
    }
}
