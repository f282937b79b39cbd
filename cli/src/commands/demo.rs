//! `shortlist demo`.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use shortlist::testing::{Generator, generated_schema};
use shortlist::{ClientCriteria, Engine, EngineOptions, HashEmbedder, SearchRequest, Sort};

use super::build::HASH_DIMENSION;
use super::info::holdings;
use crate::args::Demo;
use crate::ask::Ask;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::progress::Progress;
use crate::proof::{Proof, prove};
use crate::report::facts::{count, table};
use crate::report::latency::Percentiles;
use crate::report::{matches::matches, page::page};

/// Few enough that the bar moves.
const BATCH: usize = 2_048;

/// Generates, builds, shows a page, a text search and a match, then times and verifies many.
pub fn run(options: &Demo, out: &mut Output) -> Result {
    let generator = Generator::new(options.seed);
    let show = !out.format.is_json();
    if show {
        let title = format!("Shortlist {}", env!("CARGO_PKG_VERSION"));
        out.line(out.style.strong(&title))?;
        let advisors = count(options.advisors.into());
        out.line(format!(
            "A marketplace of {advisors} advisors, made from seed {}.",
            options.seed
        ))?;
        out.flush()?;
    }
    let start = Instant::now();
    let engine = build(options, generator)?;
    let seconds = start.elapsed().as_secs_f64();
    if show {
        heading(out, "What the index holds")?;
        out.line(holdings(&engine.stats()))?;
        out.line(format!("made in {seconds:.2} s"))?;
        examples(&engine, out)?;
    }
    let requests = options.requests as usize;
    let searches: Vec<_> = generator.search_requests(requests).collect();
    let needs: Vec<_> = generator.match_requests(requests, None).collect();
    let twin = super::bench::twin_of(&engine)?;
    let search = prove("searches", &engine, &twin, &searches)?;
    let matching = prove("matches", &engine, &twin, &needs)?;
    tell(options, &engine, seconds, &search, &matching, out)
}

fn build(options: &Demo, generator: Generator) -> Result<Engine> {
    let embedder = Arc::new(HashEmbedder::new(HASH_DIMENSION));
    // What is timed is the finding of an answer.
    let schema = EngineOptions::with_schema(generated_schema()).with_cache_bytes(0);
    let engine = Engine::in_memory_with(schema.with_embedder(embedder))?;
    let progress = Progress::start("building");
    let rows = options.advisors as usize;
    for first in (0..rows).step_by(BATCH) {
        let last = rows.min(first + BATCH);
        engine.upsert((first..last).map(|row| generator.advisor(row)).collect())?;
        progress.at(Some(last as f64 / rows as f64), last as u64, "advisors");
    }
    progress.finish();
    Ok(engine)
}

/// One of each: a page, a text search, a match.
fn examples(engine: &Engine, out: &mut Output) -> Result {
    let list = SearchRequest {
        industries: vec!["Healthcare".to_owned(), "Biotech".to_owned()],
        min_rating: Some(4.0),
        available: true,
        sort: Some(Sort::PriceAsc),
        facets: vec!["services".into()],
        limit: 5,
        ..SearchRequest::default()
    };
    heading(out, "A list page: healthcare or biotech, rated 4 and up, with room, cheapest first")?;
    out.line(page(&list.ask(engine)?, out.style))?;

    let words = "cash flow \"series A\" or fundraising -crypto";
    let text = SearchRequest { text: Some(words.to_owned()), limit: 5, ..SearchRequest::default() };
    heading(out, &format!("A text search: {words}"))?;
    out.line(page(&text.ask(engine)?, out.style))?;

    let need = "A fractional CFO to prepare the fundraising of a small clinic group";
    let criteria = ClientCriteria {
        text: Some(need.to_owned()),
        industries: vec!["Healthcare".to_owned()],
        required_services: vec!["Fundraising".to_owned(), "Cash Flow Management".to_owned()],
        max_budget: Some(250.0),
        limit: 3,
        explain: true,
        ..ClientCriteria::default()
    };
    heading(out, &format!("A match: \"{need}\", healthcare, up to 250 an hour"))?;
    out.line(matches(&criteria.ask(engine)?, out.style))?;
    out.flush()
}

fn heading(out: &mut Output, text: &str) -> Result {
    out.line(format!("\n{}", out.style.strong(&format!("== {text}"))))
}

fn tell(
    options: &Demo,
    engine: &Engine,
    seconds: f64,
    search: &Proof,
    matching: &Proof,
    out: &mut Output,
) -> Result {
    let verified = search.verified + matching.verified;
    let all = search.requests + matching.requests;
    if out.format.is_json() {
        out.line(json!({
            "advisors": options.advisors,
            "seed": options.seed,
            "buildSeconds": seconds,
            "memory": engine.stats().memory,
            "search": latency_json(search.percentiles),
            "match": latency_json(matching.percentiles),
            "requests": all,
            "verified": verified,
        }))?;
    } else {
        let title =
            format!("{all} requests, one after the other, each checked against brute force");
        heading(out, &title)?;
        let mut rows = table(&["", "p50", "p95", "p99", "slowest"]);
        for (name, Percentiles { p50, p95, p99, max }) in
            [("search", search.percentiles), ("match", matching.percentiles)]
        {
            let micros = [p50, p95, p99, max].map(|micros| format!("{micros:.1} us"));
            rows.add_row(std::iter::once(name.to_owned()).chain(micros));
        }
        out.line(rows.trim_fmt())?;
        out.line(out.style.strong(&format!("verified {verified}/{all}")))?;
    }
    if let Some(what) = search.differs.as_ref().or(matching.differs.as_ref()) {
        return Err(Failure::Differs(format!(
            "{} of {all} answers differ from the brute-force twin's; the first: {what}",
            all - verified
        )));
    }
    if out.format.is_json() { Ok(()) } else { out.line(NEXT) }
}

fn latency_json(percentiles: Percentiles) -> Value {
    let Percentiles { p50, p95, p99, max } = percentiles;
    json!({"p50_us": p50, "p95_us": p95, "p99_us": p99, "max_us": max})
}

const NEXT: &str = "
What to try next:
  shortlist generate --advisors 15000 --dim 384 --out a.jsonl --embeddings-out a.f32 --requests 200
  shortlist build --input a.jsonl --embeddings a.f32 --dim 384 --index idx
  shortlist search --index idx --text 'cash flow' --industry Healthcare --available --facet services
  shortlist match --index idx --industry Healthcare --max-budget 250 --limit 3
  shortlist bench match --index idx --requests a.match.jsonl --embeddings a.match.f32
  shortlist --help";
