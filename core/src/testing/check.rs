//! Whether an answer of the engine is the twin's.

use std::collections::HashSet;

use super::check_highlights::compare_highlights;
use super::twin::{TwinMatch, TwinMatches, TwinResult, tie_of};
use crate::api::answer::{AdvisorMatch, Breakdown, Hit, MatchAnswer, SearchAnswer};
use crate::api::facet_answer::{Facet, FacetPoint, FacetStats};
use crate::api::search::SearchRequest;
use crate::api::similar::{SimilarAnswer, SimilarRequest};

/// How far a score may be from the twin's: the engine works in f32 where the twin works in f64.
pub const TOLERANCE: f64 = 1e-5;

/// Compares a page that starts at place `offset` with the twin's whole result: the same ids in the
/// same order, scores within 1e-5 (of themselves, where they are above 1), total and facets exact.
/// Scores within 1e-6 of each other may stand in either order.
///
/// # Errors
/// What differs, in words.
pub fn compare_search(
    twin: &TwinResult,
    request: &SearchRequest,
    answer: &SearchAnswer,
    offset: usize,
) -> Result<(), String> {
    if answer.total != twin.total {
        return Err(format!("total is {} instead of {}", answer.total, twin.total));
    }
    if !same_facets(&answer.facets, &twin.facets) {
        return Err(format!("facets are {:?} instead of {:?}", answer.facets, twin.facets));
    }
    if answer.did_you_mean != twin.did_you_mean {
        let (found, right) = (&answer.did_you_mean, &twin.did_you_mean);
        return Err(format!("{found:?} may be meant instead of {right:?}"));
    }
    compare_all_highlights(twin, request, answer)?;
    let rest = twin.ids.get(offset..).unwrap_or_default();
    let expected = &rest[..rest.len().min(request.limit as usize)];
    if answer.len() != expected.len() {
        return Err(format!("{} hits instead of {}", answer.len(), expected.len()));
    }
    if answer.next_cursor.is_some() != (rest.len() > expected.len()) {
        let after = rest.len() - expected.len();
        return Err(format!("cursor is {:?} with {after} hits to come", answer.next_cursor));
    }
    if answer.previous_cursor.is_some() != (offset > 0) {
        return Err(format!("previous cursor is {:?} at place {offset}", answer.previous_cursor));
    }
    let km: Vec<Option<f64>> = answer.hits().map(|hit| hit.distance_km).collect();
    let right = twin.distances.as_ref().map(|all| &all[offset..offset + expected.len()]);
    if km != right.map_or_else(|| vec![None; expected.len()], <[_]>::to_vec) {
        return Err(format!("distances are {km:?} instead of {right:?}"));
    }
    let ids = answer.ids();
    for (at, hit) in answer.hits().enumerate() {
        let right = offset + at;
        if hit.pinned != twin.pinned[right] || (hit.pinned && ids[at] != twin.ids[right]) {
            return Err(format!("hit {at} is {}, pinned or not against the rules", ids[at]));
        }
    }
    let Some(scores) = &twin.scores else {
        if let Some(at) = (0..ids.len()).find(|&at| ids[at] != expected[at]) {
            return Err(format!("hit {at} is {} instead of {}", ids[at], expected[at]));
        }
        return match answer.hits().position(|hit| hit.score.is_some()) {
            Some(at) => Err(format!("hit {at} has a score in an order of fields")),
            None => Ok(()),
        };
    };
    distinct(&ids)?;
    for (at, hit) in answer.hits().enumerate() {
        let (id, right) = (ids[at], offset + at);
        if twin.pinned[right] {
            compare_pinned_score(&hit, scores[right]).map_err(|what| format!("{id}: {what}"))?;
            continue;
        }
        let own = if id == twin.ids[right] {
            right
        } else {
            let found = twin.ids.iter().position(|known| known == id);
            found.ok_or_else(|| format!("hit {at} is {id}, which the twin does not find"))?
        };
        let Some(score) = hit.score else { return Err(format!("hit {at} ({id}) has no score")) };
        let (low, high) = twin.ranges[own];
        let slack = TOLERANCE * scores[own].abs().max(1.0);
        if !(low - slack..=high + slack).contains(&score) {
            return Err(format!("hit {at} ({id}) has score {score} instead of {}", scores[own]));
        }
        let (least, greatest) = twin.ranges[right];
        let tie = tie_of(scores[own]);
        if own != right && (low > greatest + tie || least > high + tie) {
            return Err(format!(
                "hit {at} is {id} (score {}) instead of {} (score {})",
                scores[own], twin.ids[right], scores[right]
            ));
        }
    }
    Ok(())
}

