//! `shortlist remove`.

use std::io::Read;

use serde_json::json;
use shortlist::{Engine, Error, limits};

use crate::args::Remove;
use crate::failure::Result;
use crate::output::Output;
use crate::report::facts::{count, facts};

/// Removes profiles for good.
pub fn run(options: &Remove, out: &mut Output) -> Result {
    let mut ids = if options.ids == ["-"] { lines()? } else { options.ids.clone() };
    ids.sort_unstable();
    ids.dedup();
    let engine = Engine::open(&options.index.index)?;
    let named = ids.len();
    if options.missing_ok {
        let mut held = Vec::with_capacity(ids.len());
        for id in ids {
            if engine.get(&id)?.is_some() {
                held.push(id);
            }
        }
        ids = held;
    }
    if !ids.is_empty() {
        engine.remove(&ids)?;
    }
    let stats = engine.stats();
    engine.close()?;
    let missing = named - ids.len();
    if out.format.is_json() {
        return out.line(json!({
            "removed": ids.len(),
            "missing": missing,
            "profiles": stats.profiles,
            "generation": stats.generation,
        }));
    }
    let mut rows = vec![("removed", count(ids.len() as u64))];
    if missing > 0 {
        rows.push(("not there", count(missing as u64)));
    }
    rows.push(("profiles", count(stats.profiles)));
    out.line(facts(rows))
}

/// The ids on standard input, one a line.
fn lines() -> shortlist::Result<Vec<String>> {
    let (mut text, most) = (String::new(), limits::REQUEST_LIST_BYTES as u64);
    let read = std::io::stdin().lock().take(most + 1).read_to_string(&mut text);
    read.map_err(|error| Error::from_io(&error, "read", "standard input"))?;
    if text.len() as u64 > most {
        let (field, found) = ("ids".to_owned(), text.len() as u64);
        return Err(Error::TooLarge { field, found, limit: most, unit: "bytes" });
    }
    let ids = text.lines().map(str::trim).filter(|id| !id.is_empty());
    Ok(ids.map(str::to_owned).collect())
}
