//! Profiles as they were written, and who may see which.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use shortlist::{AdvisorProfile, Filter};

use super::{Engine, Object};
use crate::doorway::{Call, guarded};
use crate::error::exception;
use crate::fork;
use crate::incoming::json;
use crate::incoming::request::ids;
use crate::outgoing::profile::profile;
use crate::tenant::{Tenant, reader};

#[pymethods]
impl Engine {
    /// The profile of an id, deleted or not; none where the index does not hold it.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert(shortlist.AdvisorProfile(id="ada", details={"firstName": "Ada"}))
    /// ...     engine.get("ada").details, engine.get("ben")
    /// ({'firstName': 'Ada'}, None)
    pub fn get<'py>(&self, py: Python<'py>, id: &Bound<'py, PyString>) -> Object<'py> {
        let id = json::text_of("id", id)?.into_owned();
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.get(&id),
            |py, found| match found {
                Some(found) => profile(py, found),
                None => Ok(py.None().into_bound(py)),
            },
        );
        self.go(py, call)
    }

    /// As ``get`` for several ids, in their order, from one generation.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada"})
    /// ...     [found and found.id for found in engine.get_many(["ben", "ada"])]
    /// [None, 'ada']
    pub fn get_many<'py>(&self, py: Python<'py>, ids: &Bound<'py, PyAny>) -> Object<'py> {
        let ids = self::ids(ids)?;
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.get_many(&ids),
            |py, all| {
                let list = PyList::empty(py);
                for found in all {
                    match found {
                        Some(found) => list.append(profile(py, found)?)?,
                        None => list.append(py.None())?,
                    }
                }
                Ok(list.into_any())
            },
        );
        self.go(py, call)
    }

    /// Every profile, deleted ones included, from one generation, in no promised order; each is read as it is asked for.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada"}, {"id": "ben"}])
    /// ...     sorted(profile.id for profile in engine.profiles())
    /// ['ada', 'ben']
    fn profiles(&self) -> PyResult<Profiles> {
        Ok(Profiles(Mutex::new(Box::new(self.handle.get()?.profiles()))))
    }

    fn __contains__(&self, py: Python<'_>, id: &Bound<'_, PyString>) -> PyResult<bool> {
        let id = json::text_of("id", id)?.into_owned();
        let engine = self.handle.get()?;
        let found = py.detach(move || guarded(move || engine.get(&id)));
        Ok(found.map_err(|error| exception(&error))?.is_some())
    }

    /// A handle to read by that sees only who fulfils a filter: it holds below every request, and nothing gets round it.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada", "industries": ["Healthcare"]}, {"id": "ben"}])
    /// ...     clinic = engine.for_tenant({"industries": "Healthcare"})
    /// ...     clinic.search(scope="all").ids, clinic.get("ben")
    /// (['ada'], None)
    fn for_tenant(&self, py: Python<'_>, filter: &Bound<'_, PyAny>) -> PyResult<Tenant> {
        let text = match filter.cast::<PyString>() {
            Ok(text) => json::text_of("filter", text)?.into_owned(),
            Err(_) => json::value("filter", filter)?,
        };
        let filter = Filter::from_json(&text).map_err(|error| exception(&error))?;
        let (engine, checked) = (self.handle.get()?, filter.clone());
        py.detach(move || guarded(move || engine.for_tenant(checked)))
            .map_err(|error| exception(&error))?;
        let handle = Arc::clone(&self.handle);
        Ok(Tenant(Self { handle, is_async: self.is_async, within: Some(filter) }))
    }
}

/// Profiles of one generation, as they are asked for.
#[pyclass(frozen, module = "shortlist", name = "Profiles")]
pub struct Profiles(Mutex<Box<dyn Iterator<Item = shortlist::Result<AdvisorProfile>> + Send>>);

#[pymethods]
impl Profiles {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        fork::check()?;
        let next = py.detach(|| {
            guarded(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).next().transpose())
        });
        next.map_err(|error| exception(&error))?.map(|found| profile(py, found)).transpose()
    }
}
