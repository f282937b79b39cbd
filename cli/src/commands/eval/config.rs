//! What a config changes in each request.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use shortlist::{Error, limits};

use super::question::camel_case;
use crate::failure::Result;

/// Part of a request, merged over each.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file's name without its ending, or the JSON as it was given.
    pub name: String,
    /// The fields, in camelCase.
    pub fields: Map<String, Value>,
    /// The file's name of its rankings.
    pub run: String,
}

impl Config {
    /// The configs as they were given, each under a name of its own; without any, the requests as they are.
    pub fn read_all(given: &[String]) -> Result<Vec<Self>> {
        let mut configs = Vec::new();
        for (at, one) in given.iter().enumerate() {
            configs.push(Self::read(one, at)?);
        }
        if configs.is_empty() {
            configs.push(Self::new("as given".to_owned(), "as-given".to_owned(), Map::new()));
        }
        for at in 1..configs.len() {
            let (before, after) = configs.split_at_mut(at);
            let (one, given) = (&mut after[0], &given[at]);
            if before.iter().any(|other| other.name == one.name) {
                one.name = format!("{given} ({})", at + 1);
            }
            if before.iter().any(|other| other.run == one.run) {
                one.run = format!("{}-{}", one.run, at + 1);
            }
        }
        Ok(configs)
    }

    /// A name for another system's rankings.
    pub fn elsewhere(run: &Path) -> Self {
        let name = run.file_stem().unwrap_or(run.as_os_str()).to_string_lossy().into_owned();
        Self::new(name.clone(), name, Map::new())
    }

    fn new(name: String, run: String, fields: Map<String, Value>) -> Self {
        Self { name, fields, run }
    }

    fn read(given: &str, at: usize) -> Result<Self> {
        if given.trim_start().starts_with('{') {
            let (name, run) = (given.trim().to_owned(), format!("config-{}", at + 1));
            return Ok(Self::new(name, run, fields("config", given)?));
        }
        let path = Path::new(given);
        let fail = |error: &std::io::Error| Error::from_io(error, "read", path);
        let size = fs::metadata(path).map_err(|error| fail(&error))?.len();
        if size > limits::REQUEST_BYTES as u64 {
            let (field, limit) = (given.to_owned(), limits::REQUEST_BYTES as u64);
            return Err(Error::TooLarge { field, found: size, limit, unit: "bytes" }.into());
        }
        let text = fs::read_to_string(path).map_err(|error| fail(&error))?;
        let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self::new(stem.clone(), stem, fields(given, &text)?))
    }
}

fn fields(what: &str, text: &str) -> Result<Map<String, Value>> {
    let reason = match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => return Ok(camel_case(fields)),
        Ok(_) => "it is no JSON object; it takes part of a request".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Error::Malformed { what: what.to_owned(), reason }.into())
}
