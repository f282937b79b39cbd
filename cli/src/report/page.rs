//! A page of hits, with its facets.

use comfy_table::CellAlignment;
use shortlist::{Listing, SearchAnswer};

use super::facet::facet_bars;
use super::facts::{count, printable, table};
use crate::output::Style;

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
    if let Some(cursor) = &answer.previous_cursor {
        text.push_str(&style.faint(&format!("\nprevious page: --before {cursor}")));
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
