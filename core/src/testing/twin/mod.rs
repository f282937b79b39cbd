//! The slow twin: every request answered by looking at every profile, in the plainest way there is.
//!
//! It shares with the engine only the words (model), the requests (api) and the reading of text; no
//! index, no plan and no shortcut. Where engine and twin differ, one of them is wrong.

mod alter;
mod business;
mod calendar;
mod choice;
mod conditions;
mod cosine;
mod did_you_mean;
mod distance;
mod evidence;
mod facets;
mod filter;
mod highlight;
mod holds;
mod matching;
mod rank;
mod reasons;
mod relax;
mod rules;
mod search;
mod similar;
mod sort;
mod suggest;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

pub(super) use highlight::Marked;
pub use matching::{TwinMatch, TwinMatches};
pub(super) use rank::tie_of;
pub use search::TwinResult;

use super::text::TextTwin;
use crate::api::patch::ProfilePatch;
use crate::api::rules::Rules;
use crate::generation::text_settings;
use crate::model::embedder::embedding_text;
use crate::model::{AdvisorProfile, Embedder, Error, FieldRef, Hold, Result, Schema, SynonymRule};

/// The catalogue as a plain list, and every request as a loop over it.
///
/// Cost of everything: one look at every profile, and for text one reading of every word.
pub struct Twin {
    schema: Schema,
    /// By id, ascending: a row's place is its place in the total order among equals.
    rows: Vec<AdvisorProfile>,
    embedder: Option<Arc<dyn Embedder>>,
    text: OnceLock<TextTwin>,
    rules: BTreeMap<String, Rules>,
    /// Places that are held, each with its advisor and when it lapses.
    holds: Vec<Hold>,
}

impl Twin {
    /// A twin that holds these profiles.
    ///
    /// # Errors
    /// As [`Twin::upsert`].
    pub fn new(
        schema: Schema,
        profiles: Vec<AdvisorProfile>,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Result<Self> {
        let (text, rules) = (OnceLock::new(), BTreeMap::new());
        let mut twin = Self { schema, rows: Vec::new(), embedder, text, rules, holds: Vec::new() };
        if twin.schema.dimension.is_none() {
            twin.schema.dimension = twin.embedder.as_ref().map(|embedder| embedder.dimension());
        }
        text_settings(&twin.schema)?;
        twin.upsert(profiles)?;
        Ok(twin)
    }

    /// The profiles, by id. One without an embedding shows the one that the embedder made.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &AdvisorProfile> {
        self.rows.iter()
    }

    /// The schema; its dimension is known once an embedding is.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The profile of that id.
    pub fn get(&self, id: &str) -> Option<&AdvisorProfile> {
        let place = self.rows.binary_search_by(|profile| profile.id.as_str().cmp(id));
        place.ok().map(|place| &self.rows[place])
    }

    /// Adds profiles, or replaces those that have the same ids: all of them or, on an error, none.
    ///
    /// # Errors
    /// [`Error::DuplicateId`], [`Error::WrongDimension`], [`Error::UnknownField`] or [`Error::WrongType`] of an
    /// attribute, and what [`AdvisorProfile::check`] refuses.
    pub fn upsert(&mut self, mut profiles: Vec<AdvisorProfile>) -> Result<()> {
        let mut schema = self.schema.clone();
        let mut seen = HashSet::new();
        for profile in &mut profiles {
            if !seen.insert(profile.id.clone()) {
                return Err(Error::DuplicateId { id: profile.id.clone(), first: None });
            }
            self.embed(profile)?;
            admit(profile, &mut schema)?;
        }
        self.schema = schema;
        self.put(profiles);
        Ok(())
    }

