//! The total order of a result, and the first rows of it.

use std::cmp::Ordering;

use crate::api::search::{Order, SortKey};
use crate::generation::Generation;
use crate::index::bitmap::FlagIndex;
use crate::index::column::NumberColumn;
use crate::model::{Error, FieldRef, Result, Rows};

/// Missing values come last whichever the order; no value maps to this key.
const MISSING: u64 = u64::MAX;

/// One field of an order, resolved.
enum Column<'a> {
    Number(&'a NumberColumn),
    Flag(&'a FlagIndex),
    /// The ids themselves; only the direction counts.
    Id,
}

/// A row of a result, with the first key of the order: what nearly every comparison is decided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyed {
    pub(super) key: u64,
    pub(super) row: u32,
}

impl Keyed {
    /// A row that is ordered by its score, largest first.
    pub(super) fn by_score(row: u32, score: f64) -> Self {
        Self { key: descending(score), row }
    }
}

/// A total order over rows: a first key, further fields in turn, then the id, ascending by bytes.
pub(super) struct RowOrder<'a> {
    generation: &'a Generation,
    columns: Vec<(Column<'a>, Order)>,
}

impl<'a> RowOrder<'a> {
    /// The order by these fields.
    ///
    /// # Errors
    /// [`Error::UnknownField`], and [`Error::WrongType`] for a field that has no order.
    pub(super) fn by_fields(generation: &'a Generation, keys: &[SortKey]) -> Result<Self> {
        let mut columns = Vec::with_capacity(keys.len());
        for key in keys {
            let column = match generation.schema.resolve(&key.field, "sort")? {
                FieldRef::Number(place) | FieldRef::Date(place) => {
                    Column::Number(&generation.numbers[place])
                }
                FieldRef::Flag(place) => Column::Flag(&generation.flags[place]),
                FieldRef::Id => Column::Id,
                other => {
                    return Err(Error::WrongType {
                        field: key.field.clone(),
                        value: other.kind().to_owned(),
                        expected: "a number, date or true-or-false field, or `id`, to sort by"
                            .to_owned(),
                    });
                }
            };
            let is_id = matches!(column, Column::Id);
            columns.push((column, key.order));
            if is_id {
                break;
            }
        }
        Ok(Self { generation, columns })
    }

    /// The order by scores, which come with the rows.
    pub(super) fn by_score(generation: &'a Generation) -> Self {
        Self { generation, columns: Vec::new() }
    }

    /// How many keys a row has before its id.
    pub(super) fn keys(&self) -> usize {
        self.columns.len().max(1)
    }

    /// The keys of a row after the first.
    pub(super) fn further_keys(&self, row: u32) -> impl Iterator<Item = u64> {
        self.columns.iter().skip(1).map(move |column| key(column, row))
    }

    /// Whether ties, and a sort by id, run from the last id to the first.
    fn ids_descend(&self) -> bool {
        matches!(self.columns.last(), Some((Column::Id, Order::Desc)))
    }

    pub(super) fn compare_ids(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.ids_descend() { b.cmp(a) } else { a.cmp(b) }
    }

    fn compare(&self, a: Keyed, b: Keyed) -> Ordering {
        let ids =
            || self.compare_ids(self.generation.id_bytes(a.row), self.generation.id_bytes(b.row));
        let further = || self.further_keys(a.row).cmp(self.further_keys(b.row));
        a.key.cmp(&b.key).then_with(further).then_with(ids)
    }

    /// Hands each row of a set with its first key to `see`, ascending by row.
    pub(super) fn visit(&self, rows: &Rows, mut see: impl FnMut(Keyed)) {
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
    fn keyed(&self, row: u32) -> Keyed {
        Keyed { key: self.columns.first().map_or(0, |column| key(column, row)), row }
    }
}

/// The first rows of an order, as they come in: those that fall behind the k-th cost one comparison.
pub(super) struct First<'o, 'a> {
    order: &'o RowOrder<'a>,
    k: usize,
    kept: Vec<Keyed>,
    worst: u64,
}

impl<'o, 'a> First<'o, 'a> {
    /// For the first `k`, at least one.
    pub(super) fn new(order: &'o RowOrder<'a>, k: usize) -> Self {
        Self { order, k, kept: Vec::with_capacity(2 * k + 64), worst: MISSING }
    }

    #[inline]
    pub(super) fn offer(&mut self, keyed: Keyed) {
        if keyed.key <= self.worst {
            self.keep(keyed);
        }
    }

    fn keep(&mut self, keyed: Keyed) {
        self.kept.push(keyed);
        if self.kept.len() == 2 * self.k + 64 {
            self.kept.select_nth_unstable_by(self.k - 1, |a, b| self.order.compare(*a, *b));
            self.kept.truncate(self.k);
            self.worst = self.kept.last().map_or(MISSING, |last| last.key);
        }
    }

    /// The first `k`, in order.
    pub(super) fn into_rows(mut self) -> Vec<Keyed> {
        self.kept.sort_unstable_by(|a, b| self.order.compare(*a, *b));
        self.kept.truncate(self.k);
        self.kept
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

fn directed(value: f64, order: Order) -> u64 {
    match order {
        Order::Asc => ascending(value),
        Order::Desc => descending(value),
    }
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
            assert!(
                ascending(number) < ascending(f64::NAN)
                    && descending(number) < descending(f64::NAN)
            );
        }
    }
}
