//! What format 1 kept in other ways than those after it.

use super::super::{Completions, KeywordField};
use crate::generation::record::Record;
use crate::index::text::TextIndex;
use crate::model::persistent::Chunked;
use crate::model::{Result, Rows, StringField};
use crate::store::{ByteReader, Snapshot};

/// Values, then the codes of each row; the rows of each value follow from them.
pub(super) fn keywords(snapshot: &Snapshot, name: &str, rows: u32) -> Result<KeywordField> {
    snapshot.read(name, |reader| read_keywords(reader, rows))
}

fn read_keywords(reader: &mut ByteReader<'_>, rows: u32) -> Option<KeywordField> {
    let mut field = KeywordField::default();
    let values = reader.u32()?;
    for code in 0..values {
        let value = std::str::from_utf8(reader.bytes()?).ok()?;
        if field.index.code_or_insert(value) != code {
            return None;
        }
    }
    let mut codes = Vec::new();
    for row in 0..rows {
        codes.clear();
        for _ in 0..reader.u32()? {
            let code = reader.u32().filter(|code| *code < values)?;
            field.index.insert(code, row, rows);
            codes.push(code);
        }
        field.codes.push(&codes);
    }
    Some(field)
}

/// All of the text in one section.
pub(super) fn text(snapshot: &Snapshot) -> Result<TextIndex> {
    TextIndex::from_bytes(&snapshot.section("text")?)
        .map_err(|error| snapshot.damaged("text", &error.to_string()))
}

/// Titles were not kept as a field of their own.
pub(super) fn completions(records: &Chunked<Record>, live: &Rows) -> Completions {
    let mut completions = Completions::default();
    for (row, record) in (0..).zip(records.iter()) {
        let title = record.string(StringField::ProfessionalTitle);
        completions.push(title.filter(|_| live.contains(row)));
    }
    completions
}
