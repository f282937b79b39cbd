//! Answers that are asked for again.
//!
//! An answer is kept under its request in one canonical form, with what it depends on. Whoever asks again is given it as
//! long as no change since could have made another of it: the changes are gone through one by one, from the list that
//! every generation carries. What is shown of each profile is read from the newest generation, so a listing is never
//! old. Nobody waits for the cache: where a shard of it is being written to, the answer is found anew.

mod entry;

use std::hash::RandomState;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, Weighter};
use serde::Serialize;

use crate::api::answer::{MatchAnswer, SearchAnswer};
use crate::generation::Generation;
use crate::model::Schema;
use entry::{Answer, Entry, Worth};

/// What takes less is found anew each time: to be worth its place, an answer must come at least three times sooner from
/// here, and that takes about a microsecond.
const WORTH: Duration = Duration::from_micros(3);
/// What the path of an answer from here is called.
const PATH: &str = "cached";
/// A longer key is kept as its hash, which nobody can find an equal of.
const LONG_KEY: usize = 512;
/// What an entry takes beside its parts, about.
const ENTRY: usize = 160;

/// A request in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Arc<[u8]>);

impl Key {
    /// Of one kind of request.
    pub(super) fn new(kind: u8, mut canonical: Vec<u8>) -> Self {
        canonical.push(kind);
        if canonical.len() > LONG_KEY {
            let digest = blake3::hash(&canonical);
            // A short key ends with a kind, which is no 0.
            canonical.clear();
            canonical.extend_from_slice(digest.as_bytes());
            canonical.push(0);
        }
        Self(canonical.into())
    }
}

#[derive(Clone)]
enum Kept {
    Search(Arc<Entry<SearchAnswer>>),
    Match(Arc<Entry<MatchAnswer>>),
}

impl Kept {
    fn bytes(&self) -> usize {
        match self {
            Kept::Search(entry) => entry.bytes(),
            Kept::Match(entry) => entry.bytes(),
        }
    }
}

/// Which answers are kept, and where their entries are.
pub(super) trait Cached: Answer {
    /// Puts an entry among the others.
    fn insert(cache: &ResultCache, key: Key, entry: Entry<Self>);
    /// The entry of a key.
    fn entry(cache: &ResultCache, key: &Key) -> Option<Arc<Entry<Self>>>;
    /// The answer without what it is read from.
    fn detached(&self, empty: &Arc<Generation>) -> Self;
    /// The answer as a generation shows it.
    fn shown_by(&self, generation: &Arc<Generation>) -> Self;
}

impl Cached for SearchAnswer {
    fn insert(cache: &ResultCache, key: Key, entry: Entry<Self>) {
        cache.insert(key, Kept::Search(Arc::new(entry)));
    }

    fn entry(cache: &ResultCache, key: &Key) -> Option<Arc<Entry<Self>>> {
        match cache.get(key)? {
            Kept::Search(entry) => Some(entry),
            Kept::Match(_) => None,
        }
    }

    fn detached(&self, empty: &Arc<Generation>) -> Self {
        Self { source: Arc::clone(empty) as _, ..self.clone() }
    }

    fn shown_by(&self, generation: &Arc<Generation>) -> Self {
        let (source, number) = (Arc::clone(generation) as _, generation.number);
        Self { source, generation: number, path: PATH, ..self.clone() }
    }
}

impl Cached for MatchAnswer {
    fn insert(cache: &ResultCache, key: Key, entry: Entry<Self>) {
        cache.insert(key, Kept::Match(Arc::new(entry)));
    }

    fn entry(cache: &ResultCache, key: &Key) -> Option<Arc<Entry<Self>>> {
        match cache.get(key)? {
            Kept::Match(entry) => Some(entry),
            Kept::Search(_) => None,
        }
    }

    fn detached(&self, empty: &Arc<Generation>) -> Self {
        Self { source: Arc::clone(empty) as _, ..self.clone() }
    }

    fn shown_by(&self, generation: &Arc<Generation>) -> Self {
        let (source, number) = (Arc::clone(generation) as _, generation.number);
        Self { source, generation: number, path: PATH, ..self.clone() }
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Kept> for Bytes {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        (ENTRY + key.0.len() + kept.bytes()) as u64
    }
}

/// Counts who had to go.
#[derive(Clone, Default)]
struct Evicted(Arc<AtomicU64>);

impl Lifecycle<Key, Kept> for Evicted {
    /// The key that is being inserted: what stood under it before is replaced, and did not have to go.
    type RequestState = Option<Key>;

