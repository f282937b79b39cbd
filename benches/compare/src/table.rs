//! The times as a table.

use comfy_table::{CellAlignment, Table, presets};

use crate::kind::Kind;

/// One line a kind, one column a contender.
pub fn table(names: &[&str], lines: Vec<(Kind, Vec<Vec<f64>>)>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(std::iter::once("").chain(names.iter().copied()));
    for (kind, times) in lines {
        let told = |times: Vec<f64>| (!times.is_empty()).then(|| percentiles(times));
        let percentiles: Vec<Option<[f64; 2]>> = times.into_iter().map(told).collect();
        let first = percentiles.first().copied().flatten().unwrap_or_default();
        let cell = |told: &Option<[f64; 2]>| {
            told.map_or("-".to_owned(), |[p50, p95]| {
                format!("{p50:.1} / {p95:.1} ({:.1} x, {:.1} x)", p50 / first[0], p95 / first[1])
            })
        };
        table.add_row(std::iter::once(kind.name().to_owned()).chain(percentiles.iter().map(cell)));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The median and the 95th percentile.
fn percentiles(mut times: Vec<f64>) -> [f64; 2] {
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    [at(0.5), at(0.95)]
}
