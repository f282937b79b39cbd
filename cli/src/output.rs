//! Where answers go: in which form, and whether a person looks at them.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use crate::failure::{Failure, Result};

/// In which form answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person: tables and bars. The default in a terminal.
    Table,
    /// For a program: one JSON document. The default when piped.
    Json,
    /// For a program: one JSON document a line.
    Jsonl,
}

impl Format {
    /// The form that was asked for, or the one that fits standard output.
    pub fn resolve(asked: Option<Self>) -> Self {
        asked.unwrap_or_else(|| if io::stdout().is_terminal() { Self::Table } else { Self::Json })
    }

    /// Whether a program reads it.
    pub fn is_json(self) -> bool {
        self != Self::Table
    }
}

/// Standard output. A reader that goes away ends the command quietly.
pub struct Output {
    writer: BufWriter<StdoutLock<'static>>,
    /// The form of what is written.
    pub format: Format,
    /// How what is written may look.
    pub style: Style,
}

impl Output {
    /// Standard output, for answers of that form. Bars are for a terminal, and for whoever asks for tables.
    pub fn new(format: Format, asked: bool) -> Self {
        let style = Style::of_stdout(asked && format == Format::Table);
        Self { writer: BufWriter::new(io::stdout().lock()), format, style }
    }

    /// Writes a text and ends its line.
    pub fn line(&mut self, text: impl std::fmt::Display) -> Result {
        writeln!(self.writer, "{text}").map_err(|error| Failure::output(&error))
    }

    /// Lets everything written so far be seen.
    pub fn flush(&mut self) -> Result {
        self.writer.flush().map_err(|error| Failure::output(&error))
    }
}

/// How a table may look: colours only in a terminal, and only where `NO_COLOR` does not forbid them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    colours: bool,
    /// Whether bars are drawn.
    pub bars: bool,
}

impl Style {
    /// No colours.
    #[cfg(test)]
    pub const fn plain(bars: bool) -> Self {
        Self { colours: false, bars }
    }

    fn of_stdout(bars: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { colours: terminal && !forbidden, bars: bars || terminal }
    }

    fn wrapped(self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A heading.
    pub fn strong(self, text: &str) -> String {
        self.wrapped("1", text)
    }

    /// What matters less.
    pub fn faint(self, text: &str) -> String {
        self.wrapped("2", text)
    }

    /// A bar's filled part.
    pub fn accent(self, text: &str) -> String {
        self.wrapped("36", text)
    }
}
