//! What a filter says: conditions on fields, joined by and, or, not.

use serde_json::{Map, Value, json};

use super::json::{self, parse_object, shown_value, strings, too_large, wrong_type};
use super::{free_time, geo, limits};
use crate::model::error::cut;
use crate::model::{Comparison, Error, GeoPoint, Instant, Result};

/// Which rows a request keeps. `DESIGN.md` section 3 says what each shape means.
///
/// ```
/// use shortlist::Filter;
///
/// let filter = Filter::from_json(
///     r#"{"services": {"anyOf": ["Tax", "Audit"]}, "hourlyRate": {"gte": 100, "lt": 250}}"#,
/// )?;
/// assert!(matches!(filter, Filter::And(conditions) if conditions.len() == 2));
///
/// let near = r#"{"attributes.office": {"near": {"lat": 52.52, "lon": 13.405, "radiusKm": 25}}}"#;
/// assert!(matches!(Filter::from_json(near)?, Filter::Field { tests, .. } if tests.len() == 1));
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// Every one of them holds; none is true.
    And(Vec<Filter>),
    /// At least one of them holds; none is false.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// Every test holds for this field.
    Field {
        /// The field's wire name, `attributes.` before an attribute's.
        field: String,
        /// The tests, at least one.
        tests: Vec<Test>,
    },
}

/// One test of one field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Test {
    /// Has at least one of the values.
    AnyOf(Vec<String>),
    /// Has all of the values.
    AllOf(Vec<String>),
    /// Has none of the values (a field that is missing has none).
    NoneOf(Vec<String>),
    /// Compares; false where either side is missing.
    Compare(Comparison, Operand),
    /// Is true, or is false.
    Is(bool),
    /// Has a value, or has none.
    Exists(bool),
    /// Lies within a distance of a point, by the great circle.
    Near {
        /// From where.
        centre: GeoPoint,
        /// How far at most, in kilometres, 0 or more.
        radius_km: f64,
    },
    /// Is free for so long on end between two moments.
    Free {
        /// From when.
        from: Instant,
        /// Until when: later, by at most 62 days.
        to: Instant,
        /// Minutes of free time without a gap, 1 or more, no more than between the two moments.
        minutes: u32,
    },
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operand {
    /// A number.
    Number(f64),
    /// A moment in RFC 3339, for date fields.
    Moment(String),
    /// Another field of the same profile.
    Field(String),
}

impl Filter {
    /// Reads the wire form: one JSON object, nested at most 32 deep, with at most 10,000 values.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::WrongType`], [`Error::UnknownField`] (of an operator), [`Error::TooLarge`].
    /// Whether the fields exist is found out by the engine, which knows the schema.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_map(parse_object("filter", text)?)
    }

    pub(crate) fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut budget = limits::FILTER_VALUES;
        read(map, 1, &mut budget)
    }

    pub(crate) fn from_value(field: &str, value: Value) -> Result<Self> {
        match value {
            Value::Object(map) => Self::from_map(map),
            other => Err(wrong_type(field, &other, "an object of conditions")),
        }
    }

    /// The names of the fields that it asks of, in its order, each once.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let (mut names, mut open) = (Vec::new(), vec![self]);
        while let Some(filter) = open.pop() {
            match filter {
                Filter::And(parts) | Filter::Or(parts) => open.extend(parts.iter().rev()),
                Filter::Not(part) => open.push(part),
                Filter::Field { field, tests } => {
                    let others = tests.iter().filter_map(|test| match test {
                        Test::Compare(_, Operand::Field(other)) => Some(other.as_str()),
                        _ => None,
                    });
                    for name in std::iter::once(field.as_str()).chain(others) {
                        if !names.contains(&name) {
                            names.push(name);
                        }
                    }
                }
            }
        }
        names
    }

    /// Refuses a filter made in code that is over the limits a wire filter keeps.
    pub(crate) fn check_limits(&self) -> Result<()> {
        self.measure().map(|_| ())
    }

    /// How many values and conditions it holds.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where it is over the limits.
    pub(crate) fn measure(&self) -> Result<usize> {
        let mut values = 0;
        // A stack of our own: a filter built in code may be nested beyond any limit.
        let mut open = vec![(self, 1)];
        while let Some((filter, depth)) = open.pop() {
            if depth > limits::FILTER_DEPTH {
                return Err(too_large("filter", depth, limits::FILTER_DEPTH, "levels deep"));
            }
            values += 1;
            match filter {
                Filter::And(parts) | Filter::Or(parts) => {
                    open.extend(parts.iter().map(|part| (part, depth + 1)));
                }
                Filter::Not(part) => open.push((part, depth + 1)),
                Filter::Field { field, tests } => {
                    tests.iter().try_for_each(|test| test.check(field))?;
                    values += tests.iter().map(Test::size).sum::<usize>();
                }
            }
            if values > limits::FILTER_VALUES {
                return Err(too_large("filter", values, limits::FILTER_VALUES, "values"));
            }
        }
        Ok(values)
    }
}

