//! From a filter's names to this generation's places and codes, and what its conditions keep.

use super::Generation;
use super::memo::Within;
use crate::api::deadline::Deadline;
use crate::api::filter::{Filter, Operand, Test};
use crate::api::search::Scope;
use crate::index::bitmap::{Bound, Leaf, Leaves, Predicate, Selection, holds, select};
use crate::model::error::shown;
use crate::model::field::keywords;
use crate::model::{Comparison, Error, FieldRef, Instant, Result, Rows, StringField};

impl Generation {
    /// The rows that a scope looks at.
    pub(crate) fn scope(&self, scope: Scope) -> &Rows {
        match scope {
            Scope::Marketplace => &self.marketplace,
            Scope::All => &self.visible,
        }
    }

    /// The rows of a scope, or of these only those who have room, for which every predicate holds. One that was
    /// evaluated in this generation is remembered.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub(crate) fn filtered<'a>(
        &'a self,
        within: Within,
        predicates: impl IntoIterator<Item = &'a Predicate> + Clone,
        deadline: &Deadline,
    ) -> Result<Selection> {
        let key = self.filter_key(within, predicates.clone());
        if let Some(found) = key.as_ref().and_then(|key| self.recall(key)) {
            return Ok(found);
        }
        let base = [self.scope(within.scope), &self.open];
        let base = if within.open { &base } else { &base[..1] };
        let found = self.select(base, predicates, deadline)?;
        if let Some(key) = key {
            self.remember(key, &found);
        }
        Ok(found)
    }

    /// The rows that are in every one of `base` and for which every predicate holds.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub(crate) fn select<'a>(
        &'a self,
        base: &[&Rows],
        predicates: impl IntoIterator<Item = &'a Predicate>,
        deadline: &Deadline,
    ) -> Result<Selection> {
        select(base, predicates, self, self.rows, &|| deadline.check())
    }

    /// Whether a predicate holds for one row. A test a leaf.
    pub(crate) fn fulfils(&self, predicate: &Predicate, row: u32) -> bool {
        holds(predicate, self, self.rows, row)
    }

    /// Resolves a filter's names and values.
    ///
    /// # Errors
    /// [`Error::UnknownField`], [`Error::WrongType`].
    pub(crate) fn resolve_filter(&self, filter: &Filter) -> Result<Predicate> {
        Ok(match filter {
            Filter::And(parts) => Predicate::And(
                parts.iter().map(|part| self.resolve_filter(part)).collect::<Result<_>>()?,
            ),
            Filter::Or(parts) => Predicate::Or(
                parts.iter().map(|part| self.resolve_filter(part)).collect::<Result<_>>()?,
            ),
            Filter::Not(part) => Predicate::Not(Box::new(self.resolve_filter(part)?)),
            Filter::Field { field, tests } => {
                let place = self.schema.resolve(field, "a filter")?;
                let tests = tests.iter().map(|test| self.resolve_test(field, place, test));
                let mut parts = tests.collect::<Result<Vec<_>>>()?;
                if parts.len() == 1 { parts.remove(0) } else { Predicate::And(parts) }
            }
        })
    }

    fn resolve_test(&self, name: &str, field: FieldRef, test: &Test) -> Result<Predicate> {
        let leaf = match (field, test) {
            (_, Test::Exists(true)) => Leaf::Exists(field),
            (_, Test::Exists(false)) => {
                return Ok(Predicate::Not(Box::new(Predicate::Leaf(Leaf::Exists(field)))));
            }
            (FieldRef::Availability(place), Test::Free { from, to, minutes }) => {
                Leaf::Free { place, from: *from, to: *to, minutes: *minutes }
            }
            (FieldRef::Geo(place), Test::Near { centre, radius_km }) => {
                Leaf::Near { place, centre: *centre, radius_km: *radius_km }
            }
            (FieldRef::Flag(place), Test::Is(value)) => Leaf::Is { place, value: *value },
            (
                FieldRef::Number(place) | FieldRef::Date(place),
                Test::Compare(comparison, operand),
            ) => {
                return self.resolve_comparison(name, field, place, *comparison, operand);
            }
            (
                FieldRef::Keywords(_) | FieldRef::Id | FieldRef::String(StringField::UserId),
                Test::AnyOf(values),
            ) => self.has_any(field, values),
            (
                FieldRef::Keywords(_) | FieldRef::Id | FieldRef::String(StringField::UserId),
                Test::NoneOf(values),
            ) => return Ok(Predicate::Not(Box::new(Predicate::Leaf(self.has_any(field, values))))),
            (
                FieldRef::Keywords(_) | FieldRef::Id | FieldRef::String(StringField::UserId),
                Test::AllOf(values),
            ) => {
                let each = values
                    .iter()
                    .map(|value| Predicate::Leaf(self.has_any(field, std::slice::from_ref(value))));
                return Ok(Predicate::And(each.collect()));
            }
            _ => return Err(wrong_test(name, field, test)),
        };
        Ok(Predicate::Leaf(leaf))
    }

    /// The leaf for at least one of these values.
    pub(crate) fn has_any(&self, field: FieldRef, values: &[String]) -> Leaf {
        match field {
            FieldRef::Keywords(place) => {
                let index = &self.keywords[place].index;
                let mut codes: Vec<u32> =
                    values.iter().filter_map(|value| index.code(value)).collect();
                codes.sort_unstable();
                codes.dedup();
                Leaf::HasAny { place, codes }
            }
            FieldRef::Id => Leaf::Rows(values.iter().filter_map(|id| self.row(id)).collect()),
            _ => Leaf::Rows(values.iter().flat_map(|user| self.rows_of_user(user)).collect()),
        }
    }

    fn rows_of_user(&self, user: &str) -> Vec<u32> {
        let is_user = |row| {
            self.record(row).is_some_and(|record| record.string(StringField::UserId) == Some(user))
        };
        self.user_ids.find_all(user.as_bytes(), is_user).collect()
    }

    fn resolve_comparison(
        &self,
        name: &str,
        field: FieldRef,
        place: usize,
        comparison: Comparison,
        operand: &Operand,
    ) -> Result<Predicate> {
        let value = match (field, operand) {
            (_, Operand::Field(other)) => {
                return match (field, self.schema.resolve(other, "a filter")?) {
                    (FieldRef::Number(_), FieldRef::Number(right))
                    | (FieldRef::Date(_), FieldRef::Date(right)) => {
                        Ok(Predicate::Leaf(Leaf::CompareFields { left: place, comparison, right }))
                    }
                    (_, other_kind) => Err(Error::WrongType {
                        field: name.to_owned(),
                        value: format!("compared with `{other}`, which is {}", other_kind.kind()),
                        expected: format!("another field that is {}", field.kind()),
                    }),
                };
            }
            (FieldRef::Number(_), Operand::Number(value)) => *value,
            (FieldRef::Date(_), Operand::Moment(text)) => Instant::parse(name, text)?.as_f64(),
            (FieldRef::Number(_), Operand::Moment(text)) => {
                return Err(Error::WrongType {
                    field: name.to_owned(),
                    value: shown(text),
                    expected: "a number".to_owned(),
                });
            }
            (_, Operand::Number(value)) => {
                return Err(Error::WrongType {
                    field: name.to_owned(),
                    value: value.to_string(),
                    expected: "an RFC 3339 moment such as `2024-03-10T12:00:00Z`".to_owned(),
                });
            }
            (_, Operand::Moment(_)) => {
                return Err(wrong_test(name, field, &Test::Compare(comparison, operand.clone())));
            }
        };
        Ok(Predicate::Leaf(Leaf::Compare { place, comparison, value }))
    }
}

