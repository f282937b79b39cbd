//! How good a ranking is: judged collections, the measures of a ranking, and runs of the engine over them.

mod collection;
mod measures;
mod run;

pub use collection::{Collection, shared_data};
pub use measures::Measures;
pub use run::{Mode, engine_of, evaluate, run_lines};
