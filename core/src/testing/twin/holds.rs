//! Places that are held, as a list.

use super::Twin;
use crate::model::{Error, Hold, HoldId, Instant, Result};

impl Twin {
    /// Holds a place under the name that the engine drew.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoPlace`].
    pub fn reserve(&mut self, id: &str, hold: HoldId, until: Instant) -> Result<()> {
        let advisor = self.get(id).ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        let held = self.holds.iter().filter(|hold| hold.advisor_id == id).count() as u32;
        let (clients, most) = (advisor.current_clients, advisor.max_clients);
        if !advisor.is_available || advisor.deleted_at.is_some() || clients + held >= most {
            return Err(Error::NoPlace { id: id.to_owned(), clients, held, most });
        }
        self.holds.push(Hold { id: hold, advisor_id: id.to_owned(), until });
        Ok(())
    }

    /// Ends a hold; one that is confirmed becomes a client.
    ///
    /// # Errors
    /// [`Error::HoldEnded`].
    pub fn end_hold(&mut self, hold: HoldId, confirmed: bool) -> Result<()> {
        let at = self.holds.iter().position(|known| known.id == hold);
        let ended = self.holds.remove(at.ok_or(Error::HoldEnded { hold: hold.0 })?);
        if let Some(advisor) = self.rows.iter_mut().find(|one| one.id == ended.advisor_id) {
            advisor.current_clients += u32::from(confirmed);
        }
        Ok(())
    }

    /// Ends the holds whose time is over.
    pub fn lapse(&mut self, now: Instant) {
        self.holds.retain(|hold| hold.until > now);
    }

    /// The holds that there are.
    pub fn holds(&self) -> &[Hold] {
        &self.holds
    }

    /// The advisors of whom every place is taken or held.
    pub(super) fn full(&self) -> Vec<String> {
        let mut full = Vec::new();
        for hold in &self.holds {
            let held = self.holds.iter().filter(|one| one.advisor_id == hold.advisor_id).count();
            if let Some(advisor) = self.get(&hold.advisor_id)
                && advisor.current_clients + held as u32 >= advisor.max_clients
            {
                full.push(hold.advisor_id.clone());
            }
        }
        full
    }
}
