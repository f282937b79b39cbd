//! What a run was, and whether it met its thresholds.

use std::time::Duration;

use shortlist::{CacheMetrics, Stats};

use super::changes::Changes;
use super::memory::Memory;
use super::record::{Record, ms_at};
use crate::args::{Load, LoadProfile};

/// A run that answers less than this share of what it was offered did not keep up.
const KEPT_UP: f64 = 0.98;

/// All that was seen.
pub struct Loaded<'a> {
    /// What was asked for.
    pub options: &'a Load,
    /// How many threads asked.
    pub threads: usize,
    /// How many requests a second an open loop offered.
    pub offered: Option<f64>,
    /// The requests.
    pub record: Record,
    /// The changes; none where the service takes none.
    pub changes: Option<Changes>,
    /// The memory over time.
    pub memory: Memory,
    /// How long it took in all.
    pub wall: Duration,
    /// Answers compared with brute force afterwards; only of the engine.
    pub checked: Option<Checked>,
    /// What the engine answered from what it keeps; only of the engine.
    pub cache: Option<CacheMetrics>,
    /// What the index held before and after; only of the engine.
    pub parts: Option<(Stats, Stats)>,
}

/// Answers compared with brute force.
pub struct Checked {
    /// How many are the same.
    pub verified: usize,
    /// Of how many.
    pub sample: usize,
    /// The first that is not, in words.
    pub differs: Option<String>,
}

/// Something that a run has to meet.
pub struct Threshold {
    /// What.
    pub name: &'static str,
    /// What would be right, and what was found, in words.
    pub limit: String,
    /// What was found.
    pub found: String,
    /// Whether that is right.
    pub met: bool,
}

impl Threshold {
    fn most(name: &'static str, limit: f64, found: f64, unit: &str) -> Self {
        let shown = |value: f64| format!("{}{unit}", (value * 100.0).round() / 100.0);
        Self {
            name,
            limit: format!("at most {}", shown(limit)),
            found: shown(found),
            met: found <= limit,
        }
    }

    /// What was missed, in words.
    pub fn missed(&self) -> Option<String> {
        let Self { name, limit, found, met } = self;
        (!met).then(|| format!("{name} is {found}, not {limit}"))
    }
}

impl Loaded<'_> {
    /// Requests answered.
    pub fn answered(&self) -> u64 {
        self.record.kinds.iter().map(hdrhistogram::Histogram::len).sum()
    }

    /// Requests answered a second, over all of the run.
    pub fn per_second(&self) -> f64 {
        self.answered() as f64 / self.options.seconds.max(self.wall.as_secs_f64())
    }

    /// Requests and changes that failed.
    pub fn errors(&self) -> u64 {
        self.record.errors + self.changes.as_ref().map_or(0, |changes| changes.errors)
    }

    /// The first that did.
    pub fn first_error(&self) -> Option<&str> {
        let changes = self.changes.as_ref().and_then(|changes| changes.first_error.as_deref());
        self.record.first_error.as_deref().or(changes)
    }

    /// The share of searches and matches that were answered from the cache; none where nothing could have been.
    pub fn hit_rate(&self) -> Option<f64> {
        let cache = self.cache.as_ref()?;
        let all = cache.hits + cache.misses + cache.stale;
        (all > 0).then(|| (cache.hits + cache.stale) as f64 / all as f64)
    }

    /// By how much the memory grew in percent, once the pace was as high as it gets and what it asks for was kept.
    pub fn growth(&self) -> f64 {
        let settled = match self.options.profile {
            LoadProfile::Peak => 0.25,
            // People join over the first half.
            LoadProfile::Browsing => 0.5,
            // It rises over the first two thirds.
            LoadProfile::Matching => 2.0 / 3.0,
        };
        self.memory.growth(settled)
    }

    /// Everything that the run has to meet.
    pub fn thresholds(&self) -> Vec<Threshold> {
        let options = self.options;
        let all = self.record.all();
        let mut list = vec![
            Threshold::most("errors", options.max_errors as f64, self.errors() as f64, ""),
            Threshold::most("p95", options.max_p95_ms, ms_at(&all, 0.95), " ms"),
        ];
        let inside = options.url.is_none();
        let tight = (options.profile == LoadProfile::Peak && inside).then_some(5.0);
        if let Some(limit) = options.max_p99_ms.or(tight) {
            list.push(Threshold::most("p99", limit, ms_at(&all, 0.99), " ms"));
        }
        if let Some(offered) = self.offered {
            let found = self.per_second();
            // Chance alone moves the number of arrivals of a short run.
            let least = offered * KEPT_UP - 3.0 * (offered / options.seconds).sqrt();
            list.push(Threshold {
                name: "requests/s",
                limit: format!("at least {:.0}", least.max(0.0)),
                found: format!("{found:.0}"),
                met: found >= least,
            });
        }
        if let Some(changes) = &self.changes {
            let wanted = f64::from(options.upserts + options.patches) * options.seconds;
            let made = (changes.upserts + changes.patches) as f64;
            list.push(Threshold {
                name: "changes",
                limit: format!("at least {:.0}", wanted * KEPT_UP),
                found: format!("{made:.0}"),
                met: made >= (wanted * KEPT_UP - 2.0).floor(),
            });
        }
        if !self.memory.samples.is_empty() {
            list.push(Threshold::most("memory growth", options.max_growth, self.growth(), " %"));
        }
        if let Some(Checked { verified, sample, .. }) = &self.checked {
            list.push(Threshold {
                name: "verified answers",
                limit: sample.to_string(),
                found: verified.to_string(),
                met: verified == sample,
            });
        }
        list
    }
}
