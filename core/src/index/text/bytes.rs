//! The text index as one section of a snapshot of format 1.
//!
//! All numbers are little-endian. A checksum of everything after it comes first, so what is read
//! was written by [`TextIndex::to_bytes`]; every length is checked against what is left all the
//! same.
//!
//! ```text
//! checksum u64 (xxh3) | version u32
//! language text | weights 7 x u8 | documents u64 | length u64
//! removed counts | word counts            counts: text | u32s ends | u32s counts
//! blocks u32, each: first row u32 | documents u32 | u32s lengths | files u32, each: text | bytes
//! text, bytes: u64 length, then the bytes     u32s: u64 count, then 4 bytes each
//! ```

use std::path::PathBuf;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::block::{Block, Kind};
use super::counts::Counts;
use super::index::TextIndex;
use super::sealed::Sealed;
use super::settings::TextSettings;
use super::strings::StringTable;
use crate::model::{Error, Language, Result};

const VERSION: u32 = 1;

impl TextIndex {
    /// The whole index as bytes. Costs a copy; documents that are not sealed yet are sealed for it.
    ///
    /// # Errors
    /// [`Error::Internal`] if a block does not read, which is a defect.
    #[cfg(test)]
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut sealed = self.clone();
        sealed.seal()?;
        let mut out = Writer(vec![0; 8]);
        out.u32(VERSION);
        out.bytes(sealed.settings.language.name().as_bytes());
        out.0.extend_from_slice(&sealed.settings.weights);
        out.u64(sealed.documents);
        out.u64(sealed.length);
        out.counts(&sealed.removed);
        out.counts(&sealed.words);
        out.u32(sealed.blocks.len() as u32);
        for block in &sealed.blocks {
            let Kind::Sealed(segment) = &block.kind else {
                return Err(Error::Internal { what: "a text block was not sealed".into() });
            };
            out.u32(block.first_row);
            out.u32(block.documents);
            out.u32s(block.lengths.iter().copied());
            out.u32(segment.files().len() as u32);
            for (name, bytes) in segment.files() {
                out.bytes(name.as_bytes());
                out.bytes(bytes);
            }
        }
        let checksum = xxh3_64(&out.0[8..]);
        out.0[..8].copy_from_slice(&checksum.to_le_bytes());
        Ok(out.0)
    }

    /// The index that [`TextIndex::to_bytes`] gave. Costs a copy; nothing is analysed anew.
    ///
    /// # Errors
    /// [`Error::Damaged`] without a path, which the caller knows, for bytes that are not those of
    /// an index; [`Error::NewerFormat`] likewise.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut input = Reader(bytes);
        let checksum = input.u64()?;
        if xxh3_64(input.0) != checksum {
            return Err(damaged("the checksum does not fit"));
        }
        let version = input.u32()?;
        if version != VERSION {
            let path = PathBuf::new();
            return Err(Error::NewerFormat { path, found: version, supported: VERSION });
        }
        let language =
            Language::named(input.text()?).map_err(|error| damaged(error.to_string()))?;
        let weights = input.array::<7>()?;
        let settings = TextSettings { language, weights, ..TextSettings::default() };
        let mut index = Self::new(settings).map_err(|error| damaged(error.to_string()))?;
        index.documents = input.u64()?;
        index.length = input.u64()?;
        index.removed = input.counts()?;
        index.words = input.counts()?;
        for _ in 0..input.u32()? {
            let block = input.block()?;
            if block.first_row != index.rows() {
                return Err(damaged("its blocks are not row after row"));
            }
            index.blocks.push(Arc::new(block));
        }
        if !input.0.is_empty() {
            return Err(damaged("there is more than an index in it"));
        }
        if index.documents > u64::from(index.rows()) {
            return Err(damaged("it counts more documents than rows"));
        }
        Ok(index)
    }
}

fn damaged(reason: impl Into<String>) -> Error {
    Error::Damaged { path: PathBuf::new(), section: "text".into(), reason: reason.into() }
}

#[cfg(test)]
struct Writer(Vec<u8>);

#[cfg(test)]
impl Writer {
    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.u64(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn u32s(&mut self, values: impl ExactSizeIterator<Item = u32>) {
        self.u64(values.len() as u64);
        for value in values {
            self.u32(value);
        }
    }

    fn counts(&mut self, counts: &Counts) {
        let (keys, counts) = counts.to_parts();
        let (text, ends) = keys.parts();
        self.bytes(text.as_bytes());
        self.u32s(ends.iter().copied());
        self.u32s(counts.iter().map(|count| count.cast_unsigned()));
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8]> {
        let (taken, rest) =
            self.0.split_at_checked(count).ok_or_else(|| damaged("it ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| damaged("it ends early"))
    }

    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Result<&'b [u8]> {
        let count = usize::try_from(self.u64()?).unwrap_or(usize::MAX);
        self.take(count)
    }

    fn text(&mut self) -> Result<&'b str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| damaged("a text in it is not UTF-8"))
    }

    fn u32s(&mut self) -> Result<Vec<u32>> {
        let count = usize::try_from(self.u64()?).unwrap_or(usize::MAX);
        let (chunks, _) = self.take(count.saturating_mul(4))?.as_chunks();
        Ok(chunks.iter().map(|&chunk| u32::from_le_bytes(chunk)).collect())
    }

    fn counts(&mut self) -> Result<Counts> {
        let text = self.text()?.to_owned();
        let ends = self.u32s()?;
        let counts = self.u32s()?.into_iter().map(u32::cast_signed).collect();
        StringTable::from_parts(text, ends)
            .and_then(|keys| Counts::from_parts(keys, counts))
            .ok_or_else(|| damaged("its counts are not in order"))
    }

    fn block(&mut self) -> Result<Block> {
        let first_row = self.u32()?;
        let documents = self.u32()?;
        let lengths = self.u32s()?;
        let mut files = Vec::new();
        for _ in 0..self.u32()? {
            files.push((self.text()?.to_owned(), self.bytes()?));
        }
        let segment = Sealed::from_files(&files).map_err(damaged)?;
        let fits = u32::try_from(lengths.len())
            .is_ok_and(|rows| rows == segment.documents() && first_row.checked_add(rows).is_some());
        if !fits {
            return Err(damaged("a block has other rows than its segment"));
        }
        Ok(Block { first_row, lengths, documents, kind: Kind::Sealed(segment) })
    }
}
