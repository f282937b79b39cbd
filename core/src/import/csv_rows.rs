//! Profiles from a table of text: a header row, then one profile a row.

use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use serde_json::{Map, Number, Value};

use super::lines::LINE_BYTES;
use super::records::Rejected;
use crate::api::json::{parse_value, wrong_type};
use crate::model::field::{FieldRef, built_in, keywords};
use crate::model::{AdvisorProfile, AttributeKind, Error, Result, Schema};

/// Rows of a CSV file. An empty cell is a missing value; a list is `a; b` or a JSON list; `details` and
/// `attributes` are JSON, and a column `attributes.x` is one attribute.
pub(super) struct CsvRows {
    reader: Reader<Bounded>,
    path: PathBuf,
    columns: Vec<Column>,
    record: ByteRecord,
    ended: bool,
}

enum Column {
    BuiltIn(&'static str, FieldRef),
    Attribute(String),
}

impl Column {
    fn name(&self) -> String {
        match self {
            Column::BuiltIn(name, _) => (*name).to_owned(),
            Column::Attribute(name) => format!("attributes.{name}"),
        }
    }
}

impl CsvRows {
    pub(super) fn new(
        reader: Box<dyn BufRead + Send>,
        path: &Path,
        schema: &mut Schema,
    ) -> Result<Self> {
        let bounded = Bounded { reader, left: LINE_BYTES, given: 0, last: b'\n' };
        // A row ends where its line feed is, so that lines can be counted; the rest of CRLF is cut off.
        let reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(bounded);
        let record = ByteRecord::new();
        let mut rows =
            Self { reader, path: path.to_owned(), columns: Vec::new(), record, ended: false };
        rows.advance().map_err(|error| unreadable(error, path))?;
        rows.columns = columns(&rows.record, schema)?;
        Ok(rows)
    }

    /// Reads the next row that is not blank, and gives the line it begins on.
    fn advance(&mut self) -> csv::Result<Option<u64>> {
        loop {
            self.reader.get_mut().left = LINE_BYTES;
            let before = self.reader.position().line();
            if !self.reader.read_byte_record(&mut self.record)? {
                return Ok(None);
            }
            if self.record.iter().next_back().is_some_and(|cell| cell.ends_with(b"\r")) {
                let cells = self.record.len();
                let cut = |(at, cell): (usize, &[u8])| {
                    let cell = if at + 1 == cells { &cell[..cell.len() - 1] } else { cell };
                    cell.to_owned()
                };
                self.record = self.record.iter().enumerate().map(cut).collect();
            }
            if self.record.len() == 1 && self.record[0].trim_ascii().is_empty() {
                continue;
            }
            let within: u64 = self.record.iter().map(line_feeds).sum();
            let bounded = self.reader.get_ref();
            let unended = bounded.last != b'\n' && self.reader.position().byte() == bounded.given;
            // Blank lines before the row were passed over in the same step.
            let passed = self.reader.position().line() - before;
            let blank = passed.saturating_sub(within + u64::from(!unended));
            return Ok(Some(before + blank));
        }
    }

    pub(super) fn next(
        &mut self,
        schema: &mut Schema,
    ) -> Option<Result<(u64, AdvisorProfile), Rejected>> {
        if self.ended {
            return None;
        }
        let start = self.reader.position().line();
        let line = match self.advance() {
            Ok(Some(line)) => line,
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Err(error) => {
                self.ended = true;
                let error = unreadable(error, &self.path);
                return Some(Err(Rejected { line: start, error, raw: None, fatal: true }));
            }
        };
        let profile = self.map(schema).and_then(|map| AdvisorProfile::from_map(map, schema));
        Some(match profile {
            Ok(profile) => Ok((line, profile)),
            Err(error) => Err(Rejected { line, error, raw: Some(self.raw()), fatal: false }),
        })
    }

    fn map(&self, schema: &Schema) -> Result<Map<String, Value>> {
        if self.record.len() != self.columns.len() {
            return Err(Error::Malformed {
                what: "the row".to_owned(),
                reason: format!(
                    "it has {} cells; the header has {}",
                    self.record.len(),
                    self.columns.len()
                ),
            });
        }
        let mut map = Map::new();
        let mut attributes = Map::new();
        for (column, cell) in self.columns.iter().zip(&self.record) {
            let cell = std::str::from_utf8(cell).map_err(|_| Error::Malformed {
                what: format!("`{}`", column.name()),
                reason: "not UTF-8".to_owned(),
            })?;
            if cell.trim().is_empty() {
                continue;
            }
            match column {
                Column::BuiltIn(name, field) => {
                    map.insert((*name).to_owned(), built_in_value(name, *field, cell)?);
                }
                Column::Attribute(name) => {
                    let kind = schema.attribute(name).map(|attribute| attribute.kind);
                    attributes.insert(name.clone(), attribute_value(name, kind, cell)?);
                }
            }
        }
        if !attributes.is_empty() {
            map.insert("attributes".to_owned(), Value::Object(attributes));
        }
        Ok(map)
    }

