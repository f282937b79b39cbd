//! What makes two requests the same search, as bytes: a cursor is bound to them, and an answer is remembered by them.

use crate::api::canonical::{Canonical, write_filter};
use crate::api::facet::{FacetRequest, Interval};
use crate::api::filter::Filter;
use crate::api::search::{Fusion, Scope, SearchRequest, Sort, TextMatch};

/// The bytes of a request and of what it is kept within: equal for requests that find the same rows in the same order,
/// different for others.
pub(super) fn identity(request: &SearchRequest, within: Option<&Filter>) -> Vec<u8> {
    let mut identity = Canonical(Vec::with_capacity(256));
    identify(request, &mut identity);
    // Nothing is written where there is none, so that cursors given out before stay good.
    within.into_iter().for_each(|filter| write_filter(filter, &mut identity));
    identity.0
}

/// The bytes of a request and of what it is kept within: equal for requests that have the same answer, different for
/// others. How long it may take and how old it may be is no part of them; an explanation is not looked at.
pub(crate) fn answer_key(request: &SearchRequest, within: Option<&Filter>) -> Vec<u8> {
    let mut key = Canonical(Vec::with_capacity(256));
    key.byte(u8::from(within.is_some()));
    within.into_iter().for_each(|filter| write_filter(filter, &mut key));
    identify(request, &mut key);
    key.byte(u8::from(request.disjunctive));
    key.len(request.limit as usize);
    for cursor in [&request.cursor, &request.before] {
        key.byte(u8::from(cursor.is_some()));
        key.text(cursor.as_deref().unwrap_or(""));
    }
    key.len(request.facets.len());
    request.facets.iter().for_each(|facet| write_facet(facet, &mut key));
    key.byte(u8::from(request.fields.is_some()));
    key.texts(request.fields.as_deref().unwrap_or_default());
    key.byte(u8::from(request.highlight.is_some()));
    if let Some(highlight) = &request.highlight {
        // Rare, and of many parts.
        key.text(&format!("{highlight:?}"));
    }
    key.0
}

fn write_facet(facet: &FacetRequest, to: &mut Canonical) {
    let FacetRequest { field, limit, facet_query, buckets, histogram, stats } = facet;
    to.text(field);
    to.len(limit.map_or(0, |limit| limit as usize));
    to.byte(u8::from(facet_query.is_some()));
    to.text(facet_query.as_deref().unwrap_or(""));
    to.len(buckets.len());
    buckets.iter().for_each(|bucket| to.text(&bucket.to_value().to_string()));
    let (kind, width) = match histogram {
        None => (0, 0.0),
        Some(Interval::Width(width)) => (1, *width),
        Some(Interval::Day) => (2, 0.0),
        Some(Interval::Week) => (3, 0.0),
        Some(Interval::Month) => (4, 0.0),
        Some(Interval::Quarter) => (5, 0.0),
        Some(Interval::Year) => (6, 0.0),
    };
    to.byte(kind);
    to.number(width);
    to.byte(u8::from(*stats));
}

/// All that decides which rows are found and in which order. Page length, facets, fields, time limit and
/// explanations may differ from page to page.
fn identify(request: &SearchRequest, to: &mut Canonical) {
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
        max_staleness_ms: _,
        at_least: _,
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
        Some(filter) => write_filter(filter, to),
        None => to.byte(0),
    }
    to.set(industries);
    to.set(services);
    to.number_or_none(*min_rating);
    to.number_or_none(*max_hourly_rate);
    identify_sort(sort.as_ref(), to);
    to.vector(embedding.as_deref());
    to.byte(u8::from(*fusion == Fusion::Rrf));
    to.number_or_none(match fusion {
        Fusion::Auto | Fusion::Rrf => None,
        Fusion::Weighted(weight) => Some(*weight),
    });
    to.text(&rules.as_ref().map_or_else(String::new, |rules| rules.to_value().to_string()));
}

fn identify_sort(sort: Option<&Sort>, to: &mut Canonical) {
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
