//! Making few large blocks of many small ones, and leaving out what is dead.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::block::{Block, Kind};
use super::counts::Counts;
use super::index::{JOIN_AT, SEAL_AT, TextIndex};
use super::settings::TextSettings;
use super::writer::SealedWriter;
use crate::model::{Result, Rows};

/// More sealed blocks than this are merged.
const MOST_BLOCKS: usize = 8;
/// A compacted index has blocks of at least that many documents, but for the last.
const LARGE: usize = 32_768;

/// Neighbouring blocks that should become one. Holds what it needs, so it can run while
/// the index goes on changing.
#[derive(Debug)]
pub struct MergePlan {
    settings: Arc<TextSettings>,
    blocks: Vec<Arc<Block>>,
    live: Rows,
}

/// What a [`MergePlan`] made: [`TextIndex::adopt`] takes it.
#[derive(Debug)]
pub struct Merged {
    replaces: Vec<Arc<Block>>,
    block: Block,
    dropped: Vec<(String, i32)>,
}

impl TextIndex {
    /// The next merge that is worth its work, if any. `live` are the rows that were added and not
    /// removed.
    ///
    /// A tail of 1,024 documents is sealed, but for its last blocks, which the next write may join. A block of which
    /// more than half is dead is written anew; of more than eight sealed blocks the last ones are joined, as far back
    /// as the one before is no more than twice as large.
    pub fn merge_plan(&self, live: &Rows) -> Option<MergePlan> {
        let blocks = self.merge_range(live)?;
        Some(MergePlan {
            settings: self.settings.clone(),
            blocks: self.blocks[blocks].to_vec(),
            live: live.clone(),
        })
    }

    /// All blocks as one, whether or not that is worth its work.
    #[cfg(feature = "testing")]
    pub fn whole_plan(&self, live: &Rows) -> Option<MergePlan> {
        let (settings, blocks) = (self.settings.clone(), self.blocks.clone());
        (!blocks.is_empty()).then(|| MergePlan { settings, blocks, live: live.clone() })
    }

    /// Whether [`TextIndex::merge_plan`] has one. Cost: one pass over the words of the set.
    pub fn merge_is_due(&self, live: &Rows) -> bool {
        self.merge_range(live).is_some()
    }

    fn merge_range(&self, live: &Rows) -> Option<Range<usize>> {
        let sealed = self.blocks.len() - self.tail().len();
        if self.waiting() >= SEAL_AT {
            return Some(sealed..sealed + self.settled_tail());
        }
        let blocks = &self.blocks[..sealed];
        for (at, block) in blocks.iter().enumerate() {
            let alive = block.count_in(live);
            if block.documents.saturating_sub(alive) > alive {
                return Some(at..at + 1);
            }
        }
        if sealed <= MOST_BLOCKS {
            return None;
        }
        let mut first = sealed - 2;
        let mut size: usize = blocks[first..].iter().map(|block| block.lengths.len()).sum();
        while first > 0 && blocks[first - 1].lengths.len() <= 2 * size {
            first -= 1;
            size += blocks[first].lengths.len();
        }
        Some(first..sealed)
    }

    /// How many blocks of the tail no write joins any more: those that are with all after them more than
    /// a write joins.
    fn settled_tail(&self) -> usize {
        let mut after = 0;
        let joined = self.tail().iter().rev().take_while(|block| {
            after += block.lengths.len();
            after <= JOIN_AT
        });
        self.tail().len() - joined.count()
    }

    /// The same documents but for those that are dead, in rows without gaps. Nothing is analysed anew.
    ///
    /// Cost: reading and writing all postings.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) if a block does not read, which is a defect.
    pub fn compacted(&self, live: &Rows) -> Result<Self> {
        let mut next = Self { blocks: Vec::new(), removed: Counts::default(), ..self.clone() };
        let (mut writer, mut lengths) = (SealedWriter::new()?, Vec::new());
        let keep = |row| live.contains(row);
        for (at, block) in self.blocks.iter().enumerate() {
            lengths.extend(block.copy_kept(&self.settings, &mut writer, &keep)?);
            let is_last = at + 1 == self.blocks.len();
            if lengths.len() >= LARGE || is_last && !lengths.is_empty() {
                let sealed = std::mem::replace(&mut writer, SealedWriter::new()?).finish()?;
                next.blocks.push(Arc::new(Block {
                    first_row: next.rows(),
                    documents: lengths.len() as u32,
                    lengths: std::mem::take(&mut lengths),
                    kind: Kind::Sealed(sealed),
                }));
            }
        }
        let (words, counts) = self.words.to_parts();
        next.words = Counts::from_parts(words, counts).unwrap_or_default();
        Ok(next)
    }

    /// Puts a merged block in the place of those it was made of. Says false, and changes nothing,
    /// if they are no longer here.
    ///
    /// What was added or removed since the plan was made stays as it is.
    pub fn adopt(&mut self, merged: Merged) -> bool {
        let count = merged.replaces.len();
        let place = self
            .blocks
            .windows(count)
            .position(|here| here.iter().zip(&merged.replaces).all(|(a, b)| Arc::ptr_eq(a, b)));
        let Some(place) = place else { return false };
        self.blocks.splice(place..place + count, [Arc::new(merged.block)]);
        self.removed.add(merged.dropped.iter().map(|(stem, count)| (stem.as_str(), -count)));
        true
    }
}

impl MergePlan {
    /// Does the work: reads and writes all postings, without analysis. Memory is that of the new block and of the unpacked
    /// postings of 32,768 documents.
    pub fn run(self) -> Result<Merged> {
        let mut writer = SealedWriter::new()?;
        let mut dropped: HashMap<String, i32> = HashMap::new();
        let mut lengths = Vec::new();
        let keep = |row| self.live.contains(row);
        for block in &self.blocks {
            let mut count = |stem: &str| match dropped.get_mut(stem) {
                Some(count) => *count += 1,
                None => drop(dropped.insert(stem.to_owned(), 1)),
            };
            lengths.extend(block.copy_to(&self.settings, &mut writer, &keep, &mut count)?);
        }
        let mut dropped: Vec<(String, i32)> = dropped.into_iter().collect();
        dropped.sort_unstable();
        let block = Block {
            first_row: self.blocks.first().map_or(0, |block| block.first_row),
            lengths,
            documents: self.blocks.iter().map(|block| block.count_in(&self.live)).sum(),
            kind: Kind::Sealed(writer.finish()?),
        };
        Ok(Merged { replaces: self.blocks, block, dropped })
    }
}
