//! The writer: a batch of changes, validated whole, makes the next generation.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::document::{document, same_text};
use super::recent::{Effect, FieldSet, Recent};
use super::record::{Block, Record};
use super::{Generation, text_settings};
use crate::api::alter::SchemaChange;
use crate::api::limits;
use crate::api::listing::read_profile;
use crate::api::patch::ProfilePatch;
use crate::api::rules::Rules;
use crate::index::vector::{CodedVector, VectorIndex};
use crate::model::field::numbers;
use crate::model::hold::HoldId;
use crate::model::schema::MAX_DIMENSION;
use crate::model::{AdvisorProfile, Error, Instant, Result, Schema, SynonymRule};

/// One change of a batch.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Upsert(Box<AdvisorProfile>),
    Patch(String, Box<ProfilePatch>),
    Remove(String),
    /// What a source keeps of how far it was followed.
    Source(String, Vec<u8>),
    /// Attributes beside those that there are.
    Declare(Box<Schema>),
    /// Attributes that come with values from the profiles, or go.
    Alter(Box<SchemaChange>),
    /// The profiles were worked through for an attribute that came or went.
    Finish(String),
    /// Other rules than before.
    Synonyms(Vec<SynonymRule>),
    /// Rules under a name, or none under it any more.
    Rules(String, Option<Box<Rules>>),
    /// A place of an advisor's capacity is held.
    Reserve {
        advisor: String,
        hold: HoldId,
        until: Instant,
    },
    /// A hold is over; one that is confirmed becomes a client.
    EndHold {
        hold: HoldId,
        confirmed: bool,
    },
}

impl Generation {
    /// The next generation: this one with the changes in their order, or none of them.
    ///
    /// # Errors
    /// Whatever is wrong with one of the changes; nothing of the batch is applied then.
    pub(crate) fn apply(&self, changes: Vec<Change>) -> Result<Self> {
        check_batch(&changes)?;
        self.advance(changes.into_iter().map(Ok))
    }

    /// The next generation, made by the changes of several batches, each of them all or nothing. One answer a
    /// batch; no generation where every batch is refused.
    pub(crate) fn apply_group(&self, batches: Vec<Vec<Change>>) -> (Vec<Result<()>>, Option<Self>) {
        if batches.len() > 1 && batches.iter().all(|batch| check_batch(batch).is_ok()) {
            // Each on its own costs a generation a batch, which is made where one of them is refused.
            let all = batches.iter().flatten().cloned().map(Ok);
            if let Ok(next) = self.advance(all) {
                return (batches.iter().map(|_| Ok(())).collect(), Some(next));
            }
        }
        let (mut answers, mut next) = (Vec::with_capacity(batches.len()), None::<Self>);
        for batch in batches {
            match next.as_ref().unwrap_or(self).apply(batch) {
                Ok(made) => {
                    next = Some(Self { number: self.number + 1, ..made });
                    answers.push(Ok(()));
                }
                Err(error) => answers.push(Err(error)),
            }
        }
        (answers, next)
    }

