//! The rows of one value.

use roaring::RoaringBitmap;

use crate::model::Rows;
use crate::model::rows::{BLOCK_WORDS, Block};
use crate::store::{ByteReader, ByteWriter};

/// The rows of one value: dense words where they are many (with their count), a roaring bitmap where they are few.
///
/// Words cost `rows / 8` bytes whatever they hold and are the fastest to join (PEERS: 0.3 us against 4 us
/// a filter at 15,000 rows); a roaring bitmap costs two bytes a member and is what a long tail of values needs.
#[derive(Clone, Debug)]
pub(crate) enum Postings {
    Few(RoaringBitmap),
    Many(Rows, u32),
}

/// Below one member in that many rows, a value is rare.
const RARE: u64 = 256;

impl Default for Postings {
    fn default() -> Self {
        Postings::Few(RoaringBitmap::new())
    }
}

impl Postings {
    pub(crate) fn contains(&self, row: u32) -> bool {
        match self {
            Postings::Few(few) => few.contains(row),
            Postings::Many(many, _) => many.contains(row),
        }
    }

    /// The words of rows `at * 1,024` on.
    pub(crate) fn block(&self, at: usize) -> Block {
        match self {
            Postings::Many(many, _) => many.block(at),
            Postings::Few(few) => {
                let mut block = [0; BLOCK_WORDS];
                let first = at as u32 * 1_024;
                for row in few.range(first..first + 1_024) {
                    block[(row - first) as usize / 64] |= 1 << (row % 64);
                }
                block
            }
        }
    }

    /// Adds one beside each of the ascending rows that is here.
    pub(crate) fn count_each(&self, rows: &[u32], counts: &mut [u32]) {
        match self {
            Postings::Many(many, _) => {
                let words = many.words();
                for (row, count) in rows.iter().zip(counts) {
                    let word = words.get(*row as usize / 64).copied().unwrap_or(0);
                    *count += (word >> (row % 64) & 1) as u32;
                }
            }
            Postings::Few(few) => {
                let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else { return };
                let mut at = 0;
                for row in few.range(first..=last) {
                    at += rows[at..].partition_point(|&other| other < row);
                    if rows.get(at) == Some(&row) {
                        counts[at] += 1;
                    }
                }
            }
        }
    }

    pub(crate) fn count(&self) -> u32 {
        match self {
            Postings::Few(few) => few.len() as u32,
            Postings::Many(_, count) => *count,
        }
    }

    /// Adds a row out of `universe` rows; turns dense once the value is no longer rare.
    pub(crate) fn insert(&mut self, row: u32, universe: u32) {
        match self {
            Postings::Few(few) => {
                few.insert(row);
                if few.len() * RARE > u64::from(universe).max(2_048) {
                    let count = few.len() as u32;
                    *self = Postings::Many(Rows::from_rows(universe, few.iter()), count);
                }
            }
            Postings::Many(many, count) => {
                if row >= many.universe() {
                    many.resize(universe.max(row + 1));
                }
                *count += u32::from(!many.contains(row));
                many.insert(row);
            }
        }
    }

    pub(crate) fn remove(&mut self, row: u32) {
        match self {
            Postings::Few(few) => {
                few.remove(row);
            }
            Postings::Many(many, count) => {
                *count -= u32::from(many.contains(row));
                many.remove(row);
            }
        }
    }

    /// How many rows are in both; `overlap` counts the bits that words share.
    pub(crate) fn overlap(&self, rows: &Rows, overlap: impl Fn(&[u64], &[u64]) -> u32) -> u32 {
        match self {
            Postings::Many(many, _) => overlap(many.words(), rows.words()),
            Postings::Few(few) => few.iter().filter(|row| rows.contains(*row)).count() as u32,
        }
    }

    /// Its bytes: a count of none and a roaring bitmap, or a count and words.
    pub(super) fn write(&self, out: &mut ByteWriter) {
        match self {
            Postings::Few(few) => {
                let mut bytes = Vec::with_capacity(few.serialized_size());
                // Memory takes whatever is written to it.
                let _ = few.serialize_into(&mut bytes);
                out.u32(0);
                out.bytes(&bytes);
            }
            Postings::Many(many, count) => {
                out.u32((*count).max(1));
                out.u32(many.universe());
                out.words(many.words());
            }
        }
    }

    /// The rows whose bytes these are; none of them at or beyond `rows`.
    pub(super) fn read(reader: &mut ByteReader<'_>, rows: u32) -> Option<Self> {
        if reader.u32()? == 0 {
            let few = RoaringBitmap::deserialize_from(reader.bytes()?).ok()?;
            return few.max().is_none_or(|last| last < rows).then_some(Postings::Few(few));
        }
        let (universe, words) = (reader.u32()?, reader.words()?);
        let fits = universe <= rows && words.len() == (universe as usize).div_ceil(64);
        let many = fits.then(|| Rows::from_words(words, universe))?;
        let count = many.count();
        Some(Postings::Many(many, count))
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Postings::Many(many, _) => many.words().len() * 8,
            Postings::Few(few) => 32 + few.serialized_size(),
        }
    }

    /// What one pass over it costs, in words or members.
    pub(crate) fn pass(&self) -> usize {
        match self {
            Postings::Many(many, _) => many.words().len(),
            Postings::Few(few) => few.len() as usize * 4,
        }
    }
}
