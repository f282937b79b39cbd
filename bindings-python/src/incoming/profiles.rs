//! Profiles and patches, one by one.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use shortlist::{AdvisorProfile, Error, ProfilePatch, Schema, limits};

use super::json::{self, Embedding, Wire};
use crate::error::{exception, noted, wrong_type};

/// One profile: a mapping, a dataclass, a pydantic model. An attribute that the schema infers is learnt by it.
pub fn profile(value: &Bound<'_, PyAny>, schema: &mut Schema) -> PyResult<AdvisorProfile> {
    read(json::object("profile", value)?, schema).map_err(|error| exception(&error))
}

/// The profile of a wire form.
pub fn read(wire: Wire, schema: &mut Schema) -> shortlist::Result<AdvisorProfile> {
    let mut profile = AdvisorProfile::from_json_declaring(&wire.text, schema)?;
    if let Embedding::Given(vector) = wire.embedding {
        profile.embedding = Some(vector);
        profile.check()?;
    }
    Ok(profile)
}

/// The profiles of one batch: any iterable of them, or one.
pub fn profiles(given: &Bound<'_, PyAny>, schema: &mut Schema) -> PyResult<Vec<AdvisorProfile>> {
    let py = given.py();
    if given.is_instance_of::<PyDict>() || given.hasattr("__dataclass_fields__")? {
        return Ok(vec![profile(given, schema)?]);
    }
    let expected = "an iterable of mappings, dataclasses or pydantic models";
    let is_text = given.is_instance_of::<PyString>();
    let items = given.try_iter().ok().filter(|_| !is_text);
    let Some(items) = items else { return Err(wrong_type("profiles", given, expected)) };
    let mut profiles = Vec::new();
    for (at, item) in items.enumerate() {
        if at == limits::BATCH {
            return Err(exception(&Error::TooLarge {
                field: "batch".to_owned(),
                found: at as u64 + 1,
                limit: limits::BATCH as u64,
                unit: "profiles or more; `build` takes as many as there are",
            }));
        }
        let item = item?;
        let read = profile(&item, schema);
        profiles.push(
            read.map_err(|error| noted(py, error, &format!("in profile {at} of the batch")))?,
        );
        if at % 256 == 255 {
            py.check_signals()?;
        }
    }
    Ok(profiles)
}

/// The patches of one batch: an id with keywords, or a mapping from ids, or an iterable of pairs.
pub fn patches(
    given: &Bound<'_, PyAny>,
    keywords: Option<&Bound<'_, PyDict>>,
    schema: &Schema,
) -> PyResult<Vec<(String, ProfilePatch)>> {
    if let Ok(id) = given.cast::<PyString>() {
        let wire = match keywords {
            Some(keywords) => json::keywords("patch", keywords)?,
            None => Wire { text: "{}".to_owned(), ..Wire::default() },
        };
        let id = json::text_of("id", id)?.into_owned();
        return Ok(vec![(id, patch(wire, schema)?)]);
    }
    if keywords.is_some_and(|keywords| !keywords.is_empty()) {
        return Err(wrong_type("patches", given, "an id, where the fields are keywords"));
    }
    let expected = "an id, a mapping from ids to fields, or pairs of them";
    let pairs = match given.cast::<PyDict>() {
        Ok(dict) => dict.call_method0("items")?,
        Err(_) => given.clone(),
    };
    let mut patches = Vec::new();
    for pair in pairs.try_iter().map_err(|_| wrong_type("patches", given, expected))? {
        let pair = pair?;
        let (id, fields): (Bound<'_, PyAny>, Bound<'_, PyAny>) = match pair.cast::<PyTuple>() {
            Ok(tuple) if tuple.len() == 2 => (tuple.get_item(0)?, tuple.get_item(1)?),
            _ => return Err(wrong_type("patches", &pair, expected)),
        };
        let id = id.cast::<PyString>().map_err(|_| wrong_type("id", &id, "a string"))?;
        let id = json::text_of("id", id)?.into_owned();
        let read = json::object("patch", &fields).and_then(|wire| patch(wire, schema));
        let patch =
            read.map_err(|error| noted(given.py(), error, &format!("in the patch of {id}")))?;
        patches.push((id, patch));
        if patches.len() > limits::BATCH {
            return Err(exception(&Error::TooLarge {
                field: "batch".to_owned(),
                found: patches.len() as u64,
                limit: limits::BATCH as u64,
                unit: "profiles or more",
            }));
        }
    }
    Ok(patches)
}

fn patch(wire: Wire, schema: &Schema) -> PyResult<ProfilePatch> {
    let mut patch =
        ProfilePatch::from_json(&wire.text, schema).map_err(|error| exception(&error))?;
    match wire.embedding {
        Embedding::Absent => {}
        Embedding::Cleared => patch.embedding = Some(None),
        Embedding::Given(vector) => patch.embedding = Some(Some(vector)),
    }
    Ok(patch)
}
