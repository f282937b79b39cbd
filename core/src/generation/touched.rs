//! What a commit changed, for those who follow the index.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Change, Generation};
use crate::api::event::{ChangeKind, Changes, IndexChange, KeywordChange, ProfileChange};
use crate::api::listing::ProfileSource;
use crate::model::field::FIELDS;
use crate::model::{AttributeState, FieldRef, HoldId};

/// What one change of a batch says of what it touches.
pub(crate) enum Touch {
    Profile(String),
    Reserved(HoldId, String),
    /// A hold is over; one that is confirmed writes to the profile.
    Ended(HoldId, bool),
    Index(IndexChange),
}

/// What the changes of a batch touch, in their order.
pub(crate) fn touches(batch: &[Change]) -> Vec<Touch> {
    let touch = |change: &Change| match change {
        Change::Upsert(profile) => Touch::Profile(profile.id.clone()),
        Change::Patch(id, _) | Change::Remove(id) => Touch::Profile(id.clone()),
        Change::Source(name, _) => Touch::Index(IndexChange::Source { name: name.clone() }),
        Change::Declare(_) | Change::Alter(_) | Change::Finish(_) => {
            Touch::Index(IndexChange::Schema)
        }
        Change::Synonyms(_) => Touch::Index(IndexChange::Synonyms),
        Change::Rules(name, _) => Touch::Index(IndexChange::Rules { name: name.clone() }),
        Change::Reserve { advisor, hold, .. } => Touch::Reserved(*hold, advisor.clone()),
        Change::EndHold { hold, confirmed } => Touch::Ended(*hold, *confirmed),
    };
    batch.iter().map(touch).collect()
}

/// What a generation changed of the one before it. Cost: the keywords of the profiles that were touched, read twice.
pub(crate) fn changes_between(
    before: &Generation,
    next: &Generation,
    touches: impl IntoIterator<Item = Touch>,
) -> Changes {
    let mut changes = Changes { generation: next.number, ..Changes::default() };
    let (mut ids, mut written) = (Vec::new(), HashSet::new());
    let mut reserved = HashMap::new();
    let mut seen = HashSet::new();
    for touch in touches {
        let (id, writes): (Arc<str>, bool) = match touch {
            Touch::Profile(id) => (id.into(), true),
            Touch::Reserved(hold, advisor) => {
                let advisor: Arc<str> = advisor.into();
                reserved.insert(hold, Arc::clone(&advisor));
                (advisor, false)
            }
            Touch::Ended(hold, confirmed) => {
                let of_before = || before.holds.advisor(hold);
                match reserved.get(&hold).cloned().or_else(of_before) {
                    Some(advisor) => (advisor, confirmed),
                    None => continue,
                }
            }
            Touch::Index(change) => {
                if !changes.index.contains(&change) {
                    changes.index.push(change);
                }
                continue;
            }
        };
        if writes {
            written.insert(Arc::clone(&id));
        }
        if seen.insert(Arc::clone(&id)) {
            ids.push(id);
        }
    }
    let learnt = before.schema.attributes() != next.schema.attributes()
        || before.schema.dimension != next.schema.dimension;
    if learnt && !changes.index.contains(&IndexChange::Schema) {
        changes.index.push(IndexChange::Schema);
    }
    let fields = keyword_fields(next);
    let change = |id: Arc<str>| {
        let (old, new) = (before.row(&id), next.row(&id));
        let kind = match (old, new) {
            (None, Some(_)) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            (Some(_), Some(_)) if written.contains(&id) => ChangeKind::Updated,
            (Some(_), Some(_)) => ChangeKind::Held,
        };
        let values = |generation: &Generation, row: Option<u32>, place: usize| -> Vec<String> {
            let values = row.map(|row| generation.keywords(row, place)).unwrap_or_default();
            values.into_iter().map(str::to_owned).collect()
        };
        let keywords = fields.iter().filter_map(|(field, place)| {
            let (old, new) = (values(before, old, *place), values(next, new, *place));
            let has_any = !old.is_empty() || !new.is_empty();
            has_any.then(|| KeywordChange { field: field.clone(), old, new })
        });
        ProfileChange { id: id.to_string(), kind, keywords: keywords.collect() }
    };
    changes.profiles = ids.into_iter().map(change).collect();
    changes
}

/// The keyword fields by the names that requests use, and where they are kept.
fn keyword_fields(generation: &Generation) -> Vec<(String, usize)> {
    let place = |field: FieldRef| match field {
        FieldRef::Keywords(place) => Some(place),
        _ => None,
    };
    let built_in =
        FIELDS.iter().filter_map(|(name, field)| Some(((*name).to_owned(), place(*field)?)));
    let attributes = generation.schema.attributes().iter();
    let declared = attributes.filter(|one| one.state != AttributeState::Removed);
    let declared =
        declared.filter_map(|one| Some((format!("attributes.{}", one.name), place(one.field())?)));
    built_in.chain(declared).collect()
}
