//! The invariants between the parts of a generation.

use super::Generation;
use crate::api::listing::{ProfileSource, read_profile};
use crate::model::{Error, Result};

impl Generation {
    /// Checks what must hold between the parts: every live row is found by its id, bitmaps say what
    /// the columns say, and no profile is one that could not have been written.
    ///
    /// Cost: one read of everything.
    ///
    /// # Errors
    /// [`Error::Internal`] that names the row and what does not hold.
    pub(crate) fn check(&self) -> Result<()> {
        for row in 0..self.rows {
            let live = self.live.contains(row);
            let id = self.id(row);
            let broken =
                |what: &str| Error::Internal { what: format!("row {row} (id `{id}`): {what}") };
            if live != (self.row(id) == Some(row)) {
                return Err(broken("it is not the row that its id names"));
            }
            for field in &self.keywords {
                let codes = field.codes.get(row);
                if codes.iter().any(|code| !field.index.has(*code, row))
                    || (!live && !codes.is_empty())
                {
                    return Err(broken("a keyword bitmap does not hold a value that the row has"));
                }
            }
            let (visible, marketplace, open) = self.scopes_of(row);
            if self.visible.contains(row) != visible
                || self.marketplace.contains(row) != marketplace
                || self.open.contains(row) != open
            {
                return Err(broken("a scope's bitmap does not hold what the columns say"));
            }
            if live {
                read_profile(self, row).check().map_err(|error| broken(&error.to_string()))?;
            }
        }
        for (place, field) in self.keywords.iter().enumerate() {
            let listed: u64 = (0..self.rows).map(|row| field.codes.get(row).len() as u64).sum();
            let kept: u64 =
                (0..field.index.len() as u32).map(|code| u64::from(field.index.count(code))).sum();
            if listed != kept {
                return Err(Error::Internal {
                    what: format!(
                        "keyword field {place}: the rows list {listed} values, the bitmaps hold {kept}"
                    ),
                });
            }
        }
        Ok(())
    }
}
