//! `shortlist load`.

mod asked;
mod changes;
mod ground;
mod loaded;
mod memory;
mod pace;
mod page;
mod record;
mod service;
mod target;
mod tell;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use shortlist::testing::Generator;
use shortlist::{ClientCriteria, Engine, Error, SearchRequest};

use self::asked::{Asked, Kind, Pool};
use self::changes::Changes;
use self::loaded::{Checked, Loaded};
use self::memory::Memory;
use self::pace::{Mix, Next, Pace, Rate};
use self::record::Record;
use self::service::Service;
use self::target::{Inside, Target};
use super::bench::verify;
use crate::args::{Load, LoadProfile};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::progress::Progress;

/// How many connections a service is asked over where none are told.
const CONNECTIONS: u16 = 64;
/// A thread that found everybody waiting looks again so much later.
const LATER: Duration = Duration::from_millis(1);

/// Drives the engine or a service as a profile says, while changes go on, and holds the run against its thresholds.
pub fn run(options: &Load, out: &mut Output) -> Result {
    let generator = Generator::new(options.seed);
    let loaded = match &options.url {
        None => inside(options, generator)?,
        Some(url) => outside(options, generator, url)?,
    };
    if let Some(path) = &options.html {
        page::page(&loaded).write(path)?;
    }
    tell::tell(&loaded, out)?;
    let missed: Vec<String> =
        loaded.thresholds().iter().filter_map(loaded::Threshold::missed).collect();
    if missed.is_empty() { Ok(()) } else { Err(Failure::Missed(missed.join("; "))) }
}

fn inside(options: &Load, generator: Generator) -> Result<Loaded<'_>> {
    let engine = ground::engine(options)?;
    let ids = engine.profiles().map(|profile| profile.map(|profile| profile.id));
    let ids = ids.collect::<shortlist::Result<Vec<String>>>()?;
    let pool = Pool::new(generator, options.distinct as usize, engine.schema().dimension, ids);
    let before = engine.stats();
    let threads = options.threads.map_or_else(processors, usize::from);
    let mut loaded = drive(options, &Inside(&engine), &pool, threads, true)?;
    loaded.cache = Some(engine.metrics().cache);
    loaded.checked = Some(check(&engine, &pool)?);
    loaded.parts = Some((before, engine.stats()));
    Ok(loaded)
}

fn outside<'a>(options: &'a Load, generator: Generator, url: &str) -> Result<Loaded<'a>> {
    let threads = usize::from(options.threads.unwrap_or(CONNECTIONS));
    let service = Service::new(url, threads);
    let ids = (0..options.advisors as usize).map(|row| format!("adv-{:06}", row + 1)).collect();
    let dimension = Some(options.dim as usize);
    let pool = Pool::new(generator, options.distinct as usize, dimension, ids);
    let unanswered = |reason: String| Error::OutOfRange {
        field: "url".to_owned(),
        value: url.to_owned(),
        expected: format!("the address of a service that answers ({reason})"),
    };
    let changes = service.takes_changes().map_err(unanswered)?;
    // A service of other profiles would answer most of what follows with nothing.
    service.ask(&Asked::Profile(pool.ids[0].clone()), &pool).map_err(unanswered)?;
    drive(options, &service, &pool, threads, changes)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).max(2)
}

/// The pace of a profile, and how many requests a second it offers, where that does not depend on the answers.
fn pace(options: &Load, run: Duration) -> (Pace, Option<f64>) {
    let seed = options.seed;
    match options.profile {
        LoadProfile::Browsing => (Pace::people(options.users as usize, run, seed), None),
        LoadProfile::Matching => {
            let rate = Rate::Rising(10.0, f64::from(options.rate.unwrap_or(200)));
            (Pace::open(rate, Mix::Matches, run, seed), Some(rate.mean()))
        }
        LoadProfile::Peak => {
            let rate = Rate::Steady(f64::from(options.rate.unwrap_or(10_000)));
            (Pace::open(rate, Mix::Everything, run, seed), Some(rate.mean()))
        }
    }
}

