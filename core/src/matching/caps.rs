//! At most so many matches for each value of a field.

use std::collections::HashMap;

use super::rank::{Ranked, Ranking};
use crate::api::deadline::Deadline;
use crate::api::group_cap::GroupCap;
use crate::generation::Generation;
use crate::index::bitmap::{Leaf, Predicate};
use crate::model::{Error, FieldRef, Result, Rows, StringField};

/// The caps of a list, and what of them is used up.
#[derive(Clone, Default)]
pub(super) struct Caps<'a> {
    caps: Vec<Cap<'a>>,
}

#[derive(Clone)]
struct Cap<'a> {
    field: FieldRef,
    most: u32,
    used: HashMap<Group<'a>, u32>,
}

/// A value that matches may share.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Group<'a> {
    Code(u32),
    User(&'a str),
}

impl<'a> Caps<'a> {
    /// # Errors
    /// [`Error::UnknownField`]; [`Error::WrongType`] for a field that is neither keywords nor `userId`.
    pub(super) fn new(generation: &Generation, caps: &[GroupCap]) -> Result<Self> {
        let resolve = |cap: &GroupCap| match generation.schema.resolve(&cap.field, "maxPer")? {
            field @ (FieldRef::Keywords(_) | FieldRef::String(StringField::UserId)) => {
                Ok(Cap { field, most: cap.count, used: HashMap::new() })
            }
            other => Err(Error::WrongType {
                field: "maxPer.field".to_owned(),
                value: format!("`{}`, which is {}", cap.field, other.kind()),
                expected: "a field of keywords, or `userId`".to_owned(),
            }),
        };
        Ok(Self { caps: caps.iter().map(resolve).collect::<Result<_>>()? })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.caps.is_empty()
    }

    /// Takes a row in if no value of it is full, and counts it against each of them.
    fn admit(&mut self, generation: &'a Generation, row: u32) -> bool {
        let full = |cap: &Cap<'a>| {
            let used = |group| cap.used.get(&group).is_some_and(|used| *used >= cap.most);
            groups(generation, cap.field, row).any(used)
        };
        if self.caps.iter().any(full) {
            return false;
        }
        self.count(generation, row);
        true
    }

    /// Counts a row against each of its values.
    pub(super) fn count(&mut self, generation: &'a Generation, row: u32) {
        for cap in &mut self.caps {
            for group in groups(generation, cap.field, row) {
                *cap.used.entry(group).or_default() += 1;
            }
        }
    }

    /// The rows that have a value that is full. One pass over the words of each.
    fn blocked(&self, generation: &Generation, deadline: &Deadline) -> Result<Rows> {
        let mut blocked = Rows::none(generation.rows);
        for cap in &self.caps {
            let full = || cap.used.iter().filter(|(_, used)| **used >= cap.most);
            let leaf = if let FieldRef::Keywords(place) = cap.field {
                let codes = full().filter_map(|(group, _)| match group {
                    Group::Code(code) => Some(*code),
                    Group::User(_) => None,
                });
                Leaf::HasAny { place, codes: codes.collect() }
            } else {
                let users = full().filter_map(|(group, _)| match group {
                    Group::User(user) => Some((*user).to_owned()),
                    Group::Code(_) => None,
                });
                generation.has_any(cap.field, &users.collect::<Vec<_>>())
            };
            // Every candidate has room.
            let full = Predicate::Leaf(leaf);
            blocked.union(&generation.select(&[&generation.open], [&full], deadline)?.rows);
        }
        Ok(blocked)
    }
}

fn groups(generation: &Generation, field: FieldRef, row: u32) -> impl Iterator<Item = Group<'_>> {
    let (codes, user) = match field {
        FieldRef::Keywords(place) => (generation.keywords[place].codes.get(row), None),
        _ => (&[][..], generation.record(row).and_then(|r| r.string(StringField::UserId))),
    };
    codes.iter().copied().map(Group::Code).chain(user.map(Group::User))
}

/// The first `k` of the rows in the order of their scores, one by one, as far as the caps let them in.
///
/// Ranks half as many again as are asked for, and deeper only while the list is not full: each time twice as deep,
/// among those alone whom the caps still let in. Cost: a ranking each time, of which there are no more than
/// doublings from `k` to the number of rows.
pub(super) fn capped<'a>(
    ranking: &mut Ranking<'a>,
    mut rows: Rows,
    caps: &mut Caps<'a>,
    k: usize,
) -> Result<Vec<Ranked>> {
    let mut kept = Vec::new();
    let mut depth = k + k / 2;
    loop {
        let ranked = ranking.best(&rows, depth)?;
        for &one in &ranked {
            if kept.len() < k && caps.admit(ranking.generation, one.row) {
                kept.push(one);
            }
        }
        // Fewer than asked for: there are no more that score enough.
        if kept.len() == k || ranked.len() < depth {
            return Ok(kept);
        }
        rows.subtract(&caps.blocked(ranking.generation, ranking.deadline)?);
        ranked.iter().for_each(|one| rows.remove(one.row));
        depth *= 2;
    }
}
