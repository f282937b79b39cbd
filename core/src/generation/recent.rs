//! What the last changes did to which rows: enough to tell that an answer which was found before them still holds.
//!
//! A list that each generation adds to and none changes. It goes back some hundred batches; who asks for more, or for
//! what was done before rows were numbered anew, is told that nothing is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::api::patch::ProfilePatch;
use crate::model::field::{flags, keywords, numbers};
use crate::model::{AdvisorProfile, AttributeKind, FieldRef, Schema};

/// After so many batches a list is begun anew; the one before is kept until the next is as long.
const BATCHES: u32 = 512;
/// A batch that did more is not told row by row.
const ROWS: usize = 256;

/// Fields, some of which share a bit: a set may hold more than was put in, and never less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(u64);

impl FieldSet {
    /// Words that are found by texts.
    pub(crate) const TEXT: Self = Self(1 << 62);
    /// The embedding.
    pub(crate) const VECTOR: Self = Self(1 << 61);
    /// Everything that has no bit of its own.
    const REST: Self = Self(1 << 60);
    /// Every field.
    pub(crate) const ALL: Self = Self(u64::MAX);

    pub(crate) fn number(place: usize) -> Self {
        Self(1 << (place % 40))
    }

    fn flag(place: usize) -> Self {
        Self(1 << (40 + place % 6))
    }

    pub(crate) fn keywords(place: usize) -> Self {
        Self(1 << (46 + place % 14))
    }

    pub(crate) fn of(field: FieldRef) -> Self {
        match field {
            FieldRef::Keywords(place) => Self::keywords(place),
            FieldRef::Number(place) | FieldRef::Date(place) => Self::number(place),
            FieldRef::Flag(place) => Self::flag(place),
            FieldRef::Geo(place) => Self::number(place).and(Self::number(place + 1)),
            FieldRef::Embedding => Self::VECTOR,
            _ => Self::REST.and(Self::TEXT),
        }
    }

    /// What decides whether a scope looks at a row.
    pub(crate) fn of_scope() -> Self {
        Self::keywords(keywords::STATUS)
            .and(Self::flag(flags::IS_VERIFIED))
            .and(Self::number(numbers::DELETED_AT))
    }

    /// What decides whether somebody has room.
    pub(crate) fn of_room() -> Self {
        Self::number(numbers::CURRENT_CLIENTS)
            .and(Self::number(numbers::MAX_CLIENTS))
            .and(Self::flag(flags::IS_AVAILABLE))
    }

    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The fields that a patch of hot fields names.
    pub(super) fn patched(patch: &ProfilePatch, schema: &Schema) -> Self {
        let mut set = Self::default();
        let mut add = |named: bool, field: Self| {
            if named {
                set = set.and(field);
            }
        };
        for (named, place) in [
            (patch.hourly_rate.is_some(), numbers::HOURLY_RATE),
            (patch.monthly_retainer_min.is_some(), numbers::MONTHLY_RETAINER_MIN),
            (patch.years_experience.is_some(), numbers::YEARS_EXPERIENCE),
            (patch.total_reviews.is_some(), numbers::TOTAL_REVIEWS),
            (patch.current_clients.is_some(), numbers::CURRENT_CLIENTS),
            (patch.max_clients.is_some(), numbers::MAX_CLIENTS),
            (patch.overall_rating.is_some(), numbers::OVERALL_RATING),
            (patch.created_at.is_some(), numbers::CREATED_AT),
            (patch.updated_at.is_some(), numbers::UPDATED_AT),
            (patch.deleted_at.is_some(), numbers::DELETED_AT),
        ] {
            add(named, Self::number(place));
        }
        add(patch.marketplace_status.is_some(), Self::keywords(keywords::STATUS));
        add(patch.is_verified.is_some(), Self::flag(flags::IS_VERIFIED));
        add(patch.is_available.is_some(), Self::flag(flags::IS_AVAILABLE));
        for name in patch.attributes.keys() {
            add(true, Self::attribute(name, schema));
        }
        set
    }

    /// The fields by which two profiles differ, but for their words.
    pub(super) fn between(old: &AdvisorProfile, new: &AdvisorProfile, schema: &Schema) -> Self {
        // What else they hold, titles and details, decides no filter and no order that has a bit of its own.
        let mut set = Self::REST;
        let mut add = |differs: bool, field: Self| {
            if differs {
                set = set.and(field);
            }
        };
        for (differs, place) in [
            (old.hourly_rate != new.hourly_rate, numbers::HOURLY_RATE),
            (old.monthly_retainer_min != new.monthly_retainer_min, numbers::MONTHLY_RETAINER_MIN),
            (old.years_experience != new.years_experience, numbers::YEARS_EXPERIENCE),
            (old.total_reviews != new.total_reviews, numbers::TOTAL_REVIEWS),
            (old.current_clients != new.current_clients, numbers::CURRENT_CLIENTS),
            (old.max_clients != new.max_clients, numbers::MAX_CLIENTS),
            (old.overall_rating != new.overall_rating, numbers::OVERALL_RATING),
            (old.created_at != new.created_at, numbers::CREATED_AT),
            (old.updated_at != new.updated_at, numbers::UPDATED_AT),
            (old.deleted_at != new.deleted_at, numbers::DELETED_AT),
        ] {
            add(differs, Self::number(place));
        }
        for (differs, place) in [
            (old.industries != new.industries, keywords::INDUSTRIES),
            (old.services != new.services, keywords::SERVICES),
            (old.certifications != new.certifications, keywords::CERTIFICATIONS),
            (old.marketplace_status != new.marketplace_status, keywords::STATUS),
        ] {
            add(differs, Self::keywords(place));
        }
        add(old.is_verified != new.is_verified, Self::flag(flags::IS_VERIFIED));
        add(old.is_available != new.is_available, Self::flag(flags::IS_AVAILABLE));
        add(old.embedding != new.embedding, Self::VECTOR);
        for name in old.attributes.keys().chain(new.attributes.keys()) {
            let differs = old.attributes.get(name) != new.attributes.get(name);
            add(differs, Self::attribute(name, schema));
        }
        set
    }

