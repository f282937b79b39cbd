//! Two containers that a writer changes by copying only what it touches, so that readers keep theirs:
//! a vector in chunks and a hash index in shards.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::lent::{Flat, Lent};

const CHUNK: usize = 1_024;

/// A vector in chunks of 1,024. A clone costs one counter; a change after a clone copies one chunk, and so does the
/// first change of one that lies in a mapped file.
#[derive(Clone, Debug)]
pub struct Chunked<T: 'static> {
    chunks: Arc<Vec<Arc<Flat<T>>>>,
    len: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self { chunks: Arc::new(Vec::new()), len: 0 }
    }
}

impl<T: Clone> Chunked<T> {
    /// Values that lie elsewhere, in place. Costs a chunk's counter each.
    pub fn lent(values: &Lent<T>) -> Self {
        let len = values.len();
        let chunk = |start: usize| values.part(start..len.min(start + CHUNK)).map(Flat::from);
        let chunks = (0..len).step_by(CHUNK).filter_map(chunk).map(Arc::new).collect();
        Self { chunks: Arc::new(chunks), len }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The value at `index`, if it is within.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// How many values a chunk holds.
    pub const CHUNK: usize = CHUNK;

    /// Appends a value.
    pub fn push(&mut self, value: T) {
        let chunks = Arc::make_mut(&mut self.chunks);
        if self.len.is_multiple_of(CHUNK) {
            chunks.push(Arc::new(Vec::with_capacity(CHUNK.min(64)).into()));
        }
        if let Some(last) = chunks.last_mut() {
            Arc::make_mut(last).to_mut().push(value);
            self.len += 1;
        }
    }

    /// The value at `index`, to change: copies its chunk if readers hold it.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let chunk = Arc::make_mut(&mut self.chunks).get_mut(index / CHUNK)?;
        Arc::make_mut(chunk).to_mut().get_mut(index % CHUNK)
    }

    /// The `N` values from `index` on, which must lie within one chunk.
    pub fn part<const N: usize>(&self, index: usize) -> Option<&[T; N]> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK..)?.first_chunk()
    }

    /// As [`Chunked::part`], to change: copies the chunk if readers hold it.
    pub fn part_mut<const N: usize>(&mut self, index: usize) -> Option<&mut [T; N]> {
        let chunk = Arc::make_mut(&mut self.chunks).get_mut(index / CHUNK)?;
        Arc::make_mut(chunk).to_mut().get_mut(index % CHUNK..)?.first_chunk_mut()
    }

    /// The chunk of that number: values `at * 1,024` on.
    pub fn chunk(&self, at: usize) -> &[T] {
        self.chunks.get(at).map_or(&[], |chunk| chunk)
    }

    /// Appends copies of `value` until there are `len`; never shortens.
    pub fn extend_to(&mut self, len: usize, value: &T) {
        while self.len < len {
            self.push(value.clone());
        }
    }

    /// The chunks: the index of the first value and the values.
    pub fn chunks(&self) -> impl Iterator<Item = (usize, &[T])> {
        self.chunks.iter().enumerate().map(|(i, chunk)| (i * CHUNK, &***chunk))
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

impl<T: Clone> FromIterator<T> for Chunked<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut chunked = Self::default();
        for value in values {
            chunked.push(value);
        }
        chunked
    }
}

const SHARDS: usize = 256;

/// Hashes of keys with their numbers.
type Shard = HashTable<(u64, u32)>;

/// From a key to numbers (rows, codes), where the keys themselves lie elsewhere.
///
/// A clone costs one counter; a change after a clone copies one of 256 shards. A key may have several numbers.
#[derive(Clone)]
pub struct HashIndex {
    shards: Arc<Vec<Arc<Shard>>>,
    hasher: DefaultHashBuilder,
}

impl Default for HashIndex {
    fn default() -> Self {
        Self {
            shards: Arc::new((0..SHARDS).map(|_| Arc::default()).collect()),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl std::fmt::Debug for HashIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashIndex").finish_non_exhaustive()
    }
}

impl HashIndex {
    fn hash(&self, key: &[u8]) -> (u64, usize) {
        let hash = self.hasher.hash_one(key);
        // hashbrown uses the top seven bits and the lowest; the shard takes from the middle.
        (hash, (hash >> 32) as usize % SHARDS)
    }

    /// The number kept under `key` for which `is_key` holds. One probe.
    pub fn find(&self, key: &[u8], mut is_key: impl FnMut(u32) -> bool) -> Option<u32> {
        let (hash, shard) = self.hash(key);
        self.shards[shard]
            .find(hash, |&(other, number)| other == hash && is_key(number))
            .map(|&(_, number)| number)
    }

    /// Every number kept under `key` for which `is_key` holds.
    pub fn find_all<'a>(
        &'a self,
        key: &[u8],
        mut is_key: impl FnMut(u32) -> bool + 'a,
    ) -> impl Iterator<Item = u32> + 'a {
        let (hash, shard) = self.hash(key);
        self.shards[shard]
            .iter_hash(hash)
            .filter(move |&&(other, number)| other == hash && is_key(number))
            .map(|&(_, number)| number)
    }

    /// Keeps `number` under `key`, beside whatever is there.
    pub fn insert(&mut self, key: &[u8], number: u32) {
        let (hash, shard) = self.hash(key);
        let table = Arc::make_mut(&mut Arc::make_mut(&mut self.shards)[shard]);
        table.insert_unique(hash, (hash, number), |&(hash, _)| hash);
    }

    /// Takes `number` from under `key`; absent is no change.
    pub fn remove(&mut self, key: &[u8], number: u32) {
        let (hash, shard) = self.hash(key);
        let table = Arc::make_mut(&mut Arc::make_mut(&mut self.shards)[shard]);
        if let Ok(entry) = table.find_entry(hash, |&(other, kept)| other == hash && kept == number)
        {
            entry.remove();
        }
    }

    /// What it takes in memory, about.
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.capacity() * 17).sum()
    }
}
