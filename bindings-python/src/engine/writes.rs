//! What changes profiles.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{Engine, Object, applied};
use crate::build::{Build, OnError};
use crate::doorway::Call;
use crate::incoming::bulk::{Beside, Source};
use crate::incoming::profiles::{patches, profiles};
use crate::incoming::request::ids;

/// From how many profiles on a batch is worked at where Ctrl-C is heard.
const LONG_BATCH: usize = 64;

#[pymethods]
impl Engine {
    /// Adds profiles, or replaces those whose id is known: mappings, dataclasses or pydantic models, at most 100,000. Atomic,
    /// and visible when it returns. An interrupt that comes while the batch is being committed is raised at once; the batch
    /// is committed whole all the same.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     engine.upsert([{"id": "ada"}, {"id": "ben"}])
    /// Applied(generation=1, changes=2)
    fn upsert<'py>(&self, py: Python<'py>, profiles: &Bound<'py, PyAny>) -> Object<'py> {
        let mut schema = self.handle.get()?.schema();
        let batch = self::profiles(profiles, &mut schema)?;
        let is_long = batch.len() > LONG_BATCH;
        self.go(py, Call::new(move |engine| engine.upsert(batch), applied).long(is_long))
    }

    /// Profiles in bulk, in batches: the path of a ``.jsonl``, ``.csv`` (each also ``.gz``) or ``.parquet`` file; a table or frame
    /// of pyarrow, polars, pandas, duckdb or whatever else gives an Arrow stream; or any iterable of profiles.
    ///
    /// ``embeddings`` are one row a record: a path (``.npy``, or ``.f32`` with its ``dimension``), an array of two dimensions, or an
    /// iterable of vectors. ``on_error="skip"`` lists what makes no profile in the report instead of raising. ``progress`` is called
    /// with how many records of how many are done; true or false ask for a bar or none, and by default there is one in a terminal
    /// and in a notebook. Ctrl-C ends it within a tenth of a second; batches that were committed stay.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     report = engine.build(({"id": f"a{n}"} for n in range(1000)), embeddings=([n, 1.0] for n in range(1000)))
    /// ...     report.upserted, engine.stats().embedded
    /// (1000, 1000)
    #[pyo3(signature = (source, /, *, embeddings=None, dimension=None, on_error="raise", progress=None))]
    fn build<'py>(
        &self,
        py: Python<'py>,
        source: &Bound<'py, PyAny>,
        embeddings: Option<&Bound<'py, PyAny>>,
        dimension: Option<usize>,
        on_error: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> Object<'py> {
        let engine = self.handle.get()?;
        let schema = engine.schema();
        let dimension = dimension.or(schema.dimension);
        let progress = py.import("shortlist._progress")?.call_method1("of", (progress,))?;
        let build = Build {
            source: Source::of(source, &schema)?,
            beside: Beside::of(embeddings, dimension)?,
            on_error: OnError::named(on_error)?,
            progress: Some(progress).filter(|progress| !progress.is_none()),
            engine,
        };
        build.run(py)
    }

    /// Changes single fields: of an id by keywords, or of several by a mapping or pairs. None clears a field; ``if_`` is a
    /// condition that must hold, or the batch is refused whole.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada", "current_clients": 14})
    /// ...     room = {"current_clients": {"lt": {"field": "maxClients"}}}
    /// ...     applied = engine.patch("ada", current_clients=15, if_=room)
    /// ...     try:
    /// ...         engine.patch({"ada": {"current_clients": 16, "if": room}})
    /// ...     except shortlist.ConditionNotMetError as error:
    /// ...         print(error.code, engine.get("ada").current_clients)
    /// SL1021 15
    #[pyo3(signature = (patches, /, **fields))]
    fn patch<'py>(
        &self,
        py: Python<'py>,
        patches: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let batch = self::patches(patches, fields, &self.handle.get()?.schema())?;
        let is_long = batch.len() > LONG_BATCH;
        self.go(py, Call::new(move |engine| engine.patch(batch), applied).long(is_long))
    }

    /// Removes profiles for good.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada"}, {"id": "ben"}])
    /// ...     applied = engine.remove("ada")
    /// ...     engine.search(scope="all").ids
    /// ['ben']
    ///
    /// Raises ``NotFoundError`` for an id that the index does not hold; nothing is removed then.
    fn remove<'py>(&self, py: Python<'py>, ids: &Bound<'py, PyAny>) -> Object<'py> {
        let ids = self::ids(ids)?;
        let is_long = ids.len() > LONG_BATCH;
        self.go(py, Call::new(move |engine| engine.remove(&ids), applied).long(is_long))
    }
}
