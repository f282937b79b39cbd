//! Making few large blocks of many small ones, and leaving out what is dead.

use std::sync::Arc;

use hashbrown::HashMap;

use super::block::{Block, Kind};
use super::index::TextIndex;
use super::settings::TextSettings;
use super::writer::SealedWriter;
use crate::model::{Result, Rows};

/// More sealed blocks than this are merged.
const MOST_BLOCKS: usize = 8;

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
    /// A block of which more than half is dead is written anew; of more than eight sealed blocks
    /// the last ones are joined, as far back as the one before is no more than twice as large.
    pub fn merge_plan(&self, live: &Rows) -> Option<MergePlan> {
        let sealed = self.blocks.iter().take_while(|block| !block.is_tail()).count();
        let blocks = &self.blocks[..sealed];
        let plan = |blocks: &[Arc<Block>]| MergePlan {
            settings: self.settings.clone(),
            blocks: blocks.to_vec(),
            live: live.clone(),
        };
        for block in blocks {
            let alive = block.count_in(live);
            if block.documents.saturating_sub(alive) > alive {
                return Some(plan(std::slice::from_ref(block)));
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
        Some(plan(&blocks[first..]))
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
