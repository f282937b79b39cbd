//! Work that keeps later requests fast and no answer shows: done beside the writer, on a generation that stands
//! still, and taken over at the writer's turn with whatever has changed since.

use super::compaction::Compacted;
use super::{Costs, Generation};
use crate::index::column::NumberColumn;
use crate::index::text::Merged;
use crate::index::vector::VectorIndex;
use crate::model::Result;
use crate::model::persistent::Chunked;

/// Up to that many rows a column is sketched by the write that finds it outgrown: a fraction of a millisecond.
const SMALL: u32 = 4_096;

/// A quarter of what lives may be dead beside it: each profile is then copied four times for one that was written anew,
/// and the memory of an index that is written to all day goes up and down by a fifth.
const SPARED: u32 = 4;

/// A piece of work that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upkeep {
    /// The tail of the text is sealed, or blocks are joined or written anew.
    Text,
    /// A column of numbers, by its place, has outgrown its sketch.
    Sketch(usize),
    /// The vectors have outgrown their directions or their cells.
    Directions,
    /// Tombstones take a good part of the memory.
    Compaction,
}

/// What a piece of work made.
pub(crate) enum Done {
    Text(Option<Box<Merged>>),
    Sketch(usize, Box<NumberColumn>),
    Directions(Box<VectorIndex>, Costs),
    Compaction(Box<Compacted>),
}

impl Generation {
    /// The piece of work that is most pressing, if one is due. Cost: some passes over one bit a row.
    pub(crate) fn due(&self) -> Option<Upkeep> {
        if self.text.merge_is_due(&self.live) {
            return Some(Upkeep::Text);
        }
        if let Some(place) = self.numbers.iter().position(NumberColumn::is_untuned) {
            return Some(Upkeep::Sketch(place));
        }
        if self.vectors.as_ref().is_some_and(VectorIndex::is_untuned) {
            return Some(Upkeep::Directions);
        }
        let tombstones = self.rows - self.profiles();
        (tombstones > self.profiles() / SPARED + 1_024).then_some(Upkeep::Compaction)
    }

    /// The same state, in which changes note the rows that they touch from now on.
    pub(crate) fn noting(&self) -> Self {
        Self { touched: Some(Chunked::default()), ..self.clone() }
    }

    /// The same state, in which changes note nothing.
    pub(crate) fn without_notes(&self) -> Self {
        Self { touched: None, ..self.clone() }
    }

    /// Does at once what is due and quick; after a batch that made most of what there is, everything but compaction.
    pub(super) fn tune(&mut self, touched: usize) -> Result<()> {
        if self.rows <= SMALL {
            self.numbers.iter_mut().for_each(NumberColumn::tune);
        }
        if touched < 1_024 || touched < self.rows as usize / 4 {
            return Ok(());
        }
        while let Some(plan) = self.text.merge_plan(&self.live) {
            self.text.adopt(plan.run()?);
        }
        self.numbers.iter_mut().for_each(NumberColumn::tune);
        if let Some(vectors) = &mut self.vectors
            && vectors.is_untuned()
        {
            vectors.tune();
            self.costs = Costs::measure(vectors, &self.numbers);
        }
        Ok(())
    }

    /// The rows that changes touched since the state that [`Generation::noting`] gave, from the `from`-th on; one that
    /// was touched again is there again.
    pub(super) fn touched(&self, from: usize) -> impl Iterator<Item = u32> {
        let noted = self.touched.as_ref().map_or(0, Chunked::len);
        (from..noted).filter_map(|at| self.touched.as_ref()?.get(at).copied())
    }
}

impl Upkeep {
    /// All there ever is to do in an index of so many columns of numbers.
    #[cfg(feature = "testing")]
    pub(crate) fn all(numbers: usize) -> impl Iterator<Item = Self> {
        let first = [Upkeep::Text, Upkeep::Directions];
        first.into_iter().chain((0..numbers).map(Upkeep::Sketch)).chain([Upkeep::Compaction])
    }

    /// Does the work. Cost: that of what is made; `base` is only read.
    pub(crate) fn run(self, base: &Generation) -> Result<Done> {
        base.soundly(|| self.made_of(base))
    }

    fn made_of(self, base: &Generation) -> Result<Done> {
        Ok(match self {
            Upkeep::Text => {
                let plan = base.text.merge_plan(&base.live);
                #[cfg(feature = "testing")]
                let plan = plan.or_else(|| base.text.whole_plan(&base.live));
                Done::Text(plan.map(|plan| plan.run().map(Box::new)).transpose()?)
            }
            Upkeep::Sketch(place) => {
                let mut column = base.numbers.get(place).cloned().unwrap_or_default();
                column.tune();
                Done::Sketch(place, Box::new(column))
            }
            Upkeep::Directions => {
                let mut vectors = base.vectors.clone().unwrap_or_else(|| VectorIndex::new(1));
                vectors.tune();
                #[cfg(feature = "testing")]
                if !base.vectors.as_ref().is_some_and(VectorIndex::is_untuned) {
                    vectors.rebuild_codes();
                }
                let costs = Costs::measure(&vectors, &base.numbers);
                Done::Directions(Box::new(vectors), costs)
            }
            Upkeep::Compaction => Done::Compaction(Box::new(base.compacted()?)),
        })
    }
}

impl Done {
    /// Takes in what has changed up to `current`, so that less is left for the writer's turn. Says whether much was.
    pub(crate) fn follow(&mut self, current: &Generation) -> Result<bool> {
        match self {
            Done::Compaction(compacted) => compacted.follow(current),
            _ => Ok(false),
        }
    }

    /// The state of `current`, with the work taken over; none where it is of no use any more.
    pub(crate) fn adopt(self, current: &Generation) -> Result<Option<Generation>> {
        let mut next = current.without_notes();
        match self {
            Done::Text(None) => return Ok(None),
            Done::Text(Some(merged)) => {
                if !next.text.adopt(*merged) {
                    return Ok(None);
                }
            }
            Done::Sketch(place, tuned) => {
                if let Some(column) = next.numbers.get_mut(place) {
                    column.adopt_sketch(&tuned, current.touched(0));
                }
            }
            Done::Directions(fitted, costs) => match &mut next.vectors {
                Some(vectors) if vectors.dimension() == fitted.dimension() => {
                    vectors.adopt_directions(*fitted, current.touched(0));
                    next.costs = costs;
                }
                _ => return Ok(None),
            },
            Done::Compaction(compacted) => return compacted.adopt(current),
        }
        Ok(Some(next))
    }
}
