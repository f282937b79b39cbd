//! How good a ranking is: judged collections, the measures of a ranking, and runs of the engine over them.

mod collection;
mod exposure;
mod measures;
mod qrels;
mod run;
mod significance;
mod trec;

pub use collection::{Collection, Query, shared_data};
pub use exposure::Exposure;
pub use measures::{Judgements, Measures};
pub use qrels::read_qrels;
pub use run::{Mode, engine_of, evaluate, run_lines};
pub use significance::{Paired, holm};
pub use trec::{Ranking, read_run, trec_lines};
