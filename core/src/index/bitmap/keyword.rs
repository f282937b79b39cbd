//! One keyword field: its values, and the rows of each.

use std::sync::Arc;

use super::bound::Bound;
use super::postings::Postings;
use crate::model::Rows;
use crate::model::persistent::{Chunked, HashIndex};
use crate::store::{ByteReader, ByteWriter};

/// The values of one keyword field under dense codes, with the rows of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeywordIndex {
    values: Chunked<Arc<str>>,
    codes: HashIndex,
    postings: Chunked<Arc<Postings>>,
}

impl KeywordIndex {
    /// How many values were ever seen; codes lie below it.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The code of a value, if any row ever had it. One probe.
    pub(crate) fn code(&self, value: &str) -> Option<u32> {
        self.codes.find(value.as_bytes(), |code| self.value(code) == value)
    }

    /// The value of a code.
    pub(crate) fn value(&self, code: u32) -> &str {
        self.values.get(code as usize).map_or("", |value| value)
    }

    /// The code of a value; a new value gets the next one.
    pub(crate) fn code_or_insert(&mut self, value: &str) -> u32 {
        if let Some(code) = self.code(value) {
            return code;
        }
        let code = self.values.len() as u32;
        self.values.push(value.into());
        self.postings.push(Arc::default());
        self.codes.insert(value.as_bytes(), code);
        code
    }

    /// The values in the order of their codes, each with its rows, as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = ByteWriter::default();
        out.u32(self.values.len() as u32);
        for (value, postings) in self.values.iter().zip(self.postings.iter()) {
            out.bytes(value.as_bytes());
            postings.write(&mut out);
        }
        out.0
    }

    /// The field whose bytes these are, over `rows` rows.
    pub(crate) fn from_bytes(bytes: &[u8], rows: u32) -> Option<Self> {
        let mut reader = ByteReader::new(bytes);
        let mut index = Self::default();
        for code in 0..reader.u32()? {
            let value = std::str::from_utf8(reader.bytes()?).ok()?;
            // A value that is there twice gets one code only.
            if index.code_or_insert(value) != code {
                return None;
            }
            *index.postings.get_mut(code as usize)? = Arc::new(Postings::read(&mut reader, rows)?);
        }
        reader.is_done().then_some(index)
    }

    pub(crate) fn insert(&mut self, code: u32, row: u32, universe: u32) {
        if let Some(postings) = self.postings.get_mut(code as usize) {
            Arc::make_mut(postings).insert(row, universe);
        }
    }

    pub(crate) fn remove(&mut self, code: u32, row: u32) {
        if let Some(postings) = self.postings.get_mut(code as usize) {
            Arc::make_mut(postings).remove(row);
        }
    }

    /// Whether the row has the value. One lookup.
    #[inline]
    pub(crate) fn has(&self, code: u32, row: u32) -> bool {
        self.postings.get(code as usize).is_some_and(|postings| postings.contains(row))
    }

    /// Adds one beside each of the ascending rows that has the value. A bit test a row, or for a rare value a walk
    /// along its own.
    pub(crate) fn count_each(&self, code: u32, rows: &[u32], counts: &mut [u32]) {
        if let Some(postings) = self.postings.get(code as usize) {
            postings.count_each(rows, counts);
        }
    }

    /// How many rows have the value.
    pub(crate) fn count(&self, code: u32) -> u32 {
        self.postings.get(code as usize).map_or(0, |postings| postings.count())
    }

    /// How many of `rows` have each of the values, by code; values that none has are left out.
    ///
    /// Cost: the lesser of one pass over the rows of each of the values and one visit to each row's codes.
    pub(crate) fn counts_of<'a>(
        &self,
        codes: &Rows,
        rows: &Rows,
        codes_of: impl Fn(u32) -> &'a [u32],
    ) -> Vec<(u32, u32)> {
        let shared =
            |a: &[u64], b: &[u64]| a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum();
        let postings = |code: u32| self.postings.get(code as usize);
        let visits = rows.count() as usize * 4;
        let passes: usize = codes.iter().filter_map(postings).map(|postings| postings.pass()).sum();
        let mut counts: Vec<(u32, u32)> = Vec::new();
        if visits < passes {
            let mut sums = vec![0; self.len()];
            for code in rows.iter().flat_map(codes_of).filter(|code| codes.contains(**code)) {
                sums[*code as usize] += 1;
            }
            counts.extend(codes.iter().map(|code| (code, sums[code as usize])));
        } else {
            let counted = codes.iter().filter_map(|code| {
                postings(code).map(|postings| (code, postings.overlap(rows, shared)))
            });
            counts.extend(counted);
        }
        counts.retain(|(_, count)| *count > 0);
        counts
    }

    /// The condition of having at least one of the values. A block costs one pass a value that is not rare.
    pub(crate) fn has_any(&self, codes: &[u32]) -> Bound<'_> {
        let (mut sets, mut list, mut count) = (Vec::new(), Vec::new(), 0_u32);
        for postings in codes.iter().filter_map(|code| self.postings.get(*code as usize)) {
            count = count.saturating_add(postings.count());
            match &**postings {
                Postings::Many(many, _) => sets.push(many),
                Postings::Few(few) => list.extend(few),
            }
        }
        match sets.as_slice() {
            [] => Bound::list(list),
            [only] if list.is_empty() => Bound::rows(only, count),
            _ => Bound::any(sets, list, count),
        }
    }

    /// What counting `rows` value by value costs, in words of dense values.
    pub(crate) fn pass(&self) -> usize {
        self.postings.iter().map(|postings| postings.pass()).sum()
    }

    /// How many of `rows` have each value, in the order of the codes. `overlap` counts the bits that words share.
    ///
    /// Cost: one pass over the words of each common value, and over the rows of each rare one.
    pub(crate) fn overlaps<'a>(
        &'a self,
        rows: &'a Rows,
        overlap: impl Fn(&[u64], &[u64]) -> u32 + 'a,
    ) -> impl Iterator<Item = u32> + 'a {
        self.postings.iter().map(move |postings| postings.overlap(rows, &overlap))
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        let values: usize = self.values.iter().map(|value| value.len() + 32).sum();
        let postings: usize = self.postings.iter().map(|postings| postings.bytes() + 40).sum();
        values + postings + self.codes.bytes()
    }
}
