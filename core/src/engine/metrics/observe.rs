//! Around every request: its time, its path, its refusal, its place in the log of slow ones.

use std::time::Instant;

use super::slow::SlowRequest;
use super::{Instruments, Kind};
use crate::api::redacted::logged;
use crate::model::{Error, Result};

/// What is recorded of an answer.
#[derive(Clone, Copy, Default)]
pub(in crate::engine) struct Seen {
    pub(in crate::engine) path: &'static str,
    pub(in crate::engine) considered: u64,
    pub(in crate::engine) generation: u64,
}

impl Instruments {
    /// Has a request answered, and records it. `request` is its wire form, asked for only where it was slow.
    pub(in crate::engine) fn observe<A>(
        &self,
        kind: Kind,
        request: impl FnOnce() -> String,
        ask: impl FnOnce() -> Result<A>,
        seen: impl FnOnce(&A) -> Seen,
    ) -> Result<A> {
        #[cfg(feature = "tracing")]
        let span = tracing::debug_span!(
            "request",
            kind = kind.name(),
            path = tracing::field::Empty,
            considered = tracing::field::Empty,
            error = tracing::field::Empty
        );
        #[cfg(feature = "tracing")]
        let _entered = span.enter();
        let start = Instant::now();
        let answer = ask();
        let took = start.elapsed();
        let seen = answer.as_ref().map_or_else(|_| Seen::default(), seen);
        let error = answer.as_ref().err().map(Error::code);
        match error {
            None => self.record(kind, seen.path, took, seen.considered),
            Some(code) => self.record_error(kind, code),
        }
        #[cfg(feature = "tracing")]
        {
            span.record("path", seen.path).record("considered", seen.considered);
            error.map(|code| span.record("error", code));
        }
        let took_us = took.as_micros() as u64;
        if self.slow.is_slow(took_us) {
            let Seen { path, considered, generation } = seen;
            let request = logged(&request(), self.redact);
            let kind = kind.name();
            self.slow.keep(SlowRequest {
                at_ms: 0,
                kind,
                path,
                took_us,
                considered,
                generation,
                error,
                request,
            });
        }
        answer
    }
}
