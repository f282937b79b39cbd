//! A page of hits, with its facets.

use comfy_table::CellAlignment;
use shortlist::{Facet, Listing, SearchAnswer};

use super::bar;
use super::facts::{count, printable, table};
use crate::output::Style;

/// How many values of a facet a person wants to see.
const FACET_VALUES: usize = 10;

/// The hits as a table, how many there are in all, and the facets as bars.
pub fn page(answer: &SearchAnswer, style: Style) -> String {
    let scored = answer.hits().any(|hit| hit.score.is_some());
    let mut header = vec!["#", "id", "title", "industries", "rate", "years", "rating", "clients"];
    if scored {
        header.push("score");
    }
    let mut rows = table(&header);
    for (at, hit) in answer.hits().enumerate() {
        let mut cells = vec![(at + 1).to_string()];
        cells.extend(cells_of(hit.listing));
        if scored {
            cells.push(hit.score.map_or_else(String::new, |score| format!("{score:.3}")));
        }
        rows.add_row(cells);
    }
    for right in [0, 4, 5, 6, 7, 8] {
        if let Some(column) = rows.column_mut(right) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = String::new();
    if !answer.is_empty() {
        text.push_str(&rows.trim_fmt());
        text.push('\n');
    }
    let shown = format!("{} of {} found", answer.len(), count(answer.total));
    text.push_str(&style.strong(&shown));
    text.push_str(&style.faint(&format!(", in {} us", answer.took_us)));
    if let Some(meant) = &answer.did_you_mean {
        text.push_str("\ndid you mean: ");
        text.push_str(&printable(meant));
    }
    if let Some(cursor) = &answer.next_cursor {
        text.push_str(&style.faint(&format!("\nnext page: --cursor {cursor}")));
    }
    for facet in &answer.facets {
        text.push_str(&facet_bars(facet, style));
    }
    text
}

fn cells_of(listing: Listing<'_>) -> [String; 7] {
    [
        printable(listing.id()),
        printable(listing.professional_title().unwrap_or_default()),
        printable(&listing.industries().join(", ")),
        listing.hourly_rate().map_or_else(|| "-".to_owned(), |rate| format!("{rate}")),
        listing.years_experience().map_or_else(|| "-".to_owned(), |years| years.to_string()),
        format!("{} ({})", listing.overall_rating(), listing.total_reviews()),
        format!("{}/{}", listing.current_clients(), listing.max_clients()),
    ]
}

fn facet_bars(facet: &Facet, style: Style) -> String {
    let mut text = format!("\n\n{}", style.strong(&facet.field));
    let most = facet.counts.iter().map(|value| value.count).max().unwrap_or(0);
    let shown = || facet.counts.iter().take(FACET_VALUES);
    let width = shown().map(|value| value.value.chars().count()).max().unwrap_or(0).min(48);
    for value in shown() {
        let name: String = printable(&value.value).chars().take(48).collect();
        let bar = bar::share(value.count, most, 24, style);
        let line = format!("  {name:width$}  {:>7}  {bar}", count(value.count));
        text.push('\n');
        text.push_str(line.trim_end());
    }
    let more = facet.counts.len().saturating_sub(FACET_VALUES);
    if more > 0 {
        text.push_str(&style.faint(&format!("\n  and {more} more")));
    }
    text
}
