//! What a score is made of.

use super::plan::MatchPlan;
use crate::api::answer::{Breakdown, Part};

/// The breakdown of one row's score, given its similarity.
pub(super) fn breakdown(plan: &MatchPlan<'_>, row: u32, similarity: Option<f64>) -> Breakdown {
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
    Breakdown {
        similarity,
        business: (plan.business_share > 0.0).then(|| business / plan.business_share),
        rating: Some(rating),
        parts,
    }
}
