//! Keeping the journal small: folding, trimming, copying from a snapshot, starting again after one.

use std::sync::{Arc, PoisonError};

use super::{Folding, Head, Journal, Op, Table, damaged, head_op, key, read};
use crate::model::Result;

/// About how much one step writes.
const STEP_BYTES: usize = 4 << 20;

impl Journal {
    /// Folds commits into profiles and states, up to a generation or until a step's worth has come together; says
    /// whether more is left. Commits go on meanwhile.
    pub(crate) fn fold(
        &self,
        through: u64,
        each: &mut dyn FnMut(&[u8], &mut Folding<'_>) -> Result<()>,
    ) -> Result<bool> {
        let _one = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        let (table, head) = self.begin()?;
        let Some(folded) = head.folded.filter(|folded| *folded < through) else {
            return Ok(false);
        };
        let wrong = |reason| damaged(&self.path, reason);
        let mut folding = Folding::new(&*table, &wrong);
        let (mut reached, mut bytes) = (folded, 0);
        read::commits(&*table, &self.path, folded, &mut |generation, commit| {
            if generation > through {
                return Ok(false);
            }
            each(commit, &mut folding)?;
            (reached, bytes) = (generation, bytes + commit.len());
            Ok(folding.bytes().max(bytes) < STEP_BYTES)
        })?;
        if reached == folded {
            return Ok(false);
        }
        let head = Head { folded: Some(reached), ..head };
        let mut batch = folding.into_ops();
        batch.push(head_op(&head));
        self.end(&*table, batch, head)?;
        let mut state = self.state();
        state.unfolded = state.unfolded.saturating_sub(bytes as u64);
        Ok(reached < through)
    }

    /// Forgets the commits up to a generation, which must be folded.
    pub(crate) fn trim(&self, through: u64) -> Result<()> {
        let _one = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        let (table, head) = self.begin()?;
        let through = through.min(head.folded.unwrap_or(0));
        if through <= head.kept_after {
            return Ok(());
        }
        // First the head: what is older counts no more from then on, whether it is gone or not.
        let head = Head { kept_after: through, ..head };
        self.end(&*table, vec![head_op(&head)], head)?;
        self.delete(&*table, key::COMMITS, &key::commit(through + 1, 0))
    }

    /// Copies the profiles and states of a generation in, whose snapshot was all that they had; `profiles` hands id
    /// and record of each to its argument. Until it is done the journal counts as having none.
    pub(crate) fn copy(
        &self,
        generation: u64,
        states: &[(Vec<u8>, Vec<u8>)],
        profiles: impl FnOnce(&mut dyn FnMut(&str, &[u8]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        let _one = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        let (table, head) = self.begin()?;
        self.delete(&*table, key::STATES, key::STATES_END)?;
        self.delete(&*table, key::PROFILES, key::PROFILES_END)?;
        let (mut batch, mut bytes) = (Vec::new(), 0);
        profiles(&mut |id, record| {
            let key = key::profile(id);
            let value = key::seal(&key, record);
            bytes += value.len();
            batch.push(Op::Put(key, value));
            if bytes > STEP_BYTES {
                bytes = 0;
                return self.put(&*table, std::mem::take(&mut batch), false);
            }
            Ok(())
        })?;
        for (name, state) in states {
            let key = key::state(name);
            batch.push(Op::Put(key.clone(), key::seal(&key, state)));
        }
        let head = Head { folded: Some(generation), ..head };
        batch.push(head_op(&head));
        self.end(&*table, batch, head)
    }

    /// Brings the table into the form that opens quickest.
    pub(crate) fn settle(&self) -> Result<()> {
        let _one = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        let table = self.usable(&mut self.state())?;
        let settled = table.settle();
        self.note(settled)
    }

    fn begin(&self) -> Result<(Arc<dyn Table>, Head)> {
        let mut state = self.state();
        Ok((self.usable(&mut state)?, state.head.clone()))
    }

    fn end(&self, table: &dyn Table, batch: Vec<Op>, head: Head) -> Result<()> {
        self.put(table, batch, true)?;
        self.state().head = head;
        Ok(())
    }

    fn put(&self, table: &dyn Table, batch: Vec<Op>, lasting: bool) -> Result<()> {
        let written = table.write(batch, lasting);
        self.note(written)
    }

    /// A table that failed is opened anew before it is used again.
    fn note(&self, done: Result<()>) -> Result<()> {
        if done.is_err() {
            self.state().table = None;
        }
        done
    }

    fn delete(&self, table: &dyn Table, from: &[u8], to: &[u8]) -> Result<()> {
        loop {
            let mut batch = Vec::new();
            table.scan(from, to, &mut |key, _| {
                batch.push(Op::Delete(key.to_vec()));
                Ok(batch.len() < 10_000)
            })?;
            if batch.is_empty() {
                return Ok(());
            }
            self.put(table, batch, false)?;
        }
    }
}
