//! Every advisor that passes the hard filter, by the full score.

use std::collections::BTreeSet;

use super::business;
use super::choice::{Candidate, Choice, Rules};
use super::cosine::cosine;
use super::rules::{lifted, placed};
use super::value::Value;
use super::{Twin, check_dimension, reasons, relax};
use crate::api::answer::{Breakdown, Part};
use crate::api::criteria::{BAYESIAN_REVIEWS, ClientCriteria, RatingMode};
use crate::api::group_cap::GroupCap;
use crate::api::listing::Projection;
use crate::model::{AdvisorProfile, Error, FieldRef, Result, StringField};

/// One advisor with its score.
#[derive(Clone, Debug, PartialEq)]
pub struct TwinMatch {
    /// The advisor's id.
    pub id: String,
    /// The full score.
    pub score: f64,
    /// What the score is made of.
    pub breakdown: Breakdown,
    /// Why it fits, phrase by phrase.
    pub reasons: Vec<String>,
    /// What had to be loosened for it.
    pub relaxed: Vec<String>,
}

/// Every candidate of a match.
#[derive(Clone, Debug, PartialEq)]
pub struct TwinMatches {
    /// All that caps and the least score let in, by loosening, score, id; with diversity the re-ranked ones, as many
    /// as the limit.
    pub matches: Vec<TwinMatch>,
    /// How many candidates there are.
    pub considered: u64,
    /// What was loosened.
    pub relaxed: Vec<String>,
    /// What the list was chosen from, and how.
    pub(crate) choice: Choice,
    /// Who stands at fixed places.
    pub(crate) pins: Vec<(u32, TwinMatch)>,
}

impl Twin {
    /// Scores every advisor that passes the hard filter.
    ///
    /// # Errors
    /// Those of the engine; [`Error::OutOfRange`] of `weights` where every part leaves the score.
    pub fn match_advisors(&self, criteria: &ClientCriteria) -> Result<TwinMatches> {
        criteria.check()?;
        Projection::resolve(criteria.fields.as_deref(), &self.schema)?;
        self.check_attributes(criteria)?;
        self.check_caps(criteria)?;
        let wanted = self.wanted(criteria)?;
        check_weights(criteria, wanted.is_some())?;
        let rules = self.rules_of(criteria.rules.as_ref())?;
        let factors = self.factors(&rules)?;
        let (tiers, relaxed) = self.tiers(criteria)?;
        let mean = self.mean_rating();
        let mut candidates = Vec::new();
        for (tier, rows) in tiers.into_iter().enumerate() {
            for row in rows {
                let similarity = wanted.as_deref().map(|wanted| {
                    self.embedding(row).map_or(0.0, |embedding| cosine(embedding, wanted))
                });
                let mut found = score(criteria, &self.rows[row], similarity, mean);
                weigh(&mut found, factors.get(&row).copied().unwrap_or(1.0));
                if !relaxed.is_empty() {
                    found.relaxed = relax::marks(criteria, &self.rows[row]);
                }
                candidates.push(Candidate {
                    row,
                    found,
                    tier,
                    groups: self.groups(criteria, row)?,
                });
            }
        }
        // Rows of a tier are kept by id, and the sort is stable.
        candidates
            .sort_by(|a, b| a.tier.cmp(&b.tier).then(b.found.score.total_cmp(&a.found.score)));
        let considered = candidates.len() as u64;
        let mut pins = Vec::new();
        for (place, row) in self.pins(&rules) {
            let at = candidates.iter().position(|candidate| candidate.row == row);
            if let Some(at) = at.filter(|_| place <= criteria.limit) {
                pins.push((place, candidates.remove(at)));
            }
        }
        let rules = Rules {
            limit: criteria.limit as usize - pins.len(),
            pinned: pins.iter().map(|(_, pin)| pin.groups.clone()).collect(),
            caps: criteria.max_per.iter().map(|cap| cap.count as usize).collect(),
            least: criteria.min_score,
            diversity: criteria.diversity,
        };
        let choice = Choice::new(candidates, rules, |row| self.embedding(row));
        let pins: Vec<(u32, TwinMatch)> =
            pins.into_iter().map(|(place, pin)| (place, pin.found)).collect();
        let matches = placed(choice.picks(), pins.clone());
        Ok(TwinMatches { matches, considered, relaxed, choice, pins })
    }

    /// The values that each cap counts an advisor against.
    fn groups(&self, criteria: &ClientCriteria, row: usize) -> Result<Vec<BTreeSet<String>>> {
        let values = |cap: &GroupCap| {
            Ok(match self.value(row, self.schema.resolve(&cap.field, "the caps")?) {
                Value::Words { words, .. } => words.into_iter().map(str::to_owned).collect(),
                Value::Key(user) => user.into_iter().map(str::to_owned).collect(),
                _ => BTreeSet::new(),
            })
        };
        criteria.max_per.iter().map(values).collect()
    }

