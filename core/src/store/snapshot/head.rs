//! The header and the table of sections of a snapshot, of each format.

use xxhash_rust::xxh3::xxh3_64;

use super::super::FORMAT;

pub(super) const MAGIC: &[u8; 8] = b"SHORTLST";
pub(super) const HEADER: usize = 64;
pub(super) const ENTRY: usize = 64;
pub(super) const ALIGN: usize = 64;
pub(super) const NAME: usize = 24;
pub(super) const MAX_SECTIONS: u32 = 4_096;

/// Of format 1.
const OLD_HEADER: usize = 48;
const OLD_ENTRY: usize = 48;

/// The fixed beginning of a snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) format: u32,
    pub(super) sections: u32,
    pub(super) length: u64,
    pub(super) generation: u64,
    pub(super) table_at: u64,
    pub(super) table_checksum: u64,
}

/// One section in the table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) offset: u64,
    pub(super) length: u64,
    /// How many bytes one checksum covers; 0 in format 1, where `checksum` covers the section.
    pub(super) chunk: u64,
    pub(super) checksum: u64,
}

/// Why there is no header.
pub(super) enum NoHeader {
    CutShort,
    Newer(u32),
    Wrong(&'static str),
}

impl Header {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&self.format.to_le_bytes());
        out.extend_from_slice(&self.sections.to_le_bytes());
        for number in [self.length, self.generation, self.table_at, self.table_checksum, 0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = xxh3_64(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads the header of a file that begins with the magic bytes.
    pub(super) fn read(file: &[u8]) -> Result<Self, NoHeader> {
        let words = file.get(8..16).ok_or(NoHeader::CutShort)?;
        let (format, sections) = (u64_at(words, 0) as u32, (u64_at(words, 0) >> 32) as u32);
        if format > FORMAT {
            return Err(NoHeader::Newer(format));
        }
        let length = if format == 1 { OLD_HEADER } else { HEADER };
        let head = file.get(..length).ok_or(NoHeader::CutShort)?;
        if format == 0 || u64_at(head, length - 8) != xxh3_64(&head[..length - 8]) {
            return Err(NoHeader::Wrong("its checksum does not hold"));
        }
        let numbers = [16, 24, 32].map(|at| u64_at(head, at));
        let [length, generation, third] = numbers;
        let (table_at, table_checksum) =
            if format == 1 { (OLD_HEADER as u64, third) } else { (third, u64_at(head, 40)) };
        Ok(Self { format, sections, length, generation, table_at, table_checksum })
    }

    /// The table, if it lies within the file and its checksum holds.
    pub(super) fn table(&self, file: &[u8]) -> Option<Vec<Entry>> {
        let (entry, old) = if self.format == 1 { (OLD_ENTRY, true) } else { (ENTRY, false) };
        let start = usize::try_from(self.table_at).ok()?;
        let length = self.sections.min(MAX_SECTIONS) as usize * entry;
        let table = file.get(start..start.checked_add(length)?)?;
        (xxh3_64(table) == self.table_checksum)
            .then(|| table.chunks_exact(entry).map(|entry| Entry::read(entry, old)).collect())
    }
}

impl Entry {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut name = [0; NAME];
        let kept = self.name.len().min(NAME);
        name[..kept].copy_from_slice(&self.name.as_bytes()[..kept]);
        out.extend_from_slice(&name);
        for number in [self.offset, self.length, self.chunk, self.checksum, 0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn read(entry: &[u8], old: bool) -> Self {
        let name = String::from_utf8_lossy(&entry[..NAME]).trim_end_matches('\0').to_owned();
        let [offset, length, third] = [NAME, NAME + 8, NAME + 16].map(|at| u64_at(entry, at));
        let (chunk, checksum) = if old { (0, third) } else { (third, u64_at(entry, NAME + 24)) };
        Self { name, offset, length, chunk, checksum }
    }
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