    fn on_evict(&self, inserted: &mut Self::RequestState, key: Key, _: Kept) {
        self.0.fetch_add(u64::from(inserted.as_ref() != Some(&key)), Ordering::Relaxed);
    }
}

/// The answers of one engine.
pub(super) struct ResultCache {
    entries: Option<Cache<Key, Kept, Bytes, RandomState, Evicted>>,
    evicted: Evicted,
    hits: AtomicU64,
    misses: AtomicU64,
    passed: AtomicU64,
    stale: AtomicU64,
    begun: Instant,
    empty: Arc<Generation>,
}

/// What a look gave.
pub(super) enum Found<A> {
    /// The answer.
    Right(A),
    /// The answer as it was a while ago; whether it is the caller who has to find it anew.
    Old(A, bool),
    /// Nothing.
    Missing,
}

impl ResultCache {
    /// Of that many bytes at most; none of no bytes.
    pub(super) fn new(bytes: u64) -> Self {
        let empty = Generation::empty(Schema::default(), [0; 32]);
        let empty = Arc::new(empty.expect("the default schema is sound"));
        let evicted = Evicted::default();
        let entries = (bytes > 0).then(|| {
            let items = (bytes / 4_096).clamp(64, 1 << 20) as usize;
            Cache::with(items, bytes, Bytes, RandomState::new(), evicted.clone())
        });
        Self {
            entries,
            evicted,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            stale: AtomicU64::new(0),
            begun: Instant::now(),
            empty,
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.entries.is_some()
    }

    /// Looks an answer up. Cost: one probe, a copy, and what has changed since it was last looked up.
    pub(super) fn find<A: Cached>(
        &self,
        key: &Key,
        generation: &Arc<Generation>,
        max_staleness_ms: Option<u64>,
    ) -> Found<A> {
        let found = self.look(key, generation, max_staleness_ms);
        match &found {
            Found::Right(_) => _ = self.hits.fetch_add(1, Ordering::Relaxed),
            Found::Old(..) => _ = self.stale.fetch_add(1, Ordering::Relaxed),
            // Whether it was a miss is known when it is known what the answer took.
            Found::Missing => {}
        }
        found
    }

    fn look<A: Cached>(
        &self,
        key: &Key,
        generation: &Arc<Generation>,
        max_staleness_ms: Option<u64>,
    ) -> Found<A> {
        let Some(entry) = A::entry(self, key) else { return Found::Missing };
        match entry.worth(generation, self.now_ms()) {
            Worth::Right => Found::Right(entry.answer.shown_by(generation)),
            Worth::Moved(moved) => {
                let answer = moved.answer.shown_by(generation);
                A::insert(self, key.clone(), moved);
                Found::Right(answer)
            }
            Worth::Old(age_ms) if max_staleness_ms.is_some_and(|most| age_ms <= most) => {
                let is_first = !entry.refreshed.swap(true, Ordering::AcqRel);
                Found::Old(entry.answer.shown_by(generation), is_first)
            }
            Worth::Old(_) | Worth::Nothing => Found::Missing,
        }
    }

    /// Counts a request that was found anew, of whose answer [`ResultCache::keep`] said whether it is kept.
    pub(super) fn found_anew(&self, kept: bool) {
        let counted = if kept { &self.misses } else { &self.passed };
        counted.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps an answer that took so long to find, where it is worth its place. Says whether it is.
    pub(super) fn keep<A: Cached>(
        &self,
        key: Key,
        answer: &A,
        depends: Option<A::Depends>,
        generation: &Generation,
        took: Duration,
    ) -> bool {
        let Some(depends) = depends.filter(|_| took >= WORTH) else { return false };
        let answer = answer.detached(&self.empty);
        A::insert(self, key, Entry::new(answer, depends, generation, self.now_ms()));
        true
    }

    fn insert(&self, key: Key, kept: Kept) {
        if let Some(entries) = &self.entries {
            // Where a shard is being written to, the next who asks will keep it.
            let mut inserted = Some(key.clone());
            let _ = entries.try_insert_with_lifecycle(key, kept, &mut inserted);
        }
    }

    fn get(&self, key: &Key) -> Option<Kept> {
        self.entries.as_ref()?.try_get(key).ok()?
    }

    fn now_ms(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    /// What it holds and what it did.
    pub(super) fn metrics(&self) -> CacheMetrics {
        let entries = self.entries.as_ref();
        CacheMetrics {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            passed: self.passed.load(Ordering::Relaxed),
            stale: self.stale.load(Ordering::Relaxed),
            evictions: self.evicted.0.load(Ordering::Relaxed),
            entries: entries.map_or(0, |entries| entries.len() as u64),
            bytes: entries.map_or(0, Cache::weight),
            capacity_bytes: entries.map_or(0, Cache::capacity),
        }
    }
}

/// What the result cache did since the engine was opened, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CacheMetrics {
    /// Requests answered from it.
    pub hits: u64,
    /// Requests whose answers it keeps, and had none for that is right.
    pub misses: u64,
    /// Requests whose answers it does not keep: they are found sooner than it could be worth it, or depend on more than
    /// can be told.
    pub passed: u64,
    /// Requests answered by what was right a while ago, as they allowed.
    pub stale: u64,
    /// Answers that had to go for others.
    pub evictions: u64,
    /// Answers that it holds.
    pub entries: u64,
    /// What these take, about.
    pub bytes: u64,
    /// The most that they may take.
    pub capacity_bytes: u64,
}

impl CacheMetrics {
    /// The share of requests that it answered of those whose answers it keeps, 0 to 1; 0 where there were none.
    pub fn hit_rate(&self) -> f64 {
        let all = self.hits + self.misses + self.stale;
        if all == 0 { 0.0 } else { (self.hits + self.stale) as f64 / all as f64 }
    }
}
