//! Answers as JSON, put together from listings that are kept in their wire form.
//!
//! Whoever keeps listings too (a binding does, on the other side of its border) takes an answer *apart*:
//!
//! ```json
//! {"keys": [row, stamp, row, stamp, ...], "listings": [...], "answer": {...}}
//! ```
//!
//! `keys` says which listing stands in which place, `listings` has those that the reader does not know, in their order,
//! and `answer` is the wire form with `null` in the place of each; a hit of a search is `null` or what it has beside
//! its listing.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::answer::{Hit, MatchAnswer, SearchAnswer};
use super::listing::{Listing, Projection};
use super::similar::SimilarAnswer;

/// What a listing is known by: a place and a stamp, which no two states of a place have in common.
///
/// A stamp is good for this process only, and within it for all engines: what is kept by place and stamp is never out of
/// date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListingKey {
    /// The place.
    pub row: u32,
    /// When it was last written to.
    pub stamp: u64,
}

/// A profile on its way over a border, its embedding as it lies in memory.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ProfileApart {
    /// The wire form, without the embedding.
    pub json: String,
    /// The embedding.
    pub embedding: Option<Vec<f32>>,
}

/// What a hit has beside its listing.
struct Beside<'a>(Hit<'a>);

impl Serialize for Beside<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.write_beside(&mut map)?;
        map.end()
    }
}

/// The fields of an answer behind its list.
struct Rest<'a, A>(&'a A);

impl Serialize for Rest<'_, SearchAnswer> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.end(serializer.serialize_map(None)?)
    }
}

impl Serialize for Rest<'_, MatchAnswer> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.end(serializer.serialize_map(None)?)
    }
}

/// An answer with `null` in the place of its listings.
struct Bare<'a, A>(&'a A);

impl Serialize for Bare<'_, MatchAnswer> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer, &Projection::NONE)
    }
}

impl Serialize for Bare<'_, SimilarAnswer> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer, &Projection::NONE)
    }
}

fn put(out: &mut Vec<u8>, value: &impl Serialize) {
    // Writing to memory fails only where a map's key is not a string: none is.
    let _ = serde_json::to_writer(out, value);
}

/// Goes on with the object that `out` ends in, its brace left open: the fields of `value` follow.
fn put_fields(out: &mut Vec<u8>, value: &impl Serialize) {
    let at = out.len();
    put(out, value);
    if let Some(brace) = out.get_mut(at) {
        *brace = b',';
    }
}

fn put_hit(out: &mut Vec<u8>, hit: Hit<'_>) {
    match hit.listing.written() {
        None => put(out, &hit),
        Some(written) if hit.has_beside() => {
            let text = written.text();
            out.extend_from_slice(text.strip_suffix('}').unwrap_or(text).as_bytes());
            put_fields(out, &Beside(hit));
        }
        Some(written) => out.extend_from_slice(written.text().as_bytes()),
    }
}

fn put_bare_hit(out: &mut Vec<u8>, hit: Hit<'_>) {
    if hit.has_beside() { put(out, &Beside(hit)) } else { out.extend_from_slice(b"null") }
}

fn text(bytes: Vec<u8>) -> String {
    // Made of strings, so it is one.
    String::from_utf8(bytes).unwrap_or_default()
}

fn put_search(out: &mut Vec<u8>, answer: &SearchAnswer, put_hit: fn(&mut Vec<u8>, Hit<'_>)) {
    out.extend_from_slice(b"{\"hits\":[");
    for (at, hit) in answer.hits().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        put_hit(out, hit);
    }
    out.push(b']');
    put_fields(out, &Rest(answer));
}

/// The frame of what is taken apart; `None` where an answer shows other fields than the listing's.
fn apart<'a>(
    listings: impl Iterator<Item = Listing<'a>>,
    known: impl Fn(ListingKey) -> bool,
    answer: impl FnOnce(&mut Vec<u8>),
) -> Option<String> {
    let (mut keys, mut unknown) = (Vec::new(), Vec::new());
    for listing in listings {
        let key = listing.key()?;
        keys.extend([u64::from(key.row), key.stamp]);
        if !known(key) {
            unknown.push(listing);
        }
    }
    let mut out = Vec::with_capacity(256 + unknown.len() * 640);
    out.extend_from_slice(b"{\"keys\":");
    put(&mut out, &keys);
    out.extend_from_slice(b",\"listings\":");
    put(&mut out, &unknown);
    out.extend_from_slice(b",\"answer\":");
    answer(&mut out);
    out.push(b'}');
    Some(text(out))
}

