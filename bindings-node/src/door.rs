//! The one doorway between the engine and JavaScript: a panic ends here, and becomes an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::failure::{Failure, Result};

/// Does work of the engine. What panics is a defect of ours; the engine publishes only what is whole, so it stays usable.
pub fn through<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Failure::internal(said.unwrap_or_else(|| "a panic without words".to_owned())))
    })
}
