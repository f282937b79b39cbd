//! What following a Postgres needs of the database: looked at, made and taken away again.

use pyo3::prelude::*;
use shortlist::Schema;
use shortlist::sync;

use crate::doorway::interruptible;
use crate::error::{exception, wrong_type};
use crate::options;
use crate::outgoing::object::{Names, to_object};
use crate::postgres::mapping;

/// Whether the publication is asked for in the place of the outbox.
fn publishes(source: &Bound<'_, PyAny>) -> PyResult<bool> {
    match source.extract::<String>().as_deref() {
        Ok("outbox") => Ok(false),
        Ok("replication") => Ok(true),
        _ => Err(wrong_type("source", source, "`outbox` or `replication`")),
    }
}

/// Asks something of a database, or makes in it what a sync needs.
#[pyfunction(name = "_postgres")]
#[pyo3(signature = (question, url, mapping, schema, readers, source))]
pub fn asked<'py>(
    py: Python<'py>,
    question: &str,
    url: String,
    mapping: Option<&Bound<'py, PyAny>>,
    schema: Option<&Bound<'py, PyAny>>,
    readers: Vec<String>,
    source: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let (mapping, publishes) = (self::mapping(mapping)?, publishes(source)?);
    let schema = schema.map_or_else(|| Ok(Schema::default()), options::schema)?;
    macro_rules! ask {
        ($work:expr) => {
            to_object(
                py,
                &interruptible(py, move |_| $work)?.map_err(|error| exception(&error))?,
                Names::Snake,
            )
        };
    }
    match question {
        "check" => ask!(sync::check(&url, &mapping, &schema)),
        "install" if publishes => ask!(sync::publish(&url, &mapping)),
        "install" => ask!(sync::install(&url, &mapping, &readers)),
        "install_script" if publishes => ask!(sync::publish_script(&url, &mapping)),
        "install_script" => ask!(sync::install_script(&url, &mapping, &readers)),
        "uninstall" => ask!(sync::uninstall(&url)),
        "indexes" => ask!(sync::indexes(&url, &mapping)),
        _ => ask!(sync::make_indexes(&url, &mapping)),
    }
}

/// What takes away again what `install` makes.
#[pyfunction(name = "_uninstall_script")]
pub fn uninstall_script() -> &'static str {
    sync::uninstall_script()
}
