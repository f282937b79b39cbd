//! A match: plan, candidates, signals, rank, explain. Every stage is a function of one generation and the criteria.

mod diversity;
mod explain;
mod plan;
mod rank;
mod run;
mod signals;

pub(crate) use run::match_advisors;
