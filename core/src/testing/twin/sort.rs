//! The total order of a list page.

use std::cmp::Ordering;

use super::Twin;
use super::distance::kilometres;
use super::value::Value;
use crate::api::search::{Order, Sort};
use crate::model::{Error, FieldRef, GeoPoint, Result, Schema};

/// One field of an order.
#[derive(Clone, Copy)]
pub(super) struct Key {
    field: FieldRef,
    order: Order,
    /// From where a distance is measured.
    pub(super) near: Option<GeoPoint>,
}

/// The fields of an order, each known and of a kind that has an order.
pub(super) fn keys(sort: &Sort, schema: &Schema) -> Result<Vec<Key>> {
    sort.keys()
        .into_iter()
        .map(|key| match (schema.resolve(&key.field, "sort")?, key.near) {
            (
                field
                @ (FieldRef::Id | FieldRef::Number(_) | FieldRef::Date(_) | FieldRef::Flag(_)),
                None,
            )
            | (field @ FieldRef::Geo(_), Some(_)) => {
                Ok(Key { field, order: key.order, near: key.near })
            }
            (FieldRef::Geo(_), None) => Err(Error::MissingField {
                field: key.field,
                expected: "from where the distance is measured".to_owned(),
            }),
            (other, _) => Err(Error::WrongType {
                field: key.field,
                value: other.kind().to_owned(),
                expected: "a number, a date, true or false, or the id".to_owned(),
            }),
        })
        .collect()
}

impl Twin {
    /// Brings rows into the order of the keys; equals end by id.
    pub(super) fn sort(&self, mut rows: Vec<usize>, keys: &[Key]) -> Vec<usize> {
        rows.sort_by(|a, b| {
            let by_keys = keys.iter().map(|key| self.compare(*a, *b, key));
            by_keys.fold(Ordering::Equal, Ordering::then).then(a.cmp(b))
        });
        rows
    }

    fn compare(&self, a: usize, b: usize, key: &Key) -> Ordering {
        if key.field == FieldRef::Id {
            // Rows are kept by id.
            return directed(a.cmp(&b), key.order);
        }
        match (self.number(a, key), self.number(b, key)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => directed(a.partial_cmp(&b).unwrap_or(Ordering::Equal), key.order),
        }
    }

    /// What a row is ordered by.
    pub(super) fn number(&self, row: usize, key: &Key) -> Option<f64> {
        match self.value(row, key.field) {
            Value::Point(point) => Some(kilometres(key.near?, point?)),
            Value::Number(number) | Value::Moment(number) => number,
            Value::Flag(flag) => flag.map(f64::from),
            _ => None,
        }
    }
}

fn directed(ascending: Ordering, order: Order) -> Ordering {
    match order {
        Order::Asc => ascending,
        Order::Desc => ascending.reverse(),
    }
}