impl Filter {
    /// The wire form.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Filter::And(parts) => {
                json!({"and": parts.iter().map(Filter::to_value).collect::<Vec<_>>()})
            }
            Filter::Or(parts) => {
                json!({"or": parts.iter().map(Filter::to_value).collect::<Vec<_>>()})
            }
            Filter::Not(part) => json!({"not": part.to_value()}),
            Filter::Field { field, tests } => match &tests[..] {
                [test] => json!({field.as_str(): test.to_value()}),
                // One object cannot hold the same test twice: several tests are several conditions.
                tests => {
                    let each = tests.iter().map(|test| json!({field.as_str(): test.to_value()}));
                    json!({"and": each.collect::<Vec<_>>()})
                }
            },
        }
    }
}

impl Operand {
    pub(crate) fn to_value(&self) -> Value {
        match self {
            // A number without a fraction is written without one.
            Operand::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                json!(*number as i64)
            }
            Operand::Number(number) => json!(number),
            Operand::Moment(text) => json!(text),
            Operand::Field(field) => json!({"field": field}),
        }
    }
}

impl Test {
    fn check(&self, field: &str) -> Result<()> {
        match self {
            Test::Near { radius_km, .. } => geo::check_radius(&format!("{field}.near"), *radius_km),
            Test::Free { from, to, minutes } => free_time::check(field, *from, *to, *minutes),
            _ => Ok(()),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Test::AnyOf(values) => json!({"anyOf": values}),
            Test::AllOf(values) => json!({"allOf": values}),
            Test::NoneOf(values) => json!({"noneOf": values}),
            Test::Is(flag) => json!(flag),
            Test::Exists(flag) => json!({"exists": flag}),
            Test::Free { from, to, minutes } => {
                json!({"freeBetween": [from.to_string(), to.to_string()], "forMinutes": minutes})
            }
            Test::Near { centre, radius_km } => {
                json!({"near": {"lat": centre.lat(), "lon": centre.lon(), "radiusKm": radius_km}})
            }
            Test::Compare(comparison, operand) => {
                let name = Comparison::ALL.iter().find(|(_, known)| known == comparison);
                json!({name.map_or("eq", |(name, _)| name): operand.to_value()})
            }
        }
    }

    fn size(&self) -> usize {
        match self {
            Test::AnyOf(values) | Test::AllOf(values) | Test::NoneOf(values) => values.len(),
            _ => 1,
        }
    }
}

fn spend(budget: &mut usize, values: usize) -> Result<()> {
    *budget = budget.checked_sub(values).ok_or_else(|| {
        too_large("filter", limits::FILTER_VALUES + 1, limits::FILTER_VALUES, "values or more")
    })?;
    Ok(())
}

fn read(map: Map<String, Value>, depth: usize, budget: &mut usize) -> Result<Filter> {
    if depth > limits::FILTER_DEPTH {
        return Err(too_large("filter", depth, limits::FILTER_DEPTH, "levels deep or more"));
    }
    let mut conditions = Vec::with_capacity(map.len());
    for (key, value) in map {
        spend(budget, 1)?;
        if key.len() > limits::KEYWORD_BYTES {
            return Err(too_large(&key, key.len(), limits::KEYWORD_BYTES, "bytes long"));
        }
        conditions.push(match (key.as_str(), value) {
            ("and", Value::Array(parts)) => Filter::And(read_all("and", parts, depth, budget)?),
            ("or", Value::Array(parts)) => Filter::Or(read_all("or", parts, depth, budget)?),
            ("not", Value::Object(part)) => Filter::Not(Box::new(read(part, depth + 1, budget)?)),
            ("and" | "or", other) => return Err(wrong_type(&key, &other, "a list of filters")),
            ("not", other) => return Err(wrong_type("not", &other, "a filter")),
            (_, value) => Filter::Field { tests: read_tests(&key, value, budget)?, field: key },
        });
    }
    Ok(match conditions.len() {
        1 => conditions.remove(0),
        _ => Filter::And(conditions),
    })
}

