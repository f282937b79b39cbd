//! The keyword codes of each row, in the order in which the profile lists its values.

use std::sync::Arc;

use crate::model::persistent::Chunked;
use crate::model::{Bits, Rows};

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

    fn as_slice(&self) -> &[u32] {
        match self {
            Codes::Few(len, codes) => &codes[..usize::from(*len)],
            Codes::Many(codes) => codes,
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
        self.rows.get(row as usize).map_or(&[], Codes::as_slice)
    }

    /// Visits the codes of the rows of a set. One read a member, and one look-up a chunk, before which it asks
    /// whether to go on.
    ///
    /// # Errors
    /// What the question answers.
    pub(crate) fn visit_while<E>(
        &self,
        rows: &Rows,
        mut go_on: impl FnMut() -> Result<(), E>,
        mut see: impl FnMut(&[u32]),
    ) -> Result<(), E> {
        let words = rows.words();
        for (start, codes) in self.rows.chunks() {
            go_on()?;
            // Chunks hold a whole number of words.
            let here = words.iter().skip(start / 64).zip(codes.chunks(64));
            for (word, codes) in here {
                for codes in Bits(*word).filter_map(|bit| codes.get(bit as usize)) {
                    see(codes.as_slice());
                }
            }
        }
        Ok(())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.rows.len() * size_of::<Codes>()
    }
}