    /// Changes profiles: all of them or, on an error, none. Several changes to one profile happen in turn.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what [`Twin::upsert`] refuses.
    pub fn patch(&mut self, patches: Vec<(String, ProfilePatch)>) -> Result<()> {
        let mut schema = self.schema.clone();
        let mut changed: Vec<AdvisorProfile> = Vec::new();
        for (id, patch) in patches {
            let at = if let Some(at) = changed.iter().position(|profile| profile.id == id) {
                at
            } else {
                changed.push(self.get(&id).ok_or(Error::NotFound { id })?.clone());
                changed.len() - 1
            };
            let profile = &mut changed[at];
            if let Some(condition) = &patch.if_
                && !filter::keeps(condition, profile, &schema)?
            {
                return Err(Error::ConditionNotMet {
                    id: profile.id.clone(),
                    condition: condition.fields().join(", "),
                });
            }
            let before = embedding_text(profile);
            patch.apply(profile);
            // An embedding of words that have changed is one of no use.
            let stale = patch.embedding.is_none() && embedding_text(profile) != before;
            if stale && self.embedder.is_some() {
                profile.embedding = None;
            }
            self.embed(profile)?;
            admit(profile, &mut schema)?;
        }
        self.schema = schema;
        self.put(changed);
        Ok(())
    }

    /// Forgets profiles: all of them or, on an error, none.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn remove(&mut self, ids: &[&str]) -> Result<()> {
        if let Some(id) = ids.iter().find(|id| self.get(id).is_none()) {
            return Err(Error::NotFound { id: (*id).to_owned() });
        }
        self.rows.retain(|profile| !ids.contains(&profile.id.as_str()));
        self.holds.retain(|hold| !ids.contains(&hold.advisor_id.as_str()));
        self.text = OnceLock::new();
        Ok(())
    }

    /// Changes which words stand for which.
    ///
    /// # Errors
    /// Those of [`Engine::set_synonyms`](crate::Engine::set_synonyms).
    pub fn set_synonyms(&mut self, rules: Vec<SynonymRule>) -> Result<()> {
        let schema = Schema { synonyms: rules, ..self.schema.clone() };
        text_settings(&schema)?;
        self.schema = schema;
        self.text = OnceLock::new();
        Ok(())
    }

    /// Gives a profile without an embedding the one that the embedder makes of its words.
    fn embed(&self, profile: &mut AdvisorProfile) -> Result<()> {
        if let (None, Some(embedder)) = (&profile.embedding, &self.embedder) {
            profile.embedding = embedder.embed(&embedding_text(profile))?;
        }
        Ok(())
    }

    fn put(&mut self, profiles: Vec<AdvisorProfile>) {
        let ids: HashSet<&str> = profiles.iter().map(|profile| profile.id.as_str()).collect();
        self.rows.retain(|profile| !ids.contains(profile.id.as_str()));
        self.rows.extend(profiles);
        self.rows.sort_by(|a, b| a.id.cmp(&b.id));
        self.text = OnceLock::new();
    }

    fn text(&self) -> &TextTwin {
        self.text.get_or_init(|| TextTwin::new(&self.schema, self.profiles()))
    }

    fn value(&self, row: usize, field: FieldRef) -> value::Value<'_> {
        value::read(&self.rows[row], &self.schema, field)
    }

    fn embedding(&self, row: usize) -> Option<&[f32]> {
        self.rows[row].embedding.as_deref()
    }
}

/// Checks a profile against the schema, which may learn an attribute or its dimension from it.
fn admit(profile: &AdvisorProfile, schema: &mut Schema) -> Result<()> {
    profile.check()?;
    for (name, value) in &profile.attributes {
        if schema.attribute(name).is_none() && !schema.infer_attributes {
            schema.resolve(&format!("attributes.{name}"), "the schema's attributes")?;
        }
        // Declaring anew refuses another kind.
        schema.declare(name, value.kind())?;
    }
    if let Some(embedding) = &profile.embedding {
        check_dimension(embedding, schema.dimension)?;
        schema.dimension = Some(embedding.len());
    }
    Ok(())
}

fn check_dimension(embedding: &[f32], dimension: Option<usize>) -> Result<()> {
    match dimension {
        Some(expected) if expected != embedding.len() => Err(Error::WrongDimension {
            field: "embedding".to_owned(),
            found: embedding.len(),
            expected,
        }),
        _ => Ok(()),
    }
}
