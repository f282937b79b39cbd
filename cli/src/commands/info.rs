//! `shortlist info`.

use shortlist::{KeepingStats, Stats};

use crate::args::Index;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{bytes, count, facts, parts, printable};

/// Says what an index holds.
pub fn run(options: &Index, out: &mut Output) -> Result {
    let stats = open(&options.index)?.stats();
    if out.format.is_json() { out.line(stats.to_json()) } else { out.line(holdings(&stats)) }
}

/// What an index holds, for a person.
pub fn holdings(stats: &Stats) -> String {
    let none = || "none".to_owned();
    let mut rows = vec![
        ("profiles", count(stats.profiles)),
        ("in the marketplace", count(stats.in_marketplace)),
        ("embeddings", count(stats.embedded)),
        ("dimensions", stats.dimension.map_or_else(none, |dimension| dimension.to_string())),
        ("embedder", stats.embedder.clone().unwrap_or_else(none)),
        (
            "attributes",
            if stats.attributes.is_empty() { none() } else { stats.attributes.join(", ") },
        ),
        ("generation", stats.generation.to_string()),
        ("tombstones", count(stats.tombstones)),
    ];
    if let Some(keeping) = &stats.keeping {
        rows.extend(kept(keeping));
    }
    rows.extend(stats.warnings.iter().map(|warning| ("warning", printable(warning))));
    let sizes = stats.memory.iter().map(|part| (part.name.as_str(), part.bytes));
    format!("{}\n{}", facts(rows), parts(sizes))
}

/// What is kept of it on the disk.
fn kept(keeping: &KeepingStats) -> [(&'static str, String); 2] {
    let snapshot = keeping.snapshot_generation;
    let journal = match keeping.journal_bytes {
        0 => "nothing after the snapshot".to_owned(),
        size => format!("up to generation {}, {}", keeping.journal_generation, bytes(size)),
    };
    [
        (
            "snapshot",
            snapshot.map_or_else(|| "none".to_owned(), |of| format!("of generation {of}")),
        ),
        ("journal", journal),
    ]
}
