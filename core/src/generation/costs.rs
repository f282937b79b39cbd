//! What searches cost on this machine, once that is known.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::index::column::NumberColumn;
use crate::index::vector::{CostModel, VectorIndex};
use crate::model::field::numbers;
use crate::store::{ByteReader, ByteWriter};

/// Rows whose numbers are gathered together.
const GATHERED: usize = 512;

/// What trials score apart from similarity: experience and rating, the columns that every match reads.
#[derive(Clone, Debug)]
struct TrialBases {
    years: NumberColumn,
    ratings: NumberColumn,
}

impl TrialBases {
    fn add(&self, rows: &[u32], sums: &mut [f64]) {
        let parts = [(&self.years, 15.0, 0.3), (&self.ratings, 5.0, 0.1)];
        let mut numbers = [0.0; GATHERED];
        for (rows, sums) in rows.chunks(GATHERED).zip(sums.chunks_mut(GATHERED)) {
            for (column, full, share) in parts {
                let numbers = &mut numbers[..rows.len()];
                column.gather(rows, numbers);
                for (sum, number) in sums.iter_mut().zip(numbers) {
                    // What is missing is no number, and so not above 0.
                    *sum += if *number > 0.0 { share * (*number / full).min(1.0) } else { 0.0 };
                }
            }
        }
    }

    /// Of a generation's columns. A clone of each costs a counter.
    fn of(columns: &[NumberColumn]) -> Self {
        let column = |place: usize| columns.get(place).cloned().unwrap_or_default();
        Self { years: column(numbers::YEARS_EXPERIENCE), ratings: column(numbers::OVERALL_RATING) }
    }

    /// Tries what searches over these vectors cost.
    fn measure(&self, vectors: &VectorIndex) -> CostModel {
        CostModel::measure(vectors, &|rows, sums| self.add(rows, sums))
    }
}

/// The costs of a vector index: measured, or assumed until they are. A clone shares them.
///
/// To measure takes tens of milliseconds, which no opening waits for: the first search over vectors starts it
/// beside the requests. Only speed depends on the outcome.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs(Arc<State>);

#[derive(Debug, Default)]
struct State {
    assumed: CostModel,
    measured: OnceLock<CostModel>,
    claimed: AtomicBool,
}

impl Costs {
    /// Measures those of a generation's vectors, with its columns.
    pub(crate) fn measure(vectors: &VectorIndex, columns: &[NumberColumn]) -> Self {
        Self::measured(TrialBases::of(columns).measure(vectors))
    }

    fn measured(model: CostModel) -> Self {
        let claimed = AtomicBool::new(true);
        Self(Arc::new(State { assumed: model, measured: OnceLock::from(model), claimed }))
    }

    fn assumed(model: CostModel) -> Self {
        Self(Arc::new(State { assumed: model, ..State::default() }))
    }

    fn known(&self) -> &CostModel {
        self.0.measured.get().unwrap_or(&self.0.assumed)
    }

    /// What a snapshot keeps: the machine they are of, and the costs.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = ByteWriter::default();
        let (machine, costs) = self.known().parts();
        out.u64(machine);
        costs.iter().for_each(|cost| out.u64(cost.to_bits()));
        let wide = self.known().wide_parts();
        wide.iter().flatten().for_each(|cost| out.u64(cost.to_bits()));
        out.0
    }

    /// What a snapshot kept: measured if by this machine, else assumed until it has measured them itself.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = ByteReader::new(bytes);
        let machine = reader.u64()?;
        let mut costs = [0.0; _];
        for cost in &mut costs {
            *cost = reader.f64()?;
        }
        let (mut model, is_ours) = CostModel::from_parts(machine, costs)?;
        if !reader.is_done() {
            let mut wide = [0.0; _];
            for cost in &mut wide {
                *cost = reader.f64()?;
            }
            model = model.with_wide(wide)?;
        }
        reader.is_done().then(|| if is_ours { Self::measured(model) } else { Self::assumed(model) })
    }

    /// The costs of searches over these vectors. The first question has them measured, and does not wait.
    pub(crate) fn of(&self, vectors: Option<&VectorIndex>, columns: &[NumberColumn]) -> &CostModel {
        if let Some(vectors) = vectors
            && self.0.measured.get().is_none()
            && !self.0.claimed.swap(true, Ordering::Relaxed)
        {
            let (state, vectors) = (Arc::clone(&self.0), vectors.clone());
            let bases = TrialBases::of(columns);
            rayon::spawn(move || {
                let _ = state.measured.set(bases.measure(&vectors));
            });
        }
        self.known()
    }
}
