//! What a process holds in memory, over time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use shortlist::SectionSize;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(500);
/// Counting the parts may take so small a share of the time.
const SHARE: u32 = 100;
/// What is not told from noise: an allocator gives back with some delay.
const NOISE_BYTES: f64 = 8.0 * 1_024.0 * 1_024.0;

/// Bytes at moments of a run; empty where the system does not say.
#[derive(Default)]
pub struct Memory {
    /// Seconds and bytes.
    pub samples: Vec<(f64, u64)>,
    /// Seconds and the parts of the index by its own count; empty for a service.
    pub parts: Vec<(f64, Vec<SectionSize>)>,
}

impl Memory {
    /// Looks at a process, this one where none is named, and at what `parts` counts, until told to stop.
    pub fn watch(
        pid: Option<u32>,
        parts: impl Fn() -> Vec<SectionSize>,
        start: Instant,
        over: &AtomicBool,
    ) -> Self {
        let mut memory = Self::default();
        let (mut next, mut next_parts) = (Duration::ZERO, Duration::ZERO);
        while !over.load(Ordering::Relaxed) {
            let now = start.elapsed();
            if now >= next {
                memory.samples.extend(resident(pid).map(|bytes| (now.as_secs_f64(), bytes)));
                next += EVERY;
            }
            if now >= next_parts {
                let counted = parts();
                next_parts = now + EVERY.max(start.elapsed().saturating_sub(now) * SHARE);
                if !counted.is_empty() {
                    memory.parts.push((now.as_secs_f64(), counted));
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        memory
    }

    /// By how much it grew once the run had settled, `settled` being the share of the run that this takes: from the
    /// first third of the rest to the last, in percent, by the medians. Less than noise is none.
    pub fn growth(&self, settled: f64) -> f64 {
        let rest = &self.samples[(self.samples.len() as f64 * settled) as usize..];
        let third = rest.len() / 3;
        if third == 0 {
            return 0.0;
        }
        let (before, after) = (median(&rest[..third]), median(&rest[rest.len() - third..]));
        if after - before <= NOISE_BYTES { 0.0 } else { (after / before - 1.0) * 100.0 }
    }
}

fn median(samples: &[(f64, u64)]) -> f64 {
    let mut bytes: Vec<u64> = samples.iter().map(|(_, bytes)| *bytes).collect();
    bytes.sort_unstable();
    bytes.get(bytes.len() / 2).map_or(0.0, |bytes| *bytes as f64)
}

/// What Linux says that a process holds.
fn resident(pid: Option<u32>) -> Option<u64> {
    let process = pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mebibytes: impl IntoIterator<Item = u64>) -> Memory {
        let samples = mebibytes.into_iter().map(|mebibytes| (0.0, mebibytes << 20)).collect();
        Memory { samples, parts: Vec::new() }
    }

    #[test]
    fn what_is_filled_at_first_is_no_growth() {
        let filled = of([1, 50, 200, 200, 200, 204, 206, 207]);
        assert_eq!(filled.growth(0.25), 0.0);
        assert!(filled.growth(0.0) > 300.0, "{}", filled.growth(0.0));
        assert_eq!(of([1]).growth(0.25), 0.0);
    }

    #[test]
    fn what_rises_to_the_end_is() {
        let growth = of((0..100).map(|at| 100 + 10 * at)).growth(0.25);
        assert!((105.0..110.0).contains(&growth), "{growth}");
    }

    #[test]
    fn the_parts_are_counted_as_long_as_the_run_is() {
        let (start, over) = (Instant::now(), AtomicBool::new(false));
        let part = || vec![SectionSize { name: "text".to_owned(), bytes: 7 }];
        let memory = std::thread::scope(|scope| {
            let watcher = scope.spawn(|| Memory::watch(None, part, start, &over));
            std::thread::sleep(EVERY + Duration::from_millis(200));
            over.store(true, Ordering::Relaxed);
            watcher.join().expect("it only looks")
        });
        assert!(memory.parts.len() >= 2, "{:?}", memory.parts);
        assert_eq!(memory.parts[0].1, part());
    }
}