/// A pin has the score that it would have without its place, and none where the words do not find it.
fn compare_pinned_score(hit: &Hit<'_>, right: f64) -> Result<(), String> {
    let near = |score: f64| (score - right).abs() <= TOLERANCE * right.abs().max(1.0);
    match hit.score {
        // What reciprocal ranks leave open is no matter of rules.
        Some(score) if near(score) || (score - right).abs() < 1e-2 => Ok(()),
        None if right.is_nan() => Ok(()),
        other => Err(format!("the pin has score {other:?} instead of {right}")),
    }
}

/// Compares the highlights of every hit.
fn compare_all_highlights(
    twin: &TwinResult,
    request: &SearchRequest,
    answer: &SearchAnswer,
) -> Result<(), String> {
    for (hit, id) in answer.hits().zip(answer.ids()) {
        let marks = twin.marks.as_ref().and_then(|marks| {
            let place = twin.ids.iter().position(|known| known == id)?;
            marks.get(place)
        });
        match (hit.highlights, marks, &request.highlight) {
            (None, None, None) => {}
            (Some(shown), Some(marks), Some(how)) => compare_highlights(marks, how, shown)
                .map_err(|what| format!("highlights of {id}: {what}"))?,
            _ => return Err(format!("highlights of {id} are there or not, against the request")),
        }
    }
    Ok(())
}

/// Facets are the same exactly, but for a mean: its sum is made in another order.
fn same_facets(found: &[Facet], right: &[Facet]) -> bool {
    let number = |point: Option<FacetPoint>| match point {
        Some(FacetPoint::Number(number)) => Some(number),
        Some(FacetPoint::Date(moment)) => Some(moment.as_f64()),
        _ => None,
    };
    let mean = |facet: &Facet| facet.stats.and_then(|stats| number(stats.mean));
    let without_mean = |facet: &Facet| {
        let stats = facet.stats.map(|stats| FacetStats { mean: None, ..stats });
        Facet { stats, ..facet.clone() }
    };
    found.len() == right.len()
        && found.iter().zip(right).all(|(found, right)| {
            let near = match (mean(found), mean(right)) {
                (Some(found), Some(right)) => {
                    (found - right).abs() <= 1e-12 * right.abs().max(1.0) * 16.0
                }
                (None, None) => true,
                _ => false,
            };
            near && without_mean(found) == without_mean(right)
        })
}

/// Compares an answer with the twin's candidates: the same advisors in the same order, scores and
/// every part of them within 1e-5, the count of candidates exact. Scores within 1e-6 of each other may
/// stand in either order.
///
/// # Errors
/// What differs, in words.
pub fn compare_match(twin: &TwinMatches, answer: &MatchAnswer) -> Result<(), String> {
    if answer.considered != twin.considered {
        return Err(format!("considered is {} instead of {}", answer.considered, twin.considered));
    }
    let relaxed: Vec<String> = answer.relaxed.iter().map(ToString::to_string).collect();
    if relaxed != twin.relaxed {
        return Err(format!("{relaxed:?} is loosened instead of {:?}", twin.relaxed));
    }
    distinct(&answer.ids())?;
    let pinned: Vec<&str> =
        answer.matches().filter(|found| found.pinned).map(|found| found.advisor_id).collect();
    let others = answer.matches().filter(|found| !found.pinned).map(|found| found.advisor_id);
    let mut right = twin.choice.allows(&others.collect::<Vec<_>>())?;
    let pins: Vec<&str> = twin.pins.iter().map(|(_, pin)| pin.id.as_str()).collect();
    if pinned != pins {
        return Err(format!("{pinned:?} are pinned instead of {pins:?}"));
    }
    for (place, pin) in &twin.pins {
        right.insert((*place as usize - 1).min(right.len()), pin);
    }
    for (found, twin) in answer.matches().zip(right) {
        if found.advisor_id != twin.id {
            return Err(format!("{} stands where {} should", found.advisor_id, twin.id));
        }
        if !near(found.score, twin.score) {
            let id = found.advisor_id;
            return Err(format!("{id} has score {} instead of {}", found.score, twin.score));
        }
        let sum: f64 = found.breakdown.parts.iter().map(|part| part.contribution).sum();
        if (sum - found.score).abs() > 1e-6 {
            return Err(format!("contributions sum to {sum}, not to the score {}", found.score));
        }
        compare_breakdown(found.breakdown, &twin.breakdown)
            .and_then(|()| compare_words(&found, twin))
            .map_err(|what| format!("{}: {what}", found.advisor_id))?;
    }
    Ok(())
}