fn wrong_test(name: &str, field: FieldRef, test: &Test) -> Error {
    let value = match test {
        Test::AnyOf(values) if values.len() == 1 => shown(&values[0]),
        Test::AnyOf(_) | Test::AllOf(_) | Test::NoneOf(_) => {
            "compared with a list of values".to_owned()
        }
        Test::Compare(..) => "compared as a number".to_owned(),
        Test::Is(flag) => flag.to_string(),
        Test::Near { .. } => "asked to be near a point".to_owned(),
        Test::Free { .. } => "asked to be free".to_owned(),
        Test::Exists(_) => "asked for".to_owned(),
    };
    let expected = match field {
        FieldRef::Keywords(_) | FieldRef::Id | FieldRef::String(StringField::UserId) => {
            "a value, a list, or {\"anyOf\" | \"allOf\" | \"noneOf\": [...]}"
        }
        FieldRef::Number(_) => {
            "a number, or {\"eq\" | \"gt\" | \"gte\" | \"lt\" | \"lte\": number}"
        }
        FieldRef::Date(_) => {
            "{\"eq\" | \"gt\" | \"gte\" | \"lt\" | \"lte\": \"2024-03-10T12:00:00Z\"}"
        }
        FieldRef::Flag(_) => "true or false",
        FieldRef::Availability(_) => {
            "{\"freeBetween\": [\"2026-12-01T08:00:00Z\", \"2026-12-05T17:00:00Z\"], \"forMinutes\": 60} or {\"exists\": true | false}"
        }
        FieldRef::Geo(_) => {
            "{\"near\": {\"lat\": 52.52, \"lon\": 13.405, \"radiusKm\": 25}} or {\"exists\": true | false}"
        }
        _ => "{\"exists\": true | false}; its words are found by `text`",
    };
    Error::WrongType { field: name.to_owned(), value, expected: expected.to_owned() }
}

