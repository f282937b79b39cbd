//! Which path is cheapest on this machine, for this data.

use std::time::Instant;

use xxhash_rust::xxh3::xxh3_64;

use super::index::VectorIndex;
use super::kernels::Kernels;
use super::search::{Ask, Bases, Candidates, Path};
use super::wide::{WIDE_PARTS, Wide};
use crate::model::Rows;

/// What each path takes, by the number of candidates: measured on this machine over this data, or assumed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostModel {
    brute: Curve,
    codes: Curve,
    prefix: Curve,
    wide: Option<Wide>,
    measured: bool,
}

/// Candidates of the trials: each next one has four times as many.
const TRIALS: [usize; 5] = [64, 256, 1024, 4096, 16_384];

/// Microseconds at each number of [`TRIALS`]; between them and beyond, straight lines.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Curve([f64; TRIALS.len()]);

impl Curve {
    fn at(&self, candidates: usize) -> f64 {
        line(&TRIALS, &self.0, candidates)
    }
}

/// The straight lines between points of ascending places, at `x`; beyond, those of the outermost two. Never below 0.
pub fn line(places: &[usize], values: &[f64], x: usize) -> f64 {
    let upper = places.iter().position(|&n| n >= x).unwrap_or(places.len() - 1).max(1);
    let (low, high) = (places[upper - 1] as f64, places[upper] as f64);
    let (from, to) = (values[upper - 1], values[upper]);
    (from + (to - from) * (x as f64 - low) / (high - low).max(1.0)).max(0.0)
}

impl Default for CostModel {
    /// As measured on two cores with AVX-512 at 1,536 dimensions.
    fn default() -> Self {
        Self {
            brute: Curve([25.0, 110.0, 480.0, 2_000.0, 8_000.0]),
            codes: Curve([20.0, 40.0, 110.0, 450.0, 1_800.0]),
            prefix: Curve([20.0, 27.0, 40.0, 80.0, 250.0]),
            wide: None,
            measured: false,
        }
    }
}

/// What the fork and the join of a parallel search must be repaid with.
const REPAYING_US: f64 = 1_000.0;

/// What a further thread adds, at least, where a search is forked.
const FORKED: f64 = 0.8;

/// The cost of what cannot be done: finite, so that lines through it are.
const NEVER: f64 = 1e18;

/// A search over more candidates than this may be forked: fewer never take a millisecond, and a disturbed trial must
/// not fork what is done before the fork is.
const FEWEST_TO_FORK: usize = 65_536;

impl CostModel {
    /// The path for this many candidates. A path that stops early is of no use where nearly all
    /// candidates are asked for.
    pub fn path(&self, candidates: usize, k: usize) -> Path {
        if candidates / 2 < k {
            return Path::Brute;
        }
        let [brute, codes, prefix] = self.estimates_us(candidates);
        if brute <= codes.min(prefix) {
            Path::Brute
        } else if codes < prefix {
            Path::Codes
        } else if prefix > REPAYING_US
            && candidates > FEWEST_TO_FORK
            && rayon::current_num_threads() > 1
        {
            Path::PrefixParallel
        } else {
            Path::Prefix
        }
    }

    /// What the cheapest path over so many candidates takes on one thread, in microseconds, about.
    pub fn estimate_us(&self, candidates: usize) -> f64 {
        self.estimates_us(candidates).into_iter().fold(f64::INFINITY, f64::min)
    }

    fn estimates_us(&self, candidates: usize) -> [f64; 3] {
        let [brute, codes, prefix] =
            [&self.brute, &self.codes, &self.prefix].map(|curve| curve.at(candidates));
        let wide = self.wide.and_then(|wide| wide.exact_us(candidates));
        [brute, codes, wide.unwrap_or(prefix)]
    }