    /// The next generation, by changes that were checked as batches before.
    pub(crate) fn advance(
        &self,
        changes: impl IntoIterator<Item = Result<Change>>,
    ) -> Result<Self> {
        let mut next = self.clone();
        next.number += 1;
        let mut added = Batch::default();
        for change in changes {
            match change? {
                Change::Upsert(profile) => next.upsert(*profile, &mut added)?,
                Change::Patch(id, patch) => next.patch(&id, &patch, &mut added)?,
                Change::Remove(id) => next.remove_id(&id, &mut added)?,
                Change::Source(name, kept) => {
                    Arc::make_mut(&mut next.sources).insert(name, kept);
                }
                Change::Declare(wanted) => next.declare(&wanted)?,
                Change::Alter(change) => next.alter(&change)?,
                Change::Finish(attribute) => next.finish_attribute(&attribute),
                Change::Synonyms(rules) => next.set_synonyms(rules)?,
                Change::Rules(name, rules) => next.set_rules(&name, rules.map(|rules| *rules))?,
                Change::Reserve { advisor, hold, until } => {
                    next.reserve(&advisor, hold, until, &mut added)?;
                }
                Change::EndHold { hold, confirmed } => {
                    next.end_hold(hold, confirmed, &mut added)?;
                }
            }
        }
        next.seal(&mut added)?;
        next.complete_values();
        next.tune(added.touched.len())?;
        let mut orders = std::mem::take(&mut next.orders);
        orders.follow(self, &next, &mut added.touched);
        next.orders = orders;
        if added.touched.iter().any(|row| self.rating(*row) != next.rating(*row)) {
            next.mean_rating = OnceLock::new();
        }
        if Arc::ptr_eq(&self.schema, &next.schema) {
            next.recent.push(next.number, added.effects);
        } else {
            next.recent = Recent::after(next.number);
        }
        next.stamps.touch(&added.touched);
        if let Some(noted) = &mut next.touched {
            added.touched.iter().for_each(|row| noted.push(*row));
        }
        Ok(next)
    }

    fn upsert(&mut self, profile: AdvisorProfile, added: &mut Batch) -> Result<()> {
        profile.check()?;
        self.schema.refuse_removed(profile.attributes.keys(), "a profile")?;
        self.fit_profile(&profile)?;
        match self.row(&profile.id) {
            None => {
                let row = Some(self.rows);
                added.effects.push(Effect { was: None, row, fields: FieldSet::ALL });
                self.append(profile, None, added)
            }
            Some(row) => {
                added.touched.push(row);
                self.settle(row, added)?;
                self.replace(row, profile, added)
            }
        }
    }

    /// Declares attributes where the schema infers them, and sets the dimension by the first embedding.
    pub(super) fn fit_profile(&mut self, profile: &AdvisorProfile) -> Result<()> {
        for (name, value) in &profile.attributes {
            let kind = value.kind();
            match self.schema.known(name) {
                Some(attribute) if attribute.kind == kind => {}
                None if !self.schema.infer_attributes => {
                    self.schema
                        .resolve(&format!("attributes.{name}"), "the schema's attributes")?;
                }
                // Declaring says what is wrong where the kinds differ.
                _ => {
                    let mut schema = Schema::clone(&self.schema);
                    schema.declare(name, kind)?;
                    self.schema = Arc::new(schema);
                    self.fit_schema();
                }
            }
        }
        let Some(embedding) = &profile.embedding else { return Ok(()) };
        match self.schema.dimension {
            Some(dimension) if dimension != embedding.len() => Err(Error::WrongDimension {
                field: "embedding".to_owned(),
                found: embedding.len(),
                expected: dimension,
            }),
            Some(_) => Ok(()),
            None if embedding.len() > MAX_DIMENSION => Err(Error::TooLarge {
                field: "embedding".to_owned(),
                found: embedding.len() as u64,
                limit: MAX_DIMENSION as u64,
                unit: "dimensions",
            }),
            None => {
                let mut schema = Schema::clone(&self.schema);
                schema.dimension = Some(embedding.len());
                self.vectors = Some(VectorIndex::new(embedding.len()));
                self.schema = Arc::new(schema);
                Ok(())
            }
        }
    }

    fn remove_id(&mut self, id: &str, added: &mut Batch) -> Result<()> {
        let row = self.row(id).ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        added.touched.push(row);
        added.effects.push(Effect { was: Some(row), row: None, fields: FieldSet::ALL });
        self.settle(row, added)?;
        self.forget_holds(id);
        self.remove_row(row)
    }

    /// Indexes the texts that are still to come if one of them is this row's, which is about to change again.
    pub(super) fn settle(&mut self, row: u32, added: &mut Batch) -> Result<()> {
        if added.documents.first().is_some_and(|(first, _)| row >= *first) {
            self.seal(added)?;
        }
        Ok(())
    }

