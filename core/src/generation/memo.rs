//! What filters keep, remembered for as long as the generation lives.
//!
//! A page of a site, its facets and the pages behind it ask for the same filter again and again. The memo is part of
//! one generation, so nothing in it is ever out of date: the next one starts with an empty one. Nobody waits for it. A
//! shard that is being written to is passed by, at the cost of an evaluation; it is never held for longer than it
//! takes to put an entry in. Both the number of entries and their bytes are bounded, and which of them goes is
//! decided by who was asked for since somebody last had to go.

use std::hash::BuildHasher;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use hashbrown::DefaultHashBuilder;

use super::Generation;
use crate::api::search::Scope;
use crate::index::bitmap::{Leaf, Predicate, Selection, write_all};

const SHARDS: usize = 64;
/// The most that is remembered, and the most bytes of it.
const ENTRIES: usize = 1_024;
const BYTES: usize = 32 << 20;
/// A longer key is kept as its hash, which nobody can find an equal of.
const LONG_KEY: usize = 512;
/// From how many rows on a filter is remembered: what fewer take to be gone through is no more than a look here.
const WORTH: u32 = 64;

/// The rows that a filter starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    pub(crate) scope: Scope,
    /// Only who has room.
    pub(crate) open: bool,
}

/// A filter in the one form that all have who say the same.
#[derive(Debug)]
pub(crate) struct FilterKey {
    hash: u64,
    bytes: Box<[u8]>,
}

/// The filters of one generation.
#[derive(Debug)]
pub(crate) struct FilterMemo {
    shards: [RwLock<Vec<Entry>>; SHARDS],
    hasher: DefaultHashBuilder,
}

#[derive(Debug)]
struct Entry {
    key: FilterKey,
    found: Selection,
    /// Whether it was asked for since it was last spared.
    used: AtomicBool,
}

impl Default for FilterMemo {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::default()), hasher: <_>::default() }
    }
}

/// What is cloned is about to change, so a clone remembers nothing.
impl Clone for FilterMemo {
    fn clone(&self) -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::default()), hasher: self.hasher.clone() }
    }
}

impl FilterMemo {
    /// The shard of a key, and how many entries it may have where sets are of so many bytes.
    fn shard(&self, key: &FilterKey, bytes: usize) -> Option<(&RwLock<Vec<Entry>>, usize)> {
        let most = ENTRIES.min(BYTES / (bytes + 2 * LONG_KEY));
        // Sets that are too large for a place in every shard share a few.
        let shards = most.min(SHARDS);
        // hashbrown's own hash has its best bits at the top.
        let at = (key.hash >> 40) as usize % shards.max(1);
        (shards > 0).then(|| (&self.shards[at], most / shards))
    }

    fn recall(&self, key: &FilterKey, bytes: usize) -> Option<Selection> {
        let shard = self.shard(key, bytes)?.0.try_read().ok()?;
        let is_key = |entry: &&Entry| entry.key.hash == key.hash && entry.key.bytes == key.bytes;
        let entry = shard.iter().find(is_key)?;
        // Written only where it changes something, so that readers on other cores keep their copy of it.
        if !entry.used.load(Relaxed) {
            entry.used.store(true, Relaxed);
        }
        Some(entry.found.clone())
    }

    fn remember(&self, key: FilterKey, found: &Selection, bytes: usize) {
        let Some((shard, most)) = self.shard(&key, bytes) else { return };
        let Ok(mut entries) = shard.try_write() else { return };
        if entries.iter().any(|entry| entry.key.bytes == key.bytes) {
            return;
        }
        let entry = Entry { key, found: found.clone(), used: AtomicBool::new(false) };
        if entries.len() < most {
            entries.push(entry);
            return;
        }
        // The oldest that nobody asked for goes; who was asked for is spared once.
        let unused = entries.iter().position(|entry| !entry.used.swap(false, Relaxed)).unwrap_or(0);
        entries.remove(unused);
        entries.push(entry);
    }

    /// What it takes in memory, about; what is being written to is left out.
    pub(super) fn bytes(&self) -> usize {
        let of = |entry: &Entry| {
            size_of::<Entry>() + entry.key.bytes.len() + entry.found.rows.words().len() * 8
        };
        let shards = self.shards.iter().filter_map(|shard| shard.try_read().ok());
        shards.map(|shard| shard.iter().map(of).sum::<usize>()).sum()
    }
}

