//! What a source of changes needs of the engine: batches that carry its own position with them.

use std::collections::HashMap;

use super::Engine;
use super::commit::Work;
use crate::api::event::{Event, SourceEvent};
use crate::generation::Change;
use crate::model::field::numbers;
use crate::model::{AdvisorProfile, Result};

impl Engine {
    /// Writes profiles, removes those of the ids that are held, and keeps what the source says of itself: all of
    /// it or nothing.
    pub(crate) fn feed(
        &self,
        mut upserts: Vec<AdvisorProfile>,
        removes: Vec<String>,
        states: Vec<(&str, Vec<u8>)>,
    ) -> Result<u64> {
        self.embed_profiles(&mut upserts)?;
        let others = upserts.len() + states.len();
        let states = states.into_iter().map(|(name, kept)| Change::Source(name.to_owned(), kept));
        let states: Vec<_> = states.collect();
        let applied = self.commit(Work::Make(Box::new(move |generation| {
            let upserts = upserts.into_iter().map(|profile| Change::Upsert(Box::new(profile)));
            let held = removes.into_iter().filter(|id| generation.row(id).is_some());
            Ok(upserts.chain(held.map(Change::Remove)).chain(states).collect())
        })))?;
        Ok((applied.changes - others) as u64)
    }

    /// Tells those who follow the index that a source entered a state.
    pub(crate) fn tell_source(&self, event: SourceEvent) {
        let ring = &self.inner.ring.0;
        if ring.is_recording() {
            ring.push(128, Event::Source(event));
            ring.wake();
        }
    }

    /// What a source kept under that name.
    pub(crate) fn source_state(&self, name: &str) -> Option<Vec<u8>> {
        self.generation().sources.get(name).cloned()
    }

    /// The same as far as it is known to be on the disk, or, where the index has no directory and begins anew with each
    /// process, of now.
    pub(crate) fn kept_source_state(&self, name: &str) -> Option<Vec<u8>> {
        match &*self.inner.kept_sources.load() {
            Some(kept) => kept.get(name).cloned(),
            None => self.source_state(name),
        }
    }

    /// Every id with its `updatedAt` in microseconds since 1970.
    pub(crate) fn held(&self) -> HashMap<String, Option<i64>> {
        let generation = self.generation();
        let updated = &generation.numbers[numbers::UPDATED_AT];
        let rows = generation.live.iter();
        rows.filter_map(|row| {
            let id = generation.record(row)?.id().to_owned();
            Some((id, updated.get(row).map(|micros| micros as i64)))
        })
        .collect()
    }
}
