//! Following the index, and what it follows.

use std::time::Duration;

use pyo3::prelude::*;
use shortlist::sync::{SourceKind, SyncOptions};

use super::Engine;
use crate::error::exception;
use crate::postgres::PostgresSync;
use crate::subscription::Subscription;

#[pymethods]
impl Engine {
    /// Follows the index: every commit is an event that says which profiles it touched, how, and the values of their keyword
    /// fields before and after. Events come in the order of generations, each at least once, after what they tell of is visible.
    /// Without ``after`` from now on; with it, from behind that generation, as far back as the journal is kept (``window``), also
    /// where an earlier process saw the last. Iterating ends when nothing came for ``timeout`` seconds. A follower never holds
    /// up a writer.
    ///
    /// >>> import shortlist
    /// >>> with shortlist.Engine.in_memory() as engine:
    /// ...     events = engine.subscribe(timeout=5)
    /// ...     applied = engine.upsert({"id": "ada", "industries": ["Retail"]})
    /// ...     for event in events:
    /// ...         print(event.generation, event.profiles[0].id, event.profiles[0].kind)
    /// ...         print(event.profiles[0].keywords[0])
    /// ...         break
    /// 1 ada added
    /// KeywordChange(field='industries', old=(), new=('Retail',))
    #[pyo3(signature = (*, after=None, timeout=None))]
    fn subscribe(&self, after: Option<u64>, timeout: Option<f64>) -> PyResult<Subscription> {
        Subscription::begin(&self.handle, after, timeout)
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
}
