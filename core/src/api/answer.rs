//! What a caller gets.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::facet_answer::{Facet, Facets};
use super::highlight::{HighlightedField, Highlights};
use super::listing::{Listing, Plain, ProfileSource, Projection};
use super::reasons::Reasons;
use super::relaxation::Relaxation;

/// The answer to a search. Listings are read from the generation that answered, which it keeps alive.
#[derive(Clone)]
pub struct SearchAnswer {
    /// The name of the path that was taken.
    pub(crate) path: &'static str,
    pub(crate) source: Arc<dyn ProfileSource>,
    pub(crate) projection: Arc<Projection>,
    pub(crate) rows: Vec<(u32, Option<f64>)>,
    /// Which of them rules pinned.
    pub(crate) pinned: Vec<u32>,
    /// Those of each row, where the request asks for them.
    pub(crate) highlights: Option<Vec<Vec<HighlightedField>>>,
    /// The distance of each row, where the order is by distance.
    pub(crate) distances: Option<Vec<Option<f64>>>,
    /// How many profiles the request finds in all; exact.
    pub total: u64,
    /// The cursor of the next page; none on the last.
    pub next_cursor: Option<String>,
    /// What the page before this one is asked for by, as [`SearchRequest::before`](crate::SearchRequest::before);
    /// none on the first.
    pub previous_cursor: Option<String>,
    /// The counts of each facet asked for, in the order asked.
    pub facets: Vec<Facet>,
    /// Where nothing is found: the text with other words, so that something is; none if there is no such text.
    pub did_you_mean: Option<String>,
    /// The generation that answered.
    pub generation: u64,
    /// Microseconds from request to answer.
    pub took_us: u64,
    /// How the answer was found, where the request asks for it.
    pub explain: Option<PlanReport>,
}

/// One hit of a search.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The profile.
    pub listing: Listing<'a>,
    /// The relevance, where the order is by relevance: larger is better, comparable within one answer only.
    pub score: Option<f64>,
    /// How far away it is in kilometres, to the metre, where the order is by distance and the profile has a point.
    pub distance_km: Option<f64>,
    /// Whether rules pinned the profile to its place. One that the words did not find has no score.
    pub pinned: bool,
    /// Where the words of the text stand, by field, where the request asks for it; only fields in which they do.
    pub highlights: Option<&'a [HighlightedField]>,
}

impl Serialize for Hit<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.listing.write_fields(&mut map)?;
        self.write_beside(&mut map)?;
        map.end()
    }
}

impl Hit<'_> {
    /// Whether there is anything to say of it but its listing.
    pub(super) fn has_beside(&self) -> bool {
        let Self { listing: _, score, distance_km, pinned, highlights } = self;
        score.is_some() || distance_km.is_some() || *pinned || highlights.is_some()
    }

    /// What is said of it beside its listing.
    pub(super) fn write_beside<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Some(score) = self.score {
            map.serialize_entry("score", &score)?;
        }
        if let Some(km) = self.distance_km {
            map.serialize_entry("distanceKm", &Plain(km))?;
        }
        if self.pinned {
            map.serialize_entry("pinned", &true)?;
        }
        if let Some(highlights) = self.highlights {
            map.serialize_entry("highlights", &Highlights(highlights))?;
        }
        Ok(())
    }
}

/// The path that a request took and what it cost in rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlanReport {
    /// The name of the path.
    pub path: &'static str,
    /// Why it was chosen, with the estimate it was chosen by.
    pub why: String,
    /// Rows that passed every condition.
    pub considered: u64,
    /// Rows whose score was bounded from a projection of their vector. Where candidates lie close, whole blocks are
    /// read: those between them are counted too.
    pub bounded: u64,
    /// Rows whose score was bounded from codes of their whole vector.
    pub coded: u64,
    /// Rows whose vector was read.
    pub dotted: u64,
    /// Cells visited on the approximate path.
    #[serde(skip_serializing_if = "is_none_visited")]
    pub cells: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_none_visited(cells: &u64) -> bool {
    *cells == 0
}