impl SearchAnswer {
    /// The wire form. Cost: a copy of each listing that was written before in this state; else it is read and written.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Scope, SearchRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// engine.upsert(vec![AdvisorProfile::new("ada")])?;
    /// let everyone = SearchRequest { scope: Scope::All, ..SearchRequest::default() };
    /// let page = engine.search(&everyone)?;
    /// assert!(page.to_json().starts_with(r#"{"hits":[{"id":"ada","#));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        text(self.to_json_bytes())
    }

    /// As [`SearchAnswer::to_json`], in UTF-8 bytes: what an HTTP response is sent as.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512 + self.len() * 640);
        put_search(&mut out, self, put_hit);
        out
    }

    /// The answer and its listings apart, without those that the reader says it knows:
    /// `{"keys": [row, stamp, ...], "listings": [...], "answer": {...}}`, where `answer` has `null` in the place of each listing.
    /// `None` where the request named its own `fields`.
    ///
    /// ```
    /// use shortlist::{AdvisorProfile, Engine, Scope, SearchRequest};
    ///
    /// let engine = Engine::in_memory()?;
    /// engine.upsert(vec![AdvisorProfile::new("ada")])?;
    /// let everyone = SearchRequest { scope: Scope::All, ..SearchRequest::default() };
    /// let page = engine.search(&everyone)?;
    /// let apart = page.to_json_apart(|_| true).unwrap_or_default();
    /// assert!(apart.contains(r#""listings":[],"answer":{"hits":[null],"#));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// Cost: the listings that are not known are copied or written.
    pub fn to_json_apart(&self, known: impl Fn(ListingKey) -> bool) -> Option<String> {
        apart(self.hits().map(|hit| hit.listing), known, |out| put_search(out, self, put_bare_hit))
    }
}

/// Ids and scores in two lists, and the fields behind.
fn ids(ids: &[&str], scores: &[Option<f64>], rest: &impl Serialize) -> String {
    let mut out = Vec::with_capacity(256 + ids.len() * 64);
    out.extend_from_slice(b"{\"ids\":");
    put(&mut out, &ids);
    out.extend_from_slice(b",\"scores\":");
    // A list page has none: then one word says so.
    put(&mut out, &scores.iter().any(Option::is_some).then_some(scores));
    put_fields(&mut out, rest);
    text(out)
}

impl SearchAnswer {
    /// The ids of the hits, their scores, and what stands behind the hits: `{"ids": [...], "scores": [...], "total": ...}`;
    /// `scores` is `null` where no hit has one.
    pub fn to_json_ids(&self) -> String {
        let scores: Vec<_> = self.hits().map(|hit| hit.score).collect();
        ids(&self.ids(), &scores, &Rest(self))
    }
}

impl MatchAnswer {
    /// The ids of the matches, their scores, and what stands behind the matches.
    pub fn to_json_ids(&self) -> String {
        let scores: Vec<_> = self.matches().map(|found| Some(found.score)).collect();
        ids(&self.ids(), &scores, &Rest(self))
    }

    /// The answer and its listings apart, as [`SearchAnswer::to_json_apart`].
    pub fn to_json_apart(&self, known: impl Fn(ListingKey) -> bool) -> Option<String> {
        apart(self.matches().map(|found| found.listing), known, |out| put(out, &Bare(self)))
    }
}

impl SimilarAnswer {
    /// The answer and its listings apart, as [`SearchAnswer::to_json_apart`].
    pub fn to_json_apart(&self, known: impl Fn(ListingKey) -> bool) -> Option<String> {
        apart(self.similar().map(|found| found.listing), known, |out| put(out, &Bare(self)))
    }
}
