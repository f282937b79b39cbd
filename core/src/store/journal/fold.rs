//! Old commits become the profiles and states that they left.

use std::collections::BTreeMap;

use super::key;
use super::table::{Op, Table};
use crate::model::{Error, Result};

/// What is kept, as some commits change it.
pub(crate) struct Folding<'a> {
    table: &'a dyn Table,
    damaged: &'a dyn Fn(String) -> Error,
    profiles: BTreeMap<String, Option<Vec<u8>>>,
    states: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
}

impl<'a> Folding<'a> {
    pub(super) fn new(table: &'a dyn Table, damaged: &'a dyn Fn(String) -> Error) -> Self {
        Self { table, damaged, profiles: BTreeMap::new(), states: BTreeMap::new(), bytes: 0 }
    }

    /// The record of a profile.
    pub(crate) fn profile(&self, id: &str) -> Result<Option<Vec<u8>>> {
        if let Some(changed) = self.profiles.get(id) {
            return Ok(changed.clone());
        }
        let key = key::profile(id);
        let Some(sealed) = self.table.get(&key)? else { return Ok(None) };
        let damaged = || (self.damaged)(format!("the checksum of profile `{id}` does not hold"));
        Ok(Some(key::unseal(&key, &sealed).ok_or_else(damaged)?.to_vec()))
    }

    /// Keeps a record, or none any more.
    pub(crate) fn set_profile(&mut self, id: &str, record: Option<Vec<u8>>) {
        self.bytes += id.len() + record.as_ref().map_or(0, Vec::len);
        self.profiles.insert(id.to_owned(), record);
    }

    /// A state of the index.
    pub(crate) fn state(&self, name: &[u8]) -> Result<Option<Vec<u8>>> {
        if let Some(changed) = self.states.get(name) {
            return Ok(changed.clone());
        }
        let key = key::state(name);
        let Some(sealed) = self.table.get(&key)? else { return Ok(None) };
        Ok(Some(self.unsealed(&key, &sealed)?))
    }

    /// The states whose names begin so, in order.
    pub(crate) fn states(&self, tag: u8) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut states = BTreeMap::new();
        let (from, to) = (key::state(&[tag]), key::state(&[tag + 1]));
        self.table.scan(&from, &to, &mut |key, sealed| {
            let name = key.strip_prefix(key::STATES).unwrap_or_default();
            states.insert(name.to_vec(), self.unsealed(key, sealed)?);
            Ok(true)
        })?;
        for (name, changed) in self.states.range(vec![tag]..vec![tag + 1]) {
            match changed {
                Some(state) => states.insert(name.clone(), state.clone()),
                None => states.remove(name),
            };
        }
        Ok(states.into_iter().collect())
    }

    fn unsealed(&self, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let damaged = || (self.damaged)("the checksum of a state does not hold".to_owned());
        Ok(key::unseal(key, sealed).ok_or_else(damaged)?.to_vec())
    }

    /// Keeps a state of the index, or none any more.
    pub(crate) fn set_state(&mut self, name: &[u8], state: Option<Vec<u8>>) {
        self.bytes += name.len() + state.as_ref().map_or(0, Vec::len);
        self.states.insert(name.to_vec(), state);
    }

    /// How much it has to write, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn into_ops(self) -> Vec<Op> {
        let mut ops = Vec::with_capacity(self.profiles.len() + self.states.len() + 1);
        for (id, record) in self.profiles {
            let key = key::profile(&id);
            ops.push(match record {
                Some(record) => Op::Put(key.clone(), key::seal(&key, &record)),
                None => Op::Delete(key),
            });
        }
        for (name, state) in self.states {
            let key = key::state(&name);
            ops.push(match state {
                Some(state) => Op::Put(key.clone(), key::seal(&key, &state)),
                None => Op::Delete(key),
            });
        }
        ops
    }
}