fn read_all(
    name: &str,
    parts: Vec<Value>,
    depth: usize,
    budget: &mut usize,
) -> Result<Vec<Filter>> {
    parts
        .into_iter()
        .map(|part| match part {
            Value::Object(map) => read(map, depth + 1, budget),
            other => Err(wrong_type(name, &other, "a list of filters")),
        })
        .collect()
}

fn read_tests(field: &str, value: Value, budget: &mut usize) -> Result<Vec<Test>> {
    let test = match value {
        Value::String(text) => Test::AnyOf(vec![text]),
        Value::Bool(flag) => Test::Is(flag),
        Value::Number(_) => {
            Test::Compare(Comparison::Eq, Operand::Number(json::number(field, &value)?))
        }
        Value::Array(_) => {
            let values = strings(field, value)?;
            spend(budget, values.len())?;
            Test::AnyOf(values)
        }
        Value::Object(map) if map.is_empty() => {
            return Err(Error::MissingField {
                field: field.to_owned(),
                expected:
                    "a condition such as {\"gte\": 4}, {\"anyOf\": [...]} or {\"exists\": true}"
                        .to_owned(),
            });
        }
        Value::Object(mut map) => {
            let free = free_time::take(field, &mut map)?;
            let rest = map.into_iter().map(|(name, value)| read_test(field, &name, value, budget));
            return free.into_iter().map(Ok).chain(rest).collect();
        }
        Value::Null => {
            return Err(wrong_type(
                field,
                &value,
                "a condition; for a field without a value send {\"exists\": false}",
            ));
        }
    };
    Ok(vec![test])
}

fn read_test(field: &str, name: &str, value: Value, budget: &mut usize) -> Result<Test> {
    let path = || format!("{field}.{name}");
    if let Some((_, comparison)) = Comparison::ALL.iter().find(|(known, _)| *known == name) {
        spend(budget, 1)?;
        return Ok(Test::Compare(*comparison, read_operand(&path(), value)?));
    }
    let mut values = |value| {
        let values = strings(&path(), value)?;
        spend(budget, values.len())?;
        Ok::<_, Error>(values)
    };
    match (name, value) {
        ("anyOf" | "any_of", value) => values(value).map(Test::AnyOf),
        ("allOf" | "all_of", value) => values(value).map(Test::AllOf),
        ("noneOf" | "none_of", value) => values(value).map(Test::NoneOf),
        ("near", value) => geo::near(&path(), value),
        ("exists", Value::Bool(flag)) => Ok(Test::Exists(flag)),
        ("exists", other) => Err(wrong_type(&path(), &other, "true or false")),
        _ => {
            let known = [
                "anyOf",
                "allOf",
                "noneOf",
                "eq",
                "gt",
                "gte",
                "lt",
                "lte",
                "near",
                "freeBetween",
                "exists",
            ];
            Err(Error::UnknownField {
                field: cut(&path()),
                within: "a filter condition",
                nearest: crate::model::nearest_name(name, known),
            })
        }
    }
}

fn read_operand(path: &str, value: Value) -> Result<Operand> {
    match value {
        Value::Number(_) => Ok(Operand::Number(json::number(path, &value)?)),
        Value::String(text) => Ok(Operand::Moment(text)),
        Value::Object(mut map) if map.len() == 1 => match map.remove("field") {
            Some(Value::String(field)) => Ok(Operand::Field(field)),
            _ => Err(Error::WrongType {
                field: path.to_owned(),
                value: "an object".to_owned(),
                expected: "a number, a moment, or {\"field\": \"maxClients\"}".to_owned(),
            }),
        },
        other => Err(Error::WrongType {
            field: path.to_owned(),
            value: shown_value(&other),
            expected: "a number, a moment, or {\"field\": \"maxClients\"}".to_owned(),
        }),
    }
}
