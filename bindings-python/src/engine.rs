//! `Engine`: every call of the crate's, by its name.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use shortlist::sync::{SourceKind, SyncOptions};
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine as Core, Error, Filter, Hold, HoldId, Rules,
    SchemaChange, SearchRequest, SimilarRequest, SuggestRequest, SynonymRule,
};

use crate::build::{Build, OnError};
use crate::doorway::{Call, guarded, interruptible};
use crate::error::{exception, wrong_type};
use crate::fork;
use crate::handle::Handle;
use crate::incoming::bulk::{Beside, Source};
use crate::incoming::json;
use crate::incoming::profiles::{patches, profiles};
use crate::incoming::request::{Asked, ids, request};
use crate::later::{later, promise};
use crate::options::{options, schema, seconds};
use crate::outgoing::matches::MatchAnswer;
use crate::outgoing::object::{Names, to_object};
use crate::outgoing::profile::{instant, profile};
use crate::outgoing::search::SearchAnswer;
use crate::outgoing::similar::SimilarAnswer;
use crate::postgres::PostgresSync;
use crate::tenant::{Tenant, reader};

type Object<'py> = PyResult<Bound<'py, PyAny>>;

/// From how many profiles on a batch is worked at where Ctrl-C is heard.
const LONG_BATCH: usize = 64;
/// How long a wait lets signals be.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

/// The whole advisor catalogue in memory, and every request to it.
///
/// Each call lets go of the interpreter while the engine works, so threads run beside it. Calls take their request as
/// keywords, as a mapping in the wire form (names in camelCase or `snake_case`), as a request object, or as JSON text.
///
/// >>> import shortlist
/// >>> with shortlist.Engine.in_memory() as engine:
/// ...     applied = engine.upsert({"id": "ada", "services": ["Tax Planning"]})
/// ...     engine.search(text="tax", scope="all").ids
/// ['ada']
#[pyclass(frozen, module = "shortlist", name = "Engine", weakref)]
pub struct Engine {
    pub handle: Arc<Handle>,
    /// Whether calls answer by a future of the running loop.
    is_async: bool,
    /// What a profile must fulfil to be seen by it, where it is a tenant's.
    pub within: Option<Filter>,
}

impl Engine {
    fn go<'py>(&self, py: Python<'py>, call: Call) -> Object<'py> {
        let engine = self.handle.get()?;
        if self.is_async { later(py, engine, call) } else { call.now(py, engine) }
    }

    fn opened(
        py: Python<'_>,
        open: impl FnOnce() -> shortlist::Result<Core> + Send + 'static,
    ) -> PyResult<Self> {
        fork::start()?;
        let engine = interruptible(py, move |_| open())?.map_err(|error| exception(&error))?;
        Ok(Self { handle: Arc::new(Handle::new(engine)), is_async: false, within: None })
    }
}