impl Leaves for Generation {
    fn bind<'a>(&'a self, leaf: &'a Leaf) -> Bound<'a> {
        match leaf {
            Leaf::HasAny { place, codes } => self.keywords[*place].index.has_any(codes),
            Leaf::Free { place, from, to, minutes } => self.bind_free(*place, *from, *to, *minutes),
            Leaf::Near { place, centre, radius_km } => self.bind_near(*place, *centre, *radius_km),
            Leaf::Is { place, value } => self.flags[*place].is(*value),
            Leaf::Exists(field) => self.bind_exists(*field),
            Leaf::Rows(rows) => Bound::list(rows.clone()),
            Leaf::Compare { place, comparison, value } => {
                let column = &self.numbers[*place];
                let test = column.test(*comparison, *value);
                Bound::blocks(test.estimate, COMPARED, move |at, block| {
                    column.narrow(&test, at, block);
                })
            }
            Leaf::CompareFields { left, comparison, right } => {
                let (left, right) = (&self.numbers[*left], &self.numbers[*right]);
                Bound::blocks(self.rows / 2, COMPARED_FIELDS, move |at, block| {
                    left.narrow_with(right, *comparison, at, block);
                })
            }
        }
    }
}

/// What a block costs to compare with a constant, and field with field, in passes over its words.
const COMPARED: u32 = 8;
const COMPARED_FIELDS: u32 = 100;

/// The short forms that a marketplace page sends, as predicates.
impl Generation {
    pub(crate) fn any_industry(&self, industries: &[String]) -> Predicate {
        Predicate::Leaf(self.has_any(FieldRef::Keywords(keywords::INDUSTRIES), industries))
    }

    pub(crate) fn any_service(&self, services: &[String]) -> Predicate {
        Predicate::Leaf(self.has_any(FieldRef::Keywords(keywords::SERVICES), services))
    }

    pub(crate) fn at_least(place: usize, value: f64) -> Predicate {
        Predicate::Leaf(Leaf::Compare { place, comparison: Comparison::Gte, value })
    }

    pub(crate) fn at_most(place: usize, value: f64) -> Predicate {
        Predicate::Leaf(Leaf::Compare { place, comparison: Comparison::Lte, value })
    }
}
