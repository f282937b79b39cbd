//! A generation from the sections of a snapshot.

mod format_1;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::holds::HeldPlaces;
use super::memo::FilterMemo;
use super::record::{Block, Record};
use super::{Completions, Costs, Generation, KeywordField, Recent, calendars, text_settings};
use crate::api::rules::{Rules, rules_from_text};
use crate::index::bitmap::{FlagIndex, KeywordIndex};
use crate::index::column::{CodeColumn, NumberColumn};
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
        let (columns, (keys, others)) = rayon::join(
            || Columns::load(snapshot, &schema, rows),
            || {
                rayon::join(
                    || load_keys(snapshot, &live, rows),
                    || {
                        rayon::join(
                            || load_text(snapshot, &schema),
                            || load_vectors(snapshot, &schema, rows),
                        )
                    },
                )
            },
        );
        let Columns { numbers, flags, keywords } = columns?;
        let (Keys { records, ids, user_ids, completions }, text, vectors) =
            (keys?, others.0?, others.1?);
        let calendars = (0..schema.calendars())
            .map(|place| {
                let name = calendars::section_name(place);
                calendars::read(&snapshot.section(&name)?, rows).ok_or_else(|| short(&name))
            })
            .collect::<Result<Vec<_>>>()?;
        let costs = match snapshot.find("costs")? {
            Some(kept) => Costs::from_bytes(&kept).ok_or_else(|| short("costs"))?,
            None => Costs::default(),
        };
        let holds = match snapshot.find("holds")? {
            Some(kept) => HeldPlaces::from_bytes(&kept).ok_or_else(|| short("holds"))?,
            None => HeldPlaces::default(),
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
            calendars,
            presence: sets.presence.into_iter().map(Arc::new).collect(),
            text,
            completions,
            vectors,
            costs,
            damage: Arc::clone(&snapshot.damage),
            rules: Arc::new(load_rules(snapshot)?),
            sources: Arc::new(super::sources::load_sources(snapshot)?),
            orders: super::Orders::default(),
            filters: FilterMemo::default(),
            recent: Recent::after(snapshot.generation),
            mean_rating: OnceLock::new(),
            sample: OnceLock::new(),
            holds,
            touched: None,
            stamps: super::Stamps::default(),
            written: Arc::default(),
        };
        generation.fit_schema();
        generation.complete_values();
        Ok(generation)
    }
}

/// What lies in columns and bitmaps.
struct Columns {
    numbers: Vec<NumberColumn>,
    flags: Vec<FlagIndex>,
    keywords: Vec<KeywordField>,
}

impl Columns {
    fn load(snapshot: &Snapshot, schema: &Schema, rows: u32) -> Result<Self> {
        let keywords = (0..schema.keyword_fields())
            .into_par_iter()
            .map(|place| KeywordField::load(snapshot, &format!("keywords-{place}"), rows));
        let keywords = keywords.collect::<Result<_>>()?;
        let numbers = (0..schema.number_fields())
            .into_par_iter()
            .map(|place| NumberColumn::open(place, rows, snapshot));
        let numbers = numbers.collect::<Result<_>>()?;
        let flags = (0..schema.flag_fields())
            .map(|place| snapshot.read(&format!("flag-{place}"), |reader| read_flag(reader, rows)));
        Ok(Self { numbers, flags: flags.collect::<Result<_>>()?, keywords })
    }
}

impl KeywordField {
    fn load(snapshot: &Snapshot, name: &str, rows: u32) -> Result<Self> {
        if snapshot.format == 1 {
            return format_1::keywords(snapshot, name, rows);
        }
        let index = KeywordIndex::from_bytes(&snapshot.section(name)?, rows)
            .ok_or_else(|| snapshot.damaged(name, "it holds other than it says"))?;
        let codes = CodeColumn::open(name, rows, index.len() as u32, snapshot)?;
        Ok(Self { index, codes })
    }
}

/// The records, what finds them, and what completes their titles.
struct Keys {
    records: Chunked<Record>,
    ids: HashIndex,
    user_ids: HashIndex,
    completions: Completions,
}

fn load_keys(snapshot: &Snapshot, live: &Rows, rows: u32) -> Result<Keys> {
    let records = load_records(snapshot, rows)?;
    let ((ids, user_ids), completions) = rayon::join(
        || index_keys(&records, live),
        || {
            if snapshot.format == 1 {
                return Ok(format_1::completions(&records, live));
            }
            KeywordField::load(snapshot, "titles", rows).map(Completions::of_titles)
        },
    );
    Ok(Keys { records, ids, user_ids, completions: completions? })
}

fn load_text(snapshot: &Snapshot, schema: &Schema) -> Result<TextIndex> {
    let mut text =
        if snapshot.format == 1 { format_1::text(snapshot)? } else { TextIndex::open(snapshot)? };
    let settings =
        text_settings(schema).map_err(|error| snapshot.damaged("schema", &error.to_string()))?;
    text.set_synonyms(settings.synonyms);
    Ok(text)
}

/// The vectors; without a dimension none.
fn load_vectors(snapshot: &Snapshot, schema: &Schema, rows: u32) -> Result<Option<VectorIndex>> {
    let Some(dimension) = schema.dimension else { return Ok(None) };
    let mut vectors = if snapshot.format == 1 {
        VectorIndex::from_bytes(&snapshot.section("vectors")?)
            .map_err(|error| snapshot.damaged("vectors", &error.to_string()))?
    } else {
        VectorIndex::open(snapshot)?
    };
    if vectors.dimension() != dimension || vectors.present().universe() > rows {
        return Err(snapshot.damaged("vectors", "it holds other than it says"));
    }
    // Where there are none, they are made beside the requests.
    if let Some(cells) = snapshot.find("cells")? {
        vectors
            .set_cells_from_bytes(&cells)
            .map_err(|error| snapshot.damaged("cells", &error.to_string()))?;
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
    let ends = snapshot.values::<u64>("record-ends")?;
    let section = snapshot.section("records")?;
    let mut block = Arc::new(Block::Mapped(section.clone()));
    let mut start = 0;
    let mut records = Chunked::default();
    for (row, end) in ends.iter().enumerate() {
        let end = *end;
        // One counter for all would be one that all threads share.
        if row % Chunked::<Record>::CHUNK == 0 {
            block = Arc::new(Block::Mapped(section.clone()));
        }
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

fn read_flag(reader: &mut ByteReader<'_>, rows: u32) -> Option<FlagIndex> {
    let (present, is_true) = (read_set(reader, rows)?, read_set(reader, rows)?);
    Some(FlagIndex::new(present, is_true))
}
