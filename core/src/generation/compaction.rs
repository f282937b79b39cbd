//! The same profiles without tombstones: rows are copied as they are, so that no answer changes by a bit.

use std::sync::{Arc, OnceLock};

use super::recent::Recent;
use super::record::{Block, Record};
use super::write::Batch;
use super::{Completions, Generation, KeywordField, Stamps};
use crate::api::listing::read_profile;
use crate::index::bitmap::FlagIndex;
use crate::index::vector::VectorIndex;
use crate::model::persistent::{Chunked, HashIndex};
use crate::model::{Result, Rows, StringField};

/// Records are copied into blocks of that many bytes.
const RECORDS_BYTES: usize = 256 << 10;
/// So many touched rows are left to the writer's turn at most.
const FEW: usize = 256;
/// What stands for the number of a row that has none.
const GONE: u32 = u32::MAX;

/// A generation without tombstones, on its way to the state of the present one.
pub(crate) struct Compacted {
    generation: Generation,
    /// The number here of each row there.
    numbers: Vec<u32>,
    /// How many of the touched rows that were noted are taken in.
    seen: usize,
}

impl Generation {
    /// The same profiles without tombstones.
    ///
    /// Cost: a copy of everything, and a read and write of all postings; no word is analysed and no vector coded anew.
    pub(crate) fn compacted(&self) -> Result<Compacted> {
        let rows: Vec<u32> = self.live.iter().collect();
        let mut numbers = vec![GONE; self.rows as usize];
        rows.iter().zip(0..).for_each(|(row, to)| numbers[*row as usize] = to);
        let number = |row: u32| numbers.get(row as usize).copied().filter(|to| *to != GONE);
        let gathered = |set: &Rows| {
            let members = rows.iter().zip(0..).filter(|(row, _)| set.contains(**row));
            Rows::from_rows(rows.len() as u32, members.map(|(_, to)| to))
        };
        let gather = |set: &Arc<Rows>| Arc::new(gathered(set));

        let records = self.copied_records(&rows);
        let (mut ids, mut user_ids) = (HashIndex::default(), HashIndex::default());
        let mut completions = Completions::default();
        for (record, row) in records.iter().zip(0..) {
            ids.insert(record.id_bytes(), row);
            if let Some(user) = record.string(StringField::UserId) {
                user_ids.insert(user.as_bytes(), row);
            }
            completions.push(record.string(StringField::ProfessionalTitle));
        }
        let flag =
            |flag: &FlagIndex| FlagIndex::new(gathered(flag.present()), gathered(flag.is_true()));
        let column = |column: &crate::index::column::NumberColumn| {
            rows.iter().map(|row| column.raw(*row)).collect()
        };
        let mut generation = Self {
            rows: rows.len() as u32,
            live: gather(&self.live),
            visible: gather(&self.visible),
            marketplace: gather(&self.marketplace),
            open: gather(&self.open),
            ids,
            user_ids,
            keywords: self.keywords.iter().map(|field| field.compacted(&rows)).collect(),
            numbers: self.numbers.iter().map(column).collect(),
            flags: self.flags.iter().map(flag).collect(),
            calendars: self.calendars.iter().map(|times| times.compacted(&rows)).collect(),
            presence: self.presence.iter().map(gather).collect(),
            text: self.text.compacted(&self.live)?,
            completions,
            vectors: self.vectors.as_ref().map(|vectors| vectors.compacted(&rows)),
            orders: self.orders.renumbered(number),
            sample: self
                .sample
                .get()
                .map(|all| all.renumbered(number))
                .map_or_else(OnceLock::new, Into::into),
            records,
            points: Vec::new(),
            touched: None,
            // Rows have other numbers from here on.
            recent: Recent::after(self.number),
            stamps: Stamps::default(),
            ..self.clone()
        };
        generation.fit_points();
        generation.complete_values();
        Ok(Compacted { generation, numbers, seen: 0 })
    }

