//! The text index as sections of a snapshot, and back: postings are read in place.

use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;
use tantivy::directory::OwnedBytes;

use super::block::{Block, Kind};
use super::counts::Counts;
use super::dense::Dense;
use super::index::TextIndex;
use super::sealed::Sealed;
use super::settings::TextSettings;
use super::strings::StringTable;
use crate::model::{Error, Language, Result};
use crate::store::{ByteReader, ByteWriter, Section, Snapshot, SnapshotWriter};

/// What the blocks do not hold.
struct Small {
    settings: TextSettings,
    documents: u64,
    length: u64,
    removed: Counts,
    words: Counts,
    /// First row, documents and rows of each block.
    blocks: Vec<[u32; 3]>,
}

impl Small {
    fn read(reader: &mut ByteReader<'_>) -> Option<Self> {
        let language = Language::named(std::str::from_utf8(reader.bytes()?).ok()?).ok()?;
        let weights = reader.take(7)?.try_into().ok()?;
        let settings = TextSettings { language, weights, ..TextSettings::default() }.checked();
        let (documents, length) = (reader.u64()?, reader.u64()?);
        let (removed, words) = (read_counts(reader)?, read_counts(reader)?);
        let block =
            |reader: &mut ByteReader<'_>| Some([reader.u32()?, reader.u32()?, reader.u32()?]);
        let blocks = (0..reader.u32()?).map(|_| block(reader)).collect::<Option<Vec<_>>>()?;
        let mut next = 0_u32;
        for [first_row, _, rows] in &blocks {
            if *first_row != next {
                return None;
            }
            next = next.checked_add(*rows)?;
        }
        let settings = settings.ok().filter(|_| documents <= u64::from(next))?;
        Some(Self { settings, documents, length, removed, words, blocks })
    }
}

fn write_counts(counts: &Counts, out: &mut ByteWriter) {
    let (keys, counts) = counts.to_parts();
    let (text, ends) = keys.parts();
    out.bytes(text.as_bytes());
    out.u32(ends.len() as u32);
    ends.iter().for_each(|end| out.u32(*end));
    counts.iter().for_each(|count| out.u32(count.cast_unsigned()));
}

fn read_counts(reader: &mut ByteReader<'_>) -> Option<Counts> {
    let text = std::str::from_utf8(reader.bytes()?).ok()?.to_owned();
    let len = reader.u32()? as usize;
    let mut numbers = || -> Option<Vec<u32>> {
        let (numbers, _) = reader.take(len.checked_mul(4)?)?.as_chunks();
        Some(numbers.iter().map(|number| u32::from_le_bytes(*number)).collect())
    };
    let (ends, counts) = (numbers()?, numbers()?);
    let counts = counts.into_iter().map(u32::cast_signed).collect();
    Counts::from_parts(StringTable::from_parts(text, ends)?, counts)
}

impl TextIndex {
    /// Writes the index. Cost: one pass over it; documents that are not sealed yet are sealed for it.
    ///
    /// # Errors
    /// [`Error::Internal`] if a block does not read, which is a defect.
    pub(crate) fn save(&self, out: &mut SnapshotWriter) -> Result<()> {
        let mut sealed = self.clone();
        sealed.seal()?;
        let mut small = ByteWriter::default();
        small.bytes(sealed.settings.language.name().as_bytes());
        small.0.extend_from_slice(&sealed.settings.weights);
        small.u64(sealed.documents);
        small.u64(sealed.length);
        write_counts(&sealed.removed, &mut small);
        write_counts(&sealed.words, &mut small);
        small.u32(sealed.blocks.len() as u32);
        for block in &sealed.blocks {
            small.u32(block.first_row);
            small.u32(block.documents);
            small.u32(block.lengths.len() as u32);
        }
        out.section("text", &small.0)?;
        for (at, block) in sealed.blocks.iter().enumerate() {
            let Kind::Sealed(segment) = &block.kind else {
                return Err(Error::Internal { what: "a text block was not sealed".into() });
            };
            save_block(block, segment, at, out)?;
        }
        Ok(())
    }

