//! What a commit changed, as the journal keeps it for those who come later.

use crate::api::event::{ChangeKind, Changes, IndexChange, KeywordChange, ProfileChange};
use crate::store::{ByteReader, ByteWriter};

const KINDS: [ChangeKind; 4] =
    [ChangeKind::Added, ChangeKind::Updated, ChangeKind::Removed, ChangeKind::Held];

pub(super) fn put(changes: &Changes, out: &mut ByteWriter) {
    out.u32(changes.profiles.len() as u32);
    for ProfileChange { id, kind, keywords } in &changes.profiles {
        out.bytes(id.as_bytes());
        let kind = KINDS.iter().position(|known| known == kind).unwrap_or(1);
        out.u32(kind as u32);
        out.u32(keywords.len() as u32);
        for KeywordChange { field, old, new } in keywords {
            out.bytes(field.as_bytes());
            put_list(new, out);
            // Most changes leave the keywords alone.
            out.u32(u32::from(old != new));
            if old != new {
                put_list(old, out);
            }
        }
    }
    out.u32(changes.index.len() as u32);
    for change in &changes.index {
        let (kind, name) = match change {
            IndexChange::Schema => (0, ""),
            IndexChange::Synonyms => (1, ""),
            IndexChange::Rules { name } => (2, name.as_str()),
            IndexChange::Source { name } => (3, name.as_str()),
        };
        out.u32(kind);
        out.bytes(name.as_bytes());
    }
}

fn put_list(values: &[String], out: &mut ByteWriter) {
    out.u32(values.len() as u32);
    values.iter().for_each(|value| out.bytes(value.as_bytes()));
}

pub(super) fn take(generation: u64, bytes: &[u8]) -> Option<Changes> {
    let mut reader = ByteReader::new(bytes);
    let mut changes = Changes { generation, ..Changes::default() };
    for _ in 0..reader.u32()? {
        let id = text(&mut reader)?;
        let kind = *KINDS.get(reader.u32()? as usize)?;
        let mut keywords = Vec::new();
        for _ in 0..reader.u32()? {
            let field = text(&mut reader)?;
            let new = list(&mut reader)?;
            let old = if reader.u32()? == 0 { new.clone() } else { list(&mut reader)? };
            keywords.push(KeywordChange { field, old, new });
        }
        changes.profiles.push(ProfileChange { id, kind, keywords });
    }
    for _ in 0..reader.u32()? {
        let kind = reader.u32()?;
        let name = text(&mut reader)?;
        changes.index.push(match kind {
            0 => IndexChange::Schema,
            1 => IndexChange::Synonyms,
            2 => IndexChange::Rules { name },
            3 => IndexChange::Source { name },
            _ => return None,
        });
    }
    reader.is_done().then_some(changes)
}

fn text(reader: &mut ByteReader<'_>) -> Option<String> {
    String::from_utf8(reader.bytes()?.to_vec()).ok()
}

fn list(reader: &mut ByteReader<'_>) -> Option<Vec<String>> {
    (0..reader.u32()?).map(|_| text(reader)).collect()
}
