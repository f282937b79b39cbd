//! How often each value of a field occurs in a result.

use std::collections::BTreeMap;

use super::Twin;
use super::value::Value;
use crate::api::answer::{Facet, FacetCount};
use crate::model::{Error, FieldRef, Result, Schema};

/// The fields whose values are counted, each known and of a kind that can be.
pub(super) fn fields(names: &[String], schema: &Schema) -> Result<Vec<(String, FieldRef)>> {
    names
        .iter()
        .map(|name| match schema.resolve(name, "facets")? {
            field @ (FieldRef::Keywords(_) | FieldRef::Flag(_)) => Ok((name.clone(), field)),
            other => Err(Error::WrongType {
                field: name.clone(),
                value: other.kind().to_owned(),
                expected: "a field of keywords, or true or false".to_owned(),
            }),
        })
        .collect()
}

impl Twin {
    /// Counts the values of one field over the rows: most frequent first, then by value.
    pub(super) fn facet(&self, name: &str, field: FieldRef, rows: &[usize]) -> Facet {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for &row in rows {
            let mut values: Vec<String> = match self.value(row, field) {
                Value::Words { words, .. } => words.into_iter().map(str::to_owned).collect(),
                Value::Flag(flag) => flag.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            };
            values.sort();
            values.dedup();
            for value in values {
                *counts.entry(value).or_default() += 1;
            }
        }
        let mut counts: Vec<FacetCount> =
            counts.into_iter().map(|(value, count)| FacetCount { value, count }).collect();
        // A stable sort: equals stay in the order of their values.
        counts.sort_by_key(|one| std::cmp::Reverse(one.count));
        Facet { field: name.to_owned(), counts }
    }
}
