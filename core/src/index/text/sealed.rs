//! The postings of many documents: one tantivy segment in memory, of which only the dictionary,
//! the postings and the positions are used.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::{Directory, OwnedBytes, RamDirectory};
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{
    DocSet as _, Index, IndexBuilder, InvertedIndexReader, SegmentReader, SingleSegmentIndexWriter,
    TantivyDocument,
};

use super::cursor::{Cursor, Detail, ListRef, Place, Postings};
use super::document::weight_at;
use super::settings::TextSettings;
use crate::model::{Error, Result};

const STEMS: &str = "stems";
/// Sizes the writer's first hash table only; it grows as it must.
const WRITER_BYTES: usize = 15_000_000;

/// An immutable segment; document `i` is the block's row `i`.
pub struct Sealed {
    stems: Arc<InvertedIndexReader>,
    documents: u32,
    files: Vec<(String, OwnedBytes)>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").field("documents", &self.documents).finish_non_exhaustive()
    }
}

impl Sealed {
    /// Opens a segment from its files.
    ///
    /// # Errors
    /// A text of what does not hold, where the files are not those of one segment.
    pub fn from_files(files: &[(String, &[u8])]) -> Result<Self, String> {
        let directory = RamDirectory::create();
        for (name, bytes) in files {
            directory.atomic_write(Path::new(name), bytes).map_err(|error| error.to_string())?;
        }
        let index = Index::open(directory.clone()).map_err(|error| error.to_string())?;
        Self::open(&index, &directory).map_err(|error| error.to_string())
    }

    fn open(index: &Index, directory: &RamDirectory) -> tantivy::Result<Self> {
        let segments = index.searchable_segments()?;
        let [segment] = segments.as_slice() else {
            return Err(tantivy::TantivyError::InternalError("not one segment".into()));
        };
        let reader = SegmentReader::open(segment)?;
        let stems = reader.inverted_index(index.schema().get_field(STEMS)?)?;
        let mut names = index.directory().list_managed_files();
        names.insert(PathBuf::from("meta.json"));
        names.insert(PathBuf::from(".managed.json"));
        let mut files = Vec::new();
        for name in names {
            if directory.exists(&name)? {
                let bytes = directory.open_read(&name)?.read_bytes()?;
                files.push((name.to_string_lossy().into_owned(), bytes));
            }
        }
        files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { stems, documents: reader.max_doc(), files })
    }

    /// The number of documents, empty ones included.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// The segment's files, by name.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Gives every stem with its list of documents and positions from `first` up to `end`, by
    /// stem, then document. Decodes what it gives; lists before `first` are skipped over.
    pub fn occurrences(
        &self,
        first: u32,
        end: u32,
        mut visit: impl FnMut(&str, u32, &[u32]),
    ) -> Result<()> {
        let mut positions = Vec::new();
        let mut stream = self.stems.terms().stream().map_err(unreadable)?;
        while let Some((stem, info)) = stream.next() {
            let stem = std::str::from_utf8(stem).map_err(unreadable)?;
            let list = ListRef { documents: info.doc_freq, place: Place::Sealed(info.clone()) };
            let mut cursor = self.open_list(&list, Detail::Positions)?;
            let mut doc = cursor.seek(first);
            while doc < end {
                cursor.positions(&mut positions);
                positions.dedup();
                visit(stem, doc, &positions);
                doc = cursor.advance();
            }
        }
        Ok(())
    }

    fn open_list(&self, list: &ListRef, detail: Detail) -> Result<SealedCursor> {
        let option = match detail {
            Detail::Docs => IndexRecordOption::Basic,
            Detail::Frequencies => IndexRecordOption::WithFreqs,
            Detail::Positions => IndexRecordOption::WithFreqsAndPositions,
        };
        Ok(SealedCursor(match &list.place {
            Place::Sealed(info) => {
                self.stems.read_postings_from_terminfo(info, option).map_err(unreadable)?
            }
            Place::Tail(_) => SegmentPostings::empty(),
        }))
    }
}

impl Postings for Sealed {
    type Cursor<'a> = SealedCursor;

    fn find(&self, stem: &str) -> Result<Option<ListRef>> {
        let info = self.stems.terms().get(stem).map_err(unreadable)?;
        Ok(info.map(|info| ListRef { documents: info.doc_freq, place: Place::Sealed(info) }))
    }

    fn open(&self, list: &ListRef, detail: Detail) -> Result<SealedCursor> {
        self.open_list(list, detail)
    }
}

/// A walk over one list of a segment.
pub struct SealedCursor(SegmentPostings);

impl Cursor for SealedCursor {
    fn doc(&self) -> u32 {
        self.0.doc()
    }

    fn advance(&mut self) -> u32 {
        self.0.advance()
    }

    fn seek(&mut self, doc: u32) -> u32 {
        let here = self.0.doc();
        if here < doc { self.0.seek(doc) } else { here }
    }

    fn tf(&self) -> u32 {
        self.0.term_freq()
    }

    fn positions(&mut self, into: &mut Vec<u32>) {
        into.clear();
        self.0.append_positions_with_offset(0, into);
    }
}

/// Takes documents one after the other and makes a [`Sealed`] of them.
pub struct SealedWriter {
    writer: SingleSegmentIndexWriter,
    directory: RamDirectory,
    stems: tantivy::schema::Field,
}

impl SealedWriter {
    /// A writer without documents.
    pub fn new() -> Result<Self> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_index_option(IndexRecordOption::WithFreqsAndPositions)
            .set_fieldnorms(false);
        let stems =
            schema.add_text_field(STEMS, TextOptions::default().set_indexing_options(indexing));
        let directory = RamDirectory::create();
        let writer = IndexBuilder::new()
            .schema(schema.build())
            .single_segment_index_writer(directory.clone(), WRITER_BYTES)
            .map_err(unreadable)?;
        Ok(Self { writer, directory, stems })
    }

    /// Adds the next document as its occurrences, in any order.
    ///
    /// Each is written as often as its field weighs, so that the segment's frequencies are the
    /// weighted ones.
    pub fn add<'o>(
        &mut self,
        settings: &TextSettings,
        occurrences: impl IntoIterator<Item = (&'o str, u32)>,
    ) -> Result<()> {
        let mut occurrences: Vec<(&str, u32)> = occurrences.into_iter().collect();
        // The recorder stores differences, so positions ascend.
        occurrences.sort_unstable_by_key(|&(_, position)| position);
        let mut tokens = Vec::with_capacity(occurrences.len() * 2);
        for (stem, position) in occurrences {
            for _ in 0..weight_at(settings, position) {
                tokens.push(Token {
                    position: position as usize,
                    text: stem.to_owned(),
                    ..Token::default()
                });
            }
        }
        let mut document = TantivyDocument::default();
        if !tokens.is_empty() {
            let text = PreTokenizedString { text: String::new(), tokens };
            document.add_pre_tokenized_text(self.stems, text);
        }
        self.writer.add_document(document).map_err(unreadable)
    }

    /// The finished segment.
    pub fn finish(self) -> Result<Sealed> {
        let index = self.writer.finalize().map_err(unreadable)?;
        Sealed::open(&index, &self.directory).map_err(unreadable)
    }
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::Internal { what: format!("a text segment in memory does not read or write: {error}") }
}
