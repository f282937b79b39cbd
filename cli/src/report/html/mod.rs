//! One HTML file that holds all it needs: style, script, data. Nothing is fetched when it is looked at.
//!
//! Charts are drawn by uPlot (50 KB, MIT): with lines of thousands of points it can be read off at a pointer, which a picture
//! made here cannot, and it takes its colours from the page, so that one file serves both themes and a printer. What a
//! reader must not miss stands in tables and bars that need no script.

mod chart;
mod grid;

use std::fmt::{Display, Write};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use shortlist::{Error, SectionSize};

pub use chart::{Chart, Series, Unit, nines};
pub use grid::{Cell, Grid};

use super::facts::bytes;

const STYLE: &str = include_str!("../../../assets/report.css");
const SCRIPT: &str = include_str!("../../../assets/report.js");
const PLOT_STYLE: &str = include_str!("../../../assets/uplot/uPlot.min.css");
const PLOT_SCRIPT: &str = include_str!("../../../assets/uplot/uPlot.iife.min.js");
const PLOT_LICENCE: &str = include_str!("../../../assets/uplot/LICENSE");

/// A report in the making: what is added stands below what was.
pub struct Page {
    title: String,
    body: String,
    charts: Vec<Value>,
}

impl Page {
    /// A page with a heading and a line that says of what.
    pub fn new(title: &str, lead: &str) -> Self {
        let mut page = Self { title: title.to_owned(), body: String::new(), charts: Vec::new() };
        page.add(format_args!(
            "<h1>{}</h1>\n<p class=\"faint\">{}</p>\n",
            escaped(title),
            escaped(lead)
        ));
        page
    }

    fn add(&mut self, html: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(self.body, "{html}");
    }

    /// Whether what was asked of the run was met.
    pub fn verdict(&mut self, good: bool, text: &str) {
        let tone = if good { "good" } else { "bad" };
        self.add(format_args!("<p class=\"verdict {tone}\">{}</p>\n", escaped(text)));
    }

    /// The few numbers that matter most.
    pub fn tiles<N: Display>(&mut self, facts: impl IntoIterator<Item = (N, String)>) {
        self.add("<dl class=\"tiles\">\n");
        for (name, value) in facts {
            self.add(format_args!(
                "<div><dt>{}</dt><dd>{}</dd></div>\n",
                escaped(&name.to_string()),
                escaped(&value)
            ));
        }
        self.add("</dl>\n");
    }

    /// A section's heading, and what is to be known of it.
    pub fn section(&mut self, heading: &str, note: &str) {
        self.add(format_args!("<h2>{}</h2>\n", escaped(heading)));
        if !note.is_empty() {
            self.add(format_args!("<p class=\"faint\">{}</p>\n", escaped(note)));
        }
    }

    /// A table.
    pub fn grid(&mut self, grid: &Grid) {
        self.add(grid);
    }

    /// Parts with their sizes, as bars, the largest first.
    pub fn sizes(&mut self, parts: &[SectionSize]) {
        let mut parts: Vec<&SectionSize> = parts.iter().filter(|part| part.bytes > 0).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
        let most = parts.first().map_or(1, |part| part.bytes).max(1);
        self.add("<div class=\"bars\">\n");
        for SectionSize { name, bytes: size } in parts {
            let width = *size as f64 / most as f64 * 100.0;
            self.add(format_args!(
                "<span>{}</span><i style=\"width:{width:.1}%\"></i><b>{}</b>\n",
                escaped(name),
                bytes(*size)
            ));
        }
        self.add("</div>\n");
    }

    /// A chart.
    pub fn chart(&mut self, chart: &Chart) {
        let at = self.charts.len();
        let (title, note) = (escaped(&chart.title), escaped(&chart.note));
        self.add(format_args!(
            "<figure><figcaption>{title} <span>{note}</span></figcaption>\
             <div class=\"chart\" id=\"chart-{at}\" role=\"img\" aria-label=\"{title}\"></div></figure>\n"
        ));
        self.charts.push(chart.json());
    }

    /// The whole file.
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let data = in_script(&json!({"charts": self.charts}).to_string());
        let body = &self.body;
        let version = env!("CARGO_PKG_VERSION");
        let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n\
             <style>{PLOT_STYLE}</style>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}\
             <noscript><p class=\"faint\">The charts need JavaScript; the tables say the same.</p></noscript>\n\
             <footer>Shortlist {version}. Charts by uPlot (MIT licence).</footer>\n\
             <script type=\"application/json\" id=\"data\">{data}</script>\n\
             <script>/*! uPlot\n{PLOT_LICENCE}*/\n{PLOT_SCRIPT}</script>\n\
             <script>\n{SCRIPT}</script>\n</body>\n</html>\n"
        )
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> shortlist::Result<()> {
        fs::write(path, self.html()).map_err(|error| Error::from_io(&error, "write", path))
    }
}

/// Text as HTML shows it, in elements and in attributes. Control characters have no place in a page.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            control if control.is_control() && control != '\n' => html.push('\u{fffd}'),
            other => html.push(other),
        }
    }
    html
}

/// JSON as it may stand in a script element: nothing in it can end the element or begin a comment.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_stays_text() {
        let evil = "</script><img src=x onerror=alert(1)>\u{1b}[2J";
        let mut page = Page::new(evil, evil);
        page.verdict(true, evil);
        page.tiles([(evil, evil.to_owned())]);
        page.section(evil, evil);
        page.grid(&Grid::new(&[evil]).row([Cell::text(evil)]).row([Cell::code(evil)]));
        page.sizes(&[SectionSize { name: evil.to_owned(), bytes: 7 }]);
        let series = Series::new(evil, vec![Some(1.0)]);
        page.chart(&Chart::over_time(evil, Unit::Milliseconds, vec![0.0], vec![series]));
        let html = page.html();
        assert!(!html.contains("<img") && !html.contains('\u{1b}'));
        let ends = html.matches("</script>").count();
        assert_eq!(ends, Page::new("", "").html().matches("</script>").count());
    }

    #[test]
    fn a_page_asks_nobody_for_anything() {
        let html = Page::new("a", "b").html();
        for fetched in ["<link rel=\"stylesheet\"", "src=\"", "@import", "url(http"] {
            assert!(!html.contains(fetched), "{fetched}");
        }
        assert!(html.contains("default-src 'none'"));
    }
}
