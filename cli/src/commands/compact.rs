//! `shortlist compact`.

use serde_json::json;
use shortlist::Engine;

use crate::args::Index;
use crate::failure::Result;
use crate::output::Output;
use crate::report::facts::{bytes, count, facts};

/// Makes an index as small and as quick to open as it can be: upkeep, a snapshot, a journal without what nobody needs.
pub fn run(options: &Index, out: &mut Output) -> Result {
    let engine = Engine::open(&options.index)?;
    let before = engine.stats();
    engine.maintain()?;
    let report = engine.snapshot(&options.index)?;
    let journal = |stats: &shortlist::Stats| {
        stats.keeping.as_ref().map_or(0, |keeping| keeping.journal_bytes)
    };
    let journal = [journal(&before), journal(&engine.stats())];
    engine.close()?;
    // What is kept has no tombstone, while this process may have left a few where they are.
    let after = Engine::open_read_only(&options.index)?.stats();
    if out.format.is_json() {
        return out.line(json!({
            "tombstones": {"before": before.tombstones, "after": after.tombstones},
            "memoryBytes": {"before": before.memory_bytes(), "after": after.memory_bytes()},
            "journalBytes": {"before": journal[0], "after": journal[1]},
            "snapshotBytes": report.bytes,
        }));
    }
    let change = |before: String, after: String| format!("{before} -> {after}");
    out.line(facts([
        ("tombstones", change(count(before.tombstones), count(after.tombstones))),
        ("memory", change(bytes(before.memory_bytes()), bytes(after.memory_bytes()))),
        ("journal", change(bytes(journal[0]), bytes(journal[1]))),
        ("snapshot", bytes(report.bytes)),
    ]))
}