    /// The row as it could be written again.
    fn raw(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let written = writer.write_byte_record(&self.record).ok();
        let bytes = written.and_then(|()| writer.into_inner().ok()).unwrap_or_default();
        String::from_utf8_lossy(bytes.trim_ascii_end()).into_owned()
    }
}

fn columns(header: &ByteRecord, schema: &Schema) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::with_capacity(header.len());
    for cell in header {
        let name = std::str::from_utf8(cell).map_err(|_| Error::Malformed {
            what: "the CSV header".to_owned(),
            reason: "not UTF-8".to_owned(),
        })?;
        let name = name.trim();
        let column = if let Some(attribute) = name.strip_prefix("attributes.") {
            if !schema.infer_attributes && schema.attribute(attribute).is_none() {
                schema.resolve(name, "the schema's attributes")?;
            }
            Column::Attribute(attribute.to_owned())
        } else if let Some((name, field)) = built_in(name) {
            Column::BuiltIn(name, field)
        } else {
            // Resolving says which known name is near.
            schema.resolve(name, "the CSV header")?;
            continue;
        };
        if columns.iter().any(|known| known.name() == column.name()) {
            return Err(Error::Malformed {
                what: "the CSV header".to_owned(),
                reason: format!("it has two columns `{}`", column.name()),
            });
        }
        columns.push(column);
    }
    if columns.iter().any(|column| matches!(column, Column::BuiltIn("id", _))) {
        Ok(columns)
    } else {
        Err(Error::MissingField {
            field: "id".to_owned(),
            expected: "the CSV header needs a column of that name".to_owned(),
        })
    }
}

fn built_in_value(name: &'static str, field: FieldRef, cell: &str) -> Result<Value> {
    match field {
        FieldRef::Keywords(keywords::STATUS) | FieldRef::Date(_) => Ok(cell.trim().into()),
        FieldRef::Keywords(_) => list(name, cell),
        FieldRef::Number(_) => number(name, cell),
        FieldRef::Flag(_) => flag(name, cell),
        FieldRef::Embedding => embedding(cell),
        FieldRef::Attributes | FieldRef::Details => parse_value(name, cell),
        FieldRef::Id
        | FieldRef::String(_)
        | FieldRef::Text(_)
        | FieldRef::Geo(_)
        | FieldRef::Availability(_) => Ok(cell.into()),
    }
}

/// An attribute that no schema declares is what its first cell looks like.
fn attribute_value(name: &str, kind: Option<AttributeKind>, cell: &str) -> Result<Value> {
    let field = format!("attributes.{name}");
    match kind {
        Some(AttributeKind::Keywords) => list("attributes", cell),
        Some(AttributeKind::Number) => number(&field, cell),
        Some(AttributeKind::Bool) => flag(&field, cell),
        Some(AttributeKind::Date) => Ok(cell.trim().into()),
        Some(AttributeKind::Text) => Ok(cell.into()),
        Some(AttributeKind::Geo) => point(&field, cell),
        Some(AttributeKind::Availability) => parse_value("attributes", cell),
        None if cell.trim_start().starts_with('{') => parse_value("attributes", cell),
        None if matches!(cell.trim(), "true" | "false") => flag(&field, cell),
        None => number(&field, cell).or_else(|_| list("attributes", cell)),
    }
}

fn list(name: &'static str, cell: &str) -> Result<Value> {
    if cell.trim_start().starts_with('[') {
        return parse_value(name, cell);
    }
    let values = cell.split(';').map(str::trim).filter(|value| !value.is_empty());
    Ok(values.map(Value::from).collect())
}

fn number(field: &str, cell: &str) -> Result<Value> {
    let number = cell.trim().parse().ok().and_then(Number::from_f64);
    number.map(Value::Number).ok_or_else(|| wrong_type(field, &cell.into(), "a number"))
}

/// A point: latitude and longitude with a comma or semicolon between, or JSON.
fn point(field: &str, cell: &str) -> Result<Value> {
    if cell.trim_start().starts_with('{') {
        return parse_value("attributes", cell);
    }
    let Some((lat, lon)) = cell.split_once([',', ';']) else {
        return Err(wrong_type(field, &cell.into(), "a point such as `52.52, 13.405`"));
    };
    let degrees = [("lat", lat), ("lon", lon)];
    degrees.into_iter().map(|(name, cell)| Ok((name.to_owned(), number(field, cell)?))).collect()
}

fn flag(field: &str, cell: &str) -> Result<Value> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "1" => Ok(true.into()),
        "false" | "f" | "no" | "0" => Ok(false.into()),
        _ => Err(wrong_type(field, &cell.into(), "true or false")),
    }
}

fn embedding(cell: &str) -> Result<Value> {
    if cell.trim_start().starts_with('[') {
        return parse_value("embedding", cell);
    }
    cell.split(';').map(|value| number("embedding", value)).collect()
}

fn unreadable(error: csv::Error, path: &Path) -> Error {
    let reason = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Error::TooLarge {
                field: "the row (is a quote left open?)".to_owned(),
                found: LINE_BYTES as u64 + 1,
                limit: LINE_BYTES as u64,
                unit: "bytes or more",
            }
        }
        csv::ErrorKind::Io(error) => Error::from_io(&error, "read", path),
        _ => Error::Malformed { what: "the CSV".to_owned(), reason },
    }
}

fn line_feeds(cell: &[u8]) -> u64 {
    cell.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// A reader that refuses to go on for one row forever.
struct Bounded {
    reader: Box<dyn BufRead + Send>,
    /// How much may still be read for this row.
    left: usize,
    /// How much was read in all.
    given: u64,
    /// The last byte that was read.
    last: u8,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = buffer.len().min(self.left);
        let read = self.reader.read(&mut buffer[..most])?;
        self.left -= read;
        self.given += read as u64;
        self.last = buffer[..read].last().copied().unwrap_or(self.last);
        Ok(read)
    }
}
