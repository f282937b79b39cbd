//! Places of an advisor's capacity that are held.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use shortlist::{Hold, HoldId};

use super::{Engine, Object, applied};
use crate::doorway::Call;
use crate::error::wrong_type;
use crate::options::seconds;
use crate::outgoing::profile::instant;

fn held<'py>(py: Python<'py>, hold: &Hold) -> Object<'py> {
    let fields = PyDict::new(py);
    fields.set_item("id", hold.id.0)?;
    fields.set_item("advisor_id", &hold.advisor_id)?;
    fields.set_item("until", instant(py, hold.until)?)?;
    crate::outgoing::body::answers(py, "Hold")?.call((), Some(&fields))
}

/// The name of a hold, or of the one that is given.
fn hold_id(given: &Bound<'_, PyAny>) -> PyResult<HoldId> {
    let named = if given.hasattr("advisor_id")? { given.getattr("id")? } else { given.clone() };
    named.extract().map(HoldId).map_err(|_| wrong_type("hold", given, "a hold, or its id"))
}

#[pymethods]
impl Engine {
    /// Holds one place of an advisor's capacity for so many seconds: until the hold is confirmed, released, or has lapsed by
    /// itself, the place counts as taken.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada", "max_clients": 1})
    /// ...     hold = engine.reserve("ada", 600)
    /// ...     try:
    /// ...         engine.reserve("ada", 600)
    /// ...     except shortlist.NoPlaceError as error:
    /// ...         print(error.code)
    /// ...     applied = engine.confirm(hold)
    /// ...     engine.get("ada").current_clients
    /// SL1040
    /// 1
    fn reserve<'py>(&self, py: Python<'py>, id: String, ttl: f64) -> Object<'py> {
        let ttl = seconds(ttl)?;
        self.go(py, Call::new(move |engine| engine.reserve(&id, ttl), |py, hold| held(py, &hold)))
    }

    /// Makes a client of a hold, given or named: the advisor's clients count one more, and the hold is over.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada"})
    /// ...     applied = engine.confirm(engine.reserve("ada", 60).id)
    /// ...     engine.holds()
    /// []
    ///
    /// Raises ``HoldEndedError`` for one that lapsed, was confirmed or released, or never was.
    fn confirm<'py>(&self, py: Python<'py>, hold: &Bound<'py, PyAny>) -> Object<'py> {
        let hold = hold_id(hold)?;
        self.go(py, Call::new(move |engine| engine.confirm(hold), applied))
    }

    /// Gives the place of a hold, given or named, back.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada", "max_clients": 1})
    /// ...     applied = engine.release(engine.reserve("ada", 60))
    /// ...     engine.reserve("ada", 60).advisor_id
    /// 'ada'
    fn release<'py>(&self, py: Python<'py>, hold: &Bound<'py, PyAny>) -> Object<'py> {
        let hold = hold_id(hold)?;
        self.go(py, Call::new(move |engine| engine.release(hold), applied))
    }

    /// The places that are held.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada"})
    /// ...     hold = engine.reserve("ada", 60)
    /// ...     engine.holds() == [hold]
    /// True
    fn holds<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(
            |engine| Ok(engine.holds()),
            |py, holds| {
                let list = PyList::empty(py);
                for hold in &holds {
                    list.append(held(py, hold)?)?;
                }
                Ok(list.into_any())
            },
        );
        self.go(py, call)
    }
}
