//! The total order of rows by fields, then ids.

use std::cmp::Ordering;

use super::{Distances, Generation};
use crate::api::search::Order;
use crate::index::bitmap::FlagIndex;
use crate::index::column::NumberColumn;
use crate::model::{GeoPoint, Rows};

/// Missing values come last whichever the order; no value maps to this key.
pub(crate) const MISSING: u64 = u64::MAX;

/// A field to sort by, resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SortField {
    /// A number or date, by its place.
    Number(usize),
    /// A flag, by its place.
    Flag(usize),
    /// The distance from a point, by the place of the latitude.
    Distance {
        /// The latitude's place among the numbers.
        place: usize,
        /// From where.
        centre: GeoPoint,
    },
    /// The ids themselves: nothing comes after them.
    Id,
}

/// One field of an order, and which end comes first.
pub(crate) type OrderKey = (SortField, Order);

/// One field of an order with what it reads.
enum Column<'a> {
    Number(&'a NumberColumn),
    Flag(&'a FlagIndex),
    Distance(Distances<'a>),
    Id,
}

/// A row of a result, with the first key of the order: what nearly every comparison is decided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keyed {
    pub(crate) key: u64,
    pub(crate) row: u32,
}

impl Keyed {
    /// A row that is ordered by its score, largest first.
    pub(crate) fn by_score(row: u32, score: f64) -> Self {
        Self { key: descending(score), row }
    }
}

/// A total order over rows: a first key, further fields in turn, then the id, ascending by bytes.
pub(crate) struct RowOrder<'a> {
    generation: &'a Generation,
    columns: Vec<(Column<'a>, Order)>,
}

impl<'a> RowOrder<'a> {
    /// The order by these fields; those after the id change nothing.
    pub(crate) fn by_fields(generation: &'a Generation, keys: &[OrderKey]) -> Self {
        let column = |(field, order): &OrderKey| {
            let column = match field {
                SortField::Number(place) => Column::Number(&generation.numbers[*place]),
                SortField::Flag(place) => Column::Flag(&generation.flags[*place]),
                SortField::Distance { place, centre } => {
                    Column::Distance(generation.distances(*place, *centre))
                }
                SortField::Id => Column::Id,
            };
            (column, *order)
        };
        Self { generation, columns: keys.iter().map(column).collect() }
    }

    /// The order by scores, which come with the rows.
    pub(crate) fn by_score(generation: &'a Generation) -> Self {
        Self { generation, columns: Vec::new() }
    }

    /// How many keys a row has before its id.
    pub(crate) fn keys(&self) -> usize {
        self.columns.len().max(1)
    }

    /// The keys of a row after the first.
    pub(crate) fn further_keys(&self, row: u32) -> impl Iterator<Item = u64> {
        self.columns.iter().skip(1).map(move |column| key(column, row))
    }

    /// Whether ties, and a sort by id, run from the last id to the first.
    pub(crate) fn ids_descend(&self) -> bool {
        matches!(self.columns.last(), Some((Column::Id, Order::Desc)))
    }

    pub(crate) fn compare_ids(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.ids_descend() { b.cmp(a) } else { a.cmp(b) }
    }

    pub(crate) fn compare(&self, a: Keyed, b: Keyed) -> Ordering {
        let ids =
            || self.compare_ids(self.generation.id_bytes(a.row), self.generation.id_bytes(b.row));
        a.key.cmp(&b.key).then_with(|| self.compare_further(a.row, b.row)).then_with(ids)
    }

    /// Two rows whose first keys are equal, up to their ids.
    pub(crate) fn compare_further(&self, a: u32, b: u32) -> Ordering {
        self.further_keys(a).cmp(self.further_keys(b))
    }

    /// Whether a row has the same keys here and in another state of the index.
    pub(crate) fn same_keys(&self, other: &Self, row: u32) -> bool {
        self.keyed(row) == other.keyed(row) && self.further_keys(row).eq(other.further_keys(row))
    }

    /// Hands each row of a set with its first key to `see`, ascending by row.
    pub(crate) fn visit(&self, rows: &Rows, mut see: impl FnMut(Keyed)) {
        match self.columns.first() {
            Some((Column::Number(column), Order::Asc)) => {
                column.visit(rows, |row, value| see(Keyed { key: ascending(value), row }));
            }
            Some((Column::Number(column), Order::Desc)) => {
                column.visit(rows, |row, value| see(Keyed { key: descending(value), row }));
            }
            _ => rows.iter().for_each(|row| see(self.keyed(row))),
        }
    }

    /// A row with its first key. One read of a column.
    pub(crate) fn keyed(&self, row: u32) -> Keyed {
        Keyed { key: self.columns.first().map_or(0, |column| key(column, row)), row }
    }
}

/// The key of a row by one field: smaller comes first.
#[inline]
fn key((column, order): &(Column<'_>, Order), row: u32) -> u64 {
    match column {
        Column::Number(column) => directed(column.raw(row), *order),
        Column::Flag(flag) => {
            directed(flag.get(row).map_or(f64::NAN, |value| f64::from(u8::from(value))), *order)
        }
        Column::Distance(distances) => directed(distances.km(row), *order),
        Column::Id => 0,
    }
}

/// A number as a key that sorts like it, smallest first; NaN is missing.
fn ascending(value: f64) -> u64 {
    if value.is_nan() {
        return MISSING;
    }
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn descending(value: f64) -> u64 {
    match ascending(value) {
        MISSING => MISSING,
        key => !key,
    }
}

/// A number as a key that sorts in that order.
pub(crate) fn directed(value: f64, order: Order) -> u64 {
    match order {
        Order::Asc => ascending(value),
        Order::Desc => descending(value),
    }
}

/// The number of a key that [`directed`] made; NaN of the key of what is missing.
pub(crate) fn undirected(key: u64, order: Order) -> f64 {
    let ascending = match (key, order) {
        (MISSING, _) => return f64::NAN,
        (key, Order::Asc) => key,
        (key, Order::Desc) => !key,
    };
    f64::from_bits(if ascending >> 63 == 1 { ascending & !(1 << 63) } else { !ascending })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_like_their_numbers_and_missing_comes_last_both_ways() {
        let numbers = [f64::NEG_INFINITY, -2.5, -0.0, 0.0, 1e-300, 3.0, f64::INFINITY];
        for pair in numbers.windows(2) {
            let order = pair[0].partial_cmp(&pair[1]);
            assert_eq!(Some(ascending(pair[0]).cmp(&ascending(pair[1]))), order, "{pair:?}");
            assert_eq!(Some(descending(pair[1]).cmp(&descending(pair[0]))), order, "{pair:?}");
        }
        for number in numbers {
            assert_eq!(undirected(ascending(number), Order::Asc), number);
            assert_eq!(undirected(descending(number), Order::Desc), number);
            assert!(
                ascending(number) < ascending(f64::NAN)
                    && descending(number) < descending(f64::NAN)
            );
        }
    }
}
