//! The report of a run as a page.

use std::cmp::Reverse;

use hdrhistogram::Histogram;
use shortlist::SectionSize;

use super::asked::Kind;
use super::loaded::Loaded;
use super::memory::Memory;
use super::record::ms_at;
use super::tell::{changes, latencies, name, profile};
use crate::report::facts::{bytes, count};
use crate::report::html::{Cell, Chart, Grid, Page, Series, Unit, nines};

/// More lines in a chart are not told apart.
const LINES: usize = 6;

/// All that was seen, on one page.
pub fn page(loaded: &Loaded<'_>) -> Page {
    let title = format!("Load: {}", profile(loaded));
    let lead = format!(
        "{}, {:.0} s, {} threads; changes: {}",
        name(loaded),
        loaded.wall.as_secs_f64(),
        loaded.threads,
        changes(loaded)
    );
    let mut page = Page::new(&title, &lead);
    let thresholds = loaded.thresholds();
    let missed: Vec<String> =
        thresholds.iter().filter_map(super::loaded::Threshold::missed).collect();
    if missed.is_empty() {
        page.verdict(true, "every threshold is met");
    } else {
        page.verdict(false, &missed.join("; "));
    }
    let all = loaded.record.all();
    let hits = loaded.hit_rate().map(|rate| ("from the cache", format!("{:.1} %", rate * 100.0)));
    let tiles = [
        ("requests/s", count(loaded.per_second() as u64)),
        ("answered", count(loaded.answered())),
        ("errors", count(loaded.errors())),
        ("p50", ms(ms_at(&all, 0.5))),
        ("p95", ms(ms_at(&all, 0.95))),
        ("p99", ms(ms_at(&all, 0.99))),
    ];
    page.tiles(tiles.into_iter().chain(hits));
    if let Some(what) = loaded.first_error() {
        page.section("The first error", what);
    }

    page.section("Thresholds", "");
    let header = ["threshold", "limit", "found", "met"];
    page.grid(&thresholds.iter().fold(Grid::new(&header), |grid, one| {
        let met = Cell::text(if one.met { "met" } else { "missed" }).good(one.met);
        grid.row([Cell::text(one.name), Cell::text(&one.limit), Cell::text(&one.found), met])
    }));

    page.section(
        "Latency",
        "From the moment a request was meant to start until its answer was there: waiting for a free thread counts.",
    );
    page.chart(&percentiles(loaded, &all));
    let header = ["", "answered", "p50", "p95", "p99", "p99.9", "slowest"];
    let rows = latencies(loaded).into_iter();
    page.grid(
        &rows.fold(Grid::new(&header), |grid, row| grid.row(row.into_iter().map(Cell::text))),
    );

    over_time(loaded, &mut page);
    memory(loaded, &mut page);
    page
}

fn percentiles(loaded: &Loaded<'_>, all: &Histogram<u64>) -> Chart {
    let places = nines(all.len());
    let line = |times: &Histogram<u64>| {
        let least = 1.0 / times.len().max(1) as f64;
        let at =
            |(share, _): &(f64, f64)| (1.0 - share >= least * 0.999).then(|| ms_at(times, *share));
        places.iter().map(at).collect()
    };
    let kinds = Kind::ALL.iter().zip(&loaded.record.kinds).filter(|(_, times)| !times.is_empty());
    let mut lines = vec![Series::new("all", line(all))];
    lines.extend(kinds.map(|(kind, times)| Series::new(kind.name(), line(times))));
    if let Some(changes) = loaded.changes.as_ref().filter(|changes| !changes.times.is_empty()) {
        lines.push(Series::new("changes", line(&changes.times)));
    }
    let at = places.iter().map(|(_, place)| *place).collect();
    Chart::over_percentiles("Latency by percentile", Unit::Milliseconds, at, lines)
        .with_note("so large a share of requests took at most so long")
}

fn over_time(loaded: &Loaded<'_>, page: &mut Page) {
    page.section("Over time", "");
    let timeline = &loaded.record.timeline;
    let seconds = timeline.seconds();
    let answered = vec![Series::new("answered", timeline.per_second())];
    page.chart(&Chart::over_time("Throughput", Unit::PerSecond, seconds.clone(), answered));
    let lines = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]
        .map(|(name, share)| Series::new(name, timeline.milliseconds_at(share)));
    page.chart(&Chart::over_time("Latency over time", Unit::Milliseconds, seconds, lines.into()));
}

fn memory(loaded: &Loaded<'_>, page: &mut Page) {
    let Memory { samples, parts } = &loaded.memory;
    let mebibytes = |bytes: u64| Some(bytes as f64 / 1_048_576.0);
    if !samples.is_empty() {
        page.section("Memory", "What the process holds, as the system counts it.");
        let seconds = samples.iter().map(|(seconds, _)| *seconds).collect();
        let held = samples.iter().map(|(_, bytes)| mebibytes(*bytes)).collect();
        let lines = vec![Series::new("resident", held)];
        page.chart(&Chart::over_time("Memory over time", Unit::Mebibytes, seconds, lines));
    }
    if let Some((_, last)) = parts.last() {
        let bytes_of = |parts: &[SectionSize], name: &str| {
            parts.iter().find(|part| part.name == name).map_or(0, |part| part.bytes)
        };
        let most = |name: &str| parts.iter().map(|(_, then)| bytes_of(then, name)).max();
        let mut names: Vec<&str> = last.iter().map(|part| part.name.as_str()).collect();
        names.sort_by_key(|name| Reverse(most(name)));
        let all = |parts: &[SectionSize]| parts.iter().map(|part| part.bytes).sum();
        let sums = parts.iter().map(|(_, parts)| mebibytes(all(parts))).collect();
        let mut lines = vec![Series::new("all parts", sums)];
        lines.extend(names.into_iter().take(LINES - 1).map(|name| {
            let held = parts.iter().map(|(_, parts)| mebibytes(bytes_of(parts, name)));
            Series::new(name, held.collect())
        }));
        let seconds = parts.iter().map(|(seconds, _)| *seconds).collect();
        let chart = Chart::over_time("Parts over time", Unit::Mebibytes, seconds, lines);
        page.chart(&chart.with_note("what the index counts itself; its largest parts"));
    }
    let Some((before, after)) = &loaded.parts else { return };
    page.section("Memory by part", "After the run, by the index's own count.");
    page.sizes(&after.memory);
    let grid = after.memory.iter().fold(Grid::new(&["part", "before", "after"]), |grid, part| {
        let first = before.memory.iter().find(|one| one.name == part.name);
        let first = first.map_or_else(|| "–".to_owned(), |part| bytes(part.bytes));
        grid.row([Cell::text(&part.name), Cell::text(first), Cell::text(bytes(part.bytes))])
    });
    page.grid(&grid);
}

fn ms(value: f64) -> String {
    if value < 1.0 { format!("{:.0} us", value * 1e3) } else { format!("{value:.2} ms") }
}
