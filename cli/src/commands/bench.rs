//! `shortlist bench`.

use std::time::{Duration, Instant};

use serde_json::json;
use shortlist::testing::Twin;
use shortlist::{ClientCriteria, Embedder, Engine, HashEmbedder, SearchRequest};

use crate::args::{Bench, BenchKind};
use crate::ask::{Ask, Requests};
use crate::failure::{Failure, Result};
use crate::open::open;
use crate::output::Output;
use crate::progress::Progress;
use crate::proof;
use crate::report::facts::{count, facts};
use crate::report::latency::Latencies;

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
    let engine = open(&options.index.index)?;
    let requests: Vec<A> = read(options, &engine)?;
    let progress = Progress::start("timing");
    for (at, request) in requests.iter().enumerate() {
        request.ask(&engine).map_err(Failure::from)?;
        progress.at(Some((at + 1) as f64 / requests.len() as f64), at as u64 + 1, "to warm up");
    }
    progress.say("timing");
    let (mut latencies, wall) = time(options, &engine, &requests)?;
    progress.finish();
    let (sample, differences) = verify(&engine, &requests)?;
    let verified = sample - differences.len();

    let p = latencies.percentiles();
    let per_second = (latencies.len() as f64 / wall.as_secs_f64()).round();
    let threads = options.threads;
    if out.format.is_json() {
        out.line(json!({
            "requests": requests.len(), "threads": threads,
            "p50_us": p.p50, "p95_us": p.p95, "p99_us": p.p99, "max_us": p.max,
            "requests_per_s": per_second, "verified": verified,
            "timed": latencies.len(), "sample": sample,
        }))?;
    } else {
        out.line(facts([
            ("requests", format!("{} (timed {})", requests.len(), count(latencies.len() as u64))),
            ("threads", threads.to_string()),
            ("p50", format!("{} us", p.p50)),
            ("p95", format!("{} us", p.p95)),
            ("p99", format!("{} us", p.p99)),
            ("max", format!("{} us", p.max)),
            ("requests/s", count(per_second as u64)),
            ("verified", format!("{verified}/{sample}")),
        ]))?;
    }
    match differences.first() {
        None => Ok(()),
        Some((at, what)) => Err(Failure::Differs(format!(
            "{} of {sample} answers differ from the brute-force twin's; the first, request {}: {what}",
            differences.len(),
            at + 1
        ))),
    }
}

fn read<A: Ask>(options: &Bench, engine: &Engine) -> Result<Vec<A>> {
    let mut lines = Requests::open(&options.requests, options.embeddings.as_deref(), engine)?;
    let mut requests = Vec::new();
    while let Some((place, request)) = lines.next()? {
        requests.push(request.map_err(|error| Failure::at(error, place))?);
    }
    Ok(requests)
}

/// Every thread goes through all requests in turn, each from another place, until the time is over
/// and every request was asked at least once.
fn time<A: Ask>(options: &Bench, engine: &Engine, requests: &[A]) -> Result<(Latencies, Duration)> {
    let threads = usize::from(options.threads);
    let limit = Duration::from_secs_f64(options.seconds);
    let start = Instant::now();
    let worker = |thread: usize| -> shortlist::Result<Latencies> {
        let mut latencies = Latencies::default();
        let first = thread * requests.len() / threads;
        let turns = requests.iter().cycle().skip(first);
        for (asked, request) in turns.enumerate() {
            let before = Instant::now();
            if asked >= requests.len() && before - start >= limit {
                break;
            }
            let answer = std::hint::black_box(request.ask(engine));
            let took = before.elapsed();
            answer?;
            latencies.add(took);
        }
        Ok(latencies)
    };
    let mut all = Latencies::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || worker(thread))).collect();
        for worker in workers {
            all.join(
                worker
                    .join()
                    .map_err(|_| Failure::Differs("a request made a thread panic".to_owned()))??,
            );
        }
        Ok::<_, Failure>(())
    })?;
    Ok((all, start.elapsed()))
}

/// How large the sample is, and which of its requests are answered otherwise than by the twin.
fn verify<A: Ask>(engine: &Engine, requests: &[A]) -> Result<(usize, Vec<(usize, String)>)> {
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
