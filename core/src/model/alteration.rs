//! How an attribute stands while the schema of an index that has data changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::schema::{Attribute, AttributeKind};
use super::{Error, Result, Schema, nearest_name};

/// How a declared attribute stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttributeState {
    /// It can be asked for.
    Ready,
    /// Profiles that were there before it are being read for its values: it can be written, and not asked for yet.
    Indexing {
        /// Where in their details the values are.
        from: String,
        /// How far that is.
        progress: Progress,
    },
    /// It was removed, and its values are being taken out of the profiles; it is refused by name.
    Removing(Progress),
    /// It was removed and has no values any more; it is refused by name until it is added again.
    Removed,
}

/// How far a change of the schema has come. Clones are one and the same.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The row that is next, and how many there are.
    rows: Arc<[AtomicU32; 2]>,
}

impl Progress {
    /// How much is done, in per cent; below 100 until everything is.
    pub fn percent(&self) -> u8 {
        let [at, of] = &*self.rows;
        let (at, of) = (at.load(Ordering::Relaxed), of.load(Ordering::Relaxed));
        let percent = u64::from(at) * 100 / u64::from(of.max(1));
        percent.min(99) as u8
    }

    pub(crate) fn at(&self) -> u32 {
        self.rows[0].load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, at: u32, of: u32) {
        self.rows[1].store(of, Ordering::Relaxed);
        self.rows[0].store(at, Ordering::Relaxed);
    }
}

/// Where the work stands is not part of what a schema says.
impl PartialEq for Progress {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Progress {}

impl AttributeState {
    /// How far the work of it is, where there is some to do.
    pub fn progress(&self) -> Option<&Progress> {
        match self {
            AttributeState::Indexing { progress, .. } | AttributeState::Removing(progress) => {
                Some(progress)
            }
            AttributeState::Ready | AttributeState::Removed => None,
        }
    }

    /// Whether the attribute counts as one that is not there.
    pub(crate) fn is_removed(&self) -> bool {
        matches!(self, AttributeState::Removing(_) | AttributeState::Removed)
    }
}

/// In words: nothing where it is ready.
impl std::fmt::Display for AttributeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AttributeState::Ready => Ok(()),
            AttributeState::Indexing { progress, .. } => {
                write!(f, "being indexed, {} %", progress.percent())
            }
            AttributeState::Removing(progress) => {
                write!(f, "being removed, {} %", progress.percent())
            }
            AttributeState::Removed => f.write_str("removed"),
        }
    }
}

impl Schema {
    /// The attribute of that name, also one that was removed.
    pub(crate) fn known(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The attribute whose profiles are to be worked through, if one is.
    pub(crate) fn changing(&self) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.state.progress().is_some())
    }

    /// The schema under which records are read that were written before it changed: with everything in its place.
    pub(crate) fn as_written(&self) -> Self {
        let mut schema = self.clone();
        schema.attributes.iter_mut().for_each(|known| known.state = AttributeState::Ready);
        schema
    }

    /// Refuses the names of attributes that were removed.
    ///
    /// # Errors
    /// [`Error::RemovedField`].
    pub(crate) fn refuse_removed<'a>(
        &self,
        names: impl IntoIterator<Item = &'a String>,
        within: &'static str,
    ) -> Result<()> {
        let removed = |name: &&String| self.known(name).is_some_and(|one| one.state.is_removed());
        match names.into_iter().find(removed) {
            Some(name) => Err(Error::RemovedField { field: format!("attributes.{name}"), within }),
            None => Ok(()),
        }
    }

    /// Declares an attribute whose values the profiles that are there have in their details.
    ///
    /// # Errors
    /// As [`Schema::declare`], and [`Error::OutOfRange`] for one that is being removed.
    pub(crate) fn add(&mut self, name: &str, kind: AttributeKind, from: &str) -> Result<()> {
        let state = |name: &str| self.known(name).map(|known| (known.state.clone(), known.kind));
        match state(name) {
            Some((AttributeState::Removing(progress), _)) => {
                return Err(Error::OutOfRange {
                    field: format!("add.{name}"),
                    value: format!("being removed, {} %", progress.percent()),
                    expected: "added again once its values are gone from all profiles".to_owned(),
                });
            }
            Some((AttributeState::Removed, known)) if known == kind => {}
            Some((AttributeState::Removed, _)) => {
                // What has its place keeps it, under a name that nobody asks for.
                let places = self.attributes.len();
                if let Some(known) = self.attributes.iter_mut().find(|known| known.name == name) {
                    known.name = format!("\0{places}");
                }
                self.declare(name, kind)?;
            }
            // Known already: nothing to index, or an error that says why not.
            Some(_) => return self.declare(name, kind),
            None => self.declare(name, kind)?,
        }
        let progress = Progress::default();
        self.put(name, AttributeState::Indexing { from: from.to_owned(), progress });
        Ok(())
    }

    /// Removes an attribute, whose values are still in the profiles.
    ///
    /// # Errors
    /// [`Error::UnknownField`], [`Error::RemovedField`].
    pub(crate) fn remove(&mut self, name: &str) -> Result<()> {
        self.refuse_removed([&name.to_owned()], "the schema's attributes")?;
        if self.known(name).is_none() {
            let known = self.attributes.iter().map(|known| known.name.as_str());
            return Err(Error::UnknownField {
                field: format!("attributes.{}", super::error::cut(name)),
                within: "the schema's attributes",
                nearest: nearest_name(name, known).map(|near| format!("attributes.{near}")),
            });
        }
        self.put(name, AttributeState::Removing(Progress::default()));
        Ok(())
    }

    /// Nothing is left to be done for an attribute.
    pub(crate) fn finish(&mut self, name: &str) {
        match self.known(name).map(|known| &known.state) {
            Some(AttributeState::Indexing { .. }) => self.put(name, AttributeState::Ready),
            Some(AttributeState::Removing(_)) => self.put(name, AttributeState::Removed),
            _ => {}
        }
    }

    pub(crate) fn put(&mut self, name: &str, state: AttributeState) {
        if let Some(known) = self.attributes.iter_mut().find(|known| known.name == name) {
            known.state = state;
        }
    }
}
