//! The order of a result, and the first rows of it.

use std::cmp::Ordering;

use crate::api::search::{Order, SearchRequest, Sort, SortKey};
use crate::generation::{Generation, Keyed, MISSING, OrderKey, RowOrder, SortField};
use crate::model::field::numbers;
use crate::model::{Error, FieldRef, GeoPoint, Result};

/// The fields that the result is ordered by where it is not by score.
///
/// # Errors
/// [`Error::UnknownField`], and [`Error::WrongType`] for a field that has no order.
pub(super) fn order_keys(
    generation: &Generation,
    request: &SearchRequest,
) -> Result<Vec<OrderKey>> {
    let number = |place, order| (SortField::Number(place), order);
    Ok(match &request.sort {
        None | Some(Sort::Relevance | Sort::Rating) => vec![
            number(numbers::OVERALL_RATING, Order::Desc),
            number(numbers::TOTAL_REVIEWS, Order::Desc),
        ],
        Some(Sort::Experience) => vec![number(numbers::YEARS_EXPERIENCE, Order::Desc)],
        Some(Sort::Reviews) => vec![number(numbers::TOTAL_REVIEWS, Order::Desc)],
        Some(Sort::Newest) => vec![number(numbers::CREATED_AT, Order::Desc)],
        Some(Sort::PriceAsc) => vec![number(numbers::HOURLY_RATE, Order::Asc)],
        Some(Sort::PriceDesc) => vec![number(numbers::HOURLY_RATE, Order::Desc)],
        Some(Sort::Fields(keys)) => resolve(generation, keys)?,
    })
}

/// The first distance that a request sorts by, be it decisive or not: the place of the latitude, and from where.
///
/// # Errors
/// [`Error::UnknownField`].
pub(super) fn asked_distance(
    generation: &Generation,
    request: &SearchRequest,
) -> Result<Option<(usize, GeoPoint)>> {
    let Some(Sort::Fields(keys)) = &request.sort else { return Ok(None) };
    let Some((key, centre)) = keys.iter().find_map(|key| Some((key, key.near?))) else {
        return Ok(None);
    };
    Ok(match generation.schema.resolve(&key.field, "sort")? {
        FieldRef::Geo(place) => Some((place, centre)),
        _ => None,
    })
}

fn resolve(generation: &Generation, keys: &[SortKey]) -> Result<Vec<OrderKey>> {
    let mut resolved = Vec::with_capacity(keys.len());
    for SortKey { field, order, near } in keys {
        let place = match (generation.schema.resolve(field, "sort")?, near) {
            (FieldRef::Geo(place), Some(centre)) => SortField::Distance { place, centre: *centre },
            (FieldRef::Number(place) | FieldRef::Date(place), None) => SortField::Number(place),
            (FieldRef::Flag(place), None) => SortField::Flag(place),
            (FieldRef::Id, None) => SortField::Id,
            (FieldRef::Geo(_), None) => {
                return Err(Error::MissingField {
                    field: "sort.near".to_owned(),
                    expected: format!(
                        "`{field}` is a point; the distance is measured from {{\"lat\": 52.52, \"lon\": 13.405}}"
                    ),
                });
            }
            (other, Some(_)) => {
                return Err(Error::WrongType {
                    field: field.clone(),
                    value: other.kind().to_owned(),
                    expected: "a field of points to sort by the distance from `near`".to_owned(),
                });
            }
            (other, None) => {
                return Err(Error::WrongType {
                    field: field.clone(),
                    value: other.kind().to_owned(),
                    expected: "a number, date or true-or-false field, or `id`, to sort by"
                        .to_owned(),
                });
            }
        };
        // No two rows have the same id: what comes after it decides nothing, but must be right.
        if !matches!(resolved.last(), Some((SortField::Id, _))) {
            resolved.push((place, *order));
        }
    }
    Ok(resolved)
}

/// The rows nearest to one end of an order, as they come in: those that fall behind the k-th cost one comparison.
pub(super) struct Nearest<'o, 'a> {
    order: &'o RowOrder<'a>,
    k: usize,
    /// From the last row backward.
    reversed: bool,
    kept: Vec<Keyed>,
    worst: u64,
}

impl<'o, 'a> Nearest<'o, 'a> {
    /// The first `k` rows, at least one; or with `reversed` the last `k`.
    pub(super) fn new(order: &'o RowOrder<'a>, k: usize, reversed: bool) -> Self {
        let worst = if reversed { 0 } else { MISSING };
        Self { order, k, reversed, kept: Vec::with_capacity(2 * k + 64), worst }
    }

    #[inline]
    pub(super) fn offer(&mut self, keyed: Keyed) {
        let is_near = if self.reversed { keyed.key >= self.worst } else { keyed.key <= self.worst };
        if is_near {
            self.keep(keyed);
        }
    }

    /// The first key beyond which nothing is wanted any more; the last there is where all still are.
    pub(super) fn worst(&self) -> u64 {
        self.worst
    }

    fn keep(&mut self, keyed: Keyed) {
        self.kept.push(keyed);
        if self.kept.len() == 2 * self.k + 64 {
            let compare = comparison(self.order, self.reversed);
            self.kept.select_nth_unstable_by(self.k - 1, compare);
            self.kept.truncate(self.k);
            self.worst = self.kept.last().map_or(self.worst, |last| last.key);
        }
    }

    /// The `k` rows, the nearest first.
    pub(super) fn into_rows(mut self) -> Vec<Keyed> {
        let compare = comparison(self.order, self.reversed);
        if self.kept.len() > self.k {
            self.kept.select_nth_unstable_by(self.k - 1, &compare);
            self.kept.truncate(self.k);
        }
        self.kept.sort_unstable_by(compare);
        self.kept
    }
}

fn comparison<'o>(
    order: &'o RowOrder<'_>,
    reversed: bool,
) -> impl Fn(&Keyed, &Keyed) -> Ordering + 'o {
    move |a, b| {
        let ordering = order.compare(*a, *b);
        if reversed { ordering.reverse() } else { ordering }
    }
}
