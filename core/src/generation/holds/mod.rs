//! Places that are held: each counts as taken until it is confirmed, released or has lapsed.

mod held;

use super::Generation;
use super::recent::{Effect, FieldSet};
use super::write::{Batch, Change};
use crate::model::field::numbers;
use crate::model::hold::HoldId;
use crate::model::{Error, Instant, Result};

pub(crate) use held::HeldPlaces;

/// The most places that are held at a time.
const MOST: usize = 100_000;

impl Generation {
    pub(super) fn reserve(
        &mut self,
        advisor: &str,
        hold: HoldId,
        until: Instant,
        batch: &mut Batch,
    ) -> Result<()> {
        let row = self.row(advisor).ok_or_else(|| Error::NotFound { id: advisor.to_owned() })?;
        if self.holds.len() >= MOST {
            return Err(Error::TooLarge {
                field: "holds".to_owned(),
                found: MOST as u64 + 1,
                limit: MOST as u64,
                unit: "holds",
            });
        }
        if !self.open.contains(row) || !self.visible.contains(row) {
            let number = |place: usize| self.numbers[place].raw(row) as u32;
            return Err(Error::NoPlace {
                id: advisor.to_owned(),
                clients: number(numbers::CURRENT_CLIENTS),
                held: self.holds.count(advisor),
                most: number(numbers::MAX_CLIENTS),
            });
        }
        self.holds.insert(hold, advisor, until)?;
        self.recount(row, batch);
        Ok(())
    }

    /// Ends a hold; one that is confirmed becomes a client.
    pub(super) fn end_hold(
        &mut self,
        hold: HoldId,
        confirmed: bool,
        batch: &mut Batch,
    ) -> Result<()> {
        let advisor = self.holds.remove(hold).ok_or(Error::HoldEnded { hold: hold.0 })?;
        let Some(row) = self.row(&advisor) else { return Ok(()) };
        if confirmed {
            let clients = self.numbers[numbers::CURRENT_CLIENTS].raw(row);
            let clients = (clients + 1.0).min(f64::from(u32::MAX));
            self.write_number(numbers::CURRENT_CLIENTS, row, Some(clients));
        }
        self.recount(row, batch);
        Ok(())
    }

    /// The changes that end the holds whose time is over by then.
    pub(crate) fn lapsed(&self, now: Instant) -> Vec<Change> {
        let end = |hold| Change::EndHold { hold, confirmed: false };
        self.holds.over(now).into_iter().map(end).collect()
    }

    /// Forgets the holds of an advisor who is no longer there.
    pub(super) fn forget_holds(&mut self, advisor: &str) {
        for hold in self.holds.of(advisor) {
            self.holds.remove(hold);
        }
    }

    fn recount(&mut self, row: u32, batch: &mut Batch) {
        batch.touched.push(row);
        // An answer that asked who has room may be another now.
        let fields = FieldSet::of_room();
        batch.effects.push(Effect { was: Some(row), row: Some(row), fields });
        self.write_scopes(row);
    }
}
