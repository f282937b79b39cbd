//! What came of one config: every request asked, every ranking measured.

use std::collections::HashMap;
use std::time::Instant;

use shortlist::testing::relevance::{Exposure, Judgements, Measures, Ranking, trec_lines};
use shortlist::{Engine, Scope, SearchRequest, limits};

use super::config::Config;
use super::question::Question;
use super::ranked::{Ranked, share};
use crate::failure::{Failure, Place, Result};
use crate::report::latency::{Latencies, Percentiles};

/// The judgements by query.
pub type Qrels = HashMap<String, Judgements>;

/// One config, measured.
pub struct Outcome {
    /// The config.
    pub config: Config,
    /// The measures of each judged question, in their order.
    pub each: Vec<Measures>,
    /// How the pages expose the catalogue.
    pub exposure: Exposure,
    /// Of each question, how much of the exact top its page holds; only where an answer can be approximate.
    pub held: Vec<f64>,
    /// Of each question, how much of the first config's page its page holds.
    pub kept: Vec<f64>,
    /// The ids of each page.
    pub pages: Vec<Vec<String>>,
    /// How long the pages took; none of another system's.
    pub percentiles: Option<Percentiles>,
    /// The rankings as a TREC run.
    pub run: String,
}

/// Asks every question under a config.
pub fn ask<A: Ranked>(
    engine: &Engine,
    questions: &[(Place, Question)],
    config: Config,
    (qrels, depth): (Option<&Qrels>, u32),
    base: Option<&[Vec<String>]>,
) -> Result<(Outcome, Vec<A>)> {
    let mut latencies = Latencies::default();
    let (mut each, mut held, mut kept, mut pages) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut requests, mut run) = (Vec::new(), String::new());
    for (at, (place, question)) in questions.iter().enumerate() {
        let request: A =
            question.under(&config).map_err(|error| Failure::at(error, place.clone()))?;
        let asked =
            |request: &A| request.ask(engine).map_err(|error| Failure::at(error, place.clone()));
        let before = Instant::now();
        let answer = asked(&request)?;
        latencies.add(before.elapsed());
        let page: Vec<String> = A::ids(&answer).into_iter().map(str::to_owned).collect();
        if A::APPROXIMATE {
            held.push(A::held(&answer, &asked(&request.clone().exhaustive())?));
        }
        if let Some(id) = &question.id {
            let deep = if request.limit() < depth {
                Some(asked(&request.clone().with_limit(depth))?)
            } else {
                None
            };
            let ranking = A::ids(deep.as_ref().unwrap_or(&answer));
            run.push_str(&trec_lines(id, ranking.iter().copied(), &config.run));
            if let Some(judged) = qrels.and_then(|qrels| qrels.get(id)) {
                each.push(Measures::of(ranking, judged, depth as usize));
            }
        }
        if let Some(base) = base {
            kept.push(kept_of(&base[at], &page));
        }
        pages.push(page);
        requests.push(request);
    }
    let exposure = exposure(&pages, catalogue(engine, &requests)?);
    let percentiles = Some(latencies.percentiles());
    Ok((Outcome { config, each, exposure, held, kept, pages, percentiles, run }, requests))
}

/// The rankings that another system gave to the questions.
pub fn elsewhere(
    rankings: &HashMap<String, Ranking>,
    questions: &[(Place, Question)],
    config: Config,
    (qrels, depth): (&Qrels, u32),
    base: &Outcome,
) -> Outcome {
    let nothing = Ranking::default();
    let (mut each, mut kept, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (_, question)) in questions.iter().enumerate() {
        let Some(id) = &question.id else { continue };
        let ranking = rankings.get(id).unwrap_or(&nothing);
        if let Some(judged) = qrels.get(id) {
            each.push(ranking.measures(judged, depth as usize));
        }
        let page = &ranking.greater_first;
        let page = page[..page.len().min(limits::DEFAULT_LIMIT as usize)].to_vec();
        kept.push(kept_of(&base.pages[at], &page));
        pages.push(page);
    }
    let exposure = exposure(&pages, base.exposure.catalogue);
    let (held, run) = (Vec::new(), String::new());
    Outcome { config, each, exposure, held, kept, pages, percentiles: None, run }
}

fn kept_of(base: &[String], page: &[String]) -> f64 {
    let base: Vec<&str> = base.iter().map(String::as_str).collect();
    share(&base, |id| page.iter().any(|one| one == id))
}

fn exposure(pages: &[Vec<String>], catalogue: u64) -> Exposure {
    Exposure::of(pages.iter().map(|page| page.iter().map(String::as_str)), catalogue)
}

/// How many profiles the pages could have shown: the marketplace, or all where a request asks for all.
fn catalogue<A: Ranked>(engine: &Engine, requests: &[A]) -> Result<u64> {
    let all = requests.iter().any(|request| request.scope() == Scope::All);
    let scope = if all { Scope::All } else { Scope::Marketplace };
    let whole = SearchRequest { scope, limit: 1, ..SearchRequest::default() };
    Ok(engine.search(&whole)?.total)
}
