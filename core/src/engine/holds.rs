//! Holding a place of an advisor's capacity, so that two clients are never promised the last one.

use std::sync::PoisonError;
use std::time::Duration;

use super::commit::Work;
use super::{Applied, Engine, Inner};
use crate::generation::Change;
use crate::model::hold::{Hold, HoldId};
use crate::model::{Error, Instant, Result};

/// The longest that a place is held.
const LONGEST: Duration = Duration::from_hours(30 * 24);

impl Engine {
    /// Holds one place of an advisor's capacity for so long. Until the hold is confirmed, released, or has lapsed
    /// by itself, the place counts as taken: `availability` and matches see `currentClients` and what is held together
    /// against `maxClients`. What a listing shows, and what a filter compares, is `currentClients` as it was written.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use shortlist::{AdvisorProfile, Engine, Error};
    ///
    /// let engine = Engine::in_memory()?;
    /// let mut ada = AdvisorProfile::new("ada");
    /// ada.max_clients = 1;
    /// engine.upsert(vec![ada])?;
    /// let hold = engine.reserve("ada", Duration::from_secs(600))?;
    /// assert!(matches!(engine.reserve("ada", Duration::from_secs(600)), Err(Error::NoPlace { .. })));
    /// engine.confirm(hold.id)?;
    /// assert_eq!(engine.get("ada")?.map(|ada| ada.current_clients), Some(1));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: as a patch of a hot field, and a copy of a 64th of the holds that there are.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NoPlace`] where no place is left or the advisor is not available or deleted;
    /// [`Error::OutOfRange`] for a time of nothing or over 30 days.
    pub fn reserve(&self, id: &str, ttl: Duration) -> Result<Hold> {
        if ttl.is_zero() || ttl > LONGEST {
            return Err(Error::OutOfRange {
                field: "ttl".to_owned(),
                value: format!("{ttl:?}"),
                expected: "more than nothing and at most 30 days".to_owned(),
            });
        }
        let micros = self.inner.clock.now().micros().saturating_add(ttl.as_micros() as i64);
        let until = Instant::from_micros(micros)?;
        let random = super::random_key()?;
        let hold = HoldId(random.iter().take(6).fold(0, |id, byte| id << 8 | u64::from(*byte)));
        self.write(vec![Change::Reserve { advisor: id.to_owned(), hold, until }])?;
        // Somebody has to see to it that it lapses.
        self.background.wake(&self.inner);
        Ok(Hold { id: hold, advisor_id: id.to_owned(), until })
    }

    /// Makes a client of a hold: `currentClients` counts one more, and the hold is over. A promise that was made
    /// is kept, whatever `maxClients` has become meanwhile.
    ///
    /// # Errors
    /// [`Error::HoldEnded`] for one that has lapsed, was confirmed or released, or never was.
    pub fn confirm(&self, hold: HoldId) -> Result<Applied> {
        self.write(vec![Change::EndHold { hold, confirmed: true }])
    }

    /// Gives the place of a hold back.
    ///
    /// # Errors
    /// As [`Engine::confirm`].
    pub fn release(&self, hold: HoldId) -> Result<Applied> {
        self.write(vec![Change::EndHold { hold, confirmed: false }])
    }

    /// The places that are held. Cost: a copy of them.
    pub fn holds(&self) -> Vec<Hold> {
        self.generation().holds.list()
    }
}

impl Inner {
    /// Ends the holds whose time is over: a generation of its own, where there are any.
    pub(super) fn lapse(&self) -> Result<()> {
        if !self.has_lapsed() {
            return Ok(());
        }
        // One does it; the others wait until it is done.
        let _one = self.lapsing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.has_lapsed() {
            return Ok(());
        }
        let now = self.clock.now();
        self.commit(Work::Make(Box::new(move |current| Ok(current.lapsed(now))))).map(|_| ())
    }

    /// As [`Inner::lapse`]; nothing where nothing is written.
    pub(super) fn lapse_where_written(&self) -> Result<()> {
        if self.read_only.is_some() { Ok(()) } else { self.lapse() }
    }

    fn has_lapsed(&self) -> bool {
        let next = self.current.load().holds.next_lapse();
        next.is_some_and(|next| next <= self.clock.now())
    }

    /// How long until the next hold lapses, by the engine's clock.
    pub(super) fn until_lapse(&self) -> Option<Duration> {
        let next = self.current.load().holds.next_lapse()?;
        let micros = next.micros().saturating_sub(self.clock.now().micros());
        Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
    }
}
