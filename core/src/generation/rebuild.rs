//! A generation from what the journal keeps: profiles as of some commit, and the commits after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry;
use super::{Generation, HeldPlaces, write::Change};
use crate::api::limits;
use crate::api::listing::read_profile;
use crate::api::rules::Rules;
use crate::model::{AdvisorProfile, AttributeState, Result, Schema};

impl Generation {
    /// Hands on every profile. Cost: one read of everything.
    pub(crate) fn each_profile(
        &self,
        each: &mut dyn FnMut(AdvisorProfile) -> Result<()>,
    ) -> Result<()> {
        self.live.iter().try_for_each(|row| each(read_profile(self, row)))
    }

    /// The next generation as a commit that was kept makes it: the same as when it was first applied.
    ///
    /// # Errors
    /// Bytes that are not what was written, or that do not fit this generation.
    pub(crate) fn replay(&self, commit: &[u8]) -> Result<Self> {
        self.advance(entry::changes(commit))
    }

    /// An index of these profiles, as of a commit; `profiles` hands each to its argument.
    ///
    /// # Errors
    /// What a profile has wrong, or whatever kept one from being read.
    pub(crate) fn rebuilt(
        schema: &Schema,
        (rules, holds): (BTreeMap<String, Rules>, HeldPlaces),
        key: [u8; 32],
        number: u64,
        profiles: impl FnOnce(&mut dyn FnMut(AdvisorProfile) -> Result<()>) -> Result<()>,
    ) -> Result<Self> {
        // Before the profiles: who has room depends on what is held.
        let mut next = Self { holds, ..Self::empty(schema.as_written(), key)? };
        let mut batch = Vec::new();
        let mut add = |batch: &mut Vec<Change>| -> Result<()> {
            if !batch.is_empty() {
                next = next.advance(std::mem::take(batch).into_iter().map(Ok))?;
            }
            Ok(())
        };
        profiles(&mut |profile| {
            batch.push(Change::Upsert(Box::new(profile)));
            if batch.len() == limits::BATCH { add(&mut batch) } else { Ok(()) }
        })?;
        add(&mut batch)?;
        let states = schema.attributes();
        for attribute in states.iter().filter(|one| one.state != AttributeState::Ready) {
            Arc::make_mut(&mut next.schema).put(&attribute.name, attribute.state.clone());
        }
        (next.number, next.rules) = (number, Arc::new(rules));
        Ok(next)
    }
}
