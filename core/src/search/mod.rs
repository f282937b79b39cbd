//! A search: plan, run, page. Every stage is a function of one generation and the request.

mod arrange;
mod cursor;
mod depends;
mod did_you_mean;
mod evidence;
mod facets;
mod find;
mod fragment;
mod fusion;
mod highlight;
mod hybrid;
mod identity;
mod nearby;
mod order;
mod page;
mod plan;
mod row_sets;
mod run;
mod suggest;
mod walk;

pub(crate) use depends::SearchDepends;
pub(crate) use identity::answer_key;
pub(crate) use run::{Answered, search};
pub(crate) use suggest::suggest;