impl SearchAnswer {
    /// How many hits this page has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the page has no hit.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The hits, in order.
    pub fn hits(&self) -> impl ExactSizeIterator<Item = Hit<'_>> {
        self.rows.iter().enumerate().map(|(at, &row)| self.hit_of(at, row))
    }

    /// The hit of that place, from 0; none behind the last. Cost: nothing is copied.
    pub fn hit(&self, at: usize) -> Option<Hit<'_>> {
        self.rows.get(at).map(|&row| self.hit_of(at, row))
    }

    fn hit_of(&self, at: usize, (row, score): (u32, Option<f64>)) -> Hit<'_> {
        Hit {
            listing: self.listing(row),
            score,
            distance_km: self.distances.as_ref().and_then(|all| all.get(at).copied().flatten()),
            pinned: self.pinned.contains(&row),
            highlights: self
                .highlights
                .as_ref()
                .map(|all| all.get(at).map_or(&[][..], Vec::as_slice)),
        }
    }

    /// The ids of the hits, in order.
    pub fn ids(&self) -> Vec<&str> {
        self.rows.iter().map(|&(row, _)| self.source.id(row)).collect()
    }

    fn listing(&self, row: u32) -> Listing<'_> {
        Listing::new(&*self.source, &self.projection, row)
    }
}

impl fmt::Debug for SearchAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchAnswer")
            .field("ids", &self.ids())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// A sequence that is made while it is written.
pub(super) struct Sequence<F>(pub(super) F);

impl<I: Iterator<Item: Serialize>, F: Fn() -> I> Serialize for Sequence<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for item in (self.0)() {
            sequence.serialize_element(&item)?;
        }
        sequence.end()
    }
}

/// What every answer ends with: how it was found where that was asked for, in which generation, in which time.
pub(super) fn end_answer<M: SerializeMap>(
    mut map: M,
    explain: Option<&PlanReport>,
    generation: u64,
    took_us: u64,
) -> Result<M::Ok, M::Error> {
    if let Some(plan) = explain {
        map.serialize_entry("explain", plan)?;
    }
    map.serialize_entry("generation", &generation)?;
    map.serialize_entry("tookUs", &took_us)?;
    map.end()
}

impl Serialize for SearchAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("hits", &Sequence(|| self.hits()))?;
        self.end(map)
    }
}

impl SearchAnswer {
    /// What follows the hits.
    pub(super) fn end<M: SerializeMap>(&self, mut map: M) -> Result<M::Ok, M::Error> {
        map.serialize_entry("total", &self.total)?;
        map.serialize_entry("nextCursor", &self.next_cursor)?;
        map.serialize_entry("previousCursor", &self.previous_cursor)?;
        map.serialize_entry("facets", &Facets(&self.facets))?;
        if let Some(text) = &self.did_you_mean {
            map.serialize_entry("didYouMean", text)?;
        }
        end_answer(map, self.explain.as_ref(), self.generation, self.took_us)
    }
}

/// The answer to a match: the true top of the whole filtered catalogue by the full score.
#[derive(Clone)]
pub struct MatchAnswer {
    /// The name of the path that was taken.
    pub(crate) path: &'static str,
    pub(crate) source: Arc<dyn ProfileSource>,
    pub(crate) projection: Arc<Projection>,
    pub(crate) scored: Vec<Scored>,
    /// How many advisors passed the hard filter, as far as it was loosened; exact.
    pub considered: u64,
    /// What `relax` loosened, step by step; empty where enough advisors passed.
    pub relaxed: Vec<Relaxation>,
    /// Whether this is the true top; false only where an approximate path was chosen.
    pub exact: bool,
    /// The generation that answered.
    pub generation: u64,
    /// Microseconds from criteria to answer.
    pub took_us: u64,
    /// How the answer was found, where the criteria ask for it.
    pub explain: Option<PlanReport>,
}

/// A row with its score; what a ranking is made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scored {
    pub(crate) row: u32,
    pub(crate) score: f64,
    pub(crate) breakdown: Breakdown,
    pub(crate) reasons: Reasons,
    pub(crate) relaxed: Vec<Relaxation>,
    pub(crate) pinned: bool,
}

