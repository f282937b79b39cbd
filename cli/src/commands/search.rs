//! `shortlist search`.

use shortlist::{
    FacetRequest, Filter, Highlight, Order, Scope, SearchRequest, Sort, SortKey, Test, TextMatch,
};

use crate::answer;
use crate::args::{Free, Near, Search, TypedSearch};
use crate::commands::rules::source;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;

/// Answers the typed request, one JSON request, or a file of them.
pub fn run(options: &Search, out: &mut Output) -> Result {
    let engine = open(&options.index.index)?;
    answer::run(&options.asked, &engine, out, || typed(&options.typed))
}

/// A field's name, or what is to be told of it as JSON.
fn facet_of(typed: &str) -> shortlist::Result<FacetRequest> {
    if typed.trim_start().starts_with('{') {
        FacetRequest::from_json(typed)
    } else {
        Ok(typed.into())
    }
}

/// The typed filter, the typed circle and the typed free time, all that are given.
fn filter(options: &TypedSearch) -> shortlist::Result<Option<Filter>> {
    let typed = options.filter.as_deref().map(Filter::from_json).transpose()?;
    let circle = options.nearness.near.as_ref().zip(options.nearness.within);
    let circle = circle.map(|(Near { field, point }, radius_km)| Filter::Field {
        field: field.clone(),
        tests: vec![Test::Near { centre: *point, radius_km }],
    });
    let free = options.free_time.free.as_ref().zip(options.free_time.minutes);
    let free = free.map(|(Free { field, from, to }, minutes)| Filter::Field {
        field: field.clone(),
        tests: vec![Test::Free { from: *from, to: *to, minutes }],
    });
    let mut given: Vec<Filter> = [typed, circle, free].into_iter().flatten().collect();
    Ok(if given.len() > 1 { Some(Filter::And(given)) } else { given.pop() })
}

/// The typed order; without one, by the distance from a typed point.
fn sort(options: &TypedSearch) -> shortlist::Result<Option<Sort>> {
    match (&options.sort, &options.nearness.near) {
        (None, Some(Near { field, point })) => {
            let key = SortKey { field: field.clone(), order: Order::Asc, near: Some(*point) };
            Ok(Some(Sort::Fields(vec![key])))
        }
        (name, _) => name.as_deref().map(Sort::from_name).transpose(),
    }
}

fn typed(options: &TypedSearch) -> shortlist::Result<SearchRequest> {
    let default = SearchRequest::default();
    let request = SearchRequest {
        text: options.text.clone(),
        text_match: if options.any { TextMatch::Any } else { TextMatch::All },
        typos: options.typos,
        typos_in_first_letter: options.typos_in_first_letter,
        prefix: options.prefix,
        fusion: options.fusion.unwrap_or_default(),
        highlight: options.highlight.then(Highlight::default),
        filter: filter(options)?,
        rules: options.rules.as_deref().map(source).transpose()?,
        scope: if options.all { Scope::All } else { Scope::Marketplace },
        industries: options.industry.clone(),
        services: options.service.clone(),
        min_rating: options.min_rating,
        max_hourly_rate: options.max_rate,
        available: options.available,
        sort: sort(options)?,
        limit: options.limit.unwrap_or(default.limit),
        cursor: options.cursor.clone(),
        before: options.before.clone(),
        facets: options
            .facet
            .iter()
            .map(|facet| facet_of(facet))
            .collect::<shortlist::Result<_>>()?,
        disjunctive: options.disjunctive,
        ..default
    };
    request.check()?;
    Ok(request)
}