fn compare_words(found: &AdvisorMatch<'_>, right: &TwinMatch) -> Result<(), String> {
    let reasons = found.reasons.phrases();
    if reasons != right.reasons {
        return Err(format!("reasons are {reasons:?} instead of {:?}", right.reasons));
    }
    let relaxed: Vec<String> = found.relaxed.iter().map(ToString::to_string).collect();
    if relaxed != right.relaxed {
        return Err(format!("{relaxed:?} is loosened instead of {:?}", right.relaxed));
    }
    Ok(())
}

/// Compares the advisors nearest to one with the twin's ranking: the same in the same order, cosines within 1e-5.
/// Cosines within 1e-6 of each other may stand in either order.
///
/// # Errors
/// What differs, in words.
pub fn compare_similar(
    twin: &[(String, f64)],
    request: &SimilarRequest,
    answer: &SimilarAnswer,
) -> Result<(), String> {
    if answer.considered != twin.len() as u64 {
        return Err(format!("considered is {} instead of {}", answer.considered, twin.len()));
    }
    let expected = twin.len().min(request.limit as usize);
    if answer.len() != expected {
        return Err(format!("{} are similar instead of {expected}", answer.len()));
    }
    distinct(&answer.ids())?;
    for (found, (right, cosine)) in answer.similar().zip(twin) {
        let (id, similarity) = (found.advisor_id, found.similarity);
        let own = twin.iter().find(|(known, _)| known == id);
        let Some((_, own)) = own else { return Err(format!("{id} is none of the twin's")) };
        if !near(similarity, *own) {
            return Err(format!("{id} has similarity {similarity} instead of {own}"));
        }
        if id != right && (own - cosine).abs() > tie_of(*cosine) {
            return Err(format!("{id} ({own}) stands where {right} ({cosine}) should"));
        }
    }
    Ok(())
}

fn compare_breakdown(found: &Breakdown, right: &Breakdown) -> Result<(), String> {
    for (name, found, right) in [
        ("similarity", found.similarity, right.similarity),
        ("business", found.business, right.business),
        ("rating", found.rating, right.rating),
    ] {
        let same = match (found, right) {
            (Some(found), Some(right)) => near(found, right),
            (None, None) => true,
            _ => false,
        };
        if !same {
            return Err(format!("{name} is {found:?} instead of {right:?}"));
        }
    }
    let names = |breakdown: &Breakdown| -> Vec<&str> {
        breakdown.parts.iter().map(|part| part.name).collect()
    };
    if names(found) != names(right) {
        return Err(format!("parts are {:?} instead of {:?}", names(found), names(right)));
    }
    for (found, right) in found.parts.iter().zip(&right.parts) {
        let same = near(found.value, right.value)
            && near(found.weight, right.weight)
            && near(found.contribution, right.contribution);
        if !same {
            return Err(format!("part is {found:?} instead of {right:?}"));
        }
    }
    Ok(())
}

fn near(found: f64, right: f64) -> bool {
    (found - right).abs() <= TOLERANCE * right.abs().max(1.0)
}

fn distinct(ids: &[&str]) -> Result<(), String> {
    let mut seen = HashSet::new();
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(id) => Err(format!("{id} is given twice")),
        None => Ok(()),
    }
}