/// The run itself: threads that ask, one that changes, one that looks at the memory.
fn drive<'a>(
    options: &'a Load,
    target: &impl Target,
    pool: &Pool,
    threads: usize,
    changing: bool,
) -> Result<Loaded<'a>> {
    let run = Duration::from_secs_f64(options.seconds);
    let (pace, offered) = pace(options, run);
    warm(target, pool);
    let progress = Progress::start("asking");
    let (start, over) = (Instant::now(), AtomicBool::new(false));
    let (mut record, mut changes) = (Record::new(run), Changes::new());
    let mut memory = Memory::default();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| Memory::watch(options.pid, || target.parts(), start, &over));
        let changer = changing.then(|| {
            let rates = (options.upserts, options.patches);
            scope.spawn(move || Changes::make(target, pool, rates, (start, run), options.seed))
        });
        let askers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| ask(target, pool, &pace, (start, run)))).collect();
        while start.elapsed() < run {
            let done = start.elapsed();
            progress.at(Some(done.as_secs_f64() / run.as_secs_f64()), done.as_secs(), "seconds");
            std::thread::sleep(Duration::from_millis(200).min(run.saturating_sub(done)));
        }
        let died = |_| Failure::Differs("a request made a thread panic".to_owned());
        for asker in askers {
            record.join(asker.join().map_err(died)?);
        }
        if let Some(changer) = changer {
            changes = changer.join().map_err(died)?;
        }
        over.store(true, Ordering::Relaxed);
        memory = watcher.join().map_err(died)?;
        Ok::<_, Failure>(())
    })?;
    progress.finish();
    let wall = start.elapsed();
    let changes = changing.then_some(changes);
    let (checked, cache, parts) = (None, None, None);
    Ok(Loaded { options, threads, offered, record, changes, memory, wall, checked, cache, parts })
}

/// Asks each page and match once before the clock starts: the busiest day of a service is not its first second, in which
/// no listing is written yet. What fails here fails again where it is counted.
fn warm(target: &impl Target, pool: &Pool) {
    let progress = Progress::start("asking all once, uncounted");
    let pages = (0..pool.pages.len()).map(|place| Asked::Page(Kind::Search, place));
    let needs = (0..pool.needs.len()).map(Asked::Match);
    for asked in pages.chain(needs) {
        let _ = target.ask(&asked, pool);
    }
    progress.finish();
}

/// One thread: takes what is due, waits for its moment, asks, and counts from that moment.
fn ask(
    target: &impl Target,
    pool: &Pool,
    pace: &Pace,
    (start, run): (Instant, Duration),
) -> Record {
    let mut record = Record::new(run);
    loop {
        let due = match pace.next(pool) {
            Next::Due(due) => due,
            Next::Later => {
                std::thread::sleep(LATER);
                continue;
            }
            Next::Over => return record,
        };
        if let Some(wait) = due.at.checked_sub(start.elapsed()) {
            std::thread::sleep(wait);
        }
        let answer = target.ask(&due.asked, pool);
        let ended = start.elapsed();
        let found = match answer {
            Ok(found) => {
                record.add(due.asked.kind(), ended, ended.saturating_sub(due.at));
                found
            }
            Err(what) => {
                record.fail(due.asked.kind(), &what);
                Vec::new()
            }
        };
        pace.answered(*due, ended, found);
    }
}

/// Compares answers of the engine as the changes left it with brute force.
fn check(engine: &Engine, pool: &Pool) -> Result<Checked> {
    let pages: Vec<SearchRequest> =
        pool.pages.iter().take(100).map(|both| both.request.clone()).collect();
    let needs: Vec<ClientCriteria> =
        pool.needs.iter().take(100).map(|both| both.request.clone()).collect();
    let (searches, search_differences) = verify(engine, &pages)?;
    let (matches, match_differences) = verify(engine, &needs)?;
    let differences = search_differences.len() + match_differences.len();
    let first = search_differences.into_iter().chain(match_differences).next();
    let sample = searches + matches;
    Ok(Checked { verified: sample - differences, sample, differs: first.map(|(_, what)| what) })
}
