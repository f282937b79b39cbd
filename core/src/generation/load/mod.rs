//! A generation from the sections of a snapshot.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::memo::FilterMemo;
use super::record::{Block, Record};
use super::{Completions, Costs, Generation, KeywordField, text_settings};
use crate::api::rules::{Rules, rules_from_text};
use crate::index::bitmap::FlagIndex;
use crate::index::text::TextIndex;
use crate::index::vector::VectorIndex;
use crate::model::persistent::{Chunked, HashIndex};
use crate::model::{Result, Rows, Schema, StringField};
use crate::store::{ByteReader, Snapshot};

impl Generation {
    /// Reads every section; what does not fit the others is named in the error.
    pub(crate) fn load(snapshot: &Snapshot) -> Result<Self> {
        let schema = load_schema(snapshot)?;
        let key = <[u8; 32]>::try_from(&snapshot.section("key")?[..])
            .map_err(|_| snapshot.damaged("key", "it is not 32 bytes"))?;
        let short = |name: &str| snapshot.damaged(name, "it holds other than it says");

        let mut sets = RowSets::read(&snapshot.section("rows")?).ok_or_else(|| short("rows"))?;
        if sets.scopes.len() != 4 {
            return Err(short("rows"));
        }
        let rows = sets.rows;
        let [live, visible, marketplace, open] =
            [0, 1, 2, 3].map(|at| Arc::new(std::mem::take(&mut sets.scopes[at])));
        let records = load_records(snapshot, rows)?;
        let (ids, user_ids) = index_keys(&records, &live);
        let numbers = (0..schema.number_fields())
            .map(|place| load_numbers(snapshot, &format!("number-{place}"), rows))
            .collect::<Result<Vec<_>>>()?;
        let flags = (0..schema.flag_fields())
            .map(|place| {
                let name = format!("flag-{place}");
                load_flag(&snapshot.section(&name)?, rows).ok_or_else(|| short(&name))
            })
            .collect::<Result<Vec<_>>>()?;
        let keywords = (0..schema.keyword_fields())
            .map(|place| {
                let name = format!("keywords-{place}");
                load_keywords(&snapshot.section(&name)?, rows).ok_or_else(|| short(&name))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut text = TextIndex::from_bytes(&snapshot.section("text")?)
            .map_err(|error| snapshot.damaged("text", &error.to_string()))?;
        let settings = text_settings(&schema)
            .map_err(|error| snapshot.damaged("schema", &error.to_string()))?;
        text.set_synonyms(settings.synonyms);
        let mut completions = Completions::default();
        for (row, record) in (0..).zip(records.iter()) {
            let title = record.string(StringField::ProfessionalTitle);
            completions.push(title.filter(|_| live.contains(row)));
        }
        let vectors = load_vectors(snapshot, &schema, rows)?;
        let costs = match snapshot.find("costs")? {
            Some(kept) => Costs::from_bytes(&kept).ok_or_else(|| short("costs"))?,
            None => Costs::default(),
        };
        let mut generation = Self {
            number: snapshot.generation,
            schema: Arc::new(schema),
            key,
            rows,
            live,
            visible,
            marketplace,
            open,
            ids,
            user_ids,
            records,
            keywords,
            numbers,
            points: Vec::new(),
            flags,
            presence: sets.presence.into_iter().map(Arc::new).collect(),
            text,
            completions,
            vectors,
            costs,
            damage: Arc::clone(&snapshot.damage),
            rules: Arc::new(load_rules(snapshot)?),
            orders: super::Orders::default(),
            filters: FilterMemo::default(),
            mean_rating: OnceLock::new(),
            sample: OnceLock::new(),
            touched: None,
        };
        generation.fit_schema();
        generation.complete_values();
        Ok(generation)
    }
}

/// The vectors; without a dimension none.
fn load_vectors(snapshot: &Snapshot, schema: &Schema, rows: u32) -> Result<Option<VectorIndex>> {
    let Some(dimension) = schema.dimension else { return Ok(None) };
    let vectors = if snapshot.format == 1 {
        VectorIndex::from_bytes(&snapshot.section("vectors")?)
            .map_err(|error| snapshot.damaged("vectors", &error.to_string()))?
    } else {
        VectorIndex::open(snapshot)?
    };
    if vectors.dimension() != dimension || vectors.present().universe() > rows {
        return Err(snapshot.damaged("vectors", "it holds other than it says"));
    }
    Ok(Some(vectors))
}

/// The rules of an index that keeps some.
fn load_rules(snapshot: &Snapshot) -> Result<BTreeMap<String, Rules>> {
    match snapshot.find("rules")? {
        None => Ok(BTreeMap::new()),
        Some(section) => {
            rules_from_text(&section).map_err(|error| snapshot.damaged("rules", &error.to_string()))
        }
    }
}

fn load_schema(snapshot: &Snapshot) -> Result<Schema> {
    let schema = snapshot.section("schema")?;
    let text =
        std::str::from_utf8(&schema).map_err(|_| snapshot.damaged("schema", "it is not UTF-8"))?;
    Schema::from_json(text).map_err(|error| snapshot.damaged("schema", &error.to_string()))
}

struct RowSets {
    rows: u32,
    scopes: Vec<Rows>,
    presence: Vec<Rows>,
}

impl RowSets {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = ByteReader::new(bytes);
        let rows = reader.u32()?;
        let scopes = (0..4).map(|_| read_set(&mut reader, rows)).collect::<Option<_>>()?;
        let presence =
            (0..reader.u32()?).map(|_| read_set(&mut reader, rows)).collect::<Option<_>>()?;
        reader.is_done().then_some(Self { rows, scopes, presence })
    }
}

fn read_set(reader: &mut ByteReader<'_>, rows: u32) -> Option<Rows> {
    let universe = reader.u32()?;
    let words = reader.words()?;
    (universe <= rows && words.len() == (universe as usize).div_ceil(64))
        .then(|| Rows::from_words(words, universe))
}

fn load_records(snapshot: &Snapshot, rows: u32) -> Result<Chunked<Record>> {
    let ends = snapshot.section("record-ends")?;
    let block = Arc::new(Block::Mapped(snapshot.section("records")?));
    let mut start = 0;
    let mut records = Chunked::default();
    for end in ends.as_chunks::<8>().0 {
        let end = u64::from_le_bytes(*end);
        let len = end.checked_sub(start).and_then(|len| u32::try_from(len).ok());
        let record = len.and_then(|len| Record::new(Arc::clone(&block), start, len));
        records.push(
            record.ok_or_else(|| {
                snapshot.damaged("record-ends", "it points outside of the records")
            })?,
        );
        start = end;
    }
    if records.len() == rows as usize {
        Ok(records)
    } else {
        Err(snapshot.damaged("record-ends", "rows are missing"))
    }
}

fn index_keys(records: &Chunked<Record>, live: &Rows) -> (HashIndex, HashIndex) {
    let (mut ids, mut user_ids) = (HashIndex::default(), HashIndex::default());
    for (row, record) in records.iter().enumerate() {
        let row = row as u32;
        if live.contains(row) {
            ids.insert(record.id_bytes(), row);
            if let Some(user) = record.string(StringField::UserId) {
                user_ids.insert(user.as_bytes(), row);
            }
        }
    }
    (ids, user_ids)
}

fn load_numbers(
    snapshot: &Snapshot,
    name: &str,
    rows: u32,
) -> Result<crate::index::column::NumberColumn> {
    let bytes = snapshot.section(name)?;
    if bytes.len() != rows as usize * 8 {
        return Err(snapshot.damaged(name, "rows are missing"));
    }
    Ok(bytes.as_chunks::<8>().0.iter().map(|value| f64::from_le_bytes(*value)).collect())
}

fn load_flag(bytes: &[u8], rows: u32) -> Option<FlagIndex> {
    let mut reader = ByteReader::new(bytes);
    let (present, is_true) = (read_set(&mut reader, rows)?, read_set(&mut reader, rows)?);
    reader.is_done().then(|| FlagIndex::new(present, is_true))
}

fn load_keywords(bytes: &[u8], rows: u32) -> Option<KeywordField> {
    let mut reader = ByteReader::new(bytes);
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
    reader.is_done().then_some(field)
}
