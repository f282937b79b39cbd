//! What whoever runs a marketplace lays down beside the order of a result: pins, hiding, boosts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::json::{Fields, out_of_range, parse_object, too_large, wrong_type};
use super::limits;
use crate::model::error::cut;
use crate::model::{Error, Result};

/// Rules over a result: who stands where whatever the order says, who is not shown, who comes sooner or later.
///
/// In the order in which they hold:
/// - `hide`: who passes this filter is not found, by no request with these rules, a pin not excepted.
/// - `pins`: an advisor stands at that place of the whole result, counted from 1 over all pages. It is there only
///   where scope and filters let it in: a client who asks for 200 an hour at most is shown nobody dearer. The words of
///   a `text` it need not have. Behind the last of the others, pins stand one after the other, in their order.
/// - `boost` and `bury`: where there is a score, it is multiplied by the factors of all filters that an advisor passes
///   (a score below 0 is divided by it, so that a boost never lowers); where the order is by fields, who is boosted
///   comes first, then those whom no factor moves, then who is buried, each in the order asked for.
///
/// ```
/// use shortlist::{Rules, SearchRequest};
///
/// let rules = Rules::from_json(
///     r#"{"pins": [{"id": "ada", "position": 1}], "hide": {"attributes.firm": "Acme"},
///         "boost": [{"filter": {"services": "Tax Planning"}, "factor": 1.5}]}"#,
/// )?;
/// let request = SearchRequest { rules: Some(rules.into()), ..SearchRequest::default() };
/// # assert!(request.check().is_ok());
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Who stands at which place; at most 100, each id and each place once.
    pub pins: Vec<Pin>,
    /// Who is not found.
    pub hide: Option<Filter>,
    /// Who comes sooner: factors above 1, up to 1,000. At most 16.
    pub boost: Vec<Factor>,
    /// Who comes later: factors below 1, from 0.001. At most 16.
    pub bury: Vec<Factor>,
}

/// An advisor at a fixed place of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The advisor's id. One that the index does not hold stands nowhere.
    pub id: String,
    /// The place in the whole result, 1 to 1,000.
    pub position: u32,
}

/// What a score is multiplied by where a filter holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Whom it concerns.
    pub filter: Filter,
    /// What their scores are multiplied by.
    pub factor: f64,
}

/// The rules of a request: its own, or those that the index keeps under a name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RuleSource {
    /// Those of [`Engine::set_rules`](crate::Engine::set_rules).
    Named(String),
    /// These.
    Given(Rules),
}

impl From<Rules> for RuleSource {
    fn from(rules: Rules) -> Self {
        Self::Given(rules)
    }
}

impl Rules {
    /// Reads the wire form.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownField`], [`Error::WrongType`], [`Error::OutOfRange`], [`Error::TooLarge`],
    /// [`Error::MissingField`].
    pub fn from_json(text: &str) -> Result<Self> {
        let rules = Self::from_map(parse_object("rules", text)?)?;
        rules.check()?;
        Ok(rules)
    }

    pub(crate) fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "rules.");
        let rules = Self {
            pins: list(&mut fields, "pins", Pin::from_map)?,
            hide: fields
                .take("hide")
                .map(|value| Filter::from_value("rules.hide", value))
                .transpose()?,
            boost: list(&mut fields, "boost", |map| Factor::from_map(map, "rules.boost."))?,
            bury: list(&mut fields, "bury", |map| Factor::from_map(map, "rules.bury."))?,
        };
        fields.finish("rules")?;
        Ok(rules)
    }

    /// The wire form, one line.
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    pub(crate) fn to_value(&self) -> Value {
        let Self { pins, hide, boost, bury } = self;
        let mut map = Map::new();
        if !pins.is_empty() {
            let pin = |pin: &Pin| json!({"id": pin.id, "position": pin.position});
            map.insert("pins".to_owned(), pins.iter().map(pin).collect());
        }
        if let Some(filter) = hide {
            map.insert("hide".to_owned(), filter.to_value());
        }
        for (name, factors) in [("boost", boost), ("bury", bury)] {
            if !factors.is_empty() {
                let factor =
                    |one: &Factor| json!({"filter": one.filter.to_value(), "factor": one.factor});
                map.insert(name.to_owned(), factors.iter().map(factor).collect());
            }
        }
        Value::Object(map)
    }

    /// All factors, in the order in which they multiply.
    pub(crate) fn factors(&self) -> impl Iterator<Item = &Factor> {
        self.boost.iter().chain(&self.bury)
    }

    /// Refuses what is over a limit or says two things at once.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], [`Error::TooLarge`].
    pub fn check(&self) -> Result<()> {
        if self.pins.len() > limits::RULE_PINS {
            return Err(too_large("rules.pins", self.pins.len(), limits::RULE_PINS, "pins"));
        }
        for (at, pin) in self.pins.iter().enumerate() {
            if !(1..=limits::LIMIT).contains(&pin.position) {
                return Err(out_of_range("rules.pins.position", pin.position, "1 to 1000"));
            }
            let before = &self.pins[..at];
            if before.iter().any(|other| other.id == pin.id) {
                return Err(out_of_range("rules.pins.id", &pin.id, "given once: one place each"));
            }
            if before.iter().any(|other| other.position == pin.position) {
                let expected = "given once: one advisor a place";
                return Err(out_of_range("rules.pins.position", pin.position, expected));
            }
        }
        check_factors("rules.boost", &self.boost, |factor| factor > 1.0 && factor <= 1e3)?;
        check_factors("rules.bury", &self.bury, |factor| (1e-3..1.0).contains(&factor))?;
        let filters = self.hide.iter().chain(self.factors().map(|one| &one.filter));
        let mut values = 0;
        for filter in filters {
            values += filter.measure()?;
        }
        if values > limits::FILTER_VALUES {
            return Err(too_large("rules", values, limits::FILTER_VALUES, "values"));
        }
        Ok(())
    }
}

