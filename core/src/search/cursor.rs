//! A cursor names a place in the order: the sort keys and id of the row at one end of the page that was shown.
//!
//! It is authenticated with the index's key together with the request it came from, so that a forged
//! one, one of another index, and one of another request are refused alike.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::generation::{Generation, Keyed, RowOrder};
use crate::model::{Error, Result};

const VERSION: u8 = 2;
const TAG: usize = 16;
/// Longer than any cursor of 64 keys and a 64-byte id.
const LONGEST: usize = 1_024;

/// A place in an order: at a row, be it still there or not.
pub(super) struct Place {
    keys: Vec<u64>,
    id: Vec<u8>,
    /// Whether a page that starts here has the row itself: so where the page that led here was empty.
    inclusive: bool,
}

impl Place {
    /// The place of a row.
    pub(super) fn of(order: &RowOrder<'_>, generation: &Generation, keyed: Keyed) -> Self {
        let keys = std::iter::once(keyed.key).chain(order.further_keys(keyed.row)).collect();
        Self { keys, id: generation.id_bytes(keyed.row).to_vec(), inclusive: false }
    }

    /// The same place for a page that has its row.
    pub(super) fn with_its_row(self) -> Self {
        Self { inclusive: true, ..self }
    }

    /// The first key of its row.
    pub(super) fn first_key(&self) -> Option<u64> {
        self.keys.first().copied()
    }

    /// Whether a row comes in a page after this place.
    #[inline]
    pub(super) fn is_before(
        &self,
        order: &RowOrder<'_>,
        generation: &Generation,
        row: Keyed,
    ) -> bool {
        match self.compare(order, generation, row) {
            Ordering::Equal => self.inclusive,
            ordering => ordering.is_gt(),
        }
    }

    /// Whether a row comes in a page before this place.
    #[inline]
    pub(super) fn is_after(
        &self,
        order: &RowOrder<'_>,
        generation: &Generation,
        row: Keyed,
    ) -> bool {
        match self.compare(order, generation, row) {
            Ordering::Equal => self.inclusive,
            ordering => ordering.is_lt(),
        }
    }

    /// How a row stands to this place.
    #[inline]
    fn compare(&self, order: &RowOrder<'_>, generation: &Generation, row: Keyed) -> Ordering {
        let Some((first, further)) = self.keys.split_first() else { return Ordering::Equal };
        let further = || order.further_keys(row.row).cmp(further.iter().copied());
        let ids = || order.compare_ids(generation.id_bytes(row.row), &self.id);
        row.key.cmp(first).then_with(further).then_with(ids)
    }

    /// The cursor that a caller sends back.
    pub(super) fn seal(&self, generation: &Generation, identity: &[u8]) -> String {
        let mut bytes = Vec::with_capacity(3 + self.keys.len() * 8 + self.id.len() + TAG);
        bytes.extend_from_slice(&[VERSION, u8::from(self.inclusive), self.keys.len() as u8]);
        self.keys.iter().for_each(|key| bytes.extend_from_slice(&key.to_le_bytes()));
        bytes.extend_from_slice(&self.id);
        let tag = tag(generation, identity, &bytes);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor of this request names.
    ///
    /// # Errors
    /// [`Error::CursorRefused`].
    pub(super) fn open(
        cursor: &str,
        order: &RowOrder<'_>,
        generation: &Generation,
        identity: &[u8],
    ) -> Result<Self> {
        let refused = |reason| Error::CursorRefused { reason };
        if cursor.len() > LONGEST {
            return Err(refused("is longer than any cursor"));
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| refused("is not one that a search gave out"))?;
        let split = bytes.len().checked_sub(TAG).ok_or_else(|| refused("is cut short"))?;
        let (body, given) = bytes.split_at(split);
        if body.first().is_some_and(|version| *version != VERSION) {
            return Err(refused("is of another version"));
        }
        // Takes the same time wherever the bytes differ, so that nobody finds a tag byte by byte.
        if !constant_time_eq(&tag(generation, identity, body), given) {
            return Err(refused("belongs to another request or another index, or was changed"));
        }
        let [_, inclusive, keys, rest @ ..] = body else { return Err(refused("is cut short")) };
        let keys = usize::from(*keys);
        let (words, id) = rest.split_at_checked(keys * 8).ok_or_else(|| refused("is cut short"))?;
        if keys != order.keys() {
            return Err(refused("belongs to another order"));
        }
        let keys = words.as_chunks::<8>().0.iter().map(|key| u64::from_le_bytes(*key)).collect();
        Ok(Self { keys, id: id.to_vec(), inclusive: *inclusive == 1 })
    }
}

fn constant_time_eq(expected: &[u8; TAG], given: &[u8]) -> bool {
    given.len() == TAG && expected.iter().zip(given).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn tag(generation: &Generation, identity: &[u8], body: &[u8]) -> [u8; TAG] {
    let mut hasher = blake3::Hasher::new_keyed(&generation.key);
    hasher.update(&(body.len() as u64).to_le_bytes()).update(body).update(identity);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&hasher.finalize().as_bytes()[..TAG]);
    tag
}
