//! An earlier run that this one is compared with.

use std::fs;
use std::path::Path;

use serde_json::Value;
use shortlist::Error;

use crate::failure::Result;
use crate::report::latency::Percentiles;

/// What `bench --format json` printed before.
pub struct Baseline {
    /// The file.
    pub name: String,
    /// Its percentiles.
    pub percentiles: Percentiles,
    /// Its requests a second.
    pub per_second: f64,
}

impl Baseline {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).map_err(|error| Error::from_io(&error, "read", path))?;
        let name = path.display().to_string();
        let malformed = |reason| Error::Malformed { what: name.clone(), reason };
        let json: Value =
            serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        let number = |field: &str| {
            let wanted = || {
                format!("it has no number `{field}`; it takes the output of `bench --format json`")
            };
            json[field].as_f64().ok_or_else(|| malformed(wanted()))
        };
        let percentiles = Percentiles {
            p50: number("p50_us")?,
            p95: number("p95_us")?,
            p99: number("p99_us")?,
            max: number("max_us")?,
        };
        let per_second = number("requests_per_s")?;
        Ok(Self { name, percentiles, per_second })
    }
}