impl Generation {
    /// What a filter is remembered by; none where an evaluation costs no more than remembering it.
    pub(crate) fn filter_key<'a>(
        &self,
        within: Within,
        predicates: impl IntoIterator<Item = &'a Predicate> + Clone,
    ) -> Option<FilterKey> {
        let lists_rows = |part: &Predicate| matches!(part, Predicate::Leaf(Leaf::Rows(_)));
        if self.rows < WORTH || predicates.clone().into_iter().any(lists_rows) {
            return None;
        }
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(&[u8::from(within.scope == Scope::All), u8::from(within.open)]);
        write_all(predicates, &mut bytes);
        if bytes.len() > LONG_KEY {
            // A short key begins with 0 or 1.
            let digest = blake3::hash(&bytes);
            bytes.clear();
            bytes.push(2);
            bytes.extend_from_slice(digest.as_bytes());
        }
        let hash = self.filters.hasher.hash_one(&bytes);
        Some(FilterKey { hash, bytes: bytes.into_boxed_slice() })
    }

    /// What a filter keeps, where it is remembered. One look into a shard.
    pub(crate) fn recall(&self, key: &FilterKey) -> Option<Selection> {
        self.filters.recall(key, self.rows as usize / 8)
    }

    /// Keeps what a filter keeps, which must be right for this generation.
    pub(crate) fn remember(&self, key: FilterKey, found: &Selection) {
        self.filters.remember(key, found, self.rows as usize / 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rows;

    fn key(memo: &FilterMemo, number: u32) -> FilterKey {
        let bytes = number.to_le_bytes();
        FilterKey { hash: memo.hasher.hash_one(bytes.as_slice()), bytes: bytes.into() }
    }

    fn set(number: u32) -> Selection {
        Selection::of(Rows::from_rows(64_000, [number]))
    }

    #[test]
    fn what_is_remembered_is_given_back_and_a_clone_remembers_nothing() {
        let memo = FilterMemo::default();
        for number in 0..20 {
            memo.remember(key(&memo, number), &set(number), 8_000);
        }
        for number in 0..20 {
            assert_eq!(memo.recall(&key(&memo, number), 8_000), Some(set(number)));
        }
        assert_eq!(memo.recall(&key(&memo, 20), 8_000), None);
        assert_eq!(memo.clone().recall(&key(&memo, 0), 8_000), None);
    }

    #[test]
    fn entries_and_bytes_are_bounded_whatever_their_size() {
        for bytes in [1_000, 100_000, 500_000, 3_000_000, 20_000_000, 40_000_000] {
            let memo = FilterMemo::default();
            for number in 0..5_000 {
                memo.remember(key(&memo, number), &set(number), bytes);
            }
            let kept: usize = memo.shards.iter().map(|shard| shard.read().unwrap().len()).sum();
            assert!(kept <= ENTRIES && kept * bytes <= BYTES, "{kept} of {bytes} bytes");
            assert_eq!(kept > 0, bytes < BYTES, "{kept} of {bytes} bytes");
        }
    }

    #[test]
    fn who_is_asked_for_stays() {
        let memo = FilterMemo::default();
        memo.remember(key(&memo, 0), &set(0), 8_000);
        for number in 1..5_000 {
            assert!(memo.recall(&key(&memo, 0), 8_000).is_some(), "after {number}");
            memo.remember(key(&memo, number), &set(number), 8_000);
        }
    }

    #[test]
    fn a_shard_that_is_written_to_is_passed_by() {
        let memo = FilterMemo::default();
        memo.remember(key(&memo, 0), &set(0), 8_000);
        let held: Vec<_> = memo.shards.iter().map(|shard| shard.write().unwrap()).collect();
        assert_eq!(memo.recall(&key(&memo, 0), 8_000), None);
        memo.remember(key(&memo, 1), &set(1), 8_000);
        drop(held);
        assert_eq!(memo.recall(&key(&memo, 1), 8_000), None);
        assert!(memo.recall(&key(&memo, 0), 8_000).is_some());
    }
}
