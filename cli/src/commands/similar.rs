//! `shortlist similar`.

use shortlist::{Filter, Scope, SimilarRequest};

use crate::args::Similar;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::matches::similar;

/// Answers who is most like an advisor.
pub fn run(options: &Similar, out: &mut Output) -> Result {
    let engine = open(&options.index.index)?;
    let request = match &options.request {
        Some(json) => SimilarRequest::from_json(json)?,
        None => typed(options)?,
    };
    let answer = engine.similar_to(&request)?;
    if out.format.is_json() {
        out.line(answer.to_json())
    } else {
        out.line(similar(&answer, out.style))
    }
}

fn typed(options: &Similar) -> shortlist::Result<SimilarRequest> {
    let default = SimilarRequest::of(options.id.clone().unwrap_or_default());
    Ok(SimilarRequest {
        filter: options.filter.as_deref().map(Filter::from_json).transpose()?,
        scope: if options.all { Scope::All } else { Scope::Marketplace },
        limit: options.limit.unwrap_or(default.limit),
        explain: options.explain,
        ..default
    })
}
