//! A match: plan, candidates, signals, rank, explain. Every stage is a function of one generation and the criteria.

mod approximate;
mod caps;
mod depends;
mod diversity;
mod explain;
mod factored;
mod hard;
mod many;
mod pins;
mod plan;
mod rank;
mod relax;
mod run;
mod signals;
mod similar;

pub(crate) use depends::{MatchDepends, answer_key};
pub(crate) use many::each;
pub(crate) use run::{Beside, Matched, match_advisors};
pub(crate) use similar::similar_to;
