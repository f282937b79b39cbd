//! What the crate takes without the crossing, for the bench beside it (feature `measure`).

use std::hint::black_box;
use std::time::Instant;

use napi::bindgen_prelude::{Float32ArraySlice, Uint32ArraySlice};
use napi_derive::napi;

use crate::door;
use crate::handle::EngineHandle;
use crate::request::Request;

/// Microseconds a call, the mean over a list of searches that were read before.
#[napi(catch_unwind)]
pub fn measure_search(engine: &EngineHandle, requests: String) -> napi::Result<f64> {
    Ok(door::through(|| {
        let (engine, requests) = (engine.engine()?, Request::new(requests, None, None).searches()?);
        let start = Instant::now();
        for request in &requests {
            black_box(engine.search(request)?);
        }
        Ok(start.elapsed().as_secs_f64() * 1e6 / requests.len() as f64)
    })?)
}

/// The same of matches, each with its embedding.
#[napi(catch_unwind)]
pub fn measure_match(
    engine: &EngineHandle,
    criteria: String,
    floats: Option<Float32ArraySlice<'_>>,
    lengths: Option<Uint32ArraySlice<'_>>,
) -> napi::Result<f64> {
    Ok(door::through(|| {
        let request = Request::new(criteria, floats.as_deref(), lengths.as_deref());
        let (engine, criteria) = (engine.engine()?, request.criteria_list()?);
        let start = Instant::now();
        for criteria in &criteria {
            black_box(engine.match_advisors(criteria)?);
        }
        Ok(start.elapsed().as_secs_f64() * 1e6 / criteria.len() as f64)
    })?)
}
