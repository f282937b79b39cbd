//! One true-or-false field.

use std::sync::Arc;

use super::bound::Bound;
use crate::model::Rows;

/// The rows that have a value, and those where it is true.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlagIndex {
    present: Arc<Rows>,
    is_true: Arc<Rows>,
    /// How many there are of each: what a filter is estimated by.
    counts: (u32, u32),
}

impl FlagIndex {
    /// From the two sets; what is true but not present is dropped.
    pub(crate) fn new(present: Rows, mut is_true: Rows) -> Self {
        is_true.intersect(&present);
        let counts = (present.count(), is_true.count());
        Self { present: Arc::new(present), is_true: Arc::new(is_true), counts }
    }

    /// A field that is missing everywhere.
    pub(crate) fn missing(rows: u32) -> Self {
        Self::new(Rows::none(rows), Rows::none(rows))
    }

    pub(crate) fn get(&self, row: u32) -> Option<bool> {
        self.present.contains(row).then(|| self.is_true.contains(row))
    }

    /// Writes one row, widening the universe where it is new.
    pub(crate) fn set(&mut self, row: u32, value: Option<bool>) {
        let (present, is_true) =
            (Arc::make_mut(&mut self.present), Arc::make_mut(&mut self.is_true));
        if row >= present.universe() {
            present.resize(row + 1);
            is_true.resize(row + 1);
        }
        self.counts.0 -= u32::from(present.contains(row));
        self.counts.1 -= u32::from(is_true.contains(row));
        self.counts.0 += u32::from(value.is_some());
        self.counts.1 += u32::from(value == Some(true));
        present.set(row, value.is_some());
        is_true.set(row, value == Some(true));
    }

    pub(crate) fn present(&self) -> &Rows {
        &self.present
    }

    /// The condition of having a value.
    pub(crate) fn exists(&self) -> Bound<'_> {
        Bound::rows(&self.present, self.counts.0)
    }

    pub(crate) fn is_true(&self) -> &Rows {
        &self.is_true
    }

    /// The condition of being `wanted`.
    pub(crate) fn is(&self, wanted: bool) -> Bound<'_> {
        let (values, trues) = self.counts;
        if wanted {
            Bound::rows(&self.is_true, trues)
        } else {
            let (present, is_true) = (&self.present, &self.is_true);
            Bound::blocks(values - trues, 2, move |at, block| {
                let (present, is_true) = (present.block(at), is_true.block(at));
                for (word, (present, is_true)) in block.iter_mut().zip(present.iter().zip(&is_true))
                {
                    *word &= present & !is_true;
                }
            })
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.present.words().len() * 16
    }
}
