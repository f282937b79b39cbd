//! Calls that somebody may call off.

use super::Engine;
use crate::api::cancel::Cancel;
use crate::api::deadline::Deadline;
use crate::model::Result;

impl Engine {
    /// A handle to the same index whose reads and writes end by [`Error::Cancelled`](crate::Error::Cancelled) once
    /// `cancel` is used, within milliseconds: wherever a time limit is looked at, between the requests of
    /// [`Engine::match_many`] and [`Engine::search_many`], and between the profiles of a batch while they are
    /// embedded. A batch that is being committed is committed, whole.
    ///
    /// ```
    /// use shortlist::{Cancel, ClientCriteria, Engine};
    ///
    /// let engine = Engine::in_memory()?;
    /// let cancel = Cancel::new();
    /// let until = engine.cancelled_by(&cancel);
    /// let stopper = std::thread::spawn(move || cancel.cancel());
    /// stopper.join().expect("it does not panic");
    /// let answers = until.match_many(&vec![ClientCriteria::default(); 100]);
    /// assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(|error| error.code() == "SL1030")));
    /// assert!(engine.match_advisors(&ClientCriteria::default()).is_ok());
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    #[must_use]
    pub fn cancelled_by(&self, cancel: &Cancel) -> Self {
        Self { cancel: Some(cancel.clone()), ..self.clone() }
    }

    /// When a request through this handle gives up that came in now.
    pub(super) fn deadline(&self, timeout_ms: Option<u64>) -> Deadline {
        Deadline::after(timeout_ms).or_cancelled(self.cancel.as_ref())
    }

    /// Refuses to begin what was called off.
    pub(super) fn go_on(&self) -> Result<()> {
        self.cancel.as_ref().map_or(Ok(()), Cancel::check)
    }
}
