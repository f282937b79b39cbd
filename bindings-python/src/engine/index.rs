//! What an index is and keeps beside its profiles, and what the engine did.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use shortlist::{Rules, SchemaChange, SynonymRule};

use super::{Engine, Object, applied};
use crate::doorway::Call;
use crate::error::exception;
use crate::incoming::json;
use crate::options::schema;
use crate::outgoing::object::{Names, to_object};

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
}
