//! The postings of many documents: one tantivy segment in memory, of which only the dictionary,
//! the postings and the positions are used.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashMap;
use tantivy::directory::{Directory, OwnedBytes, RamDirectory};
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, Index, InvertedIndexReader, SegmentReader};

use super::cursor::{Cursor, Detail, ListRef, Place, Postings};
use super::dense::{DENSE_SHARE, Dense, DenseCursor};
use super::files::KeptFiles;
use crate::model::{Error, Result};

pub(super) const STEMS: &str = "stems";
/// Lists of fewer documents are never unpacked.
const FEWEST_DENSE: u32 = if cfg!(test) { 4 } else { 64 };

/// An immutable segment; document `i` is the block's row `i`.
pub struct Sealed {
    stems: Arc<InvertedIndexReader>,
    /// The frequent stems' lists, by where their postings start.
    dense: HashMap<usize, Dense>,
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

    /// Opens a segment from files that lie in a snapshot, in place; with the frequent lists that were kept beside.
    ///
    /// # Errors
    /// As [`Sealed::from_files`].
    pub fn from_kept(
        files: Vec<(String, OwnedBytes)>,
        dense: HashMap<usize, Dense>,
    ) -> Result<Self, String> {
        let open = || {
            let index = Index::open(KeptFiles::new(files.clone()))?;
            let (stems, documents) = segment(&index)?;
            tantivy::Result::Ok((stems, documents))
        };
        let (stems, documents) = open().map_err(|error| error.to_string())?;
        Ok(Self { stems, dense, documents, files })
    }

    /// The frequent stems' lists, by where their postings start.
    pub fn frequent(&self) -> impl ExactSizeIterator<Item = (usize, &Dense)> {
        self.dense.iter().map(|(start, dense)| (*start, dense))
    }

    pub(super) fn open(index: &Index, directory: &RamDirectory) -> tantivy::Result<Self> {
        let (stems, documents) = segment(index)?;
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
        let dense = frequent(&stems, documents)?;
        Ok(Self { stems, dense, documents, files })
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

    fn open_list(&self, list: &ListRef, detail: Detail) -> Result<SealedCursor<'_>> {
        if detail < Detail::Positions
            && let Some(dense) = self.dense(list)
        {
            return Ok(SealedCursor::Dense(DenseCursor::new(dense)));
        }
        let option = match detail {
            Detail::Docs => IndexRecordOption::Basic,
            Detail::Frequencies => IndexRecordOption::WithFreqs,
            Detail::Positions => IndexRecordOption::WithFreqsAndPositions,
        };
        Ok(SealedCursor::Segment(match &list.place {
            Place::Sealed(info) => {
                self.stems.read_postings_from_terminfo(info, option).map_err(unreadable)?
            }
            Place::Tail(_) => SegmentPostings::empty(),
        }))
    }
}

/// The dictionary and the number of documents of an index of one segment.
fn segment(index: &Index) -> tantivy::Result<(Arc<InvertedIndexReader>, u32)> {
    let segments = index.searchable_segments()?;
    let [segment] = segments.as_slice() else {
        return Err(tantivy::TantivyError::InternalError("not one segment".into()));
    };
    let reader = SegmentReader::open(segment)?;
    Ok((reader.inverted_index(index.schema().get_field(STEMS)?)?, reader.max_doc()))
}

/// The lists of the stems that so many documents have that they are worth unpacking.
fn frequent(stems: &InvertedIndexReader, documents: u32) -> tantivy::Result<HashMap<usize, Dense>> {
    let mut lists = HashMap::new();
    let mut stream = stems.terms().stream()?;
    while let Some((_, info)) = stream.next() {
        if info.doc_freq >= documents.div_ceil(DENSE_SHARE).max(FEWEST_DENSE) {
            let list = stems.read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            if let Some(dense) = Dense::of(&mut SealedCursor::Segment(list), documents) {
                lists.insert(info.postings_range.start, dense);
            }
        }
    }
    Ok(lists)
}

impl Postings for Sealed {
    type Cursor<'a> = SealedCursor<'a>;

    fn find(&self, stem: &str) -> Result<Option<ListRef>> {
        let info = self.stems.terms().get(stem).map_err(unreadable)?;
        Ok(info.map(|info| ListRef { documents: info.doc_freq, place: Place::Sealed(info) }))
    }

    fn open(&self, list: &ListRef, detail: Detail) -> Result<SealedCursor<'_>> {
        self.open_list(list, detail)
    }

    fn dense(&self, list: &ListRef) -> Option<&Dense> {
        match &list.place {
            Place::Sealed(info) => self.dense.get(&info.postings_range.start),
            Place::Tail(_) => None,
        }
    }
}

/// A walk over one list of a segment.
#[allow(
    clippy::large_enum_variant,
    reason = "a few a query; a pointer would be followed a posting"
)]
pub enum SealedCursor<'a> {
    /// Over its compressed form.
    Segment(SegmentPostings),
    /// Over its bits.
    Dense(DenseCursor<'a>),
}

impl Cursor for SealedCursor<'_> {
    #[inline]
    fn doc(&self) -> u32 {
        match self {
            Self::Segment(list) => list.doc(),
            Self::Dense(list) => list.doc(),
        }
    }

    #[inline]
    fn advance(&mut self) -> u32 {
        match self {
            Self::Segment(list) => list.advance(),
            Self::Dense(list) => list.advance(),
        }
    }

    #[inline]
    fn seek(&mut self, doc: u32) -> u32 {
        match self {
            // The list's own seek takes no document before the one it stands on.
            Self::Segment(list) if list.doc() < doc => list.seek(doc),
            Self::Segment(list) => list.doc(),
            Self::Dense(list) => list.seek(doc),
        }
    }

    #[inline]
    fn tf(&self) -> u32 {
        match self {
            Self::Segment(list) => list.term_freq(),
            Self::Dense(list) => list.tf(),
        }
    }

    fn positions(&mut self, into: &mut Vec<u32>) {
        into.clear();
        if let Self::Segment(list) = self {
            list.append_positions_with_offset(0, into);
        }
    }
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::Internal { what: format!("a text segment in memory does not read or write: {error}") }
}
