//! Chunks of a mapped section that are compared with their checksums before their first use, and what becomes of
//! those that do not hold.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use xxhash_rust::xxh3::xxh3_64;

use super::map::{Plain, Section};
use crate::model::{Error, Lent, Result};

/// Whether somebody read a chunk that is damaged, and what is wrong with the first one.
///
/// Who reads cannot refuse in the middle: it reads zeros, and whoever asked compares [`Damage::mark`] before with
/// [`Damage::since`] after, and throws away what came of it.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    reads: AtomicU64,
    last: std::sync::Mutex<Option<Error>>,
}

impl Damage {
    /// How often a damaged chunk was read so far.
    pub(crate) fn mark(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    /// Refuses where a damaged chunk was read since that mark, by this request or another one at the same time.
    ///
    /// # Errors
    /// [`Error::Damaged`], which names the section and the chunk.
    pub(crate) fn since(&self, mark: u64) -> Result<()> {
        if self.mark() == mark {
            return Ok(());
        }
        let last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Err(last.clone().unwrap_or(Error::Internal { what: "damage of no chunk".to_owned() }))
    }

    #[cold]
    fn note(&self, error: Error) {
        *self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
        self.reads.fetch_add(1, Ordering::SeqCst);
    }
}

/// One chunk of values. Reading costs a look at a flag, and the first time the chunk's checksum.
#[derive(Debug)]
pub(crate) struct Checked<T: 'static> {
    values: Lent<T>,
    bytes: Section,
    sum: u64,
    is_sound: AtomicBool,
    /// What is read in place of a damaged chunk.
    blank: OnceLock<Vec<T>>,
    section: Arc<str>,
    damage: Arc<Damage>,
}

impl<T: Plain + Default> Checked<T> {
    /// The chunk of these bytes, not yet looked at; `None` where they are no whole number of values.
    pub(crate) fn new(
        bytes: Section,
        sum: u64,
        section: Arc<str>,
        damage: Arc<Damage>,
    ) -> Option<Self> {
        let values = bytes.lend()?;
        let (is_sound, blank) = (AtomicBool::new(false), OnceLock::new());
        Some(Self { values, bytes, sum, is_sound, blank, section, damage })
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The values; zeros where they are damaged, which is noted each time.
    #[inline]
    pub(crate) fn values(&self) -> &[T] {
        if self.is_sound.load(Ordering::Acquire) { &self.values } else { self.look() }
    }

    #[cold]
    fn look(&self) -> &[T] {
        // A file that was cut short meanwhile must not be touched.
        let reason = if !self.bytes.is_whole() {
            "the file was cut short while it was open"
        } else if xxh3_64(&self.bytes) != self.sum {
            "the checksum of a chunk does not hold"
        } else {
            self.is_sound.store(true, Ordering::Release);
            return &self.values;
        };
        let blank = self.blank.get_or_init(|| vec![T::default(); self.values.len()]);
        self.damage.note(Error::Damaged {
            path: self.bytes.path().to_owned(),
            section: self.section.to_string(),
            reason: reason.to_owned(),
        });
        blank
    }
}
