//! A cursor names a place in the order: the sort keys and id of the last row that was shown.
//!
//! It is authenticated with the index's key together with the request it came from, so that a forged
//! one, one of another index, and one of another request are refused alike.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::order::{Keyed, RowOrder};
use crate::api::filter::{Filter, Operand, Test};
use crate::api::search::{Fusion, Scope, SearchRequest, Sort, TextMatch};
use crate::generation::Generation;
use crate::model::{Error, Result};

const VERSION: u8 = 1;
const TAG: usize = 16;
/// Longer than any cursor of 64 keys and a 64-byte id.
const LONGEST: usize = 1_024;

/// A place in an order.
pub(super) struct Place {
    keys: Vec<u64>,
    id: Vec<u8>,
}

impl Place {
    /// The place of a row.
    pub(super) fn of(order: &RowOrder<'_>, generation: &Generation, keyed: Keyed) -> Self {
        let keys = std::iter::once(keyed.key).chain(order.further_keys(keyed.row)).collect();
        Self { keys, id: generation.id_bytes(keyed.row).to_vec() }
    }

    /// Whether a row comes after this place.
    pub(super) fn is_before(
        &self,
        order: &RowOrder<'_>,
        generation: &Generation,
        keyed: Keyed,
    ) -> bool {
        let keys = std::iter::once(keyed.key).chain(order.further_keys(keyed.row));
        let ids = || order.compare_ids(generation.id_bytes(keyed.row), &self.id);
        keys.cmp(self.keys.iter().copied()).then_with(ids).is_gt()
    }

    /// The cursor that a caller sends back.
    pub(super) fn seal(&self, generation: &Generation, request: &SearchRequest) -> String {
        let mut bytes = vec![VERSION, self.keys.len() as u8];
        self.keys.iter().for_each(|key| bytes.extend_from_slice(&key.to_le_bytes()));
        bytes.extend_from_slice(&self.id);
        let tag = tag(generation, request, &bytes);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor of this request names.
    ///
    /// # Errors
    /// [`Error::CursorRefused`].
    pub(super) fn open(
        cursor: &str,
        order: &RowOrder<'_>,
        generation: &Generation,
        request: &SearchRequest,
    ) -> Result<Self> {
        let refused = |reason| Error::CursorRefused { reason };
        if cursor.len() > LONGEST {
            return Err(refused("is longer than any cursor"));
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| refused("is not one that a search gave out"))?;
        let split = bytes.len().checked_sub(TAG).ok_or_else(|| refused("is cut short"))?;
        let (body, given) = bytes.split_at(split);
        if body.first().is_some_and(|version| *version != VERSION) {
            return Err(refused("is of another version"));
        }
        // Takes the same time wherever the bytes differ, so that nobody finds a tag byte by byte.
        if !constant_time_eq(&tag(generation, request, body), given) {
            return Err(refused("belongs to another request or another index, or was changed"));
        }
        let [_, keys, rest @ ..] = body else { return Err(refused("is cut short")) };
        let keys = usize::from(*keys);
        let (words, id) = rest.split_at_checked(keys * 8).ok_or_else(|| refused("is cut short"))?;
        if keys != order.keys() {
            return Err(refused("belongs to another order"));
        }
        let keys = words.as_chunks::<8>().0.iter().map(|key| u64::from_le_bytes(*key)).collect();
        Ok(Self { keys, id: id.to_vec() })
    }
}

fn constant_time_eq(expected: &[u8; TAG], given: &[u8]) -> bool {
    given.len() == TAG && expected.iter().zip(given).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn tag(generation: &Generation, request: &SearchRequest, body: &[u8]) -> [u8; TAG] {
    let mut hasher = blake3::Hasher::new_keyed(&generation.key);
    hasher.update(body);
    identify(request, &mut Identity(&mut hasher));
    let mut tag = [0; TAG];
    tag.copy_from_slice(&hasher.finalize().as_bytes()[..TAG]);
    tag
}

/// Feeds values to the hash so that no two requests feed the same bytes: lengths go before lists.
struct Identity<'a>(&'a mut blake3::Hasher);

impl Identity<'_> {
    fn byte(&mut self, byte: u8) {
        self.0.update(&[byte]);
    }

