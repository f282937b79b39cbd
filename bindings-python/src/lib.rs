//! Shortlist for Python: a shell that converts, calls and converts back, and never decides.
#![allow(unsafe_code, reason = "the module macro writes the C entry points that Python calls")]

/// The in-process search and matching engine of an expert marketplace.
#[pyo3::pymodule(name = "shortlist")]
mod module {
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
