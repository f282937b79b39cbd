//! A run told, as tables and as JSON.

use serde_json::{Value, json};

use super::asked::Kind;
use super::loaded::Loaded;
use super::record::ms_at;
use crate::args::LoadProfile;
use crate::failure::Result;
use crate::output::Output;
use crate::report::facts::{bytes, count, facts, printable, table};

/// The percentiles that are told.
pub const SHARES: [(&str, f64); 5] =
    [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];

/// Prints it.
pub fn tell(loaded: &Loaded<'_>, out: &mut Output) -> Result {
    if out.format.is_json() {
        return out.line(json(loaded));
    }
    let mut rows = table(&["", "answered", "p50", "p95", "p99", "p99.9", "max"]);
    for row in latencies(loaded) {
        rows.add_row(row);
    }
    out.line(rows.trim_fmt())?;
    let mut told = vec![
        ("target", name(loaded)),
        ("requests/s", format!("{:.0}", loaded.per_second())),
        ("threads", loaded.threads.to_string()),
        ("errors", count(loaded.errors())),
    ];
    told.extend(loaded.first_error().map(|what| ("first error", printable(what))));
    told.push(("changes", changes(loaded)));
    told.extend(loaded.hit_rate().map(|rate| ("from the cache", format!("{:.1} %", rate * 100.0))));
    if let (Some(first), Some(last)) = (loaded.memory.samples.first(), loaded.memory.samples.last())
    {
        told.push(("memory", format!("{} at first, {} in the end", bytes(first.1), bytes(last.1))));
    }
    out.line(facts(told))?;
    let mut held = table(&["threshold", "limit", "found", ""]);
    for threshold in loaded.thresholds() {
        let met = if threshold.met { "met" } else { "MISSED" };
        held.add_row([threshold.name, &threshold.limit, &threshold.found, met]);
    }
    out.line(held.trim_fmt())
}

/// What was driven.
pub fn name(loaded: &Loaded<'_>) -> String {
    let how = if loaded.options.keep.is_some() {
        ", each change on the disk first"
    } else {
        ", in memory"
    };
    let inside = || format!("the engine inside this process{how}");
    loaded.options.url.clone().unwrap_or_else(inside)
}

/// The profile's name.
pub fn profile(loaded: &Loaded<'_>) -> &'static str {
    match loaded.options.profile {
        LoadProfile::Browsing => "browsing",
        LoadProfile::Matching => "matching",
        LoadProfile::Peak => "peak",
    }
}

/// What changes went on.
pub fn changes(loaded: &Loaded<'_>) -> String {
    match &loaded.changes {
        None => "none: the service takes none".to_owned(),
        Some(changes) => format!(
            "{} profiles, {} patches; visible after {:.2} ms at p50, {:.2} at p99",
            count(changes.upserts),
            count(changes.patches),
            ms_at(&changes.times, 0.5),
            ms_at(&changes.times, 0.99)
        ),
    }
}

/// Latencies by kind and of all, as cells.
pub fn latencies(loaded: &Loaded<'_>) -> Vec<Vec<String>> {
    let all = loaded.record.all();
    let kinds = Kind::ALL.iter().zip(&loaded.record.kinds).filter(|(_, times)| !times.is_empty());
    let kinds = kinds.map(|(kind, times)| (kind.name(), times));
    let row = |(name, times): (&str, &hdrhistogram::Histogram<u64>)| {
        let shown = SHARES.map(|(_, share)| format!("{:.3} ms", ms_at(times, share)));
        [name.to_owned(), count(times.len())].into_iter().chain(shown).collect()
    };
    kinds.chain([("all", &all)]).map(row).collect()
}

fn json(loaded: &Loaded<'_>) -> Value {
    let times = |times: &hdrhistogram::Histogram<u64>| {
        let mut value = json!({"requests": times.len()});
        for (name, share) in [
            ("p50_ms", 0.5),
            ("p95_ms", 0.95),
            ("p99_ms", 0.99),
            ("p999_ms", 0.999),
            ("max_ms", 1.0),
        ] {
            value[name] = json!(ms_at(times, share));
        }
        value
    };
    let mut kinds = json!({});
    for (kind, histogram) in
        Kind::ALL.iter().zip(&loaded.record.kinds).filter(|(_, one)| !one.is_empty())
    {
        kinds[kind.name()] = times(histogram);
    }
    let thresholds = loaded.thresholds();
    let memory = &loaded.memory;
    json!({
        "profile": profile(loaded), "target": name(loaded), "seconds": loaded.wall.as_secs_f64(),
        "threads": loaded.threads, "offeredPerS": loaded.offered, "requestsPerS": loaded.per_second(),
        "all": times(&loaded.record.all()), "kinds": kinds,
        "errors": loaded.errors(), "firstError": loaded.first_error(),
        "changes": loaded.changes.as_ref().map(|changes| json!({
            "upserts": changes.upserts, "patches": changes.patches,
            "p50_ms": ms_at(&changes.times, 0.5), "p99_ms": ms_at(&changes.times, 0.99),
        })),
        "hitRate": loaded.hit_rate(),
        "memory": {
            "firstBytes": memory.samples.first().map(|sample| sample.1),
            "lastBytes": memory.samples.last().map(|sample| sample.1),
            "growthPercent": loaded.growth(),
            "partsOverTime": memory.parts.iter().map(|(seconds, parts)| json!({
                "second": seconds, "parts": parts,
            })).collect::<Vec<_>>(),
        },
        "verified": loaded.checked.as_ref().map(|checked| checked.verified),
        "sample": loaded.checked.as_ref().map(|checked| checked.sample),
        "differs": loaded.checked.as_ref().and_then(|checked| checked.differs.as_deref()),
        "thresholds": thresholds.iter().map(|one| json!({
            "name": one.name, "limit": one.limit, "found": one.found, "met": one.met,
        })).collect::<Vec<_>>(),
        "passed": thresholds.iter().all(|one| one.met),
    })
}
