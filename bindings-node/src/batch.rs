//! A long list on its way to the engine, a slice at a time.

use std::sync::Mutex;

use napi::bindgen_prelude::{Float32ArraySlice, Uint32ArraySlice};
use napi_derive::napi;

use crate::request::Request;

/// Profiles that were handed over so far.
#[napi]
#[derive(Default)]
pub struct Batch {
    slices: Mutex<Vec<Request>>,
}

#[napi]
impl Batch {
    /// An empty one.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a slice: profiles in lines, and their embeddings.
    #[napi(catch_unwind)]
    pub fn add(
        &self,
        text: String,
        floats: Option<Float32ArraySlice<'_>>,
        lengths: Option<Uint32ArraySlice<'_>>,
    ) {
        let slice = Request::new(text, floats.as_deref(), lengths.as_deref());
        self.slices.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(slice);
    }
}

impl Batch {
    /// What was handed over, once.
    pub fn take(&self) -> Vec<Request> {
        let mut slices = self.slices.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *slices)
    }
}
