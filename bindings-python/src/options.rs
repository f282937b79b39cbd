//! How an engine is opened or made.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use shortlist::{Durability, Embedder, EngineOptions, Error, HashEmbedder, Schema};

use crate::embedder::PythonEmbedder;
use crate::error::{exception, wrong_type};
use crate::incoming::json;

/// A schema: a mapping, or its JSON.
pub fn schema(given: &Bound<'_, PyAny>) -> PyResult<Schema> {
    let text = match given.cast::<PyString>() {
        Ok(text) => json::text_of("schema", text)?.into_owned(),
        Err(_) if given.is_instance_of::<PyDict>() => json::value("schema", given)?,
        Err(_) => return Err(wrong_type("schema", given, "a mapping, or its JSON")),
    };
    Schema::from_json(&text).map_err(|error| exception(&error))
}

/// How lasting changes are: `synced`, `none`, or the seconds that they may be late by.
pub fn durability(given: &Bound<'_, PyAny>) -> PyResult<Durability> {
    const EXPECTED: &str = "`synced`, `none`, or seconds within which changes are on the disk";
    if let Ok(name) = given.extract::<String>() {
        return match name.as_str() {
            "synced" => Ok(Durability::Synced),
            "none" => Ok(Durability::None),
            other => Err(exception(&Error::OutOfRange {
                field: "durability".to_owned(),
                value: other.chars().take(60).collect(),
                expected: EXPECTED.to_owned(),
            })),
        };
    }
    match given.extract::<f64>() {
        Ok(late) => Ok(Durability::Buffered { max_delay: seconds(late)? }),
        Err(_) => Err(wrong_type("durability", given, EXPECTED)),
    }
}

/// A time in seconds.
pub fn seconds(given: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(given).map_err(|_| {
        exception(&Error::OutOfRange {
            field: "seconds".to_owned(),
            value: given.to_string(),
            expected: "seconds, 0 or more".to_owned(),
        })
    })
}

const KEYWORDS: &[&str] = &[
    "create",
    "schema",
    "embedder",
    "background",
    "exact_budget_ms",
    "durability",
    "snapshot_after_commits",
    "snapshot_after",
    "window",
    "cache_bytes",
    "slow_request",
    "redact_slow_requests",
];

/// The options that keywords make; what is not given is as the engine has it. A keyword goes over the `schema` beside it.
pub fn options(
    schema: Option<&Bound<'_, PyAny>>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<EngineOptions> {
    let mut options = EngineOptions::default();
    if let Some(given) = schema {
        options.schema = self::schema(given)?;
    }
    let Some(keywords) = keywords else { return Ok(options) };
    for (name, value) in keywords {
        let name: String = name.extract()?;
        match name.as_str() {
            // Here none is a choice: never by itself.
            "snapshot_after_commits" => options.snapshot_after_commits = value.extract()?,
            "snapshot_after" => {
                let after: Option<f64> = value.extract()?;
                options.snapshot_after = after.map(seconds).transpose()?;
            }
            known if value.is_none() && KEYWORDS.contains(&known) => {}
            "create" => options.create = value.extract()?,
            "schema" => options.schema = self::schema(&value)?,
            "embedder" => options.embedder = Some(embedder(&value)?),
            "background" => options.background = value.extract()?,
            "exact_budget_ms" => options.exact_budget_ms = value.extract()?,
            "durability" => options.durability = durability(&value)?,
            "window" => options.window = value.extract()?,
            "cache_bytes" => options.cache_bytes = value.extract()?,
            "slow_request" => options.slow_request = seconds(value.extract()?)?,
            "redact_slow_requests" => options.redact_slow_requests = value.extract()?,
            _ => {
                let within = "the options of an engine";
                return Err(exception(&Error::UnknownField { field: name, within, nearest: None }));
            }
        }
    }
    Ok(options)
}

/// An embedder of one's own, or the number of dimensions of the built-in one.
fn embedder(given: &Bound<'_, PyAny>) -> PyResult<Arc<dyn Embedder>> {
    Ok(match given.extract::<usize>() {
        Ok(dimension) => Arc::new(HashEmbedder::new(dimension)),
        Err(_) => Arc::new(PythonEmbedder::new(given)?),
    })
}
