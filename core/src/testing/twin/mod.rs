//! The slow twin: every request answered by looking at every profile, in the plainest way there is.
//!
//! It shares with the engine only the words (model), the requests (api) and the reading of text; no
//! index, no plan and no shortcut. Where engine and twin differ, one of them is wrong.

mod business;
mod conditions;
mod cosine;
mod diversity;
mod facets;
mod filter;
mod matching;
mod rank;
mod search;
mod sort;
mod value;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

pub use matching::{TwinMatch, TwinMatches};
pub(super) use rank::tie_of;
pub use search::TwinResult;

use super::text::TextTwin;
use crate::model::embedder::embedding_text;
use crate::model::{AdvisorProfile, Embedder, Error, FieldRef, ProfilePatch, Result, Schema};

/// The catalogue as a plain list, and every request as a loop over it.
///
/// Cost of everything: one look at every profile, and for text one reading of every word.
pub struct Twin {
    schema: Schema,
    /// By id, ascending: a row's place is its place in the total order among equals.
    rows: Vec<Row>,
    embedder: Option<Arc<dyn Embedder>>,
    text: OnceLock<TextTwin>,
}

/// One profile, and whether its embedding was made by the embedder rather than given.
struct Row {
    profile: AdvisorProfile,
    made: bool,
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
        let mut twin = Self { schema, rows: Vec::new(), embedder, text: OnceLock::new() };
        if twin.schema.dimension.is_none() {
            twin.schema.dimension = twin.embedder.as_ref().map(|embedder| embedder.dimension());
        }
        twin.upsert(profiles)?;
        Ok(twin)
    }

    /// The profiles, by id. One without an embedding shows the one that the embedder made.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &AdvisorProfile> {
        self.rows.iter().map(|row| &row.profile)
    }

    /// The schema; its dimension is known once an embedding is.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The profile of that id.
    pub fn get(&self, id: &str) -> Option<&AdvisorProfile> {
        self.place(id).ok().map(|place| &self.rows[place].profile)
    }

    /// Adds profiles, or replaces those that have the same ids: all of them or, on an error, none.
    ///
    /// # Errors
    /// [`Error::DuplicateId`], [`Error::WrongDimension`], and what [`AdvisorProfile::check`] refuses.
    pub fn upsert(&mut self, profiles: Vec<AdvisorProfile>) -> Result<()> {
        let mut dimension = self.schema.dimension;
        let mut seen = HashSet::new();
        for profile in &profiles {
            self.admit(profile, &mut dimension)?;
            if !seen.insert(&profile.id) {
                return Err(Error::DuplicateId { id: profile.id.clone(), first: None });
            }
        }
        let rows = profiles.into_iter().map(|profile| self.row(profile)).collect::<Result<_>>()?;
        self.put(rows);
        self.schema.dimension = dimension;
        Ok(())
    }

    /// Changes profiles: all of them or, on an error, none. Several changes to one profile happen in turn.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what [`Twin::upsert`] refuses.
    pub fn patch(&mut self, patches: Vec<(String, ProfilePatch)>) -> Result<()> {
        let mut dimension = self.schema.dimension;
        let mut changed: Vec<AdvisorProfile> = Vec::new();
        for (id, patch) in patches {
            let at = if let Some(at) = changed.iter().position(|profile| profile.id == id) {
                at
            } else {
                let place = self.place(&id).map_err(|_| Error::NotFound { id })?;
                changed.push(self.given(place));
                changed.len() - 1
            };
            patch.apply(&mut changed[at]);
            self.admit(&changed[at], &mut dimension)?;
        }
        let rows = changed.into_iter().map(|profile| self.row(profile)).collect::<Result<_>>()?;
        self.put(rows);
        self.schema.dimension = dimension;
        Ok(())
    }

    /// Forgets profiles; an id that is not there is passed over. Says how many were there.
    pub fn remove(&mut self, ids: &[&str]) -> usize {
        let before = self.rows.len();
        self.rows.retain(|row| !ids.contains(&row.profile.id.as_str()));
        self.text = OnceLock::new();
        before - self.rows.len()
    }

    fn place(&self, id: &str) -> std::result::Result<usize, usize> {
        self.rows.binary_search_by(|row| row.profile.id.as_str().cmp(id))
    }

    /// The profile as it was given, without what the embedder made.
    fn given(&self, place: usize) -> AdvisorProfile {
        let row = &self.rows[place];
        let mut profile = row.profile.clone();
        if row.made {
            profile.embedding = None;
        }
        profile
    }

    fn admit(&self, profile: &AdvisorProfile, dimension: &mut Option<usize>) -> Result<()> {
        profile.check()?;
        if let Some(embedding) = &profile.embedding {
            check_dimension(embedding, *dimension)?;
            *dimension = Some(embedding.len());
        }
        Ok(())
    }

    fn row(&self, mut profile: AdvisorProfile) -> Result<Row> {
        let mut made = false;
        if let (None, Some(embedder)) = (&profile.embedding, &self.embedder) {
            profile.embedding = embedder.embed(&embedding_text(&profile))?;
            made = profile.embedding.is_some();
        }
        Ok(Row { profile, made })
    }

    fn put(&mut self, rows: Vec<Row>) {
        let ids: HashSet<&str> = rows.iter().map(|row| row.profile.id.as_str()).collect();
        self.rows.retain(|row| !ids.contains(row.profile.id.as_str()));
        self.rows.extend(rows);
        self.rows.sort_by(|a, b| a.profile.id.cmp(&b.profile.id));
        self.text = OnceLock::new();
    }

    fn text(&self) -> &TextTwin {
        self.text.get_or_init(|| TextTwin::new(&self.schema, self.profiles()))
    }

    fn value<'a>(&'a self, row: usize, field: FieldRef) -> value::Value<'a> {
        value::read(&self.rows[row].profile, &self.schema, field)
    }

    fn embedding(&self, row: usize) -> Option<&[f32]> {
        self.rows[row].profile.embedding.as_deref()
    }
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
