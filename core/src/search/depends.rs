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
    /// Whether the words that others use have a say in whether a profile is found, or where.
    weighs_words: bool,
    has_facets: bool,
    has_vector: bool,
    at_top: bool,
    has_next: bool,
}

impl SearchDepends {
    /// `rows` are those of the whole filter, of which `found` fulfil the text too. None where it cannot be told what the answer depends on.
    pub(super) fn new(
        finder: &Finder<'_>,
        rows: Arc<Rows>,
        found: u32,
        has_next: bool,
    ) -> Option<Self> {
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
            // A score counts who else has a word; what is tolerated, completed or proposed depends on which words there are.
            weighs_words: request.text.is_some()
                && (!matches!(plan.ranking, Ranking::Fields)
                    || request.typos
                    || request.prefix
                    || found == 0),
            has_facets: !plan.facets.is_empty(),
            has_vector: request.embedding.is_some(),
            at_top: request.cursor.is_none() && request.before.is_none(),
            has_next,
        })
    }

    /// Whether a page of these rows of that total is what a search would answer in a later generation, after those
    /// effects, the oldest first. Cost: a test of the filter for each effect that changed what it asks of.
    pub(crate) fn holds<'a>(
        &self,
        generation: &Generation,
        effects: impl Iterator<Item = &'a Effect>,
        page: &[(u32, Option<f64>)],
        total: u64,
    ) -> Holds {
        if !self.watch.is_current(generation) {
            return Holds::No;
        }
        let mut seen = self.watch.fields.and(self.order_fields).and(self.facet_fields);
        if self.has_text {
            seen = seen.and(FieldSet::TEXT);
        }
        let (mut rows, mut more) = (self.watch.rows(), 0_i64);
        for effect in effects {
            let Effect { was, row, fields } = *effect;
            if self.weighs_words && fields.meets(FieldSet::TEXT) {
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
            let standing = self.watch.standing(generation, &rows, effect);
            let holds = match standing {
                Standing::Outside => continue,
                Standing::Unclear => false,
                Standing::Inside => {
                    let counts = fields.meets(self.facet_fields);
                    let words = self.has_text && fields.meets(FieldSet::TEXT);
                    let ranks = self.has_vector && fields.meets(FieldSet::VECTOR);
                    !counts && !words && !ranks && self.stays_behind(generation, effect, page)
                }
                Standing::Entered => {
                    more += 1;
                    self.only_counts() && self.comes_behind(generation, effect, page)
                }
                Standing::Left => {
                    more -= 1;
                    self.only_counts()
                }
            };
            if !holds {
                return Holds::No;
            }
            moved(&mut rows, generation, effect, standing);
        }
        // A page is followed by another as long as there is somebody who is not on it.
        if more != 0 && total.saturating_add_signed(more) <= page.len() as u64 {
            return Holds::No;
        }
        match rows {
            Cow::Borrowed(_) => Holds::Yes,
            Cow::Owned(rows) => Holds::Moved(self.watch.with_rows(rows), more),
        }
    }

    /// Whether somebody who comes in or goes out behind the page changes nothing but the total.
    fn only_counts(&self) -> bool {
        self.order.is_some()
            && self.at_top
            && self.has_next
            && !self.has_text
            && !self.has_vector
            && !self.has_facets
    }

    /// Whether a row that is not on the page is not on it by its new place either.
    fn stays_behind(
        &self,
        generation: &Generation,
        effect: &Effect,
        page: &[(u32, Option<f64>)],
    ) -> bool {
        if self.order.is_none() {
            return true;
        }
        if !effect.fields.meets(self.order_fields) {
            return true;
        }
        self.at_top && self.has_next && self.comes_behind(generation, effect, page)
    }

    /// Whether the row comes after the last of the page.
    fn comes_behind(
        &self,
        generation: &Generation,
        effect: &Effect,
        page: &[(u32, Option<f64>)],
    ) -> bool {
        let Some(order) = &self.order else { return false };
        let (Some(row), Some((last, _))) = (effect.row, page.last()) else { return false };
        // One that has moved on since has no key on that row any more.
        if !generation.live.contains(row) {
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
