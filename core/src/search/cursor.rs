//! A cursor names a place in the order: the sort keys and id of the row at one end of the page that was shown.
//!
//! It is authenticated with the index's key together with the request it came from, so that a forged
//! one, one of another index, and one of another request are refused alike.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::generation::{Generation, Keyed, RowOrder};
use crate::model::{Error, Result};

const VERSION: u8 = 3;
const TAG: usize = 16;
/// Longer than any cursor of 64 keys and a 64-byte id.
const LONGEST: usize = 1_024;

/// Whether a page starts at its row; whether rules arrange the result.
const INCLUSIVE: u8 = 1;
const ARRANGED: u8 = 2;

/// A place in an order: at a row, be it still there or not.
#[derive(Clone, Debug, PartialEq)]
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

    /// A place that every row comes after, and every row before.
    pub(super) fn everything() -> Self {
        Self { keys: Vec::new(), id: Vec::new(), inclusive: true }
    }

    /// Whether it is at no row.
    pub(super) fn is_edge(&self) -> bool {
        self.keys.is_empty()
    }

    /// The same place to be gone from in the other direction: what is not on one side of it is on the other.
    pub(super) fn turned(self) -> Self {
        Self { inclusive: !self.inclusive, ..self }
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
}

/// A place in a whole result: in an order, and among what rules arranged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    /// Which stretch of the rows beside the pins it is in.
    pub(super) stretch: u8,
    /// The place among these.
    pub(super) place: Place,
    /// How many hits come before it.
    pub(super) shown: u32,
    /// The place of the last pin before it; 0 where there is none.
    pub(super) passed: u32,
}

impl Spot {
    /// Where the first page starts.
    pub(super) fn top() -> Self {
        Self { stretch: 0, place: Place::everything(), shown: 0, passed: 0 }
    }

    pub(super) fn is_top(&self) -> bool {
        *self == Self::top()
    }

    /// The cursor that a caller sends back.
    pub(super) fn seal(&self, generation: &Generation, identity: &[u8], arranged: bool) -> String {
        let Place { keys, id, inclusive } = &self.place;
        let mut bytes = Vec::with_capacity(12 + keys.len() * 8 + id.len() + TAG);
        let flags = (u8::from(*inclusive) * INCLUSIVE) | (u8::from(arranged) * ARRANGED);
        bytes.extend_from_slice(&[VERSION, flags, keys.len() as u8]);
        if arranged {
            bytes.push(self.stretch);
            bytes.extend_from_slice(&self.shown.to_le_bytes());
            bytes.extend_from_slice(&self.passed.to_le_bytes());
        }
        keys.iter().for_each(|key| bytes.extend_from_slice(&key.to_le_bytes()));
        bytes.extend_from_slice(id);
        let tag = tag(generation, identity, &bytes);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The spot that a cursor of this request names.
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
        let spot = Self::read(body).ok_or_else(|| refused("is cut short"))?;
        if spot.place.keys.len() != order.keys() && !spot.place.keys.is_empty() {
            return Err(refused("belongs to another order"));
        }
        Ok(spot)
    }

    fn read(body: &[u8]) -> Option<Self> {
        let [_, flags, keys, rest @ ..] = body else { return None };
        let (mut rest, mut spot) = (rest, Self::top());
        if flags & ARRANGED != 0 {
            let ([stretch], after) = rest.split_first_chunk()?;
            let (shown, after) = after.split_first_chunk()?;
            let (passed, after) = after.split_first_chunk()?;
            (spot.stretch, rest) = (*stretch, after);
            (spot.shown, spot.passed) = (u32::from_le_bytes(*shown), u32::from_le_bytes(*passed));
        }
        let (words, id) = rest.split_at_checked(usize::from(*keys) * 8)?;
        let keys = words.as_chunks::<8>().0.iter().map(|key| u64::from_le_bytes(*key)).collect();
        spot.place = Place { keys, id: id.to_vec(), inclusive: flags & INCLUSIVE != 0 };
        Some(spot)
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
