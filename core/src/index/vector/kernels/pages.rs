//! Memory for what searches read at random or from end to end: pieces of large pages, where the system gives them.
//!
//! A processor knows the places of a few thousand pages. In pages of 4 KiB the vectors of 15,000 rows are more than
//! that, so each row costs a walk through the tables of pages, twice over in a virtual machine, and what hardware reads
//! ahead ends with the page. In pages of 2 MiB neither happens. A chunk of a table is smaller than that, so that a
//! writer copies little: chunks of one size share a slab of a few large pages.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memmap2::MmapMut;

use crate::store::Plain;

/// A large page.
const PAGE: usize = 2 << 20;

/// The most pages of a slab: it has as many as waste least behind the last piece.
const MOST_PAGES: usize = 8;

/// Pieces are whole cache lines.
const LINE: usize = 64;

/// Memory from the system, given out in pieces of one size.
struct Slab {
    start: NonNull<u8>,
    bytes: usize,
    free: Mutex<Vec<usize>>,
    pieces: usize,
    /// Keeps the memory.
    _map: MmapMut,
}

// SAFETY: a slab only says where its memory begins; each piece of it is used by the one `Pages` that has it.
unsafe impl Send for Slab {}
// SAFETY: as above.
unsafe impl Sync for Slab {}

/// Slabs that have a free piece, by the size of their pieces.
static SLABS: Mutex<BTreeMap<usize, Vec<Arc<Slab>>>> = Mutex::new(BTreeMap::new());

/// What a panic left behind is sound: each change under these locks is one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slab {
    /// Memory for pieces of that size; `None` where the system has none.
    fn new(bytes: usize) -> Option<Self> {
        let wasted = |pages: &usize| (pages * PAGE) % bytes * MOST_PAGES / pages;
        let whole =
            (bytes.div_ceil(PAGE)..=bytes.div_ceil(PAGE).max(MOST_PAGES)).min_by_key(wasted)?;
        // One page more, of which nothing is touched: the first piece begins at the first whole page.
        let mut map = MmapMut::map_anon((whole + 1) * PAGE).ok()?;
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        let before = map.as_ptr().align_offset(PAGE);
        let start = NonNull::new(map.get_mut(before..)?.as_mut_ptr())?;
        let pieces = whole * PAGE / bytes;
        Some(Self {
            start,
            bytes,
            free: Mutex::new((0..pieces).rev().collect()),
            pieces,
            _map: map,
        })
    }

    /// A free piece, of which nobody else knows.
    fn take(bytes: usize) -> Option<(Arc<Slab>, usize)> {
        let mut slabs = locked(&SLABS);
        let open = slabs.entry(bytes).or_default();
        if open.is_empty() {
            open.push(Arc::new(Slab::new(bytes)?));
        }
        let slab = Arc::clone(open.last()?);
        let mut free = locked(&slab.free);
        let at = free.pop()?;
        if free.is_empty() {
            open.pop();
        }
        drop(free);
        Some((slab, at))
    }

    /// Takes a piece back; a slab of which nothing is used any more goes back to the system.
    fn give(slab: &Arc<Slab>, at: usize) {
        let mut slabs = locked(&SLABS);
        let open = slabs.entry(slab.bytes).or_default();
        let mut free = locked(&slab.free);
        if free.is_empty() {
            open.push(Arc::clone(slab));
        }
        free.push(at);
        if free.len() == slab.pieces {
            open.retain(|other| !Arc::ptr_eq(other, slab));
        }
    }
}

/// Values in a piece of large pages: as many as there is room for, the rest to come.
pub(crate) struct Pages<T: Plain> {
    start: NonNull<T>,
    len: usize,
    room: usize,
    slab: Arc<Slab>,
    at: usize,
}

// SAFETY: it owns its piece as a vector owns its memory, and plain values may go anywhere.
unsafe impl<T: Plain> Send for Pages<T> {}
// SAFETY: as above.
unsafe impl<T: Plain> Sync for Pages<T> {}

impl<T: Plain> Pages<T> {
    /// From this many bytes on a chunk is worth a piece.
    pub const FEWEST_BYTES: usize = 16 << 10;

    /// No value, and room for so many; `None` where that is too small, or the system has no memory of this kind.
    pub fn with_room(room: usize) -> Option<Self> {
        let bytes = room.checked_mul(size_of::<T>())?.next_multiple_of(LINE);
        if bytes < Self::FEWEST_BYTES || align_of::<T>() > LINE {
            return None;
        }
        let (slab, at) = Slab::take(bytes)?;
        // SAFETY: the slab has whole pieces of `bytes`, of which this is one.
        let start = unsafe { slab.start.add(at * bytes) }.cast();
        Some(Self { start, len: 0, room, slab, at })
    }

    /// Grows to that many values; new ones are of `value`.
    ///
    /// # Panics
    /// If there is no room for them.
    pub fn resize(&mut self, len: usize, value: T) {
        assert!(len <= self.room, "a chunk has room for its rows");
        for at in self.len..len {
            // SAFETY: the place lies within the piece, which is ours alone.
            unsafe { self.start.add(at).write(value) };
        }
        self.len = len;
    }

    /// The same values in a piece of their own; `None` where there is none to be had.
    pub fn copied(&self) -> Option<Self> {
        let mut copy = Self::with_room(self.room)?;
        // SAFETY: both pieces have room for `len` values, and are not the same.
        unsafe { self.start.copy_to_nonoverlapping(copy.start, self.len) };
        copy.len = self.len;
        Some(copy)
    }
}

impl<T: Plain> Deref for Pages<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: the first `len` values were written, and the piece is borrowed with this.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T: Plain> DerefMut for Pages<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`; the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Plain> Drop for Pages<T> {
    fn drop(&mut self) {
        Slab::give(&self.slab, self.at);
    }
}

impl<T: Plain> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pages({} of {})", self.len, self.room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_apart_aligned_and_used_again() {
        // A size that no table has: other tests take pieces at the same time.
        let room = 100_003;
        let mut pieces: Vec<Pages<u32>> = (0..50)
            .map(|i| {
                let mut pages = Pages::with_room(room).expect("memory");
                pages.resize(room, i);
                pages
            })
            .collect();
        let first = pieces[0].start.addr();
        for (i, piece) in (0..).zip(&pieces) {
            assert!(piece.start.addr().get().is_multiple_of(LINE));
            assert!(piece.len() == room && piece.iter().all(|&x| x == i));
        }
        let copy = pieces[7].copied().expect("memory");
        pieces[7][0] = 99;
        assert_eq!((copy[0], pieces[7][0], pieces[8][0]), (7, 99, 8));
        pieces.truncate(10);
        let again: Pages<u32> = Pages::with_room(room).expect("memory");
        assert!(again.is_empty());
        assert_eq!(pieces[0].start.addr(), first);
        drop((again, copy, pieces));
        assert!(locked(&SLABS)[&400_064].is_empty(), "what nobody uses goes back to the system");
    }

    #[test]
    fn what_is_small_is_not_worth_a_piece() {
        assert!(Pages::<u32>::with_room(1_000).is_none());
        assert!(Pages::<u32>::with_room(usize::MAX).is_none());
    }
}
