//! Following a Postgres, and what that needs of the database.

use std::sync::{Arc, PoisonError, RwLock};

use napi_derive::napi;
use serde::Serialize;
use serde_json::{Map, Value};
use shortlist::Schema;
use shortlist::sync::{self, Mapping, Sync, SyncOptions, VerifyOptions};

use crate::door;
use crate::failure::{Failure, Result};
use crate::handle::EngineHandle;
use crate::outcome::{Form, Outcome};
use crate::pool::Lane;
use crate::port::Port;

/// A sync that runs.
#[napi]
pub struct SyncHandle {
    running: Arc<RwLock<Option<Sync>>>,
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Failure::internal(error.to_string()))
}

fn outcome(value: &impl Serialize) -> Result<Outcome> {
    json(value).map(|text| Outcome::Json(text.into()))
}

impl SyncHandle {
    fn with<T>(&self, look: impl FnOnce(&Sync) -> Result<T>) -> Result<T> {
        look(
            self.running
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .as_ref()
                .ok_or(Failure::Closed)?,
        )
    }
}

#[napi]
impl SyncHandle {
    /// Starts to follow.
    #[napi(factory, catch_unwind)]
    pub fn start(engine: &EngineHandle, options: String) -> napi::Result<Self> {
        Ok(door::through(|| {
            let sync = Sync::start(&engine.engine()?, SyncOptions::from_json(&options)?)?;
            Ok(Self { running: Arc::new(RwLock::new(Some(sync))) })
        })?)
    }

    /// How it stands.
    #[napi(catch_unwind)]
    pub fn status(&self) -> napi::Result<String> {
        Ok(door::through(|| self.with(|sync| json(&sync.status())))?)
    }

    /// Rows that make no profile.
    #[napi(catch_unwind)]
    pub fn quarantined(&self) -> napi::Result<String> {
        Ok(door::through(|| self.with(|sync| json(&sync.quarantined())))?)
    }

    /// Compares the index with the table.
    #[napi(catch_unwind)]
    pub fn verify(&self, port: &Port, id: u32, options: String) {
        let running = Arc::clone(&self.running);
        port.start(id, Form::Objects, Lane::Write, move |_| {
            let running = running.read().unwrap_or_else(PoisonError::into_inner);
            let sync = running.as_ref().ok_or(Failure::Closed)?;
            outcome(&sync.verify(&VerifyOptions::from_json(&options)?)?)
        });
    }

    /// Stops after the batch at hand; gives the last status.
    #[napi(catch_unwind)]
    pub fn stop(&self, port: &Port, id: u32) {
        let running = Arc::clone(&self.running);
        port.start(id, Form::Objects, Lane::Write, move |_| {
            let sync = running.write().unwrap_or_else(PoisonError::into_inner).take();
            outcome(&sync.ok_or(Failure::Closed)?.stop())
        });
    }
}

impl Drop for SyncHandle {
    fn drop(&mut self) {
        let running = Arc::clone(&self.running);
        // It is waited for, so not on the thread that collects garbage.
        crate::pool::hand_over(Lane::Write, move || {
            drop(running.write().unwrap_or_else(PoisonError::into_inner).take());
        });
    }
}

/// What is asked of a database: where it is, the mapping, and what else the question needs.
struct Asked {
    url: String,
    mapping: Mapping,
    rest: Map<String, Value>,
}

impl Asked {
    fn read(text: &str) -> Result<Self> {
        let Ok(Value::Object(mut rest)) = serde_json::from_str(text) else {
            return Err(Failure::wrong_type("options", "no object", "an object with a `url`"));
        };
        let Some(Value::String(url)) = rest.remove("url") else {
            return Err(Failure::wrong_type("url", "missing", "a string"));
        };
        let mapping = match rest.remove("mapping") {
            None | Some(Value::Null) => Mapping::default(),
            Some(mapping) => Mapping::from_json(&mapping.to_string())?,
        };
        Ok(Self { url, mapping, rest })
    }

    fn readers(&self) -> Result<Vec<String>> {
        let expected = "a list of roles";
        match self.rest.get("readers") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(value) => serde_json::from_value(value.clone())
                .map_err(|_| Failure::wrong_type("readers", value.to_string(), expected)),
        }
    }

    /// Whether the publication is asked for in the place of the outbox.
    fn publishes(&self) -> Result<bool> {
        match self.rest.get("source") {
            None | Some(Value::Null) => Ok(false),
            Some(Value::String(source)) if source == "outbox" => Ok(false),
            Some(Value::String(source)) if source == "replication" => Ok(true),
            Some(other) => {
                Err(Failure::wrong_type("source", other.to_string(), "outbox or replication"))
            }
        }
    }

    fn schema(&self) -> Result<Schema> {
        match self.rest.get("schema") {
            None | Some(Value::Null) => Ok(Schema::default()),
            Some(value) => Ok(Schema::from_json(&value.to_string())?),
        }
    }

    fn answer(&self, question: &str) -> Result<Outcome> {
        let Self { url, mapping, .. } = self;
        match question {
            "check" => outcome(&sync::check(url, mapping, &self.schema()?)?),
            "install" if self.publishes()? => outcome(&sync::publish(url, mapping)?),
            "installScript" if self.publishes()? => outcome(&sync::publish_script(url, mapping)?),
            "install" => outcome(&sync::install(url, mapping, &self.readers()?)?),
            "installScript" => outcome(&sync::install_script(url, mapping, &self.readers()?)?),
            "uninstall" => outcome(&sync::uninstall(url)?),
            "indexes" => outcome(&sync::indexes(url, mapping)?),
            "makeIndexes" => outcome(&sync::make_indexes(url, mapping)?),
            _ => Err(Failure::internal("no such question to a database")),
        }
    }
}

/// Asks something of a database, or makes in it what a sync needs.
#[napi(catch_unwind)]
pub fn postgres(port: &Port, id: u32, question: String, options: String) {
    port.start(id, Form::Objects, Lane::Write, move |_| Asked::read(&options)?.answer(&question));
}

/// What takes away again what `install` makes.
#[napi(catch_unwind)]
pub fn uninstall_script() -> &'static str {
    sync::uninstall_script()
}
