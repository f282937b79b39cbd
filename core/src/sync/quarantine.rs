//! Rows that make no profile, kept with their reasons beside the position.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::Quarantined;

/// How many are kept with their reasons; further ones are counted.
pub(super) const LISTED: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Quarantine {
    rows: BTreeMap<String, String>,
    beyond: u64,
    changed: bool,
}

impl Quarantine {
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let map: BTreeMap<String, String> = serde_json::from_slice(bytes).unwrap_or_default();
        Self { rows: map, beyond: 0, changed: false }
    }

    /// What is to be kept, where it changed since it was last asked for.
    pub(super) fn take_changed(&mut self) -> Option<Vec<u8>> {
        std::mem::take(&mut self.changed).then(|| {
            let map = self.rows.iter().map(|(id, why)| (id.clone(), Value::from(why.as_str())));
            json!(map.collect::<serde_json::Map<_, _>>()).to_string().into_bytes()
        })
    }

    /// What was taken to be kept could not be.
    pub(super) fn mark_changed(&mut self) {
        self.changed = true;
    }

    pub(super) fn put(&mut self, id: String, reason: String) {
        if self.rows.len() >= LISTED && !self.rows.contains_key(&id) {
            self.beyond += 1;
        } else if self.rows.get(&id) != Some(&reason) {
            self.rows.insert(id, reason);
            self.changed = true;
        }
    }

    /// Whether a row is known to make no profile; where not all of those are listed, any may be one.
    pub(super) fn has(&self, id: &str) -> bool {
        self.beyond > 0 || self.rows.contains_key(id)
    }

    /// A row that is well again, or gone.
    pub(super) fn clear(&mut self, id: &str) {
        self.changed |= self.rows.remove(id).is_some();
    }

    pub(super) fn count(&self) -> u64 {
        self.rows.len() as u64 + self.beyond
    }

    pub(super) fn list(&self) -> Vec<Quarantined> {
        let row = |(id, reason): (&String, &String)| Quarantined {
            id: id.clone(),
            reason: reason.clone(),
        };
        self.rows.iter().map(row).collect()
    }
}