    /// What the exact path takes for the top `k` of so many candidates, in microseconds, about; on several threads
    /// where it would be forked.
    pub fn exact_us(&self, candidates: usize, k: usize, one_thread: bool) -> f64 {
        let [brute, codes, prefix] = self.estimates_us(candidates);
        match self.path(candidates, k) {
            Path::Brute => brute,
            Path::Codes => codes,
            Path::PrefixParallel if !one_thread => {
                prefix / (rayon::current_num_threads() as f64 * FORKED).max(1.0)
            }
            Path::Prefix | Path::PrefixParallel => prefix,
        }
    }

    /// What the search by cells takes for the top `k` of so many candidates, in microseconds, about; `None` where
    /// there are no cells, or the candidates are too few to be worth a trial.
    pub fn cells_us(&self, candidates: usize, k: usize) -> Option<f64> {
        self.wide?.cells_us(candidates, k)
    }

    /// How many looks at rows in their cells can be made in so many microseconds.
    pub fn looks(&self, us: f64) -> usize {
        self.wide.map_or(0, |wide| wide.looks(us))
    }

    /// What the choice of [`CostModel::path`] rests on, in words.
    pub fn why(&self, candidates: usize, k: usize) -> String {
        if candidates / 2 < k {
            return format!("{candidates} candidates for {k} places: bounds would spare too few");
        }
        let [brute, codes, prefix] = self.estimates_us(candidates);
        let bounds =
            if prefix < NEVER { format!("{prefix:.0} us") } else { "not to be had".to_owned() };
        format!(
            "{candidates} candidates: {} brute force {brute:.0} us, codes {codes:.0} us, bounds {bounds}; \
             several threads from {REPAYING_US:.0} us",
            if self.measured { "measured here," } else { "assumed," },
        )
    }

    /// The costs and the machine they are of, to keep them.
    pub fn parts(&self) -> (u64, [f64; 3 * TRIALS.len()]) {
        let curves = [&self.brute, &self.codes, &self.prefix];
        let cost = |at: usize| curves[at / TRIALS.len()].0[at % TRIALS.len()];
        (if self.measured { machine() } else { 0 }, std::array::from_fn(cost))
    }

    /// Costs that were kept, and whether they are of this machine; `None` where they are none.
    pub fn from_parts(made_by: u64, costs: [f64; 3 * TRIALS.len()]) -> Option<(Self, bool)> {
        if !costs.iter().all(|cost| (0.0..=NEVER * 1e3).contains(cost)) {
            return None;
        }
        let curve =
            |which: usize| Curve(std::array::from_fn(|at| costs[which * TRIALS.len() + at]));
        let measured = made_by == machine();
        let (brute, codes, prefix) = (curve(0), curve(1), curve(2));
        Some((Self { brute, codes, prefix, wide: None, measured }, measured))
    }

    /// What was tried on large shares, to keep it; `None` without cells.
    pub fn wide_parts(&self) -> Option<[f64; WIDE_PARTS]> {
        self.wide.map(|wide| wide.parts())
    }

    /// With what was kept of large shares; `None` where it is none.
    pub fn with_wide(mut self, parts: [f64; WIDE_PARTS]) -> Option<Self> {
        self.wide = Some(Wide::from_parts(parts)?);
        Some(self)
    }

    /// Tries each path on ever more rows of this index, with such bases as requests have, none above 0.4: a trial
    /// takes what a request takes. Only speed depends on the outcome. Cost: a few tens of milliseconds; nothing with
    /// fewer than 1,024 vectors.
    pub fn measure(index: &VectorIndex, bases: &Bases) -> Self {
        let mut model = Self::default();
        let rows: Vec<u32> = index.present().iter().collect();
        if rows.len() < 16 * TRIALS[0] {
            return model;
        }
        model.measured = true;
        model.wide = Wide::measure(index, bases);
        let worst = |path: Path| match path {
            // Brute force and codes read what they read: a trial of many says nothing that one of few does not.
            Path::Brute | Path::Codes => 1024,
            _ => TRIALS[TRIALS.len() - 1],
        };
        let curve = |path: Path| {
            let mut curve = Curve([0.0; TRIALS.len()]);
            for (i, &n) in TRIALS.iter().enumerate() {
                let before = if i > 0 { curve.0[i - 1] } else { 0.0 };
                curve.0[i] = if n <= worst(path).min(rows.len() / 2) {
                    // More candidates never take less: where a trial says so, another was disturbed.
                    trial_us(index, (&rows, bases), n, path).max(before)
                } else {
                    before * n as f64 / TRIALS[i - 1] as f64
                };
            }
            curve
        };
        (model.brute, model.codes) = (curve(Path::Brute), curve(Path::Codes));
        model.prefix =
            if index.has_basis() { curve(Path::Prefix) } else { Curve([NEVER; TRIALS.len()]) };
        model
    }
}

