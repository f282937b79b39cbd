//! Rules, resolved against one generation: which rows stand at fixed places, and what scores are multiplied by.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Generation;
use crate::api::deadline::{Deadline, Pulse};
use crate::api::json::too_large;
use crate::api::limits;
use crate::api::rules::{RuleSource, Rules, check_name};
use crate::index::bitmap::Predicate;
use crate::model::error::cut;
use crate::model::{Error, Result, Rows, nearest_name};

/// The rules of one request.
#[derive(Debug, Default)]
pub(crate) struct RulePlan {
    /// Places, ascending, each with its row.
    pub(crate) pins: Vec<(u32, u32)>,
    /// Who is not found.
    pub(crate) hide: Option<Predicate>,
    factors: Vec<(Predicate, f64)>,
}

impl RulePlan {
    /// Resolves the rules of a request.
    ///
    /// # Errors
    /// [`Error::UnknownField`] for a name that nothing is stored under, and what the filters have wrong.
    pub(crate) fn new(generation: &Generation, source: Option<&RuleSource>) -> Result<Self> {
        let rules = match source {
            None => return Ok(Self::default()),
            Some(RuleSource::Given(rules)) => rules,
            Some(RuleSource::Named(name)) => generation.named_rules(name)?,
        };
        let row = |id: &String| generation.row(id);
        let mut pins: Vec<(u32, u32)> =
            rules.pins.iter().filter_map(|pin| Some((pin.position, row(&pin.id)?))).collect();
        pins.sort_unstable();
        let hide = rules.hide.as_ref().map(|filter| generation.resolve_filter(filter));
        let factors =
            rules.factors().map(|one| Ok((generation.resolve_filter(&one.filter)?, one.factor)));
        Ok(Self { pins, hide: hide.transpose()?, factors: factors.collect::<Result<_>>()? })
    }

    /// The condition that a row is not hidden.
    pub(crate) fn shown(&self) -> Option<Predicate> {
        self.hide.clone().map(|hide| Predicate::Not(Box::new(hide)))
    }

    pub(crate) fn has_factors(&self) -> bool {
        !self.factors.is_empty()
    }

    /// Whom among the rows each factor concerns. Cost: one evaluation of each filter over them.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub(crate) fn factors(
        &self,
        generation: &Generation,
        within: &Rows,
        deadline: &Deadline,
    ) -> Result<Factors> {
        let concerned = self.factors.iter().map(|(predicate, factor)| {
            let rows = generation.select(&[within], [predicate], deadline)?.rows;
            Ok((Arc::unwrap_or_clone(rows), *factor))
        });
        Ok(Factors(concerned.collect::<Result<_>>()?))
    }
}

/// More groups of rows with equal factors than that are not worked through by themselves.
const GROUPS: usize = 64;

/// What scores are multiplied by.
#[derive(Debug, Default)]
pub(crate) struct Factors(Vec<(Rows, f64)>);

impl Factors {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The product of all factors that concern a row; 1 where none does.
    pub(crate) fn of(&self, row: u32) -> f64 {
        let concerning = self.0.iter().filter(|(rows, _)| rows.contains(row));
        concerning.fold(1.0, |product, (_, factor)| product * factor)
    }

    /// The rows by their factor, greatest first, those that none concerns last; nothing where there are more than
    /// [`GROUPS`] factors. Cost: a visit to each row that a factor concerns.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub(crate) fn groups(
        &self,
        rows: &Rows,
        deadline: &Deadline,
    ) -> Result<Option<Vec<(f64, Rows)>>> {
        let mut concerned = Rows::none(rows.universe());
        self.0.iter().for_each(|(rows, _)| concerned.union(rows));
        concerned.intersect(rows);
        let mut groups: HashMap<u64, Vec<u32>> = HashMap::new();
        let mut pulse = Pulse::of(deadline);
        for row in concerned.iter() {
            pulse.step()?;
            groups.entry(self.of(row).to_bits()).or_default().push(row);
            if groups.len() > GROUPS {
                return Ok(None);
            }
        }
        let mut rest = rows.clone();
        rest.subtract(&concerned);
        // Factors may cancel out.
        for row in groups.remove(&1.0_f64.to_bits()).unwrap_or_default() {
            rest.insert(row);
        }
        let universe = rows.universe();
        let mut groups: Vec<(f64, Rows)> = groups
            .into_iter()
            .map(|(bits, rows)| (f64::from_bits(bits), Rows::from_rows(universe, rows)))
            .collect();
        groups.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        groups.push((1.0, rest));
        Ok(Some(groups))
    }

    /// The rows in three: who is boosted, whom no factor moves, who is buried. Cost: as [`Factors::groups`].
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub(crate) fn thirds(&self, rows: &Rows, deadline: &Deadline) -> Result<[Rows; 3]> {
        let mut concerned = Rows::none(rows.universe());
        self.0.iter().for_each(|(rows, _)| concerned.union(rows));
        concerned.intersect(rows);
        let none = || Rows::none(rows.universe());
        let (mut boosted, mut buried) = (none(), none());
        let mut pulse = Pulse::of(deadline);
        for row in concerned.iter() {
            pulse.step()?;
            let factor = self.of(row);
            if factor > 1.0 {
                boosted.insert(row);
            } else if factor < 1.0 {
                buried.insert(row);
            }
        }
        let mut rest = rows.clone();
        rest.subtract(&boosted);
        rest.subtract(&buried);
        Ok([boosted, rest, buried])
    }
}

/// A score with a factor. A score below 0 is divided, so that a boost never lowers. Never falls where the score rises.
pub(crate) fn lifted(score: f64, factor: f64) -> f64 {
    if score < 0.0 { score / factor } else { score * factor }
}

impl Generation {
    fn named_rules(&self, name: &str) -> Result<&Rules> {
        self.rules.get(name).ok_or_else(|| Error::UnknownField {
            field: cut(name),
            within: "the rules that this index keeps",
            nearest: nearest_name(name, self.rules.keys().map(String::as_str)),
        })
    }

    /// Keeps rules under a name, or none any more.
    ///
    /// # Errors
    /// What the rules have wrong, also in the names of fields; a name too long; too many sets of rules.
    pub(super) fn set_rules(&mut self, name: &str, rules: Option<Rules>) -> Result<()> {
        check_name(name)?;
        let mut kept = BTreeMap::clone(&self.rules);
        if let Some(rules) = rules {
            rules.check()?;
            RulePlan::new(self, Some(&RuleSource::Given(rules.clone())))?;
            kept.insert(name.to_owned(), rules);
        } else {
            self.named_rules(name)?;
            kept.remove(name);
        }
        if kept.len() > limits::RULE_SETS {
            return Err(too_large("rules", kept.len(), limits::RULE_SETS, "sets of rules"));
        }
        self.rules = Arc::new(kept);
        Ok(())
    }
}
