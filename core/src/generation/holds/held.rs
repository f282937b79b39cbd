//! The holds of a generation: by name, by time, and how many each advisor has.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault};
use std::sync::Arc;

use crate::model::hold::{Hold, HoldId};
use crate::model::{Error, Instant, Result};
use crate::store::{ByteReader, ByteWriter};

/// A change copies one of so many parts.
const SHARDS: usize = 64;

/// The holds of one generation. A clone costs a counter; a change copies one part of 64.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldPlaces(Arc<Held>);

#[derive(Clone, Debug)]
struct Held {
    by_id: Vec<Arc<Shard>>,
    /// How many places of each advisor are held.
    counts: Vec<Arc<HashMap<Arc<str>, u32>>>,
    len: usize,
}

#[derive(Clone, Debug, Default)]
struct Shard {
    /// By name, with the advisor and when it lapses.
    by_id: BTreeMap<HoldId, (Arc<str>, Instant)>,
    by_time: BTreeSet<(Instant, HoldId)>,
}

impl Default for Held {
    fn default() -> Self {
        Self { by_id: vec![Arc::default(); SHARDS], counts: vec![Arc::default(); SHARDS], len: 0 }
    }
}

/// Names are drawn at random.
fn shard_of(hold: HoldId) -> usize {
    (hold.0 % SHARDS as u64) as usize
}

fn shard_of_advisor(advisor: &str) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(advisor);
    (hash % SHARDS as u64) as usize
}

impl HeldPlaces {
    /// How many places are held.
    pub(super) fn len(&self) -> usize {
        self.0.len
    }

    /// How many places of an advisor are held. One look.
    pub(in crate::generation) fn count(&self, advisor: &str) -> u32 {
        self.0.counts[shard_of_advisor(advisor)].get(advisor).copied().unwrap_or(0)
    }

    pub(in crate::generation) fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    /// Whose place a hold is.
    pub(in crate::generation) fn advisor(&self, hold: HoldId) -> Option<Arc<str>> {
        self.0.by_id[shard_of(hold)].by_id.get(&hold).map(|(advisor, _)| Arc::clone(advisor))
    }

    /// When the next one lapses. Cost: a look at each part.
    pub(crate) fn next_lapse(&self) -> Option<Instant> {
        if self.is_empty() {
            return None;
        }
        let first = |shard: &Arc<Shard>| shard.by_time.first().map(|(until, _)| *until);
        self.0.by_id.iter().filter_map(first).min()
    }

    /// Those whose time is over by then, by time.
    pub(super) fn over(&self, now: Instant) -> Vec<HoldId> {
        let due = self.0.by_id.iter().flat_map(|shard| shard.by_time.range(..=(now, HoldId::LAST)));
        let mut over: Vec<_> = due.copied().collect();
        over.sort_unstable();
        over.into_iter().map(|(_, hold)| hold).collect()
    }

    /// Those of an advisor. Cost: a look at each hold, where the advisor has any.
    pub(super) fn of(&self, advisor: &str) -> Vec<HoldId> {
        if self.count(advisor) == 0 {
            return Vec::new();
        }
        let all = self.0.by_id.iter().flat_map(|shard| &shard.by_id);
        all.filter(|(_, (holder, _))| **holder == *advisor).map(|(id, _)| *id).collect()
    }

    /// All of them, by name.
    pub(crate) fn list(&self) -> Vec<Hold> {
        let hold = |(id, (advisor, until)): (&HoldId, &(Arc<str>, Instant))| Hold {
            id: *id,
            advisor_id: advisor.to_string(),
            until: *until,
        };
        let all = self.0.by_id.iter().flat_map(|shard| &shard.by_id);
        let mut list: Vec<_> = all.map(hold).collect();
        list.sort_unstable_by_key(|hold| hold.id);
        list
    }

    pub(crate) fn insert(&mut self, hold: HoldId, advisor: &str, until: Instant) -> Result<()> {
        let held = Arc::make_mut(&mut self.0);
        let counts = Arc::make_mut(&mut held.counts[shard_of_advisor(advisor)]);
        let known = counts.get_key_value(advisor).map(|(name, _)| Arc::clone(name));
        let advisor = known.unwrap_or_else(|| advisor.into());
        let shard = Arc::make_mut(&mut held.by_id[shard_of(hold)]);
        if shard.by_id.contains_key(&hold) {
            return Err(Error::Internal { what: format!("hold {hold} is there twice") });
        }
        shard.by_id.insert(hold, (Arc::clone(&advisor), until));
        shard.by_time.insert((until, hold));
        *counts.entry(advisor).or_default() += 1;
        held.len += 1;
        Ok(())
    }

    /// Takes a hold out; its advisor.
    pub(crate) fn remove(&mut self, hold: HoldId) -> Option<Arc<str>> {
        if !self.0.by_id[shard_of(hold)].by_id.contains_key(&hold) {
            return None;
        }
        let held = Arc::make_mut(&mut self.0);
        let shard = Arc::make_mut(&mut held.by_id[shard_of(hold)]);
        let (advisor, until) = shard.by_id.remove(&hold)?;
        shard.by_time.remove(&(until, hold));
        let counts = Arc::make_mut(&mut held.counts[shard_of_advisor(&advisor)]);
        if let Some(count) = counts.get_mut(&advisor) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&advisor);
            }
        }
        held.len -= 1;
        Some(advisor)
    }

    /// What is kept of them.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = ByteWriter::default();
        let list = self.list();
        out.u32(list.len() as u32);
        for Hold { id, advisor_id, until } in list {
            out.u64(id.0);
            out.u64(until.micros() as u64);
            out.bytes(advisor_id.as_bytes());
        }
        out.0
    }

    /// What was kept, if these are the bytes of that.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (mut reader, mut holds) = (ByteReader::new(bytes), Self::default());
        for _ in 0..reader.u32()? {
            let hold = HoldId(reader.u64()?);
            let until = Instant::from_micros(reader.u64()? as i64).ok()?;
            let advisor = std::str::from_utf8(reader.bytes()?).ok()?;
            holds.insert(hold, advisor, until).ok()?;
        }
        reader.is_done().then_some(holds)
    }
}
