//! One snapshot: a flat file of named sections, each with its checksum. `core/FORMAT.md` describes every byte.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::{FORMAT, Section};
use crate::model::{Error, Result};

const MAGIC: &[u8; 8] = b"SHORTLST";
const HEADER: usize = 48;
const ENTRY: usize = 48;
const NAME: usize = 24;
const ALIGN: usize = 64;
const MAX_SECTIONS: u32 = 4_096;

/// A section to write: its name, at most 24 bytes, and what it holds.
pub(crate) struct SectionBytes {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// An opened snapshot whose every checksum held.
#[derive(Debug)]
pub(crate) struct Snapshot {
    path: PathBuf,
    pub(crate) generation: u64,
    sections: Vec<(String, Section)>,
}

/// Writes a snapshot file and syncs it; the caller gives it its name afterwards.
pub(crate) fn write(path: &Path, generation: u64, sections: &[SectionBytes]) -> Result<u64> {
    let (head, offsets, length) = layout(generation, sections);
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        out.write_all(&head)?;
        let mut at = head.len();
        for (section, offset) in sections.iter().zip(offsets) {
            out.write_all(&[0; ALIGN][..offset - at])?;
            out.write_all(&section.bytes)?;
            at = offset + section.bytes.len();
        }
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    };
    write().map_err(|error| Error::from_io(&error, "write", path))?;
    Ok(length as u64)
}

fn layout(generation: u64, sections: &[SectionBytes]) -> (Vec<u8>, Vec<usize>, usize) {
    let mut at = HEADER + sections.len() * ENTRY;
    let mut table = Vec::with_capacity(sections.len() * ENTRY);
    let mut offsets = Vec::with_capacity(sections.len());
    for section in sections {
        at = at.next_multiple_of(ALIGN);
        let mut name = [0; NAME];
        let kept = section.name.len().min(NAME);
        name[..kept].copy_from_slice(&section.name.as_bytes()[..kept]);
        table.extend_from_slice(&name);
        for number in [at as u64, section.bytes.len() as u64, xxh3_64(&section.bytes)] {
            table.extend_from_slice(&number.to_le_bytes());
        }
        offsets.push(at);
        at += section.bytes.len();
    }
    let mut head = Vec::with_capacity(HEADER + table.len());
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&FORMAT.to_le_bytes());
    head.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    head.extend_from_slice(&(at as u64).to_le_bytes());
    head.extend_from_slice(&generation.to_le_bytes());
    head.extend_from_slice(&xxh3_64(&table).to_le_bytes());
    let checksum = xxh3_64(&head);
    head.extend_from_slice(&checksum.to_le_bytes());
    head.extend_from_slice(&table);
    (head, offsets, at)
}

impl Snapshot {
    /// Maps a snapshot and checks its header, its table and the checksum of every section.
    ///
    /// Cost: one read of the file at the speed of the checksum, more than 10 GB/s from the page cache.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let length =
            std::fs::metadata(path).map_err(|error| Error::from_io(&error, "read", path))?.len();
        if length == 0 {
            return Err(Error::NotAnIndex {
                path: path.to_owned(),
                reason: "the file is empty".to_owned(),
            });
        }
        let file = Section::map(path)?;
        let damaged = |section: &str, reason: String| Error::Damaged {
            path: path.to_owned(),
            section: section.to_owned(),
            reason,
        };
        if file.len() < MAGIC.len() || &file[..MAGIC.len()] != MAGIC {
            return Err(Error::NotAnIndex {
                path: path.to_owned(),
                reason: "the file does not begin as a snapshot does".to_owned(),
            });
        }
        let head = Header::read(&file)
            .ok_or_else(|| damaged("the header", "it is cut short".to_owned()))?;
        if head.format > FORMAT {
            return Err(Error::NewerFormat {
                path: path.to_owned(),
                found: head.format,
                supported: FORMAT,
            });
        }
        if head.checksum != xxh3_64(&file[..HEADER - 8]) {
            return Err(damaged("the header", "its checksum does not hold".to_owned()));
        }
        if head.length != file.len() as u64 {
            let reason = format!("the file has {} bytes, {} were written", file.len(), head.length);
            return Err(damaged("the header", reason));
        }
        let table = file.get(HEADER..HEADER + head.sections.min(MAX_SECTIONS) as usize * ENTRY);
        let table = table.filter(|table| xxh3_64(table) == head.table_checksum);
        let table =
            table.ok_or_else(|| damaged("the table", "its checksum does not hold".to_owned()))?;
        let mut sections = Vec::new();
        for entry in table.chunks_exact(ENTRY) {
            let name: String =
                String::from_utf8_lossy(&entry[..NAME]).trim_end_matches('\0').to_owned();
            let [offset, length, checksum] =
                [NAME, NAME + 8, NAME + 16].map(|at| u64_at(entry, at));
            let end = offset.checked_add(length).and_then(|end| usize::try_from(end).ok());
            let section = end.and_then(|end| file.part(offset as usize..end));
            let section =
                section.ok_or_else(|| damaged(&name, "it lies outside of the file".to_owned()))?;
            if xxh3_64(&section) != checksum {
                return Err(damaged(&name, "its checksum does not hold".to_owned()));
            }
            sections.push((name, section));
        }
        Ok(Self { path: path.to_owned(), generation: head.generation, sections })
    }

    /// The section of that name.
    pub(crate) fn section(&self, name: &str) -> Result<&Section> {
        self.sections
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, section)| section)
            .ok_or_else(|| self.damaged(name, "the section is missing"))
    }

    /// Name and length of each section.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = (&str, usize)> {
        self.sections.iter().map(|(name, section)| (name.as_str(), section.len()))
    }

    /// The error of a section that does not hold what it should.
    pub(crate) fn damaged(&self, section: &str, reason: &str) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            section: section.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

struct Header {
    format: u32,
    sections: u32,
    length: u64,
    generation: u64,
    table_checksum: u64,
    checksum: u64,
}

impl Header {
    fn read(file: &[u8]) -> Option<Self> {
        let head = file.get(..HEADER)?;
        let u32_at =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        Some(Self {
            format: u32_at(8),
            sections: u32_at(12),
            length: u64_at(head, 16),
            generation: u64_at(head, 24),
            table_checksum: u64_at(head, 32),
            checksum: u64_at(head, 40),
        })
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