fn check_factors(field: &str, factors: &[Factor], fits: impl Fn(f64) -> bool) -> Result<()> {
    if factors.len() > limits::RULE_FACTORS {
        return Err(too_large(field, factors.len(), limits::RULE_FACTORS, "factors"));
    }
    match factors.iter().find(|one| !fits(one.factor)) {
        None => Ok(()),
        Some(one) if field == "rules.boost" => Err(out_of_range(
            "rules.boost.factor",
            one.factor,
            "above 1 and up to 1000; below 1 is what `bury` takes",
        )),
        Some(one) => Err(out_of_range(
            "rules.bury.factor",
            one.factor,
            "0.001 or more and below 1; to leave somebody out, `hide`",
        )),
    }
}

fn list<T>(
    fields: &mut Fields,
    name: &'static str,
    read: impl Fn(Map<String, Value>) -> Result<T>,
) -> Result<Vec<T>> {
    let field = || format!("rules.{name}");
    match fields.take(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => values
            .into_iter()
            .map(|value| match value {
                Value::Object(map) => read(map),
                other => Err(wrong_type(&field(), &other, "a list of objects")),
            })
            .collect(),
        Some(other) => Err(wrong_type(&field(), &other, "a list of objects")),
    }
}

fn missing(field: &str, expected: &str) -> Error {
    Error::MissingField { field: field.to_owned(), expected: expected.to_owned() }
}

impl Pin {
    fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "rules.pins.");
        let (id, position) = (fields.string("id")?, fields.count("position")?);
        fields.finish("a pin")?;
        Ok(Self {
            id: id.ok_or_else(|| missing("rules.pins.id", "the advisor's id"))?,
            position: position.ok_or_else(|| missing("rules.pins.position", "1 to 1000"))?,
        })
    }
}

impl Factor {
    fn from_map(map: Map<String, Value>, path: &'static str) -> Result<Self> {
        let mut fields = Fields::new(map, path);
        let (filter, factor) = (fields.take("filter"), fields.number("factor")?);
        fields.finish("a boost")?;
        let filter = filter.ok_or_else(|| missing(&format!("{path}filter"), "whom it concerns"))?;
        Ok(Self {
            filter: Filter::from_value(&format!("{path}filter"), filter)?,
            factor: factor.ok_or_else(|| missing(&format!("{path}factor"), "a number"))?,
        })
    }
}

impl RuleSource {
    pub(crate) fn take(fields: &mut Fields) -> Result<Option<Self>> {
        match fields.take("rules") {
            None => Ok(None),
            Some(Value::String(name)) => Ok(Some(Self::Named(name))),
            Some(Value::Object(map)) => Rules::from_map(map).map(|rules| Some(rules.into())),
            Some(other) => {
                Err(wrong_type("rules", &other, "the name of stored rules, or an object of rules"))
            }
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Named(_) => Ok(()),
            Self::Given(rules) => rules.check(),
        }
    }

    /// The wire form: equal for equal rules, different for others.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Named(name) => json!(name),
            Self::Given(rules) => rules.to_value(),
        }
    }
}

/// Refuses a name that rules cannot be stored under.
pub(crate) fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > limits::ID_BYTES {
        return Err(out_of_range("rules name", cut(name), "1 to 64 bytes long"));
    }
    Ok(())
}

/// The rules of an index as the text of a snapshot's section: a JSON object, rules by name.
pub(crate) fn rules_to_text(rules: &BTreeMap<String, Rules>) -> String {
    let entries = rules.iter().map(|(name, rules)| (name.clone(), rules.to_value()));
    Value::Object(entries.collect::<Map<_, _>>()).to_string()
}

/// What [`rules_to_text`] wrote.
pub(crate) fn rules_from_text(bytes: &[u8]) -> Result<BTreeMap<String, Rules>> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| out_of_range("rules", error.to_string(), "UTF-8"))?;
    let value: Value = serde_json::from_str(text)
        .map_err(|error| out_of_range("rules", error.to_string(), "JSON"))?;
    let Value::Object(map) = value else {
        return Err(out_of_range("rules", "no object", "an object of rules by name"));
    };
    map.into_iter()
        .map(|(name, value)| match value {
            Value::Object(map) => {
                let rules = Rules::from_map(map)?;
                rules.check()?;
                Ok((name, rules))
            }
            _ => Err(out_of_range("rules", cut(&name), "an object of rules")),
        })
        .collect()
}
