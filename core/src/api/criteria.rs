//! What a client needs: the input of matching.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::check::{check_common, check_finite, check_rating, check_values};
use super::filter::Filter;
use super::group_cap::{GroupCap, check_caps};
use super::json::{self, Fields, out_of_range, parse_object, strings};
use super::limits;
use super::rules::RuleSource;
use crate::model::Result;

/// A client's need. What it does not ask for leaves the score, and the other weights are scaled to fill it.
///
/// ```
/// use shortlist::ClientCriteria;
///
/// let criteria = ClientCriteria {
///     required_services: vec!["Tax Planning".to_owned()],
///     max_budget: Some(200.0),
///     ..ClientCriteria::default()
/// };
/// let same = ClientCriteria::from_json(
///     r#"{"requiredServices": ["Tax Planning"], "maxBudget": 200}"#,
/// )?;
/// assert_eq!(criteria, same);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct ClientCriteria {
    /// At least one is shared; empty asks for none.
    pub industries: Vec<String>,
    /// At least one is shared (all, with `require_all`); empty asks for none.
    pub required_services: Vec<String>,
    /// Every required service must be shared.
    pub require_all: bool,
    /// `hourlyRate` at most this.
    pub max_budget: Option<f64>,
    /// `overallRating` at least this, 0 to 5.
    pub min_rating: Option<f64>,
    /// The need in words: embedded by the index's embedder where no embedding is given; refused where there is neither.
    pub text: Option<String>,
    /// The need as a vector.
    pub embedding: Option<Vec<f32>>,
    /// Further conditions.
    pub filter: Option<Filter>,
    /// Advisors that are not wanted.
    pub exclude_ids: Vec<String>,
    /// Certifications that count, where `business_weights.certifications` is above 0.
    pub certifications: Vec<String>,
    /// Keyword attributes that count, where `business_weights.attributes` is above 0.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The three parts of the score.
    pub weights: Weights,
    /// The parts of the business score.
    pub business_weights: BusinessWeights,
    /// What the rating part is.
    pub rating: RatingMode,
    /// How many matches, 1 to 1,000.
    pub limit: u32,
    /// Re-ranks by maximal marginal relevance with this lambda, 0 (spread) to 1 (score alone).
    pub diversity: Option<f64>,
    /// At most so many matches for each value of a field; with several caps, all hold.
    pub max_per: Vec<GroupCap>,
    /// Leaves out matches whose score is below this, -1 to 1 (similarity can take a score below 0).
    pub min_score: Option<f64>,
    /// Where fewer than `limit` advisors pass the hard filter, loosens it: see [`Relaxation`](crate::Relaxation).
    pub relax: bool,
    /// Forces the exact path.
    pub exact: bool,
    /// Asks for the approximate path: the likely top, and the answer's `exact` says false. Where that path has no
    /// advantage (few vectors or few candidates, no embedding), the answer is exact all the same.
    pub approximate: bool,
    /// Pins, hiding, boosts: given, or the name of those that the index keeps. See [`Rules`](crate::Rules).
    pub rules: Option<RuleSource>,
    /// Takes the approximate path where the exact one is estimated to take longer than so many milliseconds; 0
    /// wherever the approximate one is faster. None: the engine's
    /// [`exact_budget_ms`](crate::EngineOptions::exact_budget_ms). With `exact`, of no effect.
    pub exact_budget_ms: Option<f64>,
    /// The fields of each match's listing; none is the listing.
    pub fields: Option<Vec<String>>,
    /// Gives up after that many milliseconds.
    pub timeout_ms: Option<u64>,
    /// An answer of the result cache will do that was right so many milliseconds ago; it is found anew behind. None: only
    /// one that is right now.
    pub max_staleness_ms: Option<u64>,
    /// Answers from that generation or a later one: what a write returned, handed to another process or thread, so that
    /// it reads what was written. Waited for up to `timeout_ms`, or not at all where there is none; see
    /// [`Engine::wait_for`](crate::Engine::wait_for).
    pub at_least: Option<u64>,
    /// Adds the plan to the answer.
    pub explain: bool,
}

impl Default for ClientCriteria {
    fn default() -> Self {
        Self {
            industries: Vec::new(),
            required_services: Vec::new(),
            require_all: false,
            max_budget: None,
            min_rating: None,
            text: None,
            embedding: None,
            filter: None,
            exclude_ids: Vec::new(),
            certifications: Vec::new(),
            attributes: BTreeMap::new(),
            weights: Weights::default(),
            business_weights: BusinessWeights::default(),
            rating: RatingMode::Mean,
            limit: limits::DEFAULT_LIMIT,
            diversity: None,
            max_per: Vec::new(),
            min_score: None,
            relax: false,
            exact: false,
            approximate: false,
            rules: None,
            exact_budget_ms: None,
            fields: None,
            timeout_ms: None,
            max_staleness_ms: None,
            at_least: None,
            explain: false,
        }
    }
}

