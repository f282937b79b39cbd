//! A page of hits, with its facets.

use comfy_table::CellAlignment;
use shortlist::{Hit, Listing, SearchAnswer};

use super::facet::facet_bars;
use super::facts::{count, printable, table};
use crate::output::Style;

/// The hits as a table, how many there are in all, and the facets as bars.
pub fn page(answer: &SearchAnswer, style: Style) -> String {
    let scored = answer.hits().any(|hit| hit.score.is_some());
    let mut header = vec!["#", "id", "title", "industries", "rate", "years", "rating", "clients"];
    let measured = answer.hits().any(|hit| hit.distance_km.is_some());
    if measured {
        header.push("km");
    }
    if scored {
        header.push("score");
    }
    let mut rows = table(&header);
    for (at, hit) in answer.hits().enumerate() {
        let mut cells = vec![(at + 1).to_string()];
        cells.extend(cells_of(hit.listing));
        if measured {
            cells.push(hit.distance_km.map_or_else(|| "-".to_owned(), |km| format!("{km:.1}")));
        }
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
    for hit in answer.hits() {
        text.push_str(&highlights(&hit, style));
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

/// Where the words of the text were found, a line a fragment.
fn highlights(hit: &Hit<'_>, style: Style) -> String {
    let fields = hit.highlights.unwrap_or_default();
    let fragments = fields.iter().flat_map(|found| {
        found.fragments.iter().map(move |fragment| (found.field.as_str(), fragment))
    });
    let id = printable(hit.listing.id());
    let line = |(field, fragment): (&str, &String)| {
        let place = style.faint(&format!("{id} {}:", printable(field)));
        format!("{place} {}\n", marked(fragment, style))
    };
    fragments.map(line).collect()
}

/// A fragment as a person reads it: what is between marks stands out, and nothing is escaped any more.
fn marked(fragment: &str, style: Style) -> String {
    let plain = |text: &str| {
        let pairs =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        printable(&pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)))
    };
    let mut parts = fragment.split("<mark>");
    let mut text = plain(parts.next().unwrap_or_default());
    for part in parts {
        let (inside, after) = part.split_once("</mark>").unwrap_or((part, ""));
        text.push_str(&style.strong(&plain(inside)));
        text.push_str(&plain(after));
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