    /// In place where the words stay the same; else the profile moves to a new row, and the old one is a tombstone.
    pub(super) fn replace(
        &mut self,
        row: u32,
        profile: AdvisorProfile,
        added: &mut Batch,
    ) -> Result<()> {
        let old = read_profile(self, row);
        let fields = FieldSet::between(&old, &profile, &self.schema);
        if !same_text(&old, &profile) {
            let fields = fields.and(FieldSet::TEXT);
            added.effects.push(Effect { was: Some(row), row: Some(self.rows), fields });
            // A vector that stays moves as it is: made anew of what it is shown as, it could lose a last bit.
            let stays = old.embedding.is_some() && old.embedding == profile.embedding;
            let vector = self.vectors.as_ref().filter(|_| stays).and_then(|all| all.coded(row));
            self.remove_row(row)?;
            return self.append(profile, vector.as_ref(), added);
        }
        added.effects.push(Effect { was: Some(row), row: Some(row), fields });
        if old.embedding != profile.embedding
            && let Some(vectors) = &mut self.vectors
        {
            vectors.set(row, profile.embedding.as_deref())?;
            self.sample_changed(row, profile.id.as_bytes(), profile.embedding.is_some());
        }
        self.rewrite(row, &old, &profile);
        Ok(())
    }

    /// Writes all of a row but its words, which stay, and its vector.
    pub(super) fn rewrite(&mut self, row: u32, old: &AdvisorProfile, profile: &AdvisorProfile) {
        if old.user_id != profile.user_id {
            if let Some(user) = &old.user_id {
                self.user_ids.remove(user.as_bytes(), row);
            }
            if let Some(user) = &profile.user_id {
                self.user_ids.insert(user.as_bytes(), row);
            }
        }
        let mut bytes = Vec::new();
        Record::write(profile, &self.schema, &mut bytes);
        let len = bytes.len() as u32;
        if let (Some(slot), Some(record)) =
            (self.records.get_mut(row as usize), Record::new(Arc::new(Block::Owned(bytes)), 0, len))
        {
            *slot = record;
        }
        self.write_presence(row, profile);
        self.write_columns(row, profile);
    }

    /// Adds a profile as the next row, with its own vector or one that another row had.
    pub(super) fn append(
        &mut self,
        profile: AdvisorProfile,
        vector: Option<&CodedVector>,
        added: &mut Batch,
    ) -> Result<()> {
        let row = self.rows;
        self.rows += 1;
        added.touched.push(row);
        for rows in [&mut self.live, &mut self.visible, &mut self.marketplace, &mut self.open] {
            Arc::make_mut(rows).resize(self.rows);
        }
        for rows in &mut self.presence {
            Arc::make_mut(rows).resize(self.rows);
        }
        Arc::make_mut(&mut self.live).insert(row);
        self.ids.insert(profile.id.as_bytes(), row);
        if let Some(user) = &profile.user_id {
            self.user_ids.insert(user.as_bytes(), row);
        }
        // The record is found by its id from here on, so it is written before the batch's block is.
        let mut bytes = Vec::new();
        Record::write(&profile, &self.schema, &mut bytes);
        let len = bytes.len() as u32;
        if let Some(record) = Record::new(Arc::new(Block::Owned(bytes)), 0, len) {
            self.records.push(record);
        }
        self.numbers.iter_mut().for_each(|column| column.push(None));
        self.keywords.iter_mut().for_each(|field| field.codes.push(&[]));
        if let Some(vectors) = &mut self.vectors {
            match vector {
                Some(vector) => vectors.set_coded(row, vector),
                None => vectors.set(row, profile.embedding.as_deref())?,
            }
            self.sample_changed(row, profile.id.as_bytes(), profile.embedding.is_some());
        }
        self.completions.push(profile.professional_title.as_deref());
        self.write_presence(row, &profile);
        self.write_columns(row, &profile);
        added.documents.push((row, profile));
        Ok(())
    }

