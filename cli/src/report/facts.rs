//! Names and values, and numbers as a person reads them.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// One line, under the header.
const LINED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table as wide as the terminal.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(LINED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(120);
    }
    if !header.is_empty() {
        table.set_header(header);
    }
    table
}

/// Names on the left, values on the right.
pub fn facts<N: Into<String>>(rows: impl IntoIterator<Item = (N, String)>) -> String {
    let mut table = table(&[]);
    table.load_style(NOTHING);
    for (name, value) in rows {
        table.add_row([name.into(), value]);
    }
    table.trim_fmt()
}

/// Parts of an index with their sizes, and the sum.
pub fn parts<'a>(parts: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    let mut table = table(&["part", "size"]);
    let mut sum = 0;
    for (name, size) in parts {
        sum += size;
        table.add_row([name.to_owned(), bytes(size)]);
    }
    table.add_row(["in all".to_owned(), bytes(sum)]);
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// Text of a stranger as a terminal may show it: control characters could move its cursor or recolour it.
pub fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// A size in bytes, in the unit that suits it.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = size as f64;
    let mut unit = 0;
    while value >= 1_024.0 && unit + 1 < UNITS.len() {
        value /= 1_024.0;
        unit += 1;
    }
    if unit == 0 { format!("{size} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A count with its thousands apart.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_steer_the_terminal() {
        assert_eq!(printable("CFO\x1b[2J\n"), "CFO\u{fffd}[2J\u{fffd}");
    }

    #[test]
    fn sizes_and_counts_read_well() {
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(3 * 1_024 * 1_024 * 1_024), "3.0 GiB");
        assert_eq!(count(7), "7");
        assert_eq!(count(15_000), "15,000");
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