    fn len(&mut self, len: usize) {
        self.0.update(&(len as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.len(text.len());
        self.0.update(text.as_bytes());
    }

    fn texts(&mut self, texts: &[String]) {
        self.len(texts.len());
        texts.iter().for_each(|text| self.text(text));
    }

    fn number(&mut self, number: f64) {
        self.0.update(&number.to_bits().to_le_bytes());
    }

    fn number_or_none(&mut self, number: Option<f64>) {
        self.byte(u8::from(number.is_some()));
        self.number(number.unwrap_or(0.0));
    }
}

/// All that decides which rows are found and in which order. Page length, facets, fields, time limit and
/// explanations may differ from page to page.
fn identify(request: &SearchRequest, to: &mut Identity<'_>) {
    let SearchRequest {
        text,
        text_match,
        typos,
        typos_in_first_letter,
        prefix,
        filter,
        scope,
        industries,
        services,
        min_rating,
        max_hourly_rate,
        available,
        sort,
        limit: _,
        cursor: _,
        facets: _,
        disjunctive: _,
        fields: _,
        embedding,
        fusion,
        timeout_ms: _,
        explain: _,
        highlight: _,
    } = request;
    to.text(text.as_deref().unwrap_or(""));
    let match_any = *text_match == TextMatch::Any;
    let typo_flags = [*typos, *typos_in_first_letter];
    for flag in [match_any, *prefix, *scope == Scope::All, *available].into_iter().chain(typo_flags)
    {
        to.byte(u8::from(flag));
    }
    match filter {
        Some(filter) => identify_filter(filter, to),
        None => to.byte(0),
    }
    to.texts(industries);
    to.texts(services);
    to.number_or_none(*min_rating);
    to.number_or_none(*max_hourly_rate);
    to.byte(u8::from(matches!(sort, Some(Sort::Relevance))));
    let keys = sort.as_ref().map(Sort::keys).unwrap_or_default();
    to.len(keys.len());
    for key in keys {
        to.text(&key.field);
        to.byte(key.order as u8);
    }
    let embedding = embedding.as_deref().unwrap_or_default();
    to.len(embedding.len());
    embedding.iter().for_each(|value| to.number(f64::from(*value)));
    to.byte(u8::from(*fusion == Fusion::Rrf));
    to.number_or_none(match fusion {
        Fusion::Auto | Fusion::Rrf => None,
        Fusion::Weighted(weight) => Some(*weight),
    });
}

fn identify_filter(filter: &Filter, to: &mut Identity<'_>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            to.byte(if matches!(filter, Filter::And(_)) { 1 } else { 2 });
            to.len(parts.len());
            parts.iter().for_each(|part| identify_filter(part, to));
        }
        Filter::Not(part) => {
            to.byte(3);
            identify_filter(part, to);
        }
        Filter::Field { field, tests } => {
            to.byte(4);
            to.text(field);
            to.len(tests.len());
            tests.iter().for_each(|test| identify_test(test, to));
        }
    }
}

fn identify_test(test: &Test, to: &mut Identity<'_>) {
    match test {
        Test::AnyOf(values) => {
            to.byte(1);
            to.texts(values);
        }
        Test::AllOf(values) => {
            to.byte(2);
            to.texts(values);
        }
        Test::NoneOf(values) => {
            to.byte(3);
            to.texts(values);
        }
        Test::Is(value) => to.byte(4 + u8::from(*value)),
        Test::Exists(value) => to.byte(6 + u8::from(*value)),
        Test::Compare(comparison, operand) => {
            to.byte(8 + *comparison as u8);
            match operand {
                Operand::Number(number) => {
                    to.byte(1);
                    to.number(*number);
                }
                Operand::Moment(text) => {
                    to.byte(2);
                    to.text(text);
                }
                Operand::Field(field) => {
                    to.byte(3);
                    to.text(field);
                }
            }
        }
    }
}