    fn attribute(name: &str, schema: &Schema) -> Self {
        match schema.known(name).map(|attribute| (attribute.kind, attribute.place)) {
            Some((AttributeKind::Keywords, place)) => Self::keywords(place),
            Some((AttributeKind::Number | AttributeKind::Date, place)) => Self::number(place),
            Some((AttributeKind::Bool, place)) => Self::flag(place),
            Some((AttributeKind::Geo, place)) => Self::of(FieldRef::Geo(place)),
            // Whatever comes to be: too much is never wrong.
            _ => Self::ALL,
        }
    }
}

/// What a change did to one profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    /// The row where it was; none where it is new.
    pub(crate) was: Option<u32>,
    /// The row where it is; none where it is gone.
    pub(crate) row: Option<u32>,
    /// What of it changed.
    pub(crate) fields: FieldSet,
}

#[derive(Debug)]
struct Batch {
    number: u64,
    effects: Box<[Effect]>,
    before: Option<Arc<Batch>>,
}

impl Batch {
    /// A batch and those before it.
    fn back_from(from: Option<&Self>) -> impl Iterator<Item = &Self> {
        std::iter::successors(from, |batch| batch.before.as_deref())
    }
}

/// The effects of the last batches.
#[derive(Clone, Debug)]
pub(crate) struct Recent {
    /// Another one wherever what is known ends.
    epoch: u64,
    newer: Option<Arc<Batch>>,
    older: Option<Arc<Batch>>,
    len: u32,
    /// All after this generation is known.
    since: u64,
    /// What will be known from, once `older` goes.
    newer_since: u64,
}

impl Recent {
    /// Nothing is known but what comes after that generation.
    pub(crate) fn after(number: u64) -> Self {
        static EPOCHS: AtomicU64 = AtomicU64::new(0);
        let epoch = EPOCHS.fetch_add(1, Ordering::Relaxed);
        Self { epoch, newer: None, older: None, len: 0, since: number, newer_since: number }
    }

    /// What numbers rows as long as it stays the same.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Adds what made that generation.
    pub(super) fn push(&mut self, number: u64, effects: Vec<Effect>) {
        if effects.len() > ROWS {
            *self = Self::after(number);
            return;
        }
        if self.len == BATCHES {
            self.older = self.newer.take();
            (self.since, self.newer_since, self.len) = (self.newer_since, number - 1, 0);
        }
        let before = self.newer.take();
        self.newer = Some(Arc::new(Batch { number, effects: effects.into(), before }));
        self.len += 1;
    }

    /// Every effect after that generation, the newest first; none where they are not known.
    pub(crate) fn after_generation(&self, number: u64) -> Option<impl Iterator<Item = &Effect>> {
        let known = Batch::back_from(self.newer.as_deref());
        let known = known.chain(Batch::back_from(self.older.as_deref()));
        let later = known.take_while(move |batch| batch.number > number);
        (number >= self.since).then(|| later.flat_map(|batch| batch.effects.iter().rev()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(row: u32) -> Effect {
        Effect { was: Some(row), row: Some(row), fields: FieldSet::TEXT }
    }

    fn rows(recent: &Recent, number: u64) -> Option<Vec<u32>> {
        Some(recent.after_generation(number)?.filter_map(|effect| effect.row).collect())
    }

    #[test]
    fn what_came_after_a_generation_is_told_as_far_back_as_it_is_kept() {
        let mut recent = Recent::after(10);
        for number in 11..=2_000 {
            recent.push(number, vec![effect(number as u32)]);
            assert_eq!(rows(&recent, number), Some(Vec::new()));
            assert_eq!(rows(&recent, number - 1), Some(vec![number as u32]));
        }
        assert_eq!(rows(&recent, 1_997), Some(vec![2_000, 1_999, 1_998]));
        assert_eq!(rows(&recent, 2_000 - u64::from(BATCHES)).map(|rows| rows.len()), Some(512));
        assert_eq!(rows(&recent, 10), None);
        assert!((0..2_000).filter(|number| rows(&recent, *number).is_some()).count() <= 1_024);
    }

    #[test]
    fn a_batch_of_many_rows_ends_what_is_known() {
        let mut recent = Recent::after(0);
        let epoch = recent.epoch();
        recent.push(1, (0..=ROWS as u32).map(effect).collect());
        assert_ne!(recent.epoch(), epoch);
        assert_eq!((rows(&recent, 0), rows(&recent, 1)), (None, Some(Vec::new())));
    }

    #[test]
    fn fields_that_are_apart_do_not_meet() {
        let rate = FieldSet::number(numbers::HOURLY_RATE);
        assert!(rate.meets(FieldSet::ALL) && rate.meets(rate.and(FieldSet::TEXT)));
        assert!(!rate.meets(FieldSet::of_room()) && !rate.meets(FieldSet::keywords(0)));
        assert!(
            !FieldSet::TEXT.meets(FieldSet::VECTOR) && !FieldSet::default().meets(FieldSet::ALL)
        );
    }
}
