//! Writing: one batch, one generation, all of it or nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

use serde::Serialize;

use super::commit::Work;
use super::{Engine, Inner};
use crate::api::listing::read_profile;
use crate::api::patch::ProfilePatch;
use crate::api::rules::Rules;
use crate::generation::{Change, Generation};
use crate::model::embedder::embedding_text;
use crate::model::{AdvisorProfile, Result, Schema, SynonymRule};

/// What a batch did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Applied {
    /// The generation that has the changes; every read from now on is of it or a later one.
    pub generation: u64,
    /// How many changes the batch had.
    pub changes: usize,
}

impl Engine {
    /// Adds profiles, or replaces those whose id is known. Atomic, and visible when it returns.
    ///
    /// Cost: each profile's words, its columns and its vector; a profile whose words did not change keeps its row.
    ///
    /// # Errors
    /// What one of the profiles has wrong, see [`AdvisorProfile::check`];
    /// [`Error::DuplicateId`](crate::Error::DuplicateId) for an id that the batch has twice;
    /// [`Error::TooLarge`](crate::Error::TooLarge) over 100,000 profiles. Nothing is applied then.
    pub fn upsert(&self, mut profiles: Vec<AdvisorProfile>) -> Result<Applied> {
        self.embed_profiles(&mut profiles)?;
        self.write(profiles.into_iter().map(|profile| Change::Upsert(Box::new(profile))).collect())
    }

    /// Changes single fields of profiles. Atomic, and visible when it returns.
    ///
    /// Cost: hot fields (see [`ProfilePatch`]) copy a chunk of a column each; any other field indexes its profile anew.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an id that the index does not hold, and as [`Engine::upsert`].
    pub fn patch(&self, patches: Vec<(String, ProfilePatch)>) -> Result<Applied> {
        if self.inner.embedder.is_none() {
            let changes = patches.into_iter().map(|(id, patch)| Change::Patch(id, Box::new(patch)));
            return self.write(changes.collect());
        }
        // Made when it is its turn, so that no other patch changes the words between their reading and their embedding.
        let engine = self.clone();
        self.commit(Work::Make(Box::new(move |generation| {
            let mut changed = HashMap::new();
            let patches = patches.into_iter();
            patches
                .map(|(id, patch)| engine.patch_of(generation, id, patch, &mut changed))
                .collect()
        })))
    }

    /// Removes profiles for good. Atomic, and visible when it returns. An id that is named twice counts once.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an id that the index does not hold; nothing is removed then.
    pub fn remove(&self, ids: &[impl AsRef<str>]) -> Result<Applied> {
        let distinct: BTreeSet<&str> = ids.iter().map(AsRef::as_ref).collect();
        self.write(distinct.into_iter().map(|id| Change::Remove(id.to_owned())).collect())
    }

    /// Declares the attributes of a schema beside those that the index has.
    ///
    /// # Errors
    /// [`Error::WrongType`](crate::Error::WrongType) for one that is declared with another kind.
    pub fn declare(&self, attributes: &Schema) -> Result<Applied> {
        self.write(vec![Change::Declare(Box::new(attributes.clone()))])
    }

    /// Changes which words stand for which in searches; the rules before are forgotten. Visible when it returns.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Scope, SearchRequest, SynonymRule};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut ada = AdvisorProfile::new("ada");
    /// ada.professional_title = Some("Chief Financial Officer".to_owned());
    /// engine.upsert(vec![ada])?;
    ///
    /// engine.set_synonyms(vec![SynonymRule::Equal(
    ///     ["cfo", "chief financial officer"].map(String::from).to_vec(),
    /// )])?;
    /// let request = SearchRequest {
    ///     text: Some("cfo".to_owned()),
    ///     scope: Scope::All,
    ///     ..SearchRequest::default()
    /// };
    /// assert_eq!(engine.search(&request)?.ids(), ["ada"]);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: the reading of the rules; no profile is touched.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) over 2,000 rules, 32 phrases in one or 256 bytes in a phrase;
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) for a phrase of more than eight words or of none.
    pub fn set_synonyms(&self, rules: Vec<SynonymRule>) -> Result<Applied> {
        self.write(vec![Change::Synonyms(rules)])
    }

    /// Keeps rules under a name; those kept under it before are forgotten. Visible when it returns.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Pin, RuleSource, Rules, Scope, SearchRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// engine.upsert(vec![AdvisorProfile::new("ada"), AdvisorProfile::new("ben")])?;
    /// let pins = vec![Pin { id: "ben".to_owned(), position: 1 }];
    /// engine.set_rules("spring", Rules { pins, ..Rules::default() })?;
    /// let request = SearchRequest {
    ///     scope: Scope::All,
    ///     rules: Some(RuleSource::Named("spring".to_owned())),
    ///     ..SearchRequest::default()
    /// };
    /// assert_eq!(engine.search(&request)?.ids(), ["ben", "ada"]);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: the reading of the rules; no profile is touched.
    ///
    /// # Errors
    /// What the rules have wrong, see [`Rules::check`], also in the names and kinds of their filters' fields;
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) for a name that is empty or longer than 64 bytes;
    /// [`Error::TooLarge`](crate::Error::TooLarge) over 1,000 names.
    pub fn set_rules(&self, name: &str, rules: Rules) -> Result<Applied> {
        self.change_rules(name, Some(rules))
    }

    /// Forgets the rules of that name: requests that name them are refused from then on.
    ///
    /// # Errors
    /// [`Error::UnknownField`](crate::Error::UnknownField) where there are none, with the nearest name.
    pub fn remove_rules(&self, name: &str) -> Result<Applied> {
        self.change_rules(name, None)
    }

    fn change_rules(&self, name: &str, rules: Option<Rules>) -> Result<Applied> {
        self.write(vec![Change::Rules(name.to_owned(), rules.map(Box::new))])
    }

    /// Where the index embeds text itself, changed words mean a new embedding, and so does one that is
    /// cleared. `changed` has the profiles as earlier patches of the batch leave them.
    fn patch_of(
        &self,
        generation: &Generation,
        id: String,
        mut patch: ProfilePatch,
        changed: &mut HashMap<String, AdvisorProfile>,
    ) -> Result<Change> {
        let kept = || generation.row(&id).map(|row| read_profile(generation, row));
        if !patch.is_hot()
            && let Some(mut profile) = changed.remove(&id).or_else(kept)
        {
            let words = embedding_text(&profile);
            patch.apply(&mut profile);
            if patch.embedding.is_none() && embedding_text(&profile) != words {
                profile.embedding = None;
            }
            if profile.embedding.is_none() {
                self.embed_profiles(std::slice::from_mut(&mut profile))?;
                patch.embedding = Some(profile.embedding.clone());
            }
            changed.insert(id.clone(), profile);
        }
        Ok(Change::Patch(id, Box::new(patch)))
    }

    pub(super) fn write(&self, changes: Vec<Change>) -> Result<Applied> {
        self.commit(Work::Changes(changes))
    }
}

impl Inner {
    /// Publishes what `next` makes of the current state, at the one writer's turn.
    pub(super) fn at_turn(
        &self,
        next: impl FnOnce(&Generation) -> Result<Option<Generation>>,
    ) -> Result<Arc<Generation>> {
        // A writer that panicked published nothing, so the state behind the lock is sound.
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.current.load_full();
        let Some(generation) = next(&current)? else { return Ok(current) };
        let generation = Arc::new(generation);
        self.current.store(Arc::clone(&generation));
        self.instruments.published();
        Ok(generation)
    }
}
