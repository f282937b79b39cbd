//! `shortlist bench`.

mod baseline;
mod page;
mod timing;

use std::time::Duration;

use serde_json::json;
use shortlist::testing::Twin;
use shortlist::{ClientCriteria, Embedder, Engine, HashEmbedder, SearchRequest, Stats};

use self::baseline::Baseline;
use self::timing::{Timed, Times, time};
use crate::args::{Bench, BenchKind};
use crate::ask::{Ask, Requests};
use crate::failure::{Failure, Result};
use crate::open::open;
use crate::output::Output;
use crate::progress::Progress;
use crate::proof;
use crate::report::facts::{count, facts};
use crate::report::latency::{Latencies, Percentiles};
use crate::report::timeline::Timeline;

/// How many answers are compared with the twin's at most.
const SAMPLE: usize = 200;

/// Times the engine's call alone, request after request, and checks a sample of the answers.
pub fn run(options: &Bench, out: &mut Output) -> Result {
    match options.what {
        BenchKind::Search => bench::<SearchRequest>(options, out),
        BenchKind::Match => bench::<ClientCriteria>(options, out),
    }
}

fn bench<A: Ask>(options: &Bench, out: &mut Output) -> Result {
    let baseline = options.baseline.as_deref().map(Baseline::read).transpose()?;
    let engine = open(&options.index.index)?;
    let requests: Vec<A> = read(options, &engine)?;
    let progress = Progress::start("timing");
    let (paths, requests) = warm_up(&engine, requests, &progress)?;
    progress.say("timing");
    let threads = (usize::from(options.threads), Duration::from_secs_f64(options.seconds));
    let times = time(&engine, &requests, paths.len(), threads)?;
    progress.finish();
    let requests: Vec<A> = requests.into_iter().map(|timed| timed.request).collect();
    let (sample, differences) = verify(&engine, &requests)?;

    let Times { groups, timeline, longest, wall } = times;
    let mut all = Latencies::default();
    groups.iter().for_each(|group| all.add_all(group));
    let mut groups: Vec<(&'static str, Latencies)> = paths.into_iter().zip(groups).collect();
    groups.iter_mut().for_each(|(_, group)| group.sort());
    let percentiles = all.percentiles();
    let benched = Benched {
        options,
        baseline,
        stats: engine.stats(),
        asked: requests.iter().map(Ask::wire).collect(),
        per_second: (all.len() as f64 / wall.as_secs_f64()).round(),
        percentiles,
        all,
        groups,
        timeline,
        longest,
        wall,
        sample,
        verified: sample - differences.len(),
    };
    if let Some(path) = &options.html {
        page::page(&benched).write(path)?;
    }
    tell(&benched, out)?;
    match differences.first() {
        None => Ok(()),
        Some((at, what)) => Err(Failure::Differs(format!(
            "{} of {sample} answers differ from the brute-force twin's; the first, request {}: {what}",
            differences.len(),
            at + 1
        ))),
    }
}

/// All that was seen.
struct Benched<'a> {
    options: &'a Bench,
    baseline: Option<Baseline>,
    stats: Stats,
    /// The requests in their wire form.
    asked: Vec<String>,
    per_second: f64,
    percentiles: Percentiles,
    all: Latencies,
    /// By the path that was chosen; sorted.
    groups: Vec<(&'static str, Latencies)>,
    timeline: Timeline,
    longest: Vec<Duration>,
    wall: Duration,
    sample: usize,
    verified: usize,
}

/// Asks each request once, and groups them by the paths that are chosen for them.
fn warm_up<A: Ask>(
    engine: &Engine,
    requests: Vec<A>,
    progress: &Progress,
) -> Result<(Vec<&'static str>, Vec<Timed<A>>)> {
    let (all, mut paths) = (requests.len(), Vec::new());
    let mut timed = Vec::with_capacity(all);
    for (at, request) in requests.into_iter().enumerate() {
        request.ask(engine)?;
        let path = request.path(engine)?;
        let group = paths.iter().position(|known| *known == path).unwrap_or_else(|| {
            paths.push(path);
            paths.len() - 1
        });
        timed.push(Timed { request, group });
        progress.at(Some((at + 1) as f64 / all as f64), at as u64 + 1, "to warm up");
    }
    Ok((paths, timed))
}

fn tell(benched: &Benched<'_>, out: &mut Output) -> Result {
    let Benched { options, all, percentiles: p, per_second, sample, verified, .. } = benched;
    let (requests, threads) = (benched.asked.len(), options.threads);
    if out.format.is_json() {
        return out.line(json!({
            "requests": requests, "threads": threads,
            "p50_us": p.p50, "p95_us": p.p95, "p99_us": p.p99, "max_us": p.max,
            "requests_per_s": per_second, "verified": verified,
            "timed": all.len(), "sample": sample,
        }));
    }
    out.line(facts([
        ("requests", format!("{requests} (timed {})", count(all.len() as u64))),
        ("threads", threads.to_string()),
        ("p50", format!("{} us", p.p50)),
        ("p95", format!("{} us", p.p95)),
        ("p99", format!("{} us", p.p99)),
        ("max", format!("{} us", p.max)),
        ("requests/s", count(*per_second as u64)),
        ("verified", format!("{verified}/{sample}")),
    ]))
}

fn read<A: Ask>(options: &Bench, engine: &Engine) -> Result<Vec<A>> {
    let mut lines = Requests::open(&options.requests, options.embeddings.as_deref(), engine)?;
    let mut requests = Vec::new();
    while let Some((place, request)) = lines.next()? {
        requests.push(request.map_err(|error| Failure::at(error, place))?);
    }
    Ok(requests)
}

/// How large the sample is, and which of its requests are answered otherwise than by the twin.
pub fn verify<A: Ask>(engine: &Engine, requests: &[A]) -> Result<(usize, Vec<(usize, String)>)> {
    let twin = twin_of(engine)?;
    let sample = requests.len().min(SAMPLE);
    let mut asked = Vec::with_capacity(sample);
    for place in 0..sample {
        let at = place * requests.len() / sample;
        asked.push((at, (&requests[at], requests[at].ask(engine)?)));
    }
    Ok((sample, proof::verify("answers", &twin, &asked)?))
}

/// The slow twin of all that an engine holds.
pub fn twin_of(engine: &Engine) -> shortlist::Result<Twin> {
    let schema = engine.schema();
    let embedder = schema.embedder.as_ref().and_then(|id| {
        let built_in = HashEmbedder::new(id.dimension);
        (built_in.id() == *id).then(|| std::sync::Arc::new(built_in) as _)
    });
    Twin::new(schema, engine.profiles().collect::<shortlist::Result<_>>()?, embedder)
}
