//! A generation as the sections of a snapshot. `core/FORMAT.md` describes each.

use super::{Generation, KeywordField};
use crate::index::bitmap::FlagIndex;
use crate::index::column::NumberColumn;
use crate::model::{Result, Rows};
use crate::store::{ByteWriter, SectionBytes};

impl Generation {
    /// Every section, in the order in which they are written. Tombstones should be gone: see [`Generation::compacted`].
    pub(crate) fn sections(&self) -> Result<Vec<SectionBytes>> {
        let mut sections = vec![
            section("schema", self.schema.to_json().into_bytes()),
            section("key", self.key.to_vec()),
            section("rows", self.write_rows()),
        ];
        let (offsets, records) = self.write_records();
        sections.push(section("record-ends", offsets));
        sections.push(section("records", records));
        let places = self.numbers.iter().enumerate();
        sections.extend(
            places
                .map(|(place, column)| section(&format!("number-{place}"), write_numbers(column))),
        );
        let places = self.flags.iter().enumerate();
        sections.extend(
            places.map(|(place, flag)| section(&format!("flag-{place}"), write_flag(flag))),
        );
        let places = self.keywords.iter().enumerate();
        sections.extend(places.map(|(place, field)| {
            section(&format!("keywords-{place}"), write_keywords(field, self.rows))
        }));
        sections.push(section("text", self.text.to_bytes()?));
        if let Some(vectors) = &self.vectors {
            sections.push(section("vectors", vectors.to_bytes()));
        }
        Ok(sections)
    }

    fn write_rows(&self) -> Vec<u8> {
        let mut out = ByteWriter::default();
        out.u32(self.rows);
        for rows in [&*self.live, &*self.visible, &*self.marketplace, &*self.open] {
            write_set(rows, &mut out);
        }
        out.u32(self.presence.len() as u32);
        self.presence.iter().for_each(|rows| write_set(rows, &mut out));
        out.0
    }

    fn write_records(&self) -> (Vec<u8>, Vec<u8>) {
        let (mut ends, mut records) = (Vec::with_capacity(self.records.len() * 8), Vec::new());
        for record in self.records.iter() {
            records.extend_from_slice(record.bytes());
            ends.extend_from_slice(&(records.len() as u64).to_le_bytes());
        }
        (ends, records)
    }
}

fn section(name: &str, bytes: Vec<u8>) -> SectionBytes {
    SectionBytes { name: name.to_owned(), bytes }
}

fn write_set(rows: &Rows, out: &mut ByteWriter) {
    out.u32(rows.universe());
    out.words(rows.words());
}

fn write_numbers(column: &NumberColumn) -> Vec<u8> {
    column.iter().flat_map(f64::to_le_bytes).collect()
}

fn write_flag(flag: &FlagIndex) -> Vec<u8> {
    let mut out = ByteWriter::default();
    write_set(flag.present(), &mut out);
    write_set(flag.is_true(), &mut out);
    out.0
}

fn write_keywords(field: &KeywordField, rows: u32) -> Vec<u8> {
    let mut out = ByteWriter::default();
    out.u32(field.index.len() as u32);
    (0..field.index.len() as u32).for_each(|code| out.bytes(field.index.value(code).as_bytes()));
    for row in 0..rows {
        let codes = field.codes.get(row);
        out.u32(codes.len() as u32);
        codes.iter().for_each(|code| out.u32(*code));
    }
    out.0
}