    fn check_caps(&self, criteria: &ClientCriteria) -> Result<()> {
        for cap in &criteria.max_per {
            match self.schema.resolve(&cap.field, "the caps")? {
                FieldRef::Keywords(_) | FieldRef::String(StringField::UserId) => {}
                other => {
                    return Err(Error::WrongType {
                        field: cap.field.clone(),
                        value: other.kind().to_owned(),
                        expected: "keywords".to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The embedding asked for, or the one that the embedder makes of the text.
    fn wanted(&self, criteria: &ClientCriteria) -> Result<Option<Vec<f32>>> {
        if let Some(embedding) = &criteria.embedding {
            check_dimension(embedding, self.schema.dimension)?;
            return Ok(Some(embedding.clone()));
        }
        match (&criteria.text, &self.embedder) {
            (Some(text), Some(embedder)) => embedder.embed(text),
            (Some(text), None) if !text.trim().is_empty() => Err(Error::OutOfRange {
                field: "text".to_owned(),
                value: text.clone(),
                expected: "left out: there is no embedder".to_owned(),
            }),
            _ => Ok(None),
        }
    }

    fn check_attributes(&self, criteria: &ClientCriteria) -> Result<()> {
        for name in criteria.attributes.keys() {
            let field = format!("attributes.{name}");
            match self.schema.resolve(&field, "the criteria's attributes")? {
                FieldRef::Keywords(_) => {}
                other => {
                    return Err(Error::WrongType {
                        field,
                        value: other.kind().to_owned(),
                        expected: "an attribute of keywords".to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The mean rating of everyone who is not deleted; 0 where there is nobody.
    fn mean_rating(&self) -> f64 {
        let ratings: Vec<f64> = self
            .profiles()
            .filter(|profile| profile.deleted_at.is_none())
            .map(|profile| profile.overall_rating)
            .collect();
        if ratings.is_empty() { 0.0 } else { ratings.iter().sum::<f64>() / ratings.len() as f64 }
    }
}

/// Refuses criteria of which every part leaves the score.
fn check_weights(criteria: &ClientCriteria, embedded: bool) -> Result<()> {
    let similarity = embedded.then_some(0.0);
    let blank = score(criteria, &AdvisorProfile::new("blank"), similarity, 0.0);
    if blank.breakdown.parts.is_empty() {
        return Err(Error::OutOfRange {
            field: "weights".to_owned(),
            value: "weights of parts that are not asked for".to_owned(),
            expected: "a weight above 0 for a part that the criteria ask for".to_owned(),
        });
    }
    Ok(())
}

fn score(
    criteria: &ClientCriteria,
    advisor: &AdvisorProfile,
    similarity: Option<f64>,
    mean: f64,
) -> TwinMatch {
    let asked = business::parts(criteria, advisor);
    let business_sum: f64 = asked.iter().map(|(_, weight, _)| weight).sum();
    let weights = criteria.weights;
    let similarity_weight = if similarity.is_some() { weights.similarity } else { 0.0 };
    let business_weight = if business_sum > 0.0 { weights.business } else { 0.0 };
    let sum = similarity_weight + business_weight + weights.rating;

    let rating = rating(criteria.rating, advisor, mean);
    let mut parts: Vec<Part> = Vec::new();
    let mut part = |name, value, weight: f64| {
        if weight > 0.0 {
            parts.push(Part { name, value, weight, contribution: value * weight });
        }
    };
    part("similarity", similarity.unwrap_or(0.0), similarity_weight / sum);
    for (name, weight, value) in &asked {
        part(name, *value, business_weight / sum * weight / business_sum);
    }
    part("rating", rating, weights.rating / sum);

    let business =
        asked.iter().map(|(_, weight, value)| weight * value).sum::<f64>() / business_sum;
    TwinMatch {
        id: advisor.id.clone(),
        // Adding zero makes one zero of two: they tie.
        score: parts.iter().map(|part| part.contribution).sum::<f64>() + 0.0,
        breakdown: Breakdown {
            similarity,
            business: (business_weight > 0.0).then_some(business),
            rating: Some(rating),
            parts,
        },
        reasons: reasons::reasons(criteria, advisor),
        relaxed: Vec::new(),
    }
}

/// What rules make of a score.
fn weigh(found: &mut TwinMatch, factor: f64) {
    if factor != 1.0 {
        let score = lifted(found.score, factor);
        let contribution = score - found.score;
        found.breakdown.parts.push(Part {
            name: "rules",
            value: factor,
            weight: 0.0,
            contribution,
        });
        found.score = score;
    }
}

fn rating(mode: RatingMode, advisor: &AdvisorProfile, mean: f64) -> f64 {
    let own = advisor.overall_rating;
    match mode {
        RatingMode::Mean => own / 5.0,
        RatingMode::Bayesian => {
            let reviews = f64::from(advisor.total_reviews);
            (BAYESIAN_REVIEWS * mean + reviews * own) / (BAYESIAN_REVIEWS + reviews) / 5.0
        }
    }
}
