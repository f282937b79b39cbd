//! Why an advisor fits, in a line for a person.

use std::fmt::{self, Display, Formatter};

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// What speaks for an advisor, or against: short phrases, made when they are read.
///
/// They say what the criteria ask for and what everybody wants to know, in this order: industries, services,
/// certifications and attributes shared, the rate against the budget, years, rating, and free places where room
/// counts. What an advisor does not tell is left out. On the wire a list of strings.
///
/// Cost: a copy of numbers while the match is made; the phrases are written when they are asked for.
///
/// ```
/// use shortlist::{AdvisorProfile, ClientCriteria, Engine};
///
/// let engine = Engine::in_memory()?;
/// let mut ada = AdvisorProfile::new("ada");
/// ada.services = vec!["Tax Planning".to_owned(), "Audit".to_owned()];
/// (ada.hourly_rate, ada.years_experience) = (Some(160.0), Some(12));
/// (ada.marketplace_status, ada.is_verified) = ("active".to_owned(), true);
/// engine.upsert(vec![ada])?;
///
/// let need = r#"{"requiredServices": ["Tax Planning", "Audit"], "maxBudget": 200}"#;
/// let answer = engine.match_advisors(&ClientCriteria::from_json(need)?)?;
/// let why = answer.matches().next().map(|found| found.reasons.to_string());
/// assert_eq!(why.as_deref(), Some("2 of 2 services, 20 % under budget, 12 years"));
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reasons {
    /// Of industries, services, certifications and attributes.
    pub(crate) shared: [Shared; 4],
    /// NaN where it is missing, as all numbers here.
    pub(crate) rate: f64,
    pub(crate) budget: f64,
    pub(crate) years: f64,
    pub(crate) rating: f64,
    pub(crate) reviews: f64,
    /// Free places and places, where room counts.
    pub(crate) room: Option<(f64, f64)>,
}

/// How many distinct values were asked for, and how many of them the advisor has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) had: u32,
    pub(crate) asked: u32,
}

/// Which values [`Reasons::shared`] counts at each place, one and many.
const SHARED: [(&str, &str); 4] = [
    ("industry", "industries"),
    ("service", "services"),
    ("certification", "certifications"),
    ("attribute", "attributes"),
];

impl Default for Reasons {
    fn default() -> Self {
        Self {
            shared: [Shared::default(); 4],
            rate: f64::NAN,
            budget: f64::NAN,
            years: f64::NAN,
            rating: f64::NAN,
            reviews: f64::NAN,
            room: None,
        }
    }
}

/// One phrase, written when it is shown.
enum Phrase {
    Shared(Shared, (&'static str, &'static str)),
    Budget(f64, f64),
    Years(f64),
    Rating(f64, f64),
    Room(f64, f64),
}

impl Reasons {
    /// The phrases, in order.
    pub fn phrases(&self) -> Vec<String> {
        self.iter().map(|phrase| phrase.to_string()).collect()
    }

    fn iter(&self) -> impl Iterator<Item = Phrase> {
        let Self { shared, rate, budget, years, rating, reviews, room } = *self;
        let told = rating > 0.0 || reviews > 0.0;
        shared
            .into_iter()
            .zip(SHARED)
            .filter(|(shared, _)| shared.asked > 0)
            .map(|(shared, names)| Phrase::Shared(shared, names))
            .chain((!rate.is_nan() && !budget.is_nan()).then_some(Phrase::Budget(rate, budget)))
            .chain((years > 0.0).then_some(Phrase::Years(years)))
            .chain(told.then_some(Phrase::Rating(rating, reviews)))
            .chain(room.map(|(free, most)| Phrase::Room(free, most)))
    }
}

