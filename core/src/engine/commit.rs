//! Batches of concurrent callers become one commit: applied, kept, published, answered.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::keeping::Keeping;
use super::metrics::{Kind, Seen, Step};
use super::write::Applied;
use super::{Durability, Engine, Inner};
use crate::api::event::Changes;
use crate::generation::{
    Change, Generation, changes_between, touches, write_change, write_event, write_rules,
    write_schema,
};
use crate::model::{Error, Result};
use crate::store::ByteWriter;

/// How many batches may wait; further callers wait to be let in.
pub(super) const MOST_WAITING: usize = 1_024;
/// How many changes are committed together, where more than one batch waits.
const MOST_TOGETHER: usize = 4_096;

/// What a caller hands in: changes, or what makes them where they depend on what is there.
pub(super) enum Work {
    Changes(Vec<Change>),
    Make(Box<Make>),
}

/// Makes changes of the state that they are applied to.
type Make = dyn FnOnce(&Generation) -> Result<Vec<Change>> + Send;

impl Work {
    fn weight(&self) -> usize {
        match self {
            Work::Changes(changes) => changes.len(),
            // Alone: it has to see what every batch before it did.
            Work::Make(_) => MOST_TOGETHER + 1,
        }
    }
}

impl Engine {
    /// Hands changes in, and waits until they are as lasting as was asked for, and visible.
    pub(super) fn commit(&self, work: Work) -> Result<Applied> {
        let ask = || {
            self.inner.writable()?;
            // What has lapsed by now is over before anything else happens.
            self.inner.lapse()?;
            self.inner.commit(work)
        };
        let seen = |applied: &Applied| {
            let considered = applied.changes as u64;
            Seen { path: "batch", considered, generation: applied.generation }
        };
        // A batch may be as large as the index: what is kept of a slow one is its place.
        let applied = self.inner.instruments.observe(Kind::Write, || "{}".to_owned(), ask, seen)?;
        if self.inner.current.load().due().is_some() || self.inner.is_altering() {
            self.background.wake(&self.inner);
        }
        Ok(applied)
    }
}

impl Inner {
    pub(super) fn commit(&self, work: Work) -> Result<Applied> {
        self.writable()?;
        let _waiting = self.instruments.handed_in();
        let item = (work, Instant::now());
        let answer = self.queue.submit(
            item,
            |(work, _)| work.weight(),
            MOST_TOGETHER,
            |group| {
                let turn = |(work, since): (Work, Instant)| {
                    self.instruments.record_step(Step::Queue, since.elapsed());
                    work
                };
                let group: Vec<Work> = group.into_iter().map(turn).collect();
                let batches = group.len();
                self.serve(group).unwrap_or_else(|error| vec![Err(error); batches])
            },
        );
        self.ring.0.wake();
        answer.unwrap_or_else(|| {
            Err(Error::Internal { what: "the writer of this batch died".to_owned() })
        })
    }

    /// Applies a group to the current generation, keeps it, and publishes it. An error is that of every batch.
    fn serve(&self, group: Vec<Work>) -> Result<Vec<Result<Applied>>> {
        // Upkeep publishes too; a writer that panicked published nothing, so the state behind the lock is sound.
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current.load_full();
        let mut made = Vec::with_capacity(group.len());
        for work in group {
            made.push(match work {
                Work::Changes(changes) => Ok(changes),
                Work::Make(make) => before.soundly(|| make(&before)),
            });
        }
        let counts: Vec<usize> = made.iter().flatten().map(Vec::len).collect();
        let kept: Vec<Vec<u8>> = match self.keeping {
            Some(_) => made.iter().flatten().map(|batch| bytes_of(batch)).collect(),
            None => vec![Vec::new(); counts.len()],
        };
        let wanted = self.keeping.is_some() || self.ring.0.is_recording();
        let touched: Vec<_> = if wanted {
            made.iter().flatten().map(|batch| touches(batch)).collect()
        } else {
            Vec::new()
        };
        let batches = made.iter_mut().filter_map(|made| made.as_mut().ok()).map(std::mem::take);
        let batches: Vec<_> = batches.collect();
        let apply = || before.soundly(|| Ok(before.apply_group(batches)));
        let (results, next) = self.instruments.timed(Step::Apply, apply)?;
        let mut commit = Vec::new();
        for (bytes, _) in kept.iter().zip(&results).filter(|(_, result)| result.is_ok()) {
            commit.extend_from_slice(bytes);
        }
        if let Some(next) = next {
            let touched = touched.into_iter().zip(&results).filter(|(_, result)| result.is_ok());
            let touched = touched.flat_map(|(touched, _)| touched);
            let changes =
                before.soundly(|| Ok(wanted.then(|| changes_between(&before, &next, touched))))?;
            self.keep((&before, &next), changes.as_ref(), commit)?;
            self.publish(next);
            self.ring.0.publish(before.number + 1, changes);
        }
        let generation = before.number + 1;
        let mut results = results.into_iter().zip(counts);
        Ok(made
            .into_iter()
            .map(|made| {
                made?;
                match results.next() {
                    Some((Ok(()), changes)) => Ok(Applied { generation, changes }),
                    Some((Err(error), _)) => Err(error),
                    None => Err(Error::Internal { what: "a batch has no answer".to_owned() }),
                }
            })
            .collect())
    }

    /// Puts a commit into the journal, where there is one. Schema and rules stand beside the changes where they changed
    /// them.
    fn keep(
        &self,
        (before, next): (&Arc<Generation>, &Generation),
        changes: Option<&Changes>,
        mut commit: Vec<u8>,
    ) -> Result<()> {
        let Some(keeping) = &self.keeping else { return Ok(()) };
        if !Arc::ptr_eq(&before.schema, &next.schema) {
            let mut out = ByteWriter(commit);
            write_schema(&next.schema, &mut out);
            commit = out.0;
        }
        if !Arc::ptr_eq(&before.rules, &next.rules) {
            let mut out = ByteWriter(commit);
            write_rules(&next.rules, &mut out);
            commit = out.0;
        }
        // Also where it is of nothing: a commit without one is of a version that kept none.
        if let Some(changes) = changes {
            let mut out = ByteWriter(commit);
            write_event(changes, &mut out);
            commit = out.0;
        }
        let keep = || keeping.commit(before, next.number, &commit);
        self.instruments.timed(Step::Journal, keep)?;
        if keeping.durability == Durability::Synced && !Arc::ptr_eq(&before.sources, &next.sources)
        {
            self.kept_sources.store(Some(Arc::clone(&next.sources)));
        }
        Ok(())
    }

    fn publish(&self, next: Generation) {
        self.current.store(next.into());
        self.instruments.published();
        self.arrivals.announce();
    }

    fn writable(&self) -> Result<()> {
        self.refuse_where_read_only()?;
        self.keeping.as_ref().map_or(Ok(()), Keeping::writable)
    }
}

fn bytes_of(batch: &[Change]) -> Vec<u8> {
    let mut out = ByteWriter::default();
    batch.iter().for_each(|change| write_change(change, &mut out));
    out.0
}
