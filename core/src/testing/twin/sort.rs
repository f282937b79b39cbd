//! The total order of a list page.

use std::cmp::Ordering;

use super::Twin;
use super::value::Value;
use crate::api::search::{Order, Sort};
use crate::model::{Error, FieldRef, Result, Schema};

/// The fields of an order, each known and of a kind that has an order.
pub(super) fn keys(sort: &Sort, schema: &Schema) -> Result<Vec<(FieldRef, Order)>> {
    sort.keys()
        .into_iter()
        .map(|key| match schema.resolve(&key.field, "sort")? {
            field
            @ (FieldRef::Id | FieldRef::Number(_) | FieldRef::Date(_) | FieldRef::Flag(_)) => {
                Ok((field, key.order))
            }
            other => Err(Error::WrongType {
                field: key.field,
                value: other.kind().to_owned(),
                expected: "a number, a date, true or false, or the id".to_owned(),
            }),
        })
        .collect()
}

impl Twin {
    /// Brings rows into the order of the keys; equals end by id.
    pub(super) fn sort(&self, mut rows: Vec<usize>, keys: &[(FieldRef, Order)]) -> Vec<usize> {
        rows.sort_by(|a, b| {
            let by_keys = keys.iter().map(|(field, order)| self.compare(*a, *b, *field, *order));
            by_keys.fold(Ordering::Equal, Ordering::then).then(a.cmp(b))
        });
        rows
    }

    fn compare(&self, a: usize, b: usize, field: FieldRef, order: Order) -> Ordering {
        if field == FieldRef::Id {
            // Rows are kept by id.
            return directed(a.cmp(&b), order);
        }
        match (self.number(a, field), self.number(b, field)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => directed(a.partial_cmp(&b).unwrap_or(Ordering::Equal), order),
        }
    }

    fn number(&self, row: usize, field: FieldRef) -> Option<f64> {
        match self.value(row, field) {
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