impl Display for Phrase {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Phrase::Shared(Shared { had, asked }, (one, many)) => {
                write!(f, "{had} of {asked} {}", if asked == 1 { one } else { many })
            }
            Phrase::Budget(rate, budget) => budget_phrase(f, rate, budget),
            Phrase::Years(years) => write!(f, "{years} year{}", plural(years)),
            Phrase::Rating(rating, reviews) => {
                write!(f, "rated {}", (rating * 100.0).round() / 100.0)?;
                if reviews > 0.0 {
                    write!(f, " ({reviews} review{})", plural(reviews))?;
                }
                Ok(())
            }
            Phrase::Room(free, most) => write!(f, "{free} of {most} place{} free", plural(most)),
        }
    }
}

fn plural(count: f64) -> &'static str {
    if count == 1.0 { "" } else { "s" }
}

fn budget_phrase(f: &mut Formatter<'_>, rate: f64, budget: f64) -> fmt::Result {
    if rate == 0.0 {
        return f.write_str("no hourly fee");
    }
    if rate == budget {
        return f.write_str("at budget");
    }
    let side = if rate < budget { "under" } else { "over" };
    // A fee is never wholly under a budget, and a budget of nothing has no percents.
    let percent = ((rate - budget).abs() / budget * 100.0).round();
    let percent = if rate < budget { percent.min(99.0) } else { percent };
    if percent >= 1.0 && percent.is_finite() {
        write!(f, "{percent} % {side} budget")
    } else if percent < 1.0 {
        write!(f, "just {side} budget")
    } else {
        write!(f, "{side} budget")
    }
}

/// The phrases as one line.
impl Display for Reasons {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, phrase) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            phrase.fmt(f)?;
        }
        Ok(())
    }
}

impl Serialize for Phrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Reasons {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for phrase in self.iter() {
            sequence.serialize_element(&phrase)?;
        }
        sequence.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_budget(rate: f64, budget: f64) -> String {
        Reasons { rate, budget, ..Reasons::default() }.to_string()
    }

    #[test]
    fn a_rate_is_told_against_the_budget() {
        for (rate, budget, right) in [
            (160.0, 200.0, "20 % under budget"),
            (200.0, 200.0, "at budget"),
            (199.5, 200.0, "just under budget"),
            (230.0, 200.0, "15 % over budget"),
            (200.1, 200.0, "just over budget"),
            (0.0, 200.0, "no hourly fee"),
            (0.0, 0.0, "no hourly fee"),
            (0.1, 2_000.0, "99 % under budget"),
            (1.0, 0.0, "over budget"),
            (f64::NAN, 200.0, ""),
            (160.0, f64::NAN, ""),
        ] {
            assert_eq!(of_budget(rate, budget), right, "{rate} of {budget}");
        }
    }

    #[test]
    fn what_is_asked_for_comes_first_and_one_is_told_from_many() {
        let shared = |had, asked| Shared { had, asked };
        let reasons = Reasons {
            shared: [shared(1, 1), shared(0, 4), shared(1, 2), shared(0, 0)],
            years: 1.0,
            rating: 4.666_666_7,
            reviews: 1.0,
            room: Some((3.0, 12.0)),
            ..Reasons::default()
        };
        assert_eq!(
            reasons.phrases(),
            [
                "1 of 1 industry",
                "0 of 4 services",
                "1 of 2 certifications",
                "1 year",
                "rated 4.67 (1 review)",
                "3 of 12 places free"
            ]
        );
        let json = serde_json::to_string(&reasons).expect("strings can be written");
        assert_eq!(json, serde_json::to_string(&reasons.phrases()).expect("so can these"));
    }

    #[test]
    fn who_tells_nothing_has_no_reasons() {
        assert_eq!(Reasons::default().to_string(), "");
        let fresh = Reasons { years: 0.0, rating: 0.0, reviews: 0.0, ..Reasons::default() };
        assert!(fresh.phrases().is_empty());
        let unreviewed = Reasons { rating: 4.5, reviews: 0.0, ..Reasons::default() };
        assert_eq!(unreviewed.to_string(), "rated 4.5");
    }
}
