//! A generation as the sections of a snapshot. `core/FORMAT.md` describes each.

use super::{Generation, KeywordField};
use crate::api::rules::rules_to_text;
use crate::index::bitmap::FlagIndex;
use crate::model::{Result, Rows};
use crate::store::{ByteWriter, SnapshotWriter};

impl Generation {
    /// Writes every section; a part of this generation that turns out damaged itself is an error. Tombstones should
    /// be gone: see [`Generation::compacted`].
    ///
    /// Cost: one pass over everything; nothing is held but a buffer and what the text is sealed in.
    pub(crate) fn save(&self, out: &mut SnapshotWriter) -> Result<()> {
        let mark = self.damage.mark();
        out.section("schema", self.schema.to_json().as_bytes())?;
        out.section("key", &self.key)?;
        out.section("rows", &self.write_rows())?;
        self.save_records(out)?;
        for (place, column) in self.numbers.iter().enumerate() {
            column.save(place, out)?;
        }
        for (place, flag) in self.flags.iter().enumerate() {
            out.section(&format!("flag-{place}"), &write_flag(flag))?;
        }
        for (place, field) in self.keywords.iter().enumerate() {
            field.save(&format!("keywords-{place}"), out)?;
        }
        self.save_calendars(out)?;
        self.completions.titles.save("titles", out)?;
        self.text.save(out)?;
        if let Some(vectors) = &self.vectors {
            vectors.save(out)?;
            if let Some(cells) = vectors.cells_to_bytes() {
                out.section("cells", &cells)?;
            }
        }
        if !self.rules.is_empty() {
            out.section("rules", rules_to_text(&self.rules).as_bytes())?;
        }
        self.save_sources(out)?;
        out.section("costs", &self.costs.to_bytes())?;
        if !self.holds.is_empty() {
            out.section("holds", &self.holds.to_bytes())?;
        }
        self.damage.since(mark)
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

    fn save_records(&self, out: &mut SnapshotWriter) -> Result<()> {
        out.stream("record-ends", |out| {
            let mut end = 0_u64;
            self.records.iter().try_for_each(|record| {
                end += record.bytes().len() as u64;
                out.number(end)
            })
        })?;
        out.stream("records", |out| {
            self.records.iter().try_for_each(|record| out.put(record.bytes()))
        })
    }
}

fn write_set(rows: &Rows, out: &mut ByteWriter) {
    out.u32(rows.universe());
    out.words(rows.words());
}

fn write_flag(flag: &FlagIndex) -> Vec<u8> {
    let mut out = ByteWriter::default();
    write_set(flag.present(), &mut out);
    write_set(flag.is_true(), &mut out);
    out.0
}

impl KeywordField {
    fn save(&self, name: &str, out: &mut SnapshotWriter) -> Result<()> {
        out.section(name, &self.index.to_bytes())?;
        self.codes.save(name, out)
    }
}
