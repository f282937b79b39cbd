//! Cells of an index that was opened from a snapshot: made beside the requests once somebody asks for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::super::VectorIndex;
use super::Cells;

/// Cells that are not made yet. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct LaterCells(Arc<State>);

#[derive(Debug, Default)]
struct State {
    made: OnceLock<Cells>,
    claimed: AtomicBool,
}

impl LaterCells {
    /// The cells of an index, which must be the one that this was opened with and unchanged. The first question has
    /// them made, and like others before they are there gets none: the exact search takes over.
    pub fn of(&self, index: &VectorIndex) -> Option<&Cells> {
        if self.0.made.get().is_none() && !self.0.claimed.swap(true, Ordering::Relaxed) {
            let (state, mut index) = (Arc::clone(&self.0), index.clone());
            rayon::spawn(move || {
                index.rebuild_cells();
                if let Some(cells) = index.cells {
                    let _ = state.made.set(cells);
                }
            });
        }
        self.0.made.get()
    }
}
