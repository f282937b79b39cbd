//! What a score is made of.

use super::plan::MatchPlan;
use super::rank::Ranked;
use crate::api::answer::{Breakdown, Part};

/// The breakdown of one row's score, given its similarity.
///
/// Where rules multiplied the score, a last part `rules` has the factor as its value and what it added or took as its
/// contribution.
pub(super) fn breakdown(plan: &MatchPlan<'_>, ranked: &Ranked, factor: f64) -> Breakdown {
    let Ranked { row, score, similarity } = *ranked;
    let mut parts = Vec::with_capacity(6);
    let mut part = |name, value, weight| {
        if weight > 0.0 {
            parts.push(Part { name, value, weight, contribution: value * weight });
        }
    };
    if let (Some((_, share)), Some(similarity)) = (&plan.query, similarity) {
        part("similarity", similarity, *share);
    }
    let mut business = 0.0;
    for signal in &plan.business {
        let value = signal.signal.value(row);
        business += value * signal.share;
        part(signal.signal.name(), value, signal.share);
    }
    let rating = plan.rating.signal.value(row);
    part(plan.rating.signal.name(), rating, plan.rating.share);
    if factor != 1.0 {
        let before: f64 = parts.iter().map(|part| part.contribution).sum();
        parts.push(Part {
            name: "rules",
            value: factor,
            weight: 0.0,
            contribution: score - before,
        });
    }
    Breakdown {
        similarity,
        business: (plan.business_share > 0.0).then(|| business / plan.business_share),
        rating: Some(rating),
        parts,
    }
}
