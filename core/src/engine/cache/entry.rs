//! An answer that is kept, with what it depends on and since when and until when it is known to be right.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::api::answer::{MatchAnswer, SearchAnswer};
use crate::generation::{Effect, FilterWatch, Generation, Holds};
use crate::matching::MatchDepends;
use crate::search::SearchDepends;

/// More changes than that are not gone through: finding the answer anew costs no more.
const EFFECTS: usize = 256;

/// What can be kept: an answer that can be read from a later generation.
pub(in crate::engine) trait Answer: Clone {
    type Depends;

    /// Whether it is right in a later generation, after those effects, the oldest first.
    fn holds<'a>(
        &self,
        depends: &Self::Depends,
        generation: &Generation,
        effects: impl Iterator<Item = &'a Effect>,
    ) -> Holds;

    fn with_watch(depends: &Self::Depends, watch: FilterWatch) -> Self::Depends;

    /// The same list, of so many more who pass.
    fn of_more(&self, more: i64) -> Self;

    /// Whether all who are shown are still there.
    fn is_alive(&self, generation: &Generation) -> bool;

    /// What both take in memory, about.
    fn bytes(&self, depends: &Self::Depends) -> usize;
}

/// An answer with what it depends on.
pub(in crate::engine) struct Entry<A: Answer> {
    pub(super) answer: A,
    pub(super) depends: A::Depends,
    /// How rows were numbered.
    epoch: u64,
    /// The generation that answered, and the newest in which the answer is known to be right.
    made_at: u64,
    valid_at: AtomicU64,
    /// When it was last known to be right, in milliseconds since the cache was made.
    valid_ms: AtomicU64,
    /// Whether somebody finds it anew.
    pub(super) refreshed: AtomicBool,
}

/// What an entry is worth in a generation.
pub(super) enum Worth<A: Answer> {
    /// It is right.
    Right,
    /// It is right, and depends on other rows by now.
    Moved(Entry<A>),
    /// It was right so many milliseconds ago, and can still be shown.
    Old(u64),
    /// Nothing.
    Nothing,
}

impl<A: Answer> Entry<A> {
    pub(super) fn new(
        answer: A,
        depends: A::Depends,
        generation: &Generation,
        now_ms: u64,
    ) -> Self {
        Self {
            answer,
            depends,
            epoch: generation.recent.epoch(),
            made_at: generation.number,
            valid_at: AtomicU64::new(generation.number),
            valid_ms: AtomicU64::new(now_ms),
            refreshed: AtomicBool::new(false),
        }
    }

    /// Cost: a comparison where nothing has changed; else that of each change since it was last known to be right.
    pub(super) fn worth(&self, generation: &Generation, now_ms: u64) -> Worth<A> {
        if self.epoch != generation.recent.epoch() || generation.number < self.made_at {
            return Worth::Nothing;
        }
        let valid_at = self.valid_at.load(Ordering::Acquire);
        if generation.number <= valid_at {
            self.valid_ms.store(now_ms, Ordering::Relaxed);
            return Worth::Right;
        }
        let old = || {
            let age_ms = now_ms.saturating_sub(self.valid_ms.load(Ordering::Relaxed));
            if self.answer.is_alive(generation) { Worth::Old(age_ms) } else { Worth::Nothing }
        };
        let Some(effects) = generation.recent.after_generation(valid_at) else { return old() };
        let effects: Vec<&Effect> = effects.take(EFFECTS + 1).collect();
        if effects.len() > EFFECTS {
            return old();
        }
        match self.answer.holds(&self.depends, generation, effects.into_iter().rev()) {
            Holds::Yes => {
                self.valid_at.fetch_max(generation.number, Ordering::AcqRel);
                self.valid_ms.store(now_ms, Ordering::Relaxed);
                Worth::Right
            }
            Holds::Moved(watch, more) => {
                let depends = A::with_watch(&self.depends, watch);
                Worth::Moved(Self::new(self.answer.of_more(more), depends, generation, now_ms))
            }
            Holds::No => old(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.answer.bytes(&self.depends)
    }
}

impl Answer for SearchAnswer {
    type Depends = SearchDepends;

    fn holds<'a>(
        &self,
        depends: &SearchDepends,
        generation: &Generation,
        effects: impl Iterator<Item = &'a Effect>,
    ) -> Holds {
        depends.holds(generation, effects, &self.rows, self.total)
    }

    fn with_watch(depends: &SearchDepends, watch: FilterWatch) -> SearchDepends {
        depends.with_watch(watch)
    }

    fn of_more(&self, more: i64) -> Self {
        Self { total: self.total.saturating_add_signed(more), ..self.clone() }
    }

    fn is_alive(&self, generation: &Generation) -> bool {
        self.rows.iter().all(|(row, _)| generation.visible.contains(*row))
    }

    fn bytes(&self, depends: &SearchDepends) -> usize {
        let facets = self.facets.iter().map(|facet| 128 + facet.counts.len() * 64);
        let shown = self.highlights.iter().flatten().map(|one| 32 + one.len() * 256);
        let cursors = [&self.next_cursor, &self.previous_cursor];
        let cursors = cursors.into_iter().flatten().map(String::len);
        depends.bytes()
            + self.rows.len() * size_of::<(u32, Option<f64>)>()
            + facets.chain(shown).chain(cursors).sum::<usize>()
    }
}

impl Answer for MatchAnswer {
    type Depends = MatchDepends;

    fn holds<'a>(
        &self,
        depends: &MatchDepends,
        generation: &Generation,
        effects: impl Iterator<Item = &'a Effect>,
    ) -> Holds {
        let is_listed = |row| self.scored.iter().any(|scored| scored.row == row);
        depends.holds(generation, effects, is_listed)
    }

    fn with_watch(depends: &MatchDepends, watch: FilterWatch) -> MatchDepends {
        depends.with_watch(watch)
    }

    fn of_more(&self, more: i64) -> Self {
        Self { considered: self.considered.saturating_add_signed(more), ..self.clone() }
    }

    fn is_alive(&self, generation: &Generation) -> bool {
        self.scored.iter().all(|scored| generation.visible.contains(scored.row))
    }

    fn bytes(&self, depends: &MatchDepends) -> usize {
        depends.bytes() + self.scored.len() * 640
    }
}