fn applied(py: Python<'_>, applied: shortlist::Applied) -> Object<'_> {
    let fields = PyDict::new(py);
    fields.set_item("generation", applied.generation)?;
    fields.set_item("changes", applied.changes)?;
    crate::outgoing::body::answers(py, "Applied")?.call((), Some(&fields))
}

fn written(py: Python<'_>, report: shortlist::SnapshotReport) -> Object<'_> {
    let fields = PyDict::new(py);
    fields.set_item("path", report.path)?;
    fields.set_item("bytes", report.bytes)?;
    fields.set_item("seconds", report.seconds)?;
    crate::outgoing::body::answers(py, "SnapshotReport")?.call((), Some(&fields))
}

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

/// What the engine's own types make of text of theirs.
fn named_rules(value: &Bound<'_, PyAny>) -> PyResult<Rules> {
    let text = match value.cast::<PyString>() {
        Ok(text) => json::text_of("rules", text)?.into_owned(),
        Err(_) => json::object("rules", value)?.text,
    };
    Rules::from_json(&text).map_err(|error| exception(&error))
}

#[pymethods]
impl Engine {
    /// Opens the index of a directory, to read and to write; ``create`` makes a new one, of that ``schema``, where there is
    /// none. An index made with an embedder of your own wants it again. ``durability`` says when a change is on the disk:
    /// ``synced`` before it is acknowledged (the default), seconds by which it may be late, or ``none``. A snapshot is
    /// taken after so many commits and so many seconds after one, or with none never by itself.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     with shortlist.Engine.in_memory() as engine:
    /// ...         applied = engine.upsert({"id": "ada"})
    /// ...         report = engine.snapshot(folder)
    /// ...     with shortlist.Engine.open(folder) as engine:
    /// ...         engine.get("ada").id
    /// 'ada'
    ///
    /// Raises ``NotAnIndexError``, ``DamagedError``, ``NewerFormatError``, ``LockedError``, ``StorageError``,
    /// ``EmbedderMismatchError``. Cost: one read of the snapshot's checksums.
    #[staticmethod]
    #[pyo3(
        signature = (directory, **keywords),
        text_signature = "(directory, *, create=False, schema=None, durability=None, snapshot_after_commits=..., snapshot_after=..., \
            window=None, embedder=None, background=True, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn open(
        py: Python<'_>,
        directory: PathBuf,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(None, keywords)?;
        Self::opened(py, move || Core::open_with(directory, options))
    }

    /// Opens a directory that another process writes, or none does; ``refresh`` follows the writer.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     report = shortlist.Engine.in_memory().snapshot(folder)
    /// ...     with shortlist.Engine.open_read_only(folder) as engine:
    /// ...         engine.is_read_only, engine.refresh()
    /// (True, False)
    #[staticmethod]
    #[pyo3(
        signature = (directory, **keywords),
        text_signature = "(directory, *, embedder=None, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn open_read_only(
        py: Python<'_>,
        directory: PathBuf,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(None, keywords)?;
        Self::opened(py, move || Core::open_read_only_with(directory, options))
    }

    /// Opens one snapshot, wherever it was carried: read-only, mapped and read in place.
    ///
    /// >>> import os, tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder:
    /// ...     file = os.path.join(folder, "advisors.slx")
    /// ...     report = shortlist.Engine.in_memory().snapshot_to(file)
    /// ...     with shortlist.Engine.open_snapshot(file) as engine:
    /// ...         engine.stats().profiles
    /// 0
    #[staticmethod]
    #[pyo3(
        signature = (file, **keywords),
        text_signature = "(file, *, embedder=None, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn open_snapshot(
        py: Python<'_>,
        file: PathBuf,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(None, keywords)?;
        Self::opened(py, move || Core::open_snapshot_with(file, options))
    }

    /// A new, empty index in memory. ``schema`` declares attributes and more; ``embedder`` makes embeddings of texts: an
    /// object with ``name``, ``dimension`` and ``embed(text)``, or a number of dimensions for the built-in, lexical one.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory({"attributes": {"languages": "keywords"}}) as engine:
    /// ...     applied = engine.upsert({"id": "ada", "attributes": {"languages": ["French"]}})
    /// ...     engine.search(filter={"attributes.languages": "French"}, scope="all").ids
    /// ['ada']
    #[staticmethod]
    #[pyo3(
        signature = (schema=None, **keywords),
        text_signature = "(schema=None, *, embedder=None, background=True, exact_budget_ms=None, cache_bytes=None, slow_request=None, redact_slow_requests=False)"
    )]
    fn in_memory(
        py: Python<'_>,
        schema: Option<&Bound<'_, PyAny>>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options(schema, keywords)?;
        Self::opened(py, move || Core::in_memory_with(options))
    }

    /// A list page or a text search: by keywords, a mapping, a ``SearchRequest`` or JSON text.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada", "hourly_rate": 150}, {"id": "ben", "hourly_rate": 90}])
    /// ...     page = engine.search(scope="all", filter={"hourly_rate": {"lt": 100}})
    /// ...     page.total, page[0].id, page[0].hourly_rate
    /// (1, 'ben', 90.0)
    ///
    /// Raises what the request has wrong, a ``CallerError`` with its field, value and hint. Cost: in the engine a pass over the
    /// catalogue's bitmaps for each condition; here a few microseconds, and a field of a hit when it is read.
    #[pyo3(signature = (request=None, /, **fields))]
    pub fn search<'py>(
        &self,
        py: Python<'py>,
        request: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: SearchRequest = self::request(request, fields)?;
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.search(&asked),
            |py, answer| Ok(Bound::new(py, SearchAnswer::new(answer))?.into_any()),
        );
        self.go(py, call)
    }

    /// The searches that make up one page of a site, all answered from one generation, in their order. The first refusal is
    /// raised, or with ``return_exceptions`` stands in its place.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     answers = engine.search_many([{"sort": "newest"}, {"limit": 0}], return_exceptions=True)
    /// ...     [type(answer).__name__ for answer in answers]
    /// ['SearchAnswer', 'OutOfRangeError']
    #[pyo3(signature = (requests, /, *, return_exceptions=false))]
    pub fn search_many<'py>(
        &self,
        py: Python<'py>,
        requests: &Bound<'py, PyAny>,
        return_exceptions: bool,
    ) -> Object<'py> {
        let (asked, refused) = Asked::<SearchRequest>::read(requests, return_exceptions)?.apart();
        let within = self.within.clone();
        let call = Call::new(
            move |engine| Ok(reader(engine, within.as_ref())?.search_many(&asked)),
            move |py, answers| {
                Asked::<SearchRequest>::answered(
                    refused,
                    py,
                    answers,
                    return_exceptions,
                    |answer| Ok(Bound::new(py, SearchAnswer::new(answer))?.into_any()),
                )
            },
        );
        self.go(py, call.long(true))
    }

    /// The advisors that fit a client's need best: the true top of the whole filtered catalogue by the full score. An embedding
    /// is a numpy array (float32 in C order crosses by one copy of its bytes, other numbers are converted) or a list.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([
    /// ...         {"id": name, "services": ["Audit"], "hourly_rate": rate, "marketplace_status": "active", "is_verified": True}
    /// ...         for name, rate in [("ada", 150), ("ben", 190)]
    /// ...     ])
    /// ...     answer = engine.match_advisors(required_services=["Audit"], max_budget=200)
    /// ...     answer.exact, [(one.advisor_id, round(one.score, 2)) for one in answer]
    /// (True, [('ada', 0.56), ('ben', 0.42)])
    #[pyo3(signature = (criteria=None, /, **fields))]
    pub fn match_advisors<'py>(
        &self,
        py: Python<'py>,
        criteria: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: ClientCriteria = self::request(criteria, fields)?;
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.match_advisors(&asked),
            |py, answer| Ok(Bound::new(py, MatchAnswer::new(answer))?.into_any()),
        );
        self.go(py, call)
    }

    /// Many matches, worked through in parallel on all cores, in the order of the criteria. Ctrl-C ends it at once.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     [len(answer) for answer in engine.match_many([{"max_budget": 100}, {"max_budget": 200}])]
    /// [0, 0]
    #[pyo3(signature = (criteria, /, *, return_exceptions=false))]
    pub fn match_many<'py>(
        &self,
        py: Python<'py>,
        criteria: &Bound<'py, PyAny>,
        return_exceptions: bool,
    ) -> Object<'py> {
        let (asked, refused) = Asked::<ClientCriteria>::read(criteria, return_exceptions)?.apart();
        let within = self.within.clone();
        let call = Call::new(
            move |engine| Ok(reader(engine, within.as_ref())?.match_many(&asked)),
            move |py, answers| {
                Asked::<ClientCriteria>::answered(
                    refused,
                    py,
                    answers,
                    return_exceptions,
                    |answer| Ok(Bound::new(py, MatchAnswer::new(answer))?.into_any()),
                )
            },
        );
        self.go(py, call.long(true))
    }

    /// The advisors whose embeddings are nearest to that of one advisor, itself left out.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada", "embedding": [1, 0]}, {"id": "ben", "embedding": [1, 1]}])
    /// ...     engine.similar_to("ada", scope="all").ids
    /// ['ben']
    #[pyo3(signature = (request, /, **fields))]
    pub fn similar_to<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: SimilarRequest = match request.cast::<PyString>() {
            // A bare string is the advisor's id.
            Ok(id) => {
                let all = PyDict::new(py);
                if let Some(fields) = fields {
                    all.update(fields.as_mapping())?;
                }
                all.set_item("id", id)?;
                self::request(None, Some(&all))?
            }
            Err(_) => self::request(Some(request), fields)?,
        };
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.similar_to(&asked),
            |py, answer| Ok(Bound::new(py, SimilarAnswer::new(answer))?.into_any()),
        );
        self.go(py, call)
    }

    /// Completes a text as it is typed, with how many profiles each suggestion leads to.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada", "professional_title": "Fractional CFO"})
    /// ...     engine.suggest("fract", scope="all")[0].text
    /// 'Fractional CFO'
    #[pyo3(signature = (request, /, **fields))]
    pub fn suggest<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let asked: SuggestRequest = match request.cast::<PyString>() {
            // A bare string is what was typed.
            Ok(typed) => {
                let all = PyDict::new(py);
                if let Some(fields) = fields {
                    all.update(fields.as_mapping())?;
                }
                all.set_item("text", typed)?;
                self::request(None, Some(&all))?
            }
            Err(_) => self::request(Some(request), fields)?,
        };
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.suggest(&asked),
            |py, answered| {
                let fields = to_object(py, &answered, Names::Snake)?;
                crate::outgoing::body::answers(py, "suggestions")?.call1((fields,))
            },
        );
        self.go(py, call)
    }

    /// Counts over the whole result of a search, without its hits: the facets, then the search's keywords.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada", "industries": ["Retail"]}, {"id": "ben", "industries": ["Retail", "Energy"]}])
    /// ...     engine.facets("industries", scope="all")["industries"].to_dict()
    /// {'Retail': 2, 'Energy': 1}
    #[pyo3(signature = (*counted, **fields))]
    pub fn facets<'py>(
        &self,
        py: Python<'py>,
        counted: &Bound<'py, PyTuple>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        let all = PyDict::new(py);
        if let Some(fields) = fields {
            all.update(fields.as_mapping())?;
        }
        all.set_item("facets", counted)?;
        let asked: SearchRequest = self::request(None, Some(&all))?;
        let within = self.within.clone();
        let call = Call::new(
            move |engine| reader(engine, within.as_ref())?.facets(&asked),
            |py, facets| SearchAnswer::facets_of(py, &facets),
        );
        self.go(py, call)
    }

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

    /// Declares further attributes, by their kinds.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.declare({"languages": "keywords"})
    /// ...     engine.schema()["attributes"]
    /// {'languages': 'keywords'}
    fn declare<'py>(&self, py: Python<'py>, attributes: &Bound<'py, PyAny>) -> Object<'py> {
        let wanted = PyDict::new(py);
        wanted.set_item("attributes", attributes)?;
        let wanted = schema(wanted.as_any())?;
        self.go(py, Call::new(move |engine| engine.declare(&wanted), applied))
    }

    /// Adds attributes, whose values the profiles that are there have in their ``details``, and removes some.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory(background=False) as engine:
    /// ...     applied = engine.upsert({"id": "ada", "details": {"languages": ["German"]}})
    /// ...     applied = engine.alter(add={"languages": "keywords"})
    /// ...     engine.maintain()
    /// ...     engine.search(scope="all", filter={"attributes.languages": "German"}).ids
    /// ['ada']
    ///
    /// ``add`` maps names to kinds, or to ``{"kind": ..., "from": ...}`` where the details have the values under another
    /// name. The background reads them: until that is done, whoever asks for one of them gets ``BeingIndexedError``, which
    /// says how far it is. A removed attribute is refused by name: ``RemovedFieldError``.
    #[pyo3(signature = (*, add = None, remove = None))]
    fn alter<'py>(
        &self,
        py: Python<'py>,
        add: Option<&Bound<'py, PyAny>>,
        remove: Option<&Bound<'py, PyAny>>,
    ) -> Object<'py> {
        let wanted = PyDict::new(py);
        wanted.set_item("add", add)?;
        wanted.set_item("remove", remove)?;
        let wanted = json::value("change", wanted.as_any())?;
        let change = SchemaChange::from_json(&wanted).map_err(|error| exception(&error))?;
        self.go(py, Call::new(move |engine| engine.alter(change), applied))
    }

    /// Changes which words stand for which in searches: lists are two-way, mappings one-way.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada", "headline": "chief financial officer"})
    /// ...     applied = engine.set_synonyms([["cfo", "chief financial officer"]])
    /// ...     engine.search(text="cfo", scope="all").ids
    /// ['ada']
    fn set_synonyms<'py>(&self, py: Python<'py>, rules: &Bound<'py, PyAny>) -> Object<'py> {
        let text = json::value("synonyms", rules)?;
        let rules = SynonymRule::list_from_json(&text).map_err(|error| exception(&error))?;
        self.go(py, Call::new(move |engine| engine.set_synonyms(rules), applied))
    }

    /// Keeps rules (pins, hiding, boosts) under a name that requests can give.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert([{"id": "ada"}, {"id": "ben"}])
    /// ...     applied = engine.set_rules("spring", {"pins": [{"id": "ben", "position": 1}]})
    /// ...     engine.search(rules="spring", scope="all").ids
    /// ['ben', 'ada']
    fn set_rules<'py>(
        &self,
        py: Python<'py>,
        name: String,
        rules: &Bound<'py, PyAny>,
    ) -> Object<'py> {
        let rules = named_rules(rules)?;
        self.go(py, Call::new(move |engine| engine.set_rules(&name, rules), applied))
    }

    /// Forgets the rules of a name.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.set_rules("spring", {"hide": {"industries": "Energy"}})
    /// ...     applied = engine.remove_rules("spring")
    /// ...     engine.rules()
    /// {}
    fn remove_rules<'py>(&self, py: Python<'py>, name: String) -> Object<'py> {
        self.go(py, Call::new(move |engine| engine.remove_rules(&name), applied))
    }

    /// The rules that the index keeps, by name.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.set_rules("spring", {"pins": [{"id": "ben", "position": 1}]})
    /// ...     engine.rules()
    /// {'spring': {'pins': [{'id': 'ben', 'position': 1}]}}
    fn rules<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(
            |engine| Ok(engine.rules()),
            |py, rules| {
                let all = PyDict::new(py);
                for (name, rules) in rules {
                    all.set_item(
                        name,
                        py.import("json")?.call_method1("loads", (rules.to_json(),))?,
                    )?;
                }
                Ok(all.into_any())
            },
        );
        self.go(py, call)
    }

    /// What the index holds beside the built-in fields.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory({"language": "english"}) as engine:
    /// ...     engine.schema()["language"]
    /// 'english'
    fn schema<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(
            |engine| Ok(engine.schema()),
            |py, schema| py.import("json")?.call_method1("loads", (schema.to_json(),)),
        );
        self.go(py, call)
    }

    /// What the index holds.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada", "embedding": [0.6, 0.8]})
    /// ...     stats = engine.stats()
    /// ...     stats.profiles, stats.embedded, stats.dimension, stats.memory_bytes > 0
    /// (1, 1, 2, True)
    fn stats<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(
            |engine| Ok(engine.stats()),
            |py, stats| {
                let fields = to_object(py, &stats, Names::Snake)?;
                crate::outgoing::body::answers(py, "stats")?.call1((fields,))
            },
        );
        self.go(py, call)
    }

    /// Keeps the index in a directory as one checksummed snapshot. Readers and writers go on meanwhile.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder, shortlist.Engine.in_memory() as engine:
    /// ...     engine.snapshot(folder).bytes > 0
    /// True
    fn snapshot<'py>(&self, py: Python<'py>, directory: PathBuf) -> Object<'py> {
        self.go(py, Call::new(move |engine| engine.snapshot(directory), written).long(true))
    }

    /// Keeps the index in one file, to carry to other machines: ``open_snapshot`` reads it there.
    ///
    /// >>> import os, tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder, shortlist.Engine.in_memory() as engine:
    /// ...     engine.snapshot_to(os.path.join(folder, "advisors.slx")).path.name
    /// 'advisors.slx'
    fn snapshot_to<'py>(&self, py: Python<'py>, file: PathBuf) -> Object<'py> {
        self.go(py, Call::new(move |engine| engine.snapshot_to(file), written).long(true))
    }

    /// Reads everything again: the newest snapshot's checksums, and the invariants between the parts in memory. Raises the first
    /// thing that does not hold.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     engine.verify()
    /// VerifyReport(profiles=0, sections=())
    fn verify<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(Core::verify, |py, report| {
            let fields = to_object(py, &report, Names::Snake)?;
            crate::outgoing::body::answers(py, "verified")?.call1((fields,))
        });
        self.go(py, call.long(true))
    }

    /// Does now what the background would do in its time. No answer shows it.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory(background=False) as engine:
    /// ...     engine.maintain()
    fn maintain<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(Core::maintain, |py, ()| Ok(py.None().into_bound(py)));
        self.go(py, call.long(true))
    }

    /// Takes up the newest snapshot of a directory that was opened read-only; says whether there was a newer one.
    ///
    /// >>> import tempfile, shortlist
    /// >>> with tempfile.TemporaryDirectory() as folder, shortlist.Engine.in_memory() as writer:
    /// ...     report = writer.snapshot(folder)
    /// ...     with shortlist.Engine.open_read_only(folder) as reader:
    /// ...         applied = writer.upsert({"id": "ada"})
    /// ...         report = writer.snapshot(folder)
    /// ...         reader.refresh(), reader.stats().profiles
    /// (True, 1)
    fn refresh<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(Core::refresh, |py, is_newer| {
            Ok(is_newer.into_pyobject(py)?.to_owned().into_any())
        });
        self.go(py, call.long(true))
    }

    /// What the engine has done since it was opened: times and rows by kind and path, refusals, the cache, memory.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     page = engine.search()
    /// ...     first = engine.metrics().requests[0]
    /// ...     first.kind, first.took_us.count
    /// ('search', 1)
    fn metrics<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(
            |engine| Ok(engine.metrics()),
            |py, metrics| {
                let fields = to_object(py, &metrics, Names::Snake)?;
                crate::outgoing::body::answers(py, "metrics")?.call1((fields,))
            },
        );
        self.go(py, call)
    }

    /// The last thousand requests that took longer than the engine's ``slow_request`` seconds, the newest last.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory(slow_request=0) as engine:
    /// ...     page = engine.search(text="tax")
    /// ...     engine.slow_requests()[0].kind
    /// 'search'
    fn slow_requests<'py>(&self, py: Python<'py>) -> Object<'py> {
        let call = Call::new(
            |engine| Ok(engine.slow_requests()),
            |py, slow| {
                let fields = to_object(py, &slow, Names::Snake)?;
                crate::outgoing::body::answers(py, "slow_requests")?.call1((fields,))
            },
        );
        self.go(py, call)
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

    /// Waits until the index is at a generation or beyond, at most so many seconds; gives the one that it is at. What a write
    /// returns as its generation can be handed to another thread or process, which so reads what was written.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     applied = engine.upsert({"id": "ada"})
    /// ...     engine.wait_for(applied.generation, 1.0) == applied.generation
    /// True
    ///
    /// Raises ``NotYetError`` when the time is over.
    fn wait_for<'py>(&self, py: Python<'py>, generation: u64, timeout: f64) -> Object<'py> {
        let limit = seconds(timeout)?;
        if self.is_async {
            let call = Call::new(
                move |engine| engine.wait_for(generation, limit),
                |py, at| Ok(at.into_pyobject(py)?.into_any()),
            );
            return self.go(py, call.long(true));
        }
        let (engine, start) = (self.handle.get()?, Instant::now());
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let waited = py.detach(|| engine.wait_for(generation, left.min(LISTEN_EVERY)));
            match waited {
                Ok(at) => return Ok(at.into_pyobject(py)?.into_any()),
                Err(Error::NotYet { .. }) if !left.is_zero() => py.check_signals()?,
                Err(Error::NotYet { current, .. }) => {
                    let waited_ms = limit.as_millis() as u64;
                    return Err(exception(&Error::NotYet { generation, current, waited_ms }));
                }
                Err(error) => return Err(exception(&error)),
            }
        }
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

    /// Follows a Postgres on a thread of its own: loads the table of the mapping, then applies every change as it is committed.
    /// ``mapping`` is a path of TOML or JSON, or a mapping; by default the marketplace's own table. ``source`` is ``outbox``, ``poll`` or ``replication``.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     with engine.sync_postgres("postgres://reader@127.0.0.1:1/market") as sync:
    /// ...         sync.wait(0.01).server
    /// '127.0.0.1:1/market'
    ///
    /// What must be mended by somebody shows in its status as ``failed``; a URL that is none raises ``PostgresError``.
    #[pyo3(signature = (
        url, /, *, mapping=None, source="outbox", once=false, load_url=None, poll_ms=None, compare_ms=None,
        batch_rows=None,
    ))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword")]
    fn sync_postgres(
        &self,
        py: Python<'_>,
        url: String,
        mapping: Option<&Bound<'_, PyAny>>,
        source: &str,
        once: bool,
        load_url: Option<String>,
        poll_ms: Option<u64>,
        compare_ms: Option<u64>,
        batch_rows: Option<usize>,
    ) -> PyResult<PostgresSync> {
        let mut options = SyncOptions::new(url);
        options.mapping = crate::postgres::mapping(mapping)?;
        options.source = SourceKind::parse(source).map_err(|error| exception(&error))?;
        options.once = once;
        options.load_url = load_url;
        if let Some(poll_ms) = poll_ms {
            options.poll_every = Duration::from_millis(poll_ms);
        }
        if let Some(compare_ms) = compare_ms {
            options.compare_every = Duration::from_millis(compare_ms);
        }
        options.batch_rows = batch_rows.unwrap_or(options.batch_rows);
        PostgresSync::start(py, self.handle.get()?, options)
    }

    /// Whether writes are refused: what was opened is read only.
    #[getter]
    fn is_read_only(&self) -> PyResult<bool> {
        Ok(self.handle.get()?.is_read_only())
    }

    /// Whether the engine was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Closes the engine. Calls that are under way end; further ones raise ``ClosedError``. A ``with`` block does it by itself.
    ///
    /// >>> import shortlist
    /// >>> engine = shortlist.Engine.in_memory()
    /// >>> engine.close()
    /// >>> engine.search()
    /// Traceback (most recent call last):
    /// shortlist.errors.ClosedError: SL2010: this engine is closed
    fn close<'py>(&self, py: Python<'py>) -> Object<'py> {
        let engine = self.handle.take();
        let end = move || match engine {
            Some(engine) if fork::happened() => {
                std::mem::forget(engine);
                Ok(())
            }
            Some(engine) => guarded(move || engine.close()),
            None => Ok(()),
        };
        if self.is_async {
            return promise(py, true, move |_| {
                let ended = end();
                Box::new(move |py| ended.map(|()| py.None()).map_err(|error| exception(&error)))
            });
        }
        py.detach(end).map_err(|error| exception(&error))?;
        Ok(py.None().into_bound(py))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py).map(drop)
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.handle.get()?.stats().profiles as usize)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __contains__(&self, py: Python<'_>, id: &Bound<'_, PyString>) -> PyResult<bool> {
        let id = json::text_of("id", id)?.into_owned();
        let engine = self.handle.get()?;
        let found = py.detach(move || guarded(move || engine.get(&id)));
        Ok(found.map_err(|error| exception(&error))?.is_some())
    }

    fn __repr__(&self) -> String {
        let Ok(engine) = self.handle.get() else { return "<shortlist.Engine, closed>".to_owned() };
        let stats = engine.stats();
        format!(
            "<shortlist.Engine of {} profiles, generation {}>",
            stats.profiles, stats.generation
        )
    }

    fn __reduce__(&self) -> PyResult<()> {
        let text = "an engine cannot be pickled: open it anew where it is needed";
        Err(pyo3::exceptions::PyTypeError::new_err(text))
    }

    /// As ``search``, awaited: the answer of ``AsyncEngine.search``.
    ///
    /// >>> import asyncio, shortlist
    /// >>> async def main():
    /// ...     with shortlist.Engine.in_memory() as engine:
    /// ...         return (await engine.search_async(text="tax")).total
    /// >>> asyncio.run(main())
    /// 0
    #[pyo3(signature = (request=None, /, **fields))]
    fn search_async<'py>(
        &self,
        py: Python<'py>,
        request: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self._asynchronous().search(py, request, fields)
    }

    /// As ``match_advisors``, awaited.
    ///
    /// >>> import asyncio, shortlist
    /// >>> async def main():
    /// ...     with shortlist.Engine.in_memory() as engine:
    /// ...         return (await engine.match_advisors_async(max_budget=100)).considered
    /// >>> asyncio.run(main())
    /// 0
    #[pyo3(signature = (criteria=None, /, **fields))]
    fn match_advisors_async<'py>(
        &self,
        py: Python<'py>,
        criteria: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> Object<'py> {
        self._asynchronous().match_advisors(py, criteria, fields)
    }

    /// The same engine, whose calls answer by futures of the running loop.
    pub fn _asynchronous(&self) -> Self {
        Self { handle: Arc::clone(&self.handle), is_async: true, within: self.within.clone() }
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

/// An opening that asyncio waits for.
#[pyfunction(name = "_open_later")]
pub fn open_later<'py>(
    py: Python<'py>,
    kind: &str,
    path: PathBuf,
    keywords: &Bound<'py, PyDict>,
) -> Object<'py> {
    fork::start()?;
    let options = options(None, Some(keywords))?;
    let kind = kind.to_owned();
    promise(py, true, move |_| {
        let opened = guarded(|| match kind.as_str() {
            "directory" => Core::open_with(path, options),
            "read_only" => Core::open_read_only_with(path, options),
            _ => Core::open_snapshot_with(path, options),
        });
        Box::new(move |py| {
            let engine = opened.map_err(|error| exception(&error))?;
            let handle = Arc::new(Handle::new(engine));
            Ok(Py::new(py, Engine { handle, is_async: false, within: None })?.into_any())
        })
    })
}