    fn copied_records(&self, rows: &[u32]) -> Chunked<Record> {
        let mut records = Chunked::default();
        let (mut bytes, mut lengths) = (Vec::new(), Vec::new());
        let mut finish = |bytes: &mut Vec<u8>, lengths: &mut Vec<u32>| {
            let block = Arc::new(Block::Owned(std::mem::take(bytes)));
            let mut start = 0;
            for len in lengths.drain(..) {
                if let Some(record) = Record::new(Arc::clone(&block), start, len) {
                    records.push(record);
                }
                start += u64::from(len);
            }
        };
        for record in rows.iter().filter_map(|row| self.record(*row)) {
            bytes.extend_from_slice(record.bytes());
            lengths.push(record.bytes().len() as u32);
            if bytes.len() >= RECORDS_BYTES {
                finish(&mut bytes, &mut lengths);
            }
        }
        finish(&mut bytes, &mut lengths);
        records
    }
}

impl KeywordField {
    /// Of these rows, one after the other; values that none has are forgotten.
    fn compacted(&self, rows: &[u32]) -> Self {
        let mut next = Self::default();
        let universe = rows.len() as u32;
        let mut codes_here = vec![GONE; self.index.len()];
        for (from, to) in rows.iter().zip(0..) {
            let mut codes = Vec::new();
            for &code in self.codes.get(*from) {
                let here = &mut codes_here[code as usize];
                if *here == GONE {
                    *here = next.index.code_or_insert(self.index.value(code));
                }
                next.index.insert(*here, to, universe);
                codes.push(*here);
            }
            next.codes.push(&codes);
        }
        next
    }
}

impl Compacted {
    /// The generation, where nothing has changed since.
    pub(crate) fn into_generation(self) -> Generation {
        self.generation
    }

    /// Takes in the rows that were touched up to `current`; true where they were many.
    pub(super) fn follow(&mut self, current: &Generation) -> Result<bool> {
        let mut touched: Vec<u32> = current.touched(self.seen).collect();
        self.seen += touched.len();
        touched.sort_unstable();
        touched.dedup();
        if touched.is_empty() || !Arc::ptr_eq(&self.generation.schema, &current.schema) {
            return Ok(false);
        }
        self.numbers.resize(current.rows as usize, GONE);
        self.generation.holds = current.holds.clone();
        let before = self.generation.clone();
        let mut batch = Batch::default();
        // What is gone goes first, so that an id that came back is there once.
        let (alive, dead): (Vec<u32>, Vec<u32>) =
            touched.iter().partition(|row| current.live.contains(**row));
        for row in dead {
            let at = std::mem::replace(&mut self.numbers[row as usize], GONE);
            if at != GONE {
                batch.touched.push(at);
                self.generation.remove_row(at)?;
            }
        }
        for row in alive {
            let at =
                self.generation.take_row(self.numbers[row as usize], current, row, &mut batch)?;
            self.numbers[row as usize] = at;
        }
        self.generation.seal(&mut batch)?;
        self.generation.complete_values();
        let mut orders = std::mem::take(&mut self.generation.orders);
        orders.follow(&before, &self.generation, &mut batch.touched);
        self.generation.orders = orders;
        self.generation.stamps.touch(&batch.touched);
        Ok(touched.len() > FEW)
    }

    /// The state of `current`, if all that has changed since is rows.
    pub(super) fn adopt(mut self, current: &Generation) -> Result<Option<Generation>> {
        self.follow(current)?;
        if !Arc::ptr_eq(&self.generation.schema, &current.schema) {
            return Ok(None);
        }
        let mut next = self.generation;
        next.number = current.number;
        next.mean_rating.clone_from(&current.mean_rating);
        next.costs = current.costs.clone();
        next.rules = Arc::clone(&current.rules);
        next.sources = Arc::clone(&current.sources);
        Ok(Some(next))
    }
}

impl Generation {
    /// Makes a row what a row of another generation is, words and vector as they lie there; a row that is not here
    /// yet is appended. Rows keep their words, so those of a row that is here are the same.
    fn take_row(&mut self, at: u32, other: &Self, row: u32, batch: &mut Batch) -> Result<u32> {
        let profile = read_profile(other, row);
        let vector = other.vectors.as_ref().and_then(|vectors| vectors.coded(row));
        if at == GONE {
            let at = self.rows;
            self.append(profile, vector.as_ref(), batch)?;
            return Ok(at);
        }
        batch.touched.push(at);
        let old = read_profile(self, at);
        self.rewrite(at, &old, &profile);
        if let Some(vectors) = &mut self.vectors {
            match &vector {
                Some(vector) => vectors.set_coded(at, vector),
                None => VectorIndex::remove(vectors, at),
            }
            self.sample_changed(at, profile.id.as_bytes(), vector.is_some());
        }
        Ok(at)
    }
}
