//! A search: plan, run, page. Every stage is a function of one generation and the request.

mod cursor;
mod facets;
mod find;
mod fusion;
mod order;
mod plan;
mod run;

pub(crate) use run::search;
