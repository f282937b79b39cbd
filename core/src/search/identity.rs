//! What makes two requests the same search, as bytes: a cursor is bound to them.

use crate::api::filter::{Filter, Operand, Test};
use crate::api::search::{Fusion, Scope, SearchRequest, Sort, TextMatch};
use crate::model::GeoPoint;

/// The bytes of a request: equal for requests that find the same rows in the same order, different for others.
pub(super) fn identity(request: &SearchRequest) -> Vec<u8> {
    let mut identity = Identity(Vec::with_capacity(256));
    identify(request, &mut identity);
    identity.0
}

/// Writes values so that no two requests write the same bytes: lengths go before lists.
struct Identity(Vec<u8>);

impl Identity {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn len(&mut self, len: usize) {
        self.0.extend_from_slice(&(len as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.len(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn texts(&mut self, texts: &[String]) {
        self.len(texts.len());
        texts.iter().for_each(|text| self.text(text));
    }

    fn number(&mut self, number: f64) {
        self.0.extend_from_slice(&number.to_bits().to_le_bytes());
    }

    fn point(&mut self, point: GeoPoint) {
        self.number(point.lat());
        self.number(point.lon());
    }

    fn number_or_none(&mut self, number: Option<f64>) {
        self.byte(u8::from(number.is_some()));
        self.number(number.unwrap_or(0.0));
    }
}

/// All that decides which rows are found and in which order. Page length, facets, fields, time limit and
/// explanations may differ from page to page.
fn identify(request: &SearchRequest, to: &mut Identity) {
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
        before: _,
        facets: _,
        disjunctive: _,
        fields: _,
        embedding,
        fusion,
        timeout_ms: _,
        explain: _,
        highlight: _,
        rules,
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
    identify_sort(sort.as_ref(), to);
    let embedding = embedding.as_deref().unwrap_or_default();
    to.len(embedding.len());
    embedding.iter().for_each(|value| to.0.extend_from_slice(&value.to_bits().to_le_bytes()));
    to.byte(u8::from(*fusion == Fusion::Rrf));
    to.number_or_none(match fusion {
        Fusion::Auto | Fusion::Rrf => None,
        Fusion::Weighted(weight) => Some(*weight),
    });
    to.text(&rules.as_ref().map_or_else(String::new, |rules| rules.to_value().to_string()));
}

fn identify_sort(sort: Option<&Sort>, to: &mut Identity) {
    to.byte(match sort {
        None => 0,
        Some(Sort::Relevance) => 1,
        Some(Sort::Rating) => 2,
        Some(Sort::Experience) => 3,
        Some(Sort::Reviews) => 4,
        Some(Sort::Newest) => 5,
        Some(Sort::PriceAsc) => 6,
        Some(Sort::PriceDesc) => 7,
        Some(Sort::Fields(_)) => 8,
    });
    if let Some(Sort::Fields(keys)) = sort {
        to.len(keys.len());
        for key in keys {
            to.text(&key.field);
            to.byte(key.order as u8);
            to.byte(u8::from(key.near.is_some()));
            key.near.iter().for_each(|point| to.point(*point));
        }
    }
}

fn identify_filter(filter: &Filter, to: &mut Identity) {
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

fn identify_test(test: &Test, to: &mut Identity) {
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
        Test::Near { centre, radius_km } => {
            to.byte(16);
            to.point(*centre);
            to.number(*radius_km);
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