    /// Indexes the texts of the rows that a batch added.
    pub(super) fn seal(&mut self, added: &mut Batch) -> Result<()> {
        let documents = std::mem::take(&mut added.documents);
        let Some((first, _)) = documents.first() else { return Ok(()) };
        let texts: Vec<_> =
            documents.iter().map(|(_, profile)| document(profile, &self.schema)).collect();
        self.text.add(*first, &texts)
    }

    pub(super) fn remove_row(&mut self, row: u32) -> Result<()> {
        let profile = read_profile(self, row);
        self.text.remove(row, &document(&profile, &self.schema))?;
        self.completions.remove(row);
        self.ids.remove(profile.id.as_bytes(), row);
        if let Some(user) = &profile.user_id {
            self.user_ids.remove(user.as_bytes(), row);
        }
        for field in &mut self.keywords {
            for code in field.codes.get(row).to_vec() {
                field.index.remove(code, row);
            }
            field.codes.set(row, &[]);
        }
        for rows in [&mut self.live, &mut self.visible, &mut self.marketplace, &mut self.open] {
            Arc::make_mut(rows).remove(row);
        }
        for rows in &mut self.presence {
            Arc::make_mut(rows).remove(row);
        }
        self.numbers.iter_mut().for_each(|column| column.set(row, None));
        self.remove_points(row);
        self.calendars.iter_mut().for_each(|calendar| calendar.set(row, None));
        self.flags.iter_mut().for_each(|flag| flag.set(row, None));
        if let Some(vectors) = &mut self.vectors {
            vectors.remove(row);
            self.sample_changed(row, &[], false);
        }
        Ok(())
    }

    /// What the mean of all ratings is made of.
    fn rating(&self, row: u32) -> Option<u64> {
        let rating = || self.numbers[numbers::OVERALL_RATING].raw(row).to_bits();
        self.visible.contains(row).then(rating)
    }

    /// Declares further attributes; those that are declared already must be of the same kind.
    fn declare(&mut self, wanted: &Schema) -> Result<()> {
        let mut schema = Schema::clone(&self.schema);
        for attribute in wanted.attributes().iter().filter(|one| !one.state.is_removed()) {
            schema.declare(&attribute.name, attribute.kind)?;
        }
        self.schema = Arc::new(schema);
        self.fit_schema();
        Ok(())
    }

    /// Other synonym rules; no profile is touched.
    fn set_synonyms(&mut self, rules: Vec<SynonymRule>) -> Result<()> {
        let schema = Schema { synonyms: rules, ..Schema::clone(&self.schema) };
        self.text.set_synonyms(text_settings(&schema)?.synonyms);
        self.schema = Arc::new(schema);
        Ok(())
    }
}

/// What is done for a whole batch at its end.
#[derive(Default)]
pub(super) struct Batch {
    /// The profiles that it added, whose texts are indexed together.
    documents: Vec<(u32, AdvisorProfile)>,
    /// The rows that it wrote to.
    pub(super) touched: Vec<u32>,
    /// What it did to each profile.
    pub(super) effects: Vec<Effect>,
}

/// Refuses a batch over the limit, or one that names an id twice.
fn check_batch(changes: &[Change]) -> Result<()> {
    if changes.len() > limits::BATCH {
        return Err(Error::TooLarge {
            field: "batch".to_owned(),
            found: changes.len() as u64,
            limit: limits::BATCH as u64,
            unit: "profiles",
        });
    }
    if changes.len() > 1 { refuse_duplicates(changes) } else { Ok(()) }
}

/// An id stands for one profile, so one batch says only once what that profile is.
fn refuse_duplicates(changes: &[Change]) -> Result<()> {
    let mut seen = HashSet::with_capacity(changes.len());
    for change in changes {
        if let Change::Upsert(profile) = change
            && !seen.insert(profile.id.as_str())
        {
            return Err(Error::DuplicateId { id: profile.id.clone(), first: None });
        }
    }
    Ok(())
}
