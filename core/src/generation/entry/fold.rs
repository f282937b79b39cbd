//! Old commits become the profiles that they left: what the journal keeps does not grow with time.

use super::read::{change, next, profile};
use super::tag;
use super::write::write_profile_record;
use crate::generation::{Change, sources_from_bytes, sources_to_bytes};
use crate::model::Result;
use crate::store::{ByteReader, Folding};

/// Brings what is kept from the state before a commit to the state after it.
///
/// # Errors
/// A commit or a record that is not what was written, or whatever kept a record from being read.
pub(crate) fn fold(commit: &[u8], kept: &mut Folding<'_>) -> Result<()> {
    let mut reader = ByteReader::new(commit);
    while !reader.is_done() {
        let (tag, bytes) = next(&mut reader).ok_or_else(super::malformed)?;
        match tag {
            tag::SCHEMA | tag::RULES => kept.set_state(tag, bytes.to_vec()),
            // The record of a profile is what stands in its upsert.
            tag::UPSERT => kept.set_profile(&profile(bytes)?.id, Some(bytes.to_vec())),
            _ => fold_change(change(tag, bytes)?, kept)?,
        }
    }
    Ok(())
}

fn fold_change(change: Option<Change>, kept: &mut Folding<'_>) -> Result<()> {
    match change {
        Some(Change::Patch(id, patch)) => {
            let record = kept.profile(&id)?.ok_or_else(super::malformed)?;
            let mut profile = profile(&record)?;
            patch.apply(&mut profile);
            kept.set_profile(&id, Some(write_profile_record(&profile)));
        }
        Some(Change::Remove(id)) => kept.set_profile(&id, None),
        Some(Change::Source(name, source)) => {
            let sources = kept.state(tag::SOURCES)?.unwrap_or_default();
            let mut sources = sources_from_bytes(&sources).ok_or_else(super::malformed)?;
            sources.insert(name, source);
            kept.set_state(tag::SOURCES, sources_to_bytes(&sources));
        }
        // What they do stands beside them, as the schema and the rules after the commit.
        Some(Change::Upsert(_) | Change::Declare(_) | Change::Synonyms(_) | Change::Rules(..))
        | None => {}
    }
    Ok(())
}
