//! The report of a bench as a page.

use std::time::Duration;

use super::Benched;
use super::baseline::Baseline;
use crate::args::BenchKind;
use crate::report::facts::count;
use crate::report::html::{Cell, Chart, Grid, Page, Series, Unit, nines};
use crate::report::latency::Percentiles;

/// How many of the slowest requests are shown.
const SLOWEST: usize = 10;

/// All that was seen, on one page.
pub fn page(benched: &Benched<'_>) -> Page {
    let Benched { options, stats, all, per_second, sample, verified, .. } = benched;
    let what = if options.what == BenchKind::Search { "Searches" } else { "Matches" };
    let lead = format!(
        "{} profiles, {} requests in turn on {} thread(s), {:.1} s",
        count(stats.profiles),
        benched.asked.len(),
        options.threads,
        benched.wall.as_secs_f64(),
    );
    let mut page = Page::new(&format!("{what} inside the process"), &lead);
    page.verdict(
        verified == sample,
        &format!("{verified} of {sample} answers verified by brute force"),
    );
    let p = benched.percentiles;
    page.tiles([
        ("requests/s", count(*per_second as u64)),
        ("p50", micros(p.p50)),
        ("p95", micros(p.p95)),
        ("p99", micros(p.p99)),
        ("slowest", micros(p.max)),
        ("memory", crate::report::facts::bytes(stats.memory_bytes())),
    ]);
    if let Some(baseline) = &benched.baseline {
        page.section("Beside the baseline", &baseline.name);
        page.grid(&beside(p, *per_second, baseline));
    }

    page.section("Latency", "");
    let places = nines(all.len() as u64);
    let at: Vec<f64> = places.iter().map(|(_, place)| *place).collect();
    let shares: Vec<f64> = places.iter().map(|(share, _)| *share).collect();
    let mut lines = vec![Series::new("all", all.micros_at(&shares))];
    if benched.groups.len() > 1 {
        lines.extend(
            benched.groups.iter().map(|(path, times)| Series::new(*path, times.micros_at(&shares))),
        );
    }
    page.chart(
        &Chart::over_percentiles("Latency by percentile", Unit::Microseconds, at, lines).with_note(
            "so large a share of requests took at most so long, by the path that was chosen",
        ),
    );
    page.grid(&by_path(benched));

    page.section("Over time", "");
    let seconds = benched.timeline.seconds();
    let throughput = vec![Series::new("requests", benched.timeline.per_second())];
    page.chart(&Chart::over_time("Throughput", Unit::PerSecond, seconds.clone(), throughput));
    let micros_at = |share| {
        benched
            .timeline
            .milliseconds_at(share)
            .into_iter()
            .map(|ms| ms.map(|ms| ms * 1e3))
            .collect()
    };
    let lines = vec![
        Series::new("p50", micros_at(0.5)),
        Series::new("p95", micros_at(0.95)),
        Series::new("p99", micros_at(0.99)),
    ];
    page.chart(&Chart::over_time("Latency over time", Unit::Microseconds, seconds, lines));

    page.section("Memory by part", "");
    page.sizes(&stats.memory);

    page.section("The slowest requests", "The longest that each took in any of its turns.");
    let mut order: Vec<(&Duration, &String)> = benched.longest.iter().zip(&benched.asked).collect();
    order.sort_by(|a, b| b.0.cmp(a.0));
    let slowest = order.into_iter().take(SLOWEST).fold(
        Grid::new(&["at most", "request"]),
        |grid, (took, request)| {
            grid.row([
                Cell::text(micros(took.as_nanos() as f64 / 1e3)),
                Cell::code(request.as_str()),
            ])
        },
    );
    page.grid(&slowest);
    page
}

fn by_path(benched: &Benched<'_>) -> Grid {
    let header = ["path", "timed", "p50", "p95", "p99", "slowest"];
    let rows = benched.groups.iter().map(|(path, times)| (*path, times));
    rows.chain([("all", &benched.all)]).fold(Grid::new(&header), |grid, (path, times)| {
        let Percentiles { p50, p95, p99, max } = times.sorted_percentiles();
        let timed = Cell::text(count(times.len() as u64));
        let cells = [Cell::text(path), timed].into_iter();
        grid.row(cells.chain([p50, p95, p99, max].map(|value| Cell::text(micros(value)))))
    })
}

fn beside(now: Percentiles, per_second: f64, before: &Baseline) -> Grid {
    let then = before.percentiles;
    let rows = [
        ("p50", then.p50, now.p50, true),
        ("p95", then.p95, now.p95, true),
        ("p99", then.p99, now.p99, true),
        ("slowest", then.max, now.max, true),
        ("requests/s", before.per_second, per_second, false),
    ];
    rows.into_iter().fold(
        Grid::new(&["", "baseline", "now", "change"]),
        |grid, (name, then, now, less)| {
            let change = if then > 0.0 { (now / then - 1.0) * 100.0 } else { 0.0 };
            let shown = Cell::text(format!("{change:+.1} %"));
            // What moves by less than a tenth may be the machine.
            let shown =
                if change.abs() < 10.0 { shown } else { shown.good((change < 0.0) == less) };
            let cell = |value| Cell::text(if less { micros(value) } else { count(value as u64) });
            grid.row([Cell::text(name), cell(then), cell(now), shown])
        },
    )
}

fn micros(value: f64) -> String {
    if value < 1_000.0 { format!("{value:.1} us") } else { format!("{:.2} ms", value / 1e3) }
}
