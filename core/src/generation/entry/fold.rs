//! Old commits become the profiles that they left: what the journal keeps does not grow with time.

use std::collections::BTreeSet;

use super::read::{change, next, profile};
use super::write::write_profile_record;
use super::{hold, read_hold, tag};
use crate::generation::{Change, sources_from_bytes, sources_to_bytes};
use crate::model::{AdvisorProfile, Result};
use crate::store::{ByteReader, Folding};

/// Brings what is kept from the state before a commit to the state after it.
///
/// # Errors
/// A commit or a record that is not what was written, or whatever kept a record from being read.
pub(crate) fn fold(commit: &[u8], kept: &mut Folding<'_>) -> Result<()> {
    let mut reader = ByteReader::new(commit);
    let mut removed = BTreeSet::new();
    while !reader.is_done() {
        let (tag, bytes) = next(&mut reader).ok_or_else(super::malformed)?;
        match tag {
            tag::SCHEMA | tag::RULES => kept.set_state(&[tag], Some(bytes.to_vec())),
            // The record of a profile is what stands in its upsert.
            tag::UPSERT => kept.set_profile(&profile(bytes)?.id, Some(bytes.to_vec())),
            tag::EVENT => {}
            tag::HOLD => {
                end_holds(&mut removed, kept)?;
                kept.set_state(&hold::state_name(read_hold(bytes)?.id), Some(bytes.to_vec()));
            }
            _ => fold_change(change(tag, bytes)?, &mut removed, kept)?,
        }
    }
    end_holds(&mut removed, kept)
}

fn fold_change(
    change: Option<Change>,
    removed: &mut BTreeSet<String>,
    kept: &mut Folding<'_>,
) -> Result<()> {
    match change {
        Some(Change::Patch(id, patch)) => {
            change_profile(&id, kept, |profile| patch.apply(profile))?;
        }
        Some(Change::Remove(id)) => {
            kept.set_profile(&id, None);
            removed.insert(id);
        }
        Some(Change::Source(name, source)) => {
            let sources = kept.state(&[tag::SOURCES])?.unwrap_or_default();
            let mut sources = sources_from_bytes(&sources).ok_or_else(super::malformed)?;
            sources.insert(name, source);
            kept.set_state(&[tag::SOURCES], Some(sources_to_bytes(&sources)));
        }
        Some(Change::EndHold { hold, confirmed }) => {
            end_holds(removed, kept)?;
            let name = hold::state_name(hold);
            let held = read_hold(&kept.state(&name)?.ok_or_else(super::malformed)?)?;
            kept.set_state(&name, None);
            if confirmed {
                change_profile(&held.advisor_id, kept, |profile| {
                    profile.current_clients = profile.current_clients.saturating_add(1);
                })?;
            }
        }
        // What they do stands beside them, as the schema and the rules after the commit.
        Some(
            Change::Upsert(_)
            | Change::Reserve { .. }
            | Change::Declare(_)
            | Change::Alter(_)
            | Change::Finish(_)
            | Change::Synonyms(_)
            | Change::Rules(..),
        )
        | None => {}
    }
    Ok(())
}

fn change_profile(
    id: &str,
    kept: &mut Folding<'_>,
    change: impl FnOnce(&mut AdvisorProfile),
) -> Result<()> {
    let record = kept.profile(id)?.ok_or_else(super::malformed)?;
    let mut profile = profile(&record)?;
    change(&mut profile);
    kept.set_profile(id, Some(write_profile_record(&profile)));
    Ok(())
}

/// The holds of advisors who were removed are over. For many at once: it is a look at every hold.
fn end_holds(removed: &mut BTreeSet<String>, kept: &mut Folding<'_>) -> Result<()> {
    if removed.is_empty() {
        return Ok(());
    }
    for (name, bytes) in kept.states(tag::HOLD)? {
        if removed.contains(&read_hold(&bytes)?.advisor_id) {
            kept.set_state(&name, None);
        }
    }
    removed.clear();
    Ok(())
}