    /// The index of a snapshot, its postings in place. Nothing is analysed anew.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub(crate) fn open(snapshot: &Snapshot) -> Result<Self> {
        let Small { settings, documents, length, removed, words, blocks } =
            snapshot.read("text", Small::read)?;
        let mut index =
            Self::new(settings).map_err(|error| snapshot.damaged("text", &error.to_string()))?;
        let open = |(at, block): (usize, &[u32; 3])| open_block(*block, at, snapshot).map(Arc::new);
        index.blocks = blocks.par_iter().enumerate().map(open).collect::<Result<_>>()?;
        (index.documents, index.length) = (documents, length);
        (index.removed, index.words) = (removed, words);
        Ok(index)
    }
}

fn save_block(block: &Block, segment: &Sealed, at: usize, out: &mut SnapshotWriter) -> Result<()> {
    out.stream(&format!("text-{at}-lengths"), |out| out.values(&block.lengths))?;
    let mut names = ByteWriter::default();
    names.u32(segment.files().len() as u32);
    for (name, bytes) in segment.files() {
        names.bytes(name.as_bytes());
        names.u64(bytes.len() as u64);
    }
    out.section(&format!("text-{at}-names"), &names.0)?;
    out.stream(&format!("text-{at}-files"), |out| {
        segment.files().try_for_each(|(_, bytes)| out.put(bytes))
    })?;
    // In one order, so that the same index makes the same file.
    let mut dense: Vec<_> = segment.frequent().collect();
    dense.sort_unstable_by_key(|(start, _)| *start);
    out.stream(&format!("text-{at}-frequent"), |out| {
        dense.into_iter().try_for_each(|(start, dense)| {
            out.number(start as u64)?;
            dense.save(out)
        })
    })
}

fn open_block(
    [first_row, documents, rows]: [u32; 3],
    at: usize,
    snapshot: &Snapshot,
) -> Result<Block> {
    let name = format!("text-{at}-files");
    let wrong = |reason: &str| snapshot.damaged(&name, reason);
    let lengths = snapshot.values::<u32>(&format!("text-{at}-lengths"))?.to_vec();
    let names = snapshot.read(&format!("text-{at}-names"), |reader| {
        let file = |reader: &mut ByteReader<'_>| {
            let name = std::str::from_utf8(reader.bytes()?).ok()?.to_owned();
            Some((name, usize::try_from(reader.u64()?).ok()?))
        };
        (0..reader.u32()?).map(|_| file(reader)).collect::<Option<Vec<_>>>()
    })?;
    let section = snapshot.section(&name)?;
    let (mut files, mut start) = (Vec::with_capacity(names.len()), 0_usize);
    for (file, len) in names {
        let end = start.checked_add(len).ok_or_else(|| wrong("a file is longer than can be"))?;
        let bytes = section.part(start..end).ok_or_else(|| wrong("a file lies outside of it"))?;
        files.push((file, OwnedBytes::new(bytes)));
        start = end;
    }
    let frequent = snapshot.section(&format!("text-{at}-frequent"))?;
    let dense = open_frequent(&frequent, rows)
        .ok_or_else(|| wrong("its frequent lists are not as it says"))?;
    let segment = Sealed::from_kept(files, dense).map_err(|reason| wrong(&reason))?;
    if segment.documents() != rows || lengths.len() != rows as usize {
        return Err(wrong("a block has other rows than its segment"));
    }
    Ok(Block { first_row, lengths, documents, kind: Kind::Sealed(segment) })
}

fn open_frequent(section: &Section, documents: u32) -> Option<HashMap<usize, Dense>> {
    let (mut lists, mut at) = (HashMap::new(), 0);
    while at < section.len() {
        let start = usize::try_from(ByteReader::new(section.get(at..)?).u64()?).ok()?;
        let (dense, end) = Dense::open(section, at + 8, documents)?;
        lists.insert(start, dense);
        at = end;
    }
    Some(lists)
}
