//! What a process holds in memory, over time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(500);
/// What is not told from noise.
const NOISE_BYTES: f64 = 32.0 * 1_024.0 * 1_024.0;

/// Bytes at moments of a run; empty where the system does not say.
#[derive(Default)]
pub struct Memory {
    /// Seconds and bytes.
    pub samples: Vec<(f64, u64)>,
}

impl Memory {
    /// Looks at a process, this one where none is named, until told to stop.
    pub fn watch(pid: Option<u32>, start: Instant, over: &AtomicBool) -> Self {
        let mut memory = Self::default();
        let mut next = Duration::ZERO;
        while !over.load(Ordering::Relaxed) {
            if start.elapsed() >= next {
                let seconds = start.elapsed().as_secs_f64();
                memory.samples.extend(resident(pid).map(|bytes| (seconds, bytes)));
                next += EVERY;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        memory
    }

    /// By how much it grew from the second quarter of the run to the last, in percent; less than noise is none.
    pub fn growth(&self) -> f64 {
        let quarter = self.samples.len() / 4;
        if quarter == 0 {
            return 0.0;
        }
        let before = median(&self.samples[quarter..2 * quarter]);
        let after = median(&self.samples[self.samples.len() - quarter..]);
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
        Memory { samples }
    }

    #[test]
    fn what_is_filled_at_first_is_no_growth() {
        assert_eq!(of([1, 50, 200, 200, 200, 210, 215, 220]).growth(), 0.0);
        assert_eq!(of([1]).growth(), 0.0);
    }

    #[test]
    fn what_rises_to_the_end_is() {
        let growth = of((0..100).map(|at| 100 + 10 * at)).growth();
        assert!(growth > 100.0, "{growth}");
    }
}
