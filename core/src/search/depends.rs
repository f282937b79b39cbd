//! What the answer to a search depends on, and whether it holds after later changes.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::find::Finder;
use super::plan::Ranking;
use crate::generation::{
    Effect, FieldSet, FilterWatch, Generation, Holds, OrderKey, RowOrder, SortField, Standing,
    moved,
};
use crate::model::{FieldRef, Rows};

/// What an answer was found by. It holds as long as no change crosses its filter, moves a row of its page or one into
/// it, or changes what it counts. Where that is not certain, it does not hold.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct SearchDepends {
    watch: FilterWatch,
    /// The order by fields; none where it is by score.
    order: Option<Vec<OrderKey>>,
    order_fields: FieldSet,
    facet_fields: FieldSet,
    /// Whether what it counts are rows outside of its filter too.
    disjunctive: bool,
    has_text: bool,
    has_vector: bool,
    at_top: bool,
    has_next: bool,
}

impl SearchDepends {
    /// `rows` are those of the whole filter. None where it cannot be told what the answer depends on.
    pub(super) fn new(finder: &Finder<'_>, rows: Arc<Rows>, has_next: bool) -> Option<Self> {
        let (plan, request) = (finder.plan, finder.request);
        // Rules pin, hide and lift by conditions of their own; a plan is told anew each time.
        if request.rules.is_some() || request.explain {
            return None;
        }
        let predicates = plan.conditions.iter().map(|condition| condition.predicate.clone());
        let watch =
            FilterWatch::new(finder.generation, finder.scope(), predicates.collect(), rows)?;
        let order_fields = plan.order.iter().map(|(field, _)| match field {
            SortField::Number(place) => FieldSet::number(*place),
            SortField::Flag(place) => FieldSet::of(FieldRef::Flag(*place)),
            SortField::Distance { place, .. } => FieldSet::of(FieldRef::Geo(*place)),
            SortField::Id => FieldSet::default(),
        });
        let facet_fields = plan.facets.iter().map(|facet| FieldSet::of(facet.field));
        Some(Self {
            watch,
            order: matches!(plan.ranking, Ranking::Fields).then(|| plan.order.clone()),
            order_fields: order_fields.fold(FieldSet::default(), FieldSet::and),
            facet_fields: facet_fields.fold(FieldSet::default(), FieldSet::and),
            disjunctive: request.disjunctive && !plan.facets.is_empty(),
            has_text: request.text.is_some(),
            has_vector: request.embedding.is_some(),
            at_top: request.cursor.is_none() && request.before.is_none(),
            has_next,
        })
    }

    /// Whether a page of these rows is what a search would answer in a later generation, after those effects, the
    /// oldest first. Cost: a test of the filter for each effect that changed what it asks of.
    pub(crate) fn holds<'a>(
        &self,
        generation: &Generation,
        effects: impl Iterator<Item = &'a Effect>,
        page: &[(u32, Option<f64>)],
    ) -> Holds {
        if !self.watch.is_current(generation) {
            return Holds::No;
        }
        let seen = self.watch.fields.and(self.order_fields).and(self.facet_fields);
        let mut rows = self.watch.rows();
        for effect in effects {
            let Effect { was, row, fields } = *effect;
            // One word more anywhere changes what all words weigh.
            if self.has_text && fields.meets(FieldSet::TEXT) {
                return Holds::No;
            }
            let touches = fields.meets(seen) || (self.has_vector && fields.meets(FieldSet::VECTOR));
            let stays = was.is_some() && row == was;
            let is_shown = |was: u32| page.iter().any(|(shown, _)| *shown == was);
            match (stays, touches) {
                (true, false) => continue,
                _ if was.is_some_and(is_shown) => return Holds::No,
                _ if self.disjunctive && (touches || was.is_none() || row.is_none()) => {
                    return Holds::No;
                }
                _ => {}
            }
            match self.watch.standing(generation, &rows, effect) {
                Standing::Outside => {}
                Standing::Crossed => return Holds::No,
                Standing::Inside => {
                    let counts = fields.meets(self.facet_fields);
                    let ranks = self.has_vector && fields.meets(FieldSet::VECTOR);
                    if counts || ranks || !self.stays_behind(generation, effect, page) {
                        return Holds::No;
                    }
                    moved(&mut rows, generation, effect);
                }
            }
        }
        match rows {
            Cow::Borrowed(_) => Holds::Yes,
            Cow::Owned(rows) => Holds::Moved(self.watch.with_rows(rows)),
        }
    }

    /// Whether a row that is not on the page is not on it by its new place either.
    fn stays_behind(
        &self,
        generation: &Generation,
        effect: &Effect,
        page: &[(u32, Option<f64>)],
    ) -> bool {
        let Some(order) = &self.order else { return true };
        if !effect.fields.meets(self.order_fields) {
            return true;
        }
        let (Some(row), Some((last, _))) = (effect.row, page.last()) else { return false };
        // One that has moved on since has no key on that row any more.
        if !self.at_top || !self.has_next || !generation.live.contains(row) {
            return false;
        }
        let order = RowOrder::by_fields(generation, order);
        order.compare(order.keyed(row), order.keyed(*last)) == Ordering::Greater
    }

    /// The same for an answer whose filter has other rows by now.
    pub(crate) fn with_watch(&self, watch: FilterWatch) -> Self {
        Self { watch, ..self.clone() }
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.watch.bytes()
    }
}