/// The weights of the score's three parts: finite, 0 or more, not all zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Cosine of the embeddings; 0.6.
    pub similarity: f64,
    /// The business parts; 0.3.
    pub business: f64,
    /// The rating; 0.1.
    pub rating: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { similarity: 0.6, business: 0.3, rating: 0.1 }
    }
}

/// The weights of the business parts: finite, 0 or more, not all zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BusinessWeights {
    /// Share of the asked industries; 0.40.
    pub industries: f64,
    /// Share of the asked services; 0.30.
    pub services: f64,
    /// `min(yearsExperience / 15, 1)`; 0.15.
    pub experience: f64,
    /// 1 up to 80 % of the budget, then linear to 0 at the budget; 0.15.
    pub budget: f64,
    /// `(maxClients - currentClients) / maxClients`; 0.
    pub capacity: f64,
    /// Share of the asked certifications; 0.
    pub certifications: f64,
    /// Share of the asked attribute values; 0.
    pub attributes: f64,
}

impl Default for BusinessWeights {
    fn default() -> Self {
        Self {
            industries: 0.40,
            services: 0.30,
            experience: 0.15,
            budget: 0.15,
            capacity: 0.0,
            certifications: 0.0,
            attributes: 0.0,
        }
    }
}

/// What the rating part of the score is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum RatingMode {
    /// `overallRating / 5`.
    #[default]
    Mean,
    /// Shrunk towards the catalogue's mean by ten reviews' weight; the mean is over all profiles that are not deleted.
    Bayesian,
}

/// How many reviews' weight the catalogue's mean has in [`RatingMode::Bayesian`].
pub const BAYESIAN_REVIEWS: f64 = 10.0;

impl ClientCriteria {
    /// Reads the wire form: one JSON object, names in camelCase or `snake_case`.
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::Error::Malformed), [`Error::UnknownField`](crate::Error::UnknownField), [`Error::WrongType`](crate::Error::WrongType), [`Error::OutOfRange`](crate::Error::OutOfRange), [`Error::TooLarge`](crate::Error::TooLarge).
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_map(parse_object("match request", text)?)
    }

    pub(crate) fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "");
        let criteria = Self {
            industries: fields.strings("industries")?.unwrap_or_default(),
            required_services: fields.strings("requiredServices")?.unwrap_or_default(),
            require_all: fields.flag("requireAll")?.unwrap_or(false),
            max_budget: fields.amount("maxBudget")?,
            min_rating: fields.number("minRating")?,
            text: fields.string("text")?,
            embedding: fields.embedding("embedding")?,
            filter: fields
                .take("filter")
                .map(|value| Filter::from_value("filter", value))
                .transpose()?,
            exclude_ids: fields.strings("excludeIds")?.unwrap_or_default(),
            certifications: fields.strings("certifications")?.unwrap_or_default(),
            attributes: match fields.object("attributes")? {
                None => BTreeMap::new(),
                Some(map) => map
                    .into_iter()
                    .map(|(name, value)| {
                        strings(&format!("attributes.{name}"), value).map(|values| (name, values))
                    })
                    .collect::<Result<_>>()?,
            },
            weights: fields
                .object("weights")?
                .map(Weights::from_map)
                .transpose()?
                .unwrap_or_default(),
            business_weights: fields
                .object("businessWeights")?
                .map(BusinessWeights::from_map)
                .transpose()?
                .unwrap_or_default(),
            rating: match fields.string("rating")?.as_deref() {
                None | Some("mean") => RatingMode::Mean,
                Some("bayesian") => RatingMode::Bayesian,
                Some(other) => return Err(out_of_range("rating", other, "`mean` or `bayesian`")),
            },
            limit: fields.count("limit")?.unwrap_or(limits::DEFAULT_LIMIT),
            diversity: fields.number("diversity")?,
            max_per: fields
                .take("maxPer")
                .map(GroupCap::list_from_value)
                .transpose()?
                .unwrap_or_default(),
            min_score: fields.number("minScore")?,
            relax: fields.flag("relax")?.unwrap_or(false),
            exact: fields.flag("exact")?.unwrap_or(false),
            approximate: fields.flag("approximate")?.unwrap_or(false),
            rules: RuleSource::take(&mut fields)?,
            exact_budget_ms: fields.amount("exactBudgetMs")?,
            fields: fields.strings("fields")?,
            timeout_ms: fields.count("timeoutMs")?.map(u64::from),
            max_staleness_ms: fields.count("maxStalenessMs")?.map(u64::from),
            at_least: fields.generation("atLeast")?,
            explain: fields.flag("explain")?.unwrap_or(false),
        };
        fields.finish("a match request")?;
        criteria.check()?;
        Ok(criteria)
    }

    /// Refuses what is over a limit; the engine calls it for criteria made in code too.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange), [`Error::TooLarge`](crate::Error::TooLarge), [`Error::InvalidEmbedding`](crate::Error::InvalidEmbedding).
    pub fn check(&self) -> Result<()> {
        check_common(
            self.limit,
            self.text.as_deref(),
            self.filter.as_ref(),
            self.embedding.as_deref(),
        )?;
        for (name, values) in [
            ("industries", &self.industries),
            ("requiredServices", &self.required_services),
            ("excludeIds", &self.exclude_ids),
            ("certifications", &self.certifications),
        ] {
            check_values(name, values.len())?;
        }
        check_values("attributes", self.attributes.values().map(Vec::len).sum())?;
        check_finite("maxBudget", self.max_budget)?;
        if let Some(budget) = self.max_budget.filter(|budget| *budget < 0.0) {
            return Err(out_of_range("maxBudget", budget, "0 or more"));
        }
        check_rating("minRating", self.min_rating)?;
        if let Some(lambda) = self.diversity
            && !(0.0..=1.0).contains(&lambda)
        {
            return Err(out_of_range("diversity", lambda, "0 to 1"));
        }
        check_caps(&self.max_per)?;
        self.rules.as_ref().map_or(Ok(()), RuleSource::check)?;
        if let Some(least) = self.min_score
            && !(-1.0..=1.0).contains(&least)
        {
            return Err(out_of_range("minScore", least, "-1 to 1"));
        }
        if self.exact && self.approximate {
            return Err(out_of_range("approximate", true, "left out where `exact` is true"));
        }
        check_exact_budget("exactBudgetMs", self.exact_budget_ms.unwrap_or(0.0))?;
        check_weights("weights", &self.weights.named())?;
        check_weights("businessWeights", &self.business_weights.named())
    }
}