/// What tells machines apart whose costs differ: kernels, threads and caches.
fn machine() -> u64 {
    let caches = [2, 3].map(|level| {
        std::fs::read(format!("/sys/devices/system/cpu/cpu0/cache/index{level}/size"))
    });
    let caches: Vec<u8> = caches.into_iter().flatten().flatten().collect();
    let threads = rayon::current_num_threads();
    let isa = Kernels::best().isa();
    xxh3_64(format!("{isa:?} {threads} {caches:?}").as_bytes())
}

/// The median time of five searches over `n` even rows, in microseconds. Each is for another row of the index,
/// and over other rows where there are enough: a request finds its candidates cold.
fn trial_us(index: &VectorIndex, (rows, bases): (&[u32], &Bases), n: usize, path: Path) -> f64 {
    let step = rows.len() / n;
    let trial = |i: usize| {
        let Some(query) = index.query_of(rows[rows.len() / 8 * i + rows.len() / 16]) else {
            return NEVER;
        };
        let first = (i + 5 * path as usize) * step / 20;
        let chosen = (0..n).map(|at| rows[at * step + first]);
        let chosen = Rows::from_rows(index.len(), chosen);
        let ask = Ask {
            query: &query,
            rows: Candidates::Set(&chosen),
            bases,
            weight: 0.6,
            k: 20,
            path: Some(path),
            check: &|| Ok(()),
        };
        let start = Instant::now();
        std::hint::black_box(index.search(&ask, &CostModel::default(), &|a, b| a.cmp(&b)).is_ok());
        start.elapsed().as_secs_f64() * 1e6
    };
    let mut times: [f64; 5] = std::array::from_fn(trial);
    times.sort_unstable_by(f64::total_cmp);
    times[2]
}

/// Bases as spread as business and rating parts are, where there are no columns to make them from.
#[cfg(any(test, feature = "testing"))]
pub fn spread_bases(rows: &[u32], bases: &mut [f64]) {
    let base = |row: u32| f64::from(row.wrapping_mul(0x9e37_79b1) >> 22) / 2560.0;
    bases.iter_mut().zip(rows).for_each(|(sum, &row)| *sum += base(row));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_says_what_it_rests_on() {
        let assumed = CostModel::default();
        assert_eq!(
            assumed.why(256, 20),
            "256 candidates: assumed, brute force 110 us, codes 40 us, bounds 27 us; several threads from 1000 us"
        );
        assert_eq!(assumed.why(39, 20), "39 candidates for 20 places: bounds would spare too few");
        let without = CostModel { prefix: Curve([NEVER; TRIALS.len()]), ..assumed };
        assert!(without.why(256, 20).contains("bounds not to be had;"));
    }

    #[test]
    fn costs_between_and_beyond_trials_lie_on_straight_lines() {
        let curve = Curve([10.0, 20.0, 40.0, 100.0, 400.0]);
        assert_eq!([64, 160, 256, 16_384].map(|n| curve.at(n)), [10.0, 15.0, 20.0, 400.0]);
        assert!((curve.at(16_384 + 12_288) - 700.0).abs() < 1e-9);
        assert_eq!(Curve([1.0, 101.0, 0.0, 0.0, 0.0]).at(0), 0.0);
    }
}
