//! What the journal gives back.

use std::path::Path;

use super::head::FORMAT;
use super::{Head, Journal, Table, damaged, key, part};
use crate::model::{Error, Result};

pub(super) fn head(table: &dyn Table, path: &Path) -> Result<Head> {
    let sealed = table.get(key::HEAD)?;
    let head = sealed.as_deref().and_then(|sealed| Head::read(key::unseal(key::HEAD, sealed)?));
    let head = head.ok_or_else(|| damaged(path, "its head does not hold".to_owned()))?;
    if head.format > FORMAT {
        let (path, found) = (path.to_owned(), head.format);
        return Err(Error::NewerFormat { path, found, supported: FORMAT });
    }
    Ok(head)
}

/// The last generation that has a commit.
pub(super) fn last(table: &dyn Table) -> Result<Option<u64>> {
    let last = table.last(key::COMMITS, key::COMMITS_END)?;
    Ok(last.and_then(|key| key::of_commit(&key)).map(|(generation, _)| generation))
}

/// Puts the parts of commits together, and sees that none is missing.
struct Commits<'a> {
    path: &'a Path,
    next: u64,
    parts: Vec<u8>,
    part: u32,
}

impl Commits<'_> {
    /// Takes in a part; the commit that it ends.
    fn take(&mut self, key: &[u8], sealed: &[u8]) -> Result<Option<(u64, Vec<u8>)>> {
        let wrong = |what: &str| damaged(self.path, format!("generation {}: {what}", self.next));
        let (generation, part) = key::of_commit(key).ok_or_else(|| wrong("a key that is none"))?;
        if generation != self.next || part != self.part {
            return Err(wrong("it is missing, or a part of it is"));
        }
        let value = key::unseal(key, sealed).and_then(part::read);
        let found = value.ok_or_else(|| wrong("its checksum does not hold"))?;
        self.parts.extend_from_slice(found.bytes);
        self.part += 1;
        if self.part < found.parts {
            return Ok(None);
        }
        (self.next, self.part) = (generation + 1, 0);
        Ok(Some((generation, std::mem::take(&mut self.parts))))
    }
}

/// Hands on each commit after a generation, until it is told `false`.
pub(super) fn commits(
    table: &dyn Table,
    path: &Path,
    after: u64,
    each: &mut dyn FnMut(u64, &[u8]) -> Result<bool>,
) -> Result<()> {
    let mut commits = Commits { path, next: after + 1, parts: Vec::new(), part: 0 };
    table.scan(&key::commit(after + 1, 0), key::COMMITS_END, &mut |key, sealed| match commits
        .take(key, sealed)?
    {
        Some((generation, commit)) => each(generation, &commit),
        None => Ok(true),
    })
}

impl Journal {
    /// Hands on each commit after a generation, in order, until it is told `false`.
    ///
    /// # Errors
    /// [`Error::Damaged`] where one is missing or does not hold.
    pub(crate) fn commits_after(
        &self,
        generation: u64,
        each: &mut dyn FnMut(u64, &[u8]) -> Result<bool>,
    ) -> Result<()> {
        let table = self.usable(&mut self.state())?;
        if generation < self.head().kept_after {
            let missing = format!("generations up to {} are gone", self.head().kept_after);
            return Err(damaged(&self.path, missing));
        }
        commits(&*table, &self.path, generation, each)
    }

    /// Hands on the record of every profile, as of generation `head.folded`.
    pub(crate) fn profiles(&self, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let table = self.usable(&mut self.state())?;
        table.scan(key::PROFILES, key::PROFILES_END, &mut |key, sealed| {
            let record = key::unseal(key, sealed).ok_or_else(|| {
                let id = String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned();
                damaged(&self.path, format!("the checksum of profile `{id}` does not hold"))
            })?;
            each(record).map(|()| true)
        })
    }

    /// The states of the index as of generation `head.folded`.
    pub(crate) fn states(&self) -> Result<Vec<(u8, Vec<u8>)>> {
        let table = self.usable(&mut self.state())?;
        let mut states = Vec::new();
        table.scan(key::STATES, key::STATES_END, &mut |key, sealed| {
            let state = key.get(1).zip(key::unseal(key, sealed));
            let wrong = || damaged(&self.path, "the checksum of a state does not hold".to_owned());
            let (tag, state) = state.ok_or_else(wrong)?;
            states.push((*tag, state.to_vec()));
            Ok(true)
        })?;
        Ok(states)
    }
}
