//! The answers to many requests, taken one at a time: whoever else waits for the thread has a turn between.

use std::sync::{Mutex, PoisonError};
use std::vec::IntoIter;

use napi_derive::napi;

use crate::door;
use crate::failure::Result;
use crate::outcome::Outcome;

/// Answers in the order of their requests.
#[napi]
pub struct Many {
    answers: Mutex<IntoIter<Result<Outcome>>>,
}

impl Many {
    pub fn new(answers: Vec<Result<Outcome>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter()) }
    }
}

#[napi]
impl Many {
    /// The next answer as a text, or the error in its place; none behind the last.
    #[napi(catch_unwind)]
    pub fn next(&self) -> napi::Result<Option<String>> {
        Ok(door::through(|| {
            let next = self.answers.lock().unwrap_or_else(PoisonError::into_inner).next();
            Ok(next.map(|answer| match answer {
                Ok(outcome) => outcome.text(None),
                Err(failure) => format!("{{\"error\":{}}}", failure.to_json()),
            }))
        })?)
    }
}
