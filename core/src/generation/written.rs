//! Listings as they are written, kept so that a page is put together from them and not written anew.
//!
//! A listing is known by its row and by the stamp of the batch that wrote to the row last: stamps are never given
//! twice in a process, so what is kept is never out of date, whichever generation or index asks. Nobody waits
//! here: a slot that somebody holds is passed by, at the cost of writing the listing.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, OnceLock};

use crate::api::listing::WrittenListing;
use crate::model::persistent::Chunked;

/// Rows that differ by a multiple of this share a slot.
const SLOTS: usize = CHUNKS * CHUNK;
const CHUNKS: usize = 256;
const CHUNK: usize = 128;
/// The most bytes that are kept.
const BYTES: usize = 32 << 20;

/// When each row was last written to.
#[derive(Clone, Debug)]
pub(crate) struct Stamps {
    /// What a row has that is not in the list, or is 0 there.
    first: u64,
    rows: Chunked<u64>,
}

fn next_stamp() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}

impl Default for Stamps {
    fn default() -> Self {
        Self { first: next_stamp(), rows: Chunked::default() }
    }
}

impl Stamps {
    pub(crate) fn of(&self, row: u32) -> u64 {
        self.rows.get(row as usize).copied().filter(|stamp| *stamp > 0).unwrap_or(self.first)
    }

    /// Gives rows that a batch wrote to a stamp that no row had before.
    pub(crate) fn touch(&mut self, rows: &[u32]) {
        let Some(last) = rows.iter().max() else { return };
        let stamp = next_stamp();
        self.rows.extend_to(*last as usize + 1, &0);
        for row in rows {
            if let Some(slot) = self.rows.get_mut(*row as usize) {
                *slot = stamp;
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.rows.len() * size_of::<u64>()
    }
}

/// The written form of one listing.
#[derive(Clone, Debug)]
struct Written {
    row: u32,
    stamp: u64,
    listing: WrittenListing,
}

type Slot = Mutex<Option<Written>>;

/// The listings that were written last, shared by all generations of an index.
#[derive(Debug)]
pub(crate) struct WrittenListings {
    chunks: [OnceLock<Box<[Slot]>>; CHUNKS],
    bytes: AtomicUsize,
}

impl Default for WrittenListings {
    fn default() -> Self {
        Self { chunks: [const { OnceLock::new() }; CHUNKS], bytes: AtomicUsize::new(0) }
    }
}

impl WrittenListings {
    fn slot(&self, row: u32) -> &Slot {
        let place = row as usize % SLOTS;
        let chunk = self.chunks[place / CHUNK]
            .get_or_init(|| std::iter::repeat_with(Slot::default).take(CHUNK).collect());
        &chunk[place % CHUNK]
    }

    /// The listing of a row in the state of that stamp: as it was kept, or written now.
    pub(crate) fn get(
        &self,
        row: u32,
        stamp: u64,
        write: impl FnOnce() -> Option<WrittenListing>,
    ) -> Option<WrittenListing> {
        let slot = self.slot(row);
        if let Ok(kept) = slot.try_lock()
            && let Some(kept) = &*kept
            && (kept.row, kept.stamp) == (row, stamp)
        {
            return Some(kept.listing.clone());
        }
        let listing = write()?;
        if let Ok(mut kept) = slot.try_lock() {
            self.keep(&mut kept, Written { row, stamp, listing: listing.clone() });
        }
        Some(listing)
    }

    /// Keeps what is new in the place of what was there, if there is room.
    fn keep(&self, kept: &mut Option<Written>, written: Written) {
        // A reader of an older generation does not take the place of what newer ones ask for.
        if kept.as_ref().is_some_and(|kept| kept.row == written.row && kept.stamp > written.stamp) {
            return;
        }
        let bytes = |written: &Written| written.listing.text().len() + size_of::<Written>();
        let (more, less) = (bytes(&written), kept.as_ref().map_or(0, bytes));
        if self.bytes.load(Relaxed) + more > BYTES + less {
            return;
        }
        self.bytes.fetch_add(more, Relaxed);
        self.bytes.fetch_sub(less, Relaxed);
        *kept = Some(written);
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        let chunks = self.chunks.iter().filter(|chunk| chunk.get().is_some()).count();
        self.bytes.load(Relaxed) + chunks * CHUNK * size_of::<Slot>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_written_once_for_each_stamp() {
        let kept = WrittenListings::default();
        let get = |row, stamp, text: &str| {
            kept.get(row, stamp, || WrittenListing::new(text.to_owned()))
                .map(|listing| listing.text().to_owned())
        };
        assert_eq!(get(3, 1, "1").as_deref(), Some("1"));
        assert_eq!(get(3, 1, "2").as_deref(), Some("1"));
        assert_eq!(get(3, 2, "3").as_deref(), Some("3"));
        // Who still reads the older state gets it, and leaves the newer in its place.
        assert_eq!(get(3, 1, "4").as_deref(), Some("4"));
        assert_eq!(get(3, 2, "5").as_deref(), Some("3"));
        // Another row of the same slot takes it over.
        assert_eq!(get(3 + SLOTS as u32, 1, "6").as_deref(), Some("6"));
        assert_eq!(get(3, 2, "7").as_deref(), Some("7"));
    }

    #[test]
    fn what_is_kept_has_a_limit() {
        let kept = WrittenListings::default();
        let long = format!("\"{}\"", "x".repeat(64 << 10));
        for row in 0..1_000 {
            assert!(kept.get(row, 1, || WrittenListing::new(long.clone())).is_some());
        }
        assert!(kept.bytes() <= BYTES + CHUNKS * CHUNK * size_of::<Slot>());
    }

    #[test]
    fn every_touch_gives_a_stamp_that_was_not_there() {
        let mut stamps = Stamps::default();
        let first = stamps.of(7);
        stamps.touch(&[7, 2]);
        let second = stamps.of(7);
        assert_eq!((stamps.of(3), stamps.of(2)), (first, second));
        stamps.touch(&[7]);
        assert!(stamps.of(7) > second && second > first);
        assert!(Stamps::default().of(7) > stamps.of(7));
    }
}
