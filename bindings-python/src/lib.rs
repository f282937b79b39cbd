//! Shortlist for Python: a shell that converts, calls and converts back, and never decides.
//!
//! `incoming` reads what Python sends, `doorway` asks the engine without the interpreter, `outgoing` shows what it
//! answers. The Python files beside this crate are the package's surface: requests, answers, errors, frames, notebooks.
#![allow(unsafe_code, reason = "the module's macros write the C entry points that Python calls")]
#![allow(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    reason = "what documents a call here is Python's docstring"
)]
#![allow(
    clippy::unused_self,
    clippy::used_underscore_items,
    reason = "Python's protocols say what a method is called and takes"
)]
#![allow(
    clippy::elidable_lifetime_names,
    clippy::type_complexity,
    reason = "the interpreter's lifetime is named alike everywhere, and its types are as they are"
)]

mod alive;
mod build;
mod database;
mod doorway;
mod embedder;
mod engine;
mod error;
mod fork;
mod handle;
mod incoming;
mod later;
mod names;
mod options;
mod outgoing;
mod postgres;
mod subscription;
mod tenant;

/// The compiled part of the package `shortlist`.
#[pyo3::pymodule(name = "_native", gil_used = false)]
mod module {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::database::{asked, uninstall_script};
    #[pymodule_export]
    use crate::engine::{Engine, Profiles, open_later};
    #[pymodule_export]
    use crate::names::_fields;
    #[pymodule_export]
    use crate::outgoing::listing::{Listing, unpickled as listing};
    #[pymodule_export]
    use crate::outgoing::matches::{
        AdvisorMatch, MatchAnswer, unpickled as match_answer, unpickled_match,
    };
    #[pymodule_export]
    use crate::outgoing::search::{Hit, SearchAnswer, unpickled as search_answer};
    #[pymodule_export]
    use crate::outgoing::similar::{
        SimilarAdvisor, SimilarAnswer, of_dict, unpickled as similar_answer,
    };
    #[pymodule_export]
    use crate::postgres::PostgresSync;
    #[pymodule_export]
    use crate::subscription::{Subscription, Touched};
    #[pymodule_export]
    use crate::tenant::Tenant;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::fork::watch(module)?;
        crate::alive::watch(module)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    /// A panic on purpose, to show that it stops at the doorway. Not in releases.
    #[cfg(debug_assertions)]
    #[pyfunction]
    fn _panic(py: Python<'_>) -> PyResult<()> {
        let work = || -> shortlist::Result<()> { panic!("on purpose") };
        py.detach(|| crate::doorway::guarded(work)).map_err(|error| crate::error::exception(&error))
    }
}
