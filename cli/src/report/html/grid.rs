//! A table of a page.

use std::fmt;

use super::escaped;

/// A cell.
pub struct Cell {
    text: String,
    tone: &'static str,
    code: bool,
}

impl Cell {
    /// Words or a number.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: "", code: false }
    }

    /// JSON, or another text for programs.
    pub fn code(text: impl Into<String>) -> Self {
        Self { code: true, ..Self::text(text) }
    }

    /// The same, marked as met or missed, better or worse.
    #[must_use]
    pub fn good(self, good: bool) -> Self {
        Self { tone: if good { "good" } else { "bad" }, ..self }
    }
}

/// A table, row by row; a column is on the right where every cell of it is a number.
pub struct Grid {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// A table of these columns.
    pub fn new(header: &[&str]) -> Self {
        let header = header.iter().map(|&name| name.to_owned()).collect();
        Self { header, rows: Vec::new() }
    }

    /// The same with another row.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.rows.push(cells.into_iter().collect());
        self
    }

    fn is_number(&self, column: usize) -> bool {
        let cell = |row: &Vec<Cell>| {
            let Some(cell) = row.get(column) else { return true };
            let first = cell.text.trim_start_matches(['+', '-', '−', '<', '–']);
            !cell.code && (first.is_empty() || first.starts_with(|c: char| c.is_ascii_digit()))
        };
        self.rows.iter().all(cell)
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<bool> = (0..self.header.len()).map(|at| self.is_number(at)).collect();
        let class = |at: usize| if numbers.get(at) == Some(&true) { "number " } else { "" };
        f.write_str("<div class=\"wide\"><table>\n<thead><tr>")?;
        for (at, name) in self.header.iter().enumerate() {
            write!(f, "<th class=\"{}\">{}</th>", class(at), escaped(name))?;
        }
        f.write_str("</tr></thead>\n<tbody>\n")?;
        for row in &self.rows {
            f.write_str("<tr>")?;
            for (at, Cell { text, tone, code }) in row.iter().enumerate() {
                let text = escaped(text);
                let text = if *code { format!("<code>{text}</code>") } else { text };
                write!(f, "<td class=\"{}{tone}\">{text}</td>", class(at))?;
            }
            f.write_str("</tr>\n")?;
        }
        f.write_str("</tbody></table></div>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right_and_words_on_the_left() {
        let grid = Grid::new(&["what", "how much"])
            .row([Cell::text("p50"), Cell::text("1.5 ms")])
            .row([Cell::text("p99"), Cell::text("–")]);
        let html = grid.to_string();
        assert!(html.contains("<th class=\"\">what") && html.contains("<th class=\"number \">how"));
    }
}