/// Refuses a budget that is no time. Without end is one: the exact path, whatever it takes.
pub(crate) fn check_exact_budget(field: &str, budget_ms: f64) -> Result<()> {
    if budget_ms >= 0.0 {
        return Ok(());
    }
    Err(out_of_range(field, budget_ms, "milliseconds, 0 or more"))
}

fn check_weights(field: &str, weights: &[(&'static str, f64)]) -> Result<()> {
    for (name, weight) in weights {
        if !weight.is_finite() || *weight < 0.0 {
            return Err(out_of_range(
                &format!("{field}.{name}"),
                weight,
                "a finite number, 0 or more",
            ));
        }
    }
    let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
    if sum == 0.0 || !sum.is_finite() {
        return Err(out_of_range(
            field,
            format!("weights that sum to {sum}"),
            "weights with a finite sum above 0",
        ));
    }
    Ok(())
}

fn weight(fields: &mut Fields, name: &'static str, target: &mut f64) -> Result<()> {
    if let Some(value) = fields.number(name)? {
        *target = value;
    }
    Ok(())
}

impl Weights {
    /// Name and weight of each part.
    pub fn named(&self) -> [(&'static str, f64); 3] {
        let Self { similarity, business, rating } = *self;
        [("similarity", similarity), ("business", business), ("rating", rating)]
    }

    fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "weights.");
        let mut weights = Self::default();
        weight(&mut fields, "similarity", &mut weights.similarity)?;
        weight(&mut fields, "business", &mut weights.business)?;
        weight(&mut fields, "rating", &mut weights.rating)?;
        fields.finish("weights")?;
        Ok(weights)
    }
}

impl BusinessWeights {
    /// Name and weight of each part.
    pub fn named(&self) -> [(&'static str, f64); 7] {
        let Self { industries, services, experience, budget, capacity, certifications, attributes } =
            *self;
        [
            ("industries", industries),
            ("services", services),
            ("experience", experience),
            ("budget", budget),
            ("capacity", capacity),
            ("certifications", certifications),
            ("attributes", attributes),
        ]
    }

    fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "businessWeights.");
        let mut weights = Self::default();
        weight(&mut fields, "industries", &mut weights.industries)?;
        weight(&mut fields, "services", &mut weights.services)?;
        weight(&mut fields, "experience", &mut weights.experience)?;
        weight(&mut fields, "budget", &mut weights.budget)?;
        weight(&mut fields, "capacity", &mut weights.capacity)?;
        weight(&mut fields, "certifications", &mut weights.certifications)?;
        weight(&mut fields, "attributes", &mut weights.attributes)?;
        fields.finish("businessWeights")?;
        Ok(weights)
    }
}

/// Reads a list of criteria or one: what `match_many` takes.
///
/// # Errors
/// As [`ClientCriteria::from_json`], and [`Error::TooLarge`](crate::Error::TooLarge) beyond [`limits::REQUESTS`].
pub fn criteria_list_from_json(text: &str) -> Result<Vec<ClientCriteria>> {
    json::parse_requests("match requests", text, ClientCriteria::from_map)
}
