//! Schemas that change while the index has data, and the background that works through the profiles then.

use super::commit::Work;
use super::write::Applied;
use super::{Engine, Inner};
use crate::api::alter::SchemaChange;
use crate::generation::Change;
use crate::model::Result;

/// How many rows one step looks at, and how many profiles it changes at most: what writers wait for meanwhile.
pub(super) const LOOKED_AT: u32 = 4_096;
pub(super) const CHANGED: usize = 128;

impl Engine {
    /// Adds attributes to the schema and removes some, while the index has data.
    ///
    /// The values of an added attribute are in the `details` of the profiles that are kept: the background reads them
    /// there, some profiles at a time, and gives each that has no value of its own the one it finds; where the details
    /// have none, or one of another kind, the profile has none. Until that is done, the attribute can be written, and
    /// whoever asks for it is told by [`Error::BeingIndexed`](crate::Error::BeingIndexed) how far it is. From then on
    /// profiles bring its values themselves. A removed attribute is refused by name at once
    /// ([`Error::RemovedField`](crate::Error::RemovedField)); its values leave the profiles in the background (the words
    /// of one of text are found until then), and after that it may be added again, also with another kind.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, EngineOptions, SchemaChange, SearchRequest};
    ///
    /// let engine = Engine::in_memory_with(EngineOptions::default().with_background(false))?;
    /// let mut ada = AdvisorProfile::new("ada");
    /// ada.details = Some(r#"{"languages": ["German"]}"#.to_owned());
    /// engine.upsert(vec![ada])?;
    ///
    /// engine.alter(SchemaChange::from_json(r#"{"add": {"languages": "keywords"}}"#)?)?;
    /// let request = SearchRequest::from_json(
    ///     r#"{"scope": "all", "filter": {"attributes.languages": "German"}}"#,
    /// )?;
    /// let error = engine.search(&request).unwrap_err();
    /// assert_eq!(error.to_string(), "`attributes.languages` is being indexed, 0 %; ask for it once that is done");
    ///
    /// engine.maintain()?; // or the background, in its time
    /// assert_eq!(engine.search(&request)?.ids(), ["ada"]);
    ///
    /// engine.alter(SchemaChange { remove: vec!["languages".to_owned()], ..SchemaChange::default() })?;
    /// assert_eq!(engine.search(&request).unwrap_err().code(), "SL1024");
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// How far it is, is in [`Engine::schema`] and [`Engine::stats`]. It survives the process: what is not done is gone
    /// on with when the index is opened again. What the background does to profiles are patches: each batch is a
    /// generation, in the journal, and told to those who follow the index.
    ///
    /// Cost: for the call, the reading of the kept rules; for the background, one reading of each profile's details,
    /// and a patch of each that has a value: for a text attribute, its words are indexed anew.
    ///
    /// # Errors
    /// [`Error::WrongType`](crate::Error::WrongType) for an attribute that is there with another kind,
    /// [`Error::UnknownField`](crate::Error::UnknownField) or [`Error::RemovedField`](crate::Error::RemovedField) for one
    /// that is to go and is not there, or that kept rules ask for, [`Error::OutOfRange`](crate::Error::OutOfRange) for one
    /// to come that is still being removed, [`Error::TooLarge`](crate::Error::TooLarge) over 256 attributes, removed ones
    /// included. Nothing is changed then.
    pub fn alter(&self, change: SchemaChange) -> Result<Applied> {
        self.write(vec![Change::Alter(Box::new(change))])
    }
}

impl Inner {
    /// Whether profiles are to be worked through for a change of the schema.
    pub(super) fn is_altering(&self) -> bool {
        self.current.load().schema.changing().is_some()
            && self.read_only.is_none()
            && self.keeping.as_ref().is_none_or(|keeping| keeping.writable().is_ok())
    }

    /// Works through some profiles for a change of the schema; false where there is none.
    pub(super) fn alter_some(&self, looked_at: u32, changed: usize) -> Result<bool> {
        if !self.is_altering() {
            return Ok(false);
        }
        let generation = self.current.load_full();
        let Some(attribute) = generation.schema.changing() else { return Ok(false) };
        let Some(progress) = attribute.state.progress() else { return Ok(false) };
        let (mut ids, mut row) = (Vec::new(), progress.at());
        let end = row.saturating_add(looked_at).min(generation.rows);
        while row < end && ids.len() < changed {
            let owed = generation.soundly(|| Ok(generation.owed(row, attribute)))?;
            if let (Some(_), Some(record)) = (owed, generation.record(row)) {
                ids.push(record.id().to_owned());
            }
            row += 1;
        }
        if !ids.is_empty() {
            let wanted = attribute.clone();
            // Seen anew at its turn: somebody may have given a value meanwhile.
            self.commit(Work::Make(Box::new(move |generation| {
                let owed = ids.into_iter().filter_map(|id| {
                    let patch = generation.owed(generation.row(&id)?, &wanted)?;
                    Some(Change::Patch(id, Box::new(patch)))
                });
                Ok(owed.collect())
            })))?;
        }
        // Rows that moved are at the end, and come again.
        let rows = self.current.load().rows;
        progress.set(row, rows);
        if row >= rows {
            self.commit(Work::Changes(vec![Change::Finish(attribute.name.clone())]))?;
        }
        Ok(true)
    }

    /// Rows have other numbers now: what is not done begins anew.
    pub(super) fn alter_anew(&self) {
        let generation = self.current.load();
        for attribute in generation.schema.attributes() {
            if let Some(progress) = attribute.state.progress() {
                progress.set(0, generation.rows);
            }
        }
    }
}
