//! Changes that go on meanwhile: profiles written anew with other text, and hot fields patched.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::{Value, json};
use shortlist::testing::Random;

use super::asked::Pool;
use super::record::histogram;
use super::target::Target;

/// The stream of chance of changes.
const CHANGES: u64 = 3;
/// How many are made at once at most, where a target is late.
const BATCH: usize = 500;
/// What is added to a bio to make it another text.
const REVISED: &str = " Revision ";

/// What came of them.
pub struct Changes {
    /// Profiles written anew.
    pub upserts: u64,
    /// Profiles patched.
    pub patches: u64,
    /// Nanoseconds from when a change was meant to happen until it was visible.
    pub times: Histogram<u64>,
    /// How many failed.
    pub errors: u64,
    /// The first that did, in words.
    pub first_error: Option<String>,
}

impl Changes {
    /// None.
    pub fn new() -> Self {
        Self { upserts: 0, patches: 0, times: histogram(), errors: 0, first_error: None }
    }

    /// Makes so many changes of each kind a second until the run is over. What is due is made; a target that is late gets
    /// what has gathered as one batch.
    pub fn make(
        target: &impl Target,
        pool: &Pool,
        (upserts, patches): (u32, u32),
        (start, run): (Instant, Duration),
        seed: u64,
    ) -> Self {
        let mut changes = Self::new();
        let mut random = Random::of(seed, CHANGES, 0);
        let (mut rewritten, mut patched) = (Steady::of(upserts), Steady::of(patches));
        let mut revision = 0_u64;
        loop {
            let next = rewritten.next().min(patched.next());
            if next >= run {
                return changes;
            }
            if let Some(wait) = next.checked_sub(start.elapsed()) {
                std::thread::sleep(wait);
            }
            let now = start.elapsed().min(run);
            let due = rewritten.due(now);
            if !due.is_empty() {
                let profiles = due.iter().map(|_| {
                    revision += 1;
                    revised(target, random.pick::<String>(&pool.ids), revision)
                });
                let done = profiles.collect::<Result<Vec<_>, _>>();
                changes.upserts += due.len() as u64;
                changes.note(
                    start,
                    &due,
                    done.and_then(|profiles| target.upsert(&distinct(profiles))),
                );
            }
            let due = patched.due(now);
            if !due.is_empty() {
                let patches = due
                    .iter()
                    .map(|_| (random.pick::<String>(&pool.ids).clone(), patch(&mut random)));
                let patches: Vec<_> = patches.collect();
                changes.patches += due.len() as u64;
                changes.note(start, &due, target.patch(&patches));
            }
        }
    }

    fn note(&mut self, start: Instant, due: &[Duration], done: Result<(), String>) {
        let now = start.elapsed();
        match done {
            Ok(()) => due.iter().for_each(|at| {
                self.times.saturating_record(now.saturating_sub(*at).as_nanos() as u64);
            }),
            Err(what) => {
                self.errors += due.len() as u64;
                self.first_error.get_or_insert(what);
            }
        }
    }
}

/// Moments at the same distance.
struct Steady {
    every: Option<Duration>,
    count: u32,
}

impl Steady {
    fn of(per_second: u32) -> Self {
        Self { every: (per_second > 0).then(|| Duration::from_secs(1) / per_second), count: 1 }
    }

    fn next(&self) -> Duration {
        self.every.map_or(Duration::MAX, |every| every * self.count)
    }

    /// The moments that are not after `now`, each once.
    fn due(&mut self, now: Duration) -> Vec<Duration> {
        let mut due = Vec::new();
        while self.next() <= now && due.len() < BATCH {
            due.push(self.next());
            self.count += 1;
        }
        due
    }
}

/// The profile with another text, as JSON.
fn revised(target: &impl Target, id: &str, revision: u64) -> Result<(String, String), String> {
    let json = target.profile(id)?;
    let mut profile: Value = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    let bio = profile["bio"].as_str().unwrap_or_default();
    let bio = bio.split(REVISED).next().unwrap_or_default();
    profile["bio"] = format!("{bio}{REVISED}{revision} of the forecast model.").into();
    Ok((id.to_owned(), profile.to_string()))
}

/// One of each id: a batch takes an id once.
fn distinct(mut profiles: Vec<(String, String)>) -> Vec<(String, String)> {
    profiles.sort();
    profiles.dedup_by(|a, b| a.0 == b.0);
    profiles
}

/// Clients come and go, ratings move, somebody is away.
fn patch(random: &mut Random) -> String {
    match random.below(10) {
        0..5 => json!({"currentClients": random.below(15)}),
        5..8 => json!({
            "overallRating": (30 + random.below(21)) as f64 / 10.0, "totalReviews": random.below(300),
        }),
        8 => json!({"isAvailable": random.chance(0.9)}),
        _ => json!({"hourlyRate": 60 + 5 * random.below(60)}),
    }
    .to_string()
}
