//! What a source of changes needs of the engine: batches that carry its own position with them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Engine;
use super::commit::Work;
use crate::api::event::{Event, SourceEvent};
use crate::api::listing::read_without_embedding;
use crate::api::patch::ProfilePatch;
use crate::generation::Change;
use crate::model::field::numbers;
use crate::model::{AdvisorProfile, Error, Result};

impl Engine {
    /// Writes profiles, removes those of the ids that are held, and keeps what the source says of itself: all of
    /// it or nothing. Gives how many were removed. Those of `light` are held, and keep their embedding.
    ///
    /// # Errors
    /// [`Error::NotFound`] where one of `light` is not held; and as [`Engine::upsert`].
    pub(crate) fn feed(
        &self,
        mut upserts: Vec<AdvisorProfile>,
        light: Vec<AdvisorProfile>,
        removes: Vec<String>,
        states: Vec<(&str, Vec<u8>)>,
    ) -> Result<u64> {
        self.embed_profiles(&mut upserts)?;
        let removed = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&removed);
        let states = states.into_iter().map(|(name, kept)| Change::Source(name.to_owned(), kept));
        let states: Vec<_> = states.collect();
        self.commit(Work::Make(Box::new(move |generation| {
            let mut changes: Vec<Change> = Vec::with_capacity(upserts.len() + light.len());
            changes.extend(upserts.into_iter().map(|profile| Change::Upsert(Box::new(profile))));
            for profile in light {
                let Some(row) = generation.row(&profile.id) else {
                    return Err(Error::NotFound { id: profile.id });
                };
                let held = read_without_embedding(generation, row);
                if held != profile {
                    let patch = ProfilePatch::between(&held, &profile);
                    changes.push(Change::Patch(profile.id, Box::new(patch)));
                }
            }
            let before = changes.len();
            let held = removes.into_iter().filter(|id| generation.row(id).is_some());
            changes.extend(held.map(Change::Remove));
            counted.store((changes.len() - before) as u64, Ordering::Relaxed);
            changes.extend(states);
            Ok(changes)
        })))?;
        Ok(removed.load(Ordering::Relaxed))
    }

    /// Whether a profile of that id is held.
    pub(crate) fn holds_profile(&self, id: &str) -> bool {
        self.generation().row(id).is_some()
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
