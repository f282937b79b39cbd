//! One true-or-false field.

use std::sync::Arc;

use crate::model::Rows;

/// The rows that have a value, and those where it is true.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlagIndex {
    present: Arc<Rows>,
    is_true: Arc<Rows>,
}

impl FlagIndex {
    /// From the two sets; what is true but not present is dropped.
    pub(crate) fn new(present: Rows, mut is_true: Rows) -> Self {
        is_true.intersect(&present);
        Self { present: Arc::new(present), is_true: Arc::new(is_true) }
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
        present.set(row, value.is_some());
        is_true.set(row, value == Some(true));
    }

    pub(crate) fn present(&self) -> &Rows {
        &self.present
    }

    pub(crate) fn is_true(&self) -> &Rows {
        &self.is_true
    }

    /// Keeps of `rows` those whose value is `wanted`.
    pub(crate) fn narrow(&self, wanted: bool, rows: &mut Rows) {
        if wanted {
            rows.intersect(&self.is_true);
        } else {
            rows.intersect(&self.present);
            rows.subtract(&self.is_true);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.present.words().len() * 16
    }
}
