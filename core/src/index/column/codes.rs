//! The keyword codes of each row, in the order in which the profile lists its values.

use std::sync::Arc;

use crate::model::persistent::Chunked;

/// The codes of one keyword field by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeColumn {
    rows: Chunked<Codes>,
}

/// Few codes lie in place, more than three beside.
#[derive(Clone, Debug)]
enum Codes {
    Few(u8, [u32; 3]),
    Many(Arc<[u32]>),
}

impl Codes {
    fn new(codes: &[u32]) -> Self {
        if codes.len() <= 3 {
            let mut few = [0; 3];
            few[..codes.len()].copy_from_slice(codes);
            Codes::Few(codes.len() as u8, few)
        } else {
            Codes::Many(codes.into())
        }
    }
}

impl CodeColumn {
    /// A column without values.
    pub(crate) fn empty(rows: usize) -> Self {
        let mut column = Self::default();
        column.rows.extend_to(rows, &Codes::new(&[]));
        column
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn push(&mut self, codes: &[u32]) {
        self.rows.push(Codes::new(codes));
    }

    pub(crate) fn set(&mut self, row: u32, codes: &[u32]) {
        if let Some(slot) = self.rows.get_mut(row as usize) {
            *slot = Codes::new(codes);
        }
    }

    pub(crate) fn get(&self, row: u32) -> &[u32] {
        match self.rows.get(row as usize) {
            Some(Codes::Few(len, codes)) => &codes[..usize::from(*len)],
            Some(Codes::Many(codes)) => codes,
            None => &[],
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.rows.len() * size_of::<Codes>()
    }
}
