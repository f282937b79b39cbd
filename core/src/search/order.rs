//! The total order of a result, and the first rows of it.

use std::cmp::Ordering;

use crate::api::search::{Order, SortKey};
use crate::generation::Generation;
use crate::index::bitmap::FlagIndex;
use crate::index::column::NumberColumn;
use crate::model::{Error, FieldRef, Result};

/// Missing values come last whichever the order; no value maps to this key.
const MISSING: u64 = u64::MAX;

/// One field of an order, resolved.
enum Column<'a> {
    Number(&'a NumberColumn),
    Flag(&'a FlagIndex),
    /// The ids themselves; only the direction counts.
    Id,
}

/// A total order over rows: fields in turn, then the id, ascending by bytes.
pub(super) struct RowOrder<'a> {
    generation: &'a Generation,
    columns: Vec<(Column<'a>, Order)>,
    scores: Option<&'a [f64]>,
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
        Ok(Self { generation, columns, scores: None })
    }

    /// The order by score, largest first; the scores are by row.
    pub(super) fn by_score(generation: &'a Generation, scores: &'a [f64]) -> Self {
        Self { generation, columns: Vec::new(), scores: Some(scores) }
    }

    /// How many keys a row has before its id.
    pub(super) fn keys(&self) -> usize {
        self.columns.len() + usize::from(self.scores.is_some())
    }

    /// The key of a row at one place of the order: smaller comes first.
    #[inline]
    pub(super) fn key(&self, at: usize, row: u32) -> u64 {
        if let Some(scores) = self.scores {
            return descending(scores[row as usize]);
        }
        match self.columns.get(at) {
            Some((Column::Number(column), order)) => directed(column.raw(row), *order),
            Some((Column::Flag(flag), order)) => {
                directed(flag.get(row).map_or(f64::NAN, |value| f64::from(u8::from(value))), *order)
            }
            Some((Column::Id, _)) | None => 0,
        }
    }

    /// Whether ties, and a sort by id, run from the last id to the first.
    fn ids_descend(&self) -> bool {
        matches!(self.columns.last(), Some((Column::Id, Order::Desc)))
    }

    pub(super) fn compare_ids(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.ids_descend() { b.cmp(a) } else { a.cmp(b) }
    }

    fn compare(&self, a: u32, b: u32) -> Ordering {
        (0..self.keys())
            .map(|at| self.key(at, a).cmp(&self.key(at, b)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| {
                self.compare_ids(self.generation.id_bytes(a), self.generation.id_bytes(b))
            })
    }

    /// The first `k` of the rows in this order. One key a row; those that fall behind the k-th cost no more.
    pub(super) fn first(&self, rows: impl Iterator<Item = u32>, k: usize) -> Vec<u32> {
        let mut kept: Vec<(u64, u32)> = Vec::with_capacity(2 * k + 64);
        let mut worst = MISSING;
        let full =
            |a: &(u64, u32), b: &(u64, u32)| a.0.cmp(&b.0).then_with(|| self.compare(a.1, b.1));
        for row in rows {
            let key = self.key(0, row);
            if key > worst {
                continue;
            }
            kept.push((key, row));
            if kept.len() == kept.capacity() {
                kept.select_nth_unstable_by(k, full);
                kept.truncate(k);
                worst = kept.iter().map(|(key, _)| *key).max().unwrap_or(MISSING);
            }
        }
        kept.sort_unstable_by(full);
        kept.truncate(k);
        kept.into_iter().map(|(_, row)| row).collect()
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
