//! How an engine is opened or made.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use shortlist::{Durability, EngineOptions, Error, HashEmbedder, Schema};

use crate::embedder::PythonEmbedder;
use crate::error::{exception, wrong_type};
use crate::incoming::json;

/// The options that keyword arguments make.
pub fn options(
    schema: Option<&Bound<'_, PyAny>>,
    embedder: Option<&Bound<'_, PyAny>>,
    background: bool,
    exact_budget_ms: Option<f64>,
) -> PyResult<EngineOptions> {
    let mut options = EngineOptions::default().with_background(background);
    if let Some(given) = schema {
        options.schema = self::schema(given)?;
    }
    if let Some(budget) = exact_budget_ms {
        options = options.with_exact_budget_ms(budget);
    }
    if let Some(given) = embedder {
        options = options.with_embedder(match given.extract::<usize>() {
            Ok(dimension) => Arc::new(HashEmbedder::new(dimension)),
            Err(_) => Arc::new(PythonEmbedder::new(given)?),
        });
    }
    Ok(options)
}

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
];

/// The options of an opening, by the keywords of `Engine.open`; what is not given is as the engine has it.
pub fn keyword_options(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<EngineOptions> {
    let Some(keywords) = keywords else { return Ok(EngineOptions::default()) };
    for name in keywords.keys() {
        let name: String = name.extract()?;
        if !KEYWORDS.contains(&name.as_str()) {
            let within = "the options of an engine";
            return Err(exception(&Error::UnknownField { field: name, within, nearest: None }));
        }
    }
    let get =
        |name: &str| Ok::<_, PyErr>(keywords.get_item(name)?.filter(|value| !value.is_none()));
    let flag =
        |name: &str, default: bool| get(name)?.map_or(Ok(default), |value| value.extract::<bool>());
    let budget = get("exact_budget_ms")?.map(|value| value.extract::<f64>()).transpose()?;
    let mut options = options(
        get("schema")?.as_ref(),
        get("embedder")?.as_ref(),
        flag("background", true)?,
        budget,
    )?;
    options.create = flag("create", false)?;
    if let Some(given) = get("durability")? {
        options.durability = durability(&given)?;
    }
    // Here none is a choice: never by itself.
    if let Some(given) = keywords.get_item("snapshot_after_commits")? {
        options.snapshot_after_commits = given.extract()?;
    }
    if let Some(given) = keywords.get_item("snapshot_after")? {
        options.snapshot_after = given.extract::<Option<f64>>()?.map(seconds).transpose()?;
    }
    if let Some(given) = get("window")? {
        options.window = given.extract()?;
    }
    Ok(options)
}