/// One match.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdvisorMatch<'a> {
    /// The advisor's id.
    pub advisor_id: &'a str,
    /// The full score, 0 to 1 with the default weights (similarity can take it below 0).
    pub score: f64,
    /// What the score is made of.
    pub breakdown: &'a Breakdown,
    /// Why the advisor fits, for a person.
    pub reasons: &'a Reasons,
    /// What had to be loosened for this advisor to pass; empty where the criteria hold as they are.
    #[serde(skip_serializing_if = "<[Relaxation]>::is_empty")]
    pub relaxed: &'a [Relaxation],
    /// Whether rules pinned the advisor to its place.
    #[serde(skip_serializing_if = "is_false")]
    pub pinned: bool,
    /// The profile.
    pub listing: Listing<'a>,
}

/// What serde leaves out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What a score is made of. A part that the criteria do not ask for is `None` and weighs nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Breakdown {
    /// Cosine of the embeddings, -1 to 1.
    pub similarity: Option<f64>,
    /// The weighted business parts, 0 to 1.
    pub business: Option<f64>,
    /// The rating, 0 to 1.
    pub rating: Option<f64>,
    /// Every part that weighs something; their contributions sum to the score.
    pub parts: Vec<Part>,
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// `similarity`, `industries`, `services`, `experience`, `budget`, `capacity`, `certifications`, `attributes`, `rating` or
    /// `rules`.
    pub name: &'static str,
    /// The raw value, 0 to 1 (similarity -1 to 1); of `rules` the factor.
    pub value: f64,
    /// Its share of the score once the weights are scaled; they sum to 1. `rules` has none.
    pub weight: f64,
    /// `value * weight`; of `rules` what the factor adds to the score or takes from it.
    pub contribution: f64,
}

impl MatchAnswer {
    /// How many matches there are.
    pub fn len(&self) -> usize {
        self.scored.len()
    }

    /// Whether nobody matched.
    pub fn is_empty(&self) -> bool {
        self.scored.is_empty()
    }

    /// The matches, best first.
    pub fn matches(&self) -> impl ExactSizeIterator<Item = AdvisorMatch<'_>> {
        self.scored.iter().map(|scored| self.match_of(scored, &self.projection))
    }

    /// The match of that place, from 0; none behind the last. Cost: nothing is copied.
    pub fn get(&self, at: usize) -> Option<AdvisorMatch<'_>> {
        self.scored.get(at).map(|scored| self.match_of(scored, &self.projection))
    }

    fn match_of<'a>(&'a self, scored: &'a Scored, projection: &'a Projection) -> AdvisorMatch<'a> {
        let listing = Listing::new(&*self.source, projection, scored.row);
        AdvisorMatch {
            advisor_id: listing.id(),
            score: scored.score,
            breakdown: &scored.breakdown,
            reasons: &scored.reasons,
            relaxed: &scored.relaxed,
            pinned: scored.pinned,
            listing,
        }
    }

    /// The ids of the matches, best first.
    pub fn ids(&self) -> Vec<&str> {
        self.scored.iter().map(|scored| self.source.id(scored.row)).collect()
    }

    /// The wire form. Cost: the listings are read and written once.
    pub fn to_json(&self) -> String {
        super::json::to_json(self)
    }
}

impl fmt::Debug for MatchAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatchAnswer")
            .field("ids", &self.ids())
            .field("considered", &self.considered)
            .finish_non_exhaustive()
    }
}

impl Serialize for MatchAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write(serializer, &self.projection)
    }
}

impl MatchAnswer {
    /// The wire form, with these fields of each listing.
    pub(super) fn write<S: Serializer>(
        &self,
        serializer: S,
        projection: &Projection,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(
            "matches",
            &Sequence(|| self.scored.iter().map(|one| self.match_of(one, projection))),
        )?;
        self.end(map)
    }

    /// What follows the matches.
    pub(super) fn end<M: SerializeMap>(&self, mut map: M) -> Result<M::Ok, M::Error> {
        map.serialize_entry("considered", &self.considered)?;
        if !self.relaxed.is_empty() {
            map.serialize_entry("relaxed", &self.relaxed)?;
        }
        map.serialize_entry("exact", &self.exact)?;
        end_answer(map, self.explain.as_ref(), self.generation, self.took_us)
    }
}
