//! `shortlist match`.

use shortlist::{ClientCriteria, Engine, Error, Filter, RatingMode};

use crate::answer;
use crate::args::{Match, TypedMatch};
use crate::commands::rules::source;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;

/// Answers the typed criteria, one JSON request, or a file of them.
pub fn run(options: &Match, out: &mut Output) -> Result {
    let engine = open(&options.index.index)?;
    answer::run(&options.asked, &engine, out, || typed(&options.typed, &engine))
}

fn typed(options: &TypedMatch, engine: &Engine) -> shortlist::Result<ClientCriteria> {
    if let Some(need) = &options.need
        && engine.schema().embedder.is_none()
    {
        return Err(Error::OutOfRange {
            field: "need".to_owned(),
            value: format!("{need:?}"),
            expected: "left out: this index embeds no text (build it with --embedder hash), so send the need's `embedding` in --request instead".to_owned(),
        });
    }
    let default = ClientCriteria::default();
    let criteria = ClientCriteria {
        industries: options.industry.clone(),
        required_services: options.service.clone(),
        require_all: options.all_services,
        max_budget: options.max_budget,
        min_rating: options.min_rating,
        text: options.need.clone(),
        filter: options.filter.as_deref().map(Filter::from_json).transpose()?,
        exclude_ids: options.exclude.clone(),
        rating: if options.bayesian { RatingMode::Bayesian } else { RatingMode::Mean },
        limit: options.limit.unwrap_or(default.limit),
        diversity: options.diversity,
        max_per: options.max_per.clone(),
        min_score: options.min_score,
        relax: options.relax,
        rules: options.rules.as_deref().map(source).transpose()?,
        explain: options.explain,
        approximate: options.approximate,
        exact_budget_ms: options.exact_budget_ms,
        ..default
    };
    criteria.check()?;
    Ok(criteria)
}
