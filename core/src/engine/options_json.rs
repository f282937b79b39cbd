//! The wire form of an engine's options: what the bindings are told.

use std::time::Duration;

use super::{Durability, EngineOptions};
use crate::api::json::{Fields, NameOrObject, out_of_range, parse_object};
use crate::model::{Error, Result, Schema};

impl EngineOptions {
    /// Reads the wire form, every part of it optional:
    ///
    /// ```
    /// use shortlist::EngineOptions;
    ///
    /// let options = EngineOptions::from_json(
    ///     r#"{"schema": {"dimension": 384}, "background": false, "exactBudgetMs": 10}"#,
    /// )?;
    /// assert_eq!((options.schema.dimension, options.background), (Some(384), false));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// `durability` is `"synced"`, `"none"` or `{"bufferedMs": 50}`; `null` for `snapshotAfterCommits` or `snapshotAfterMs` is
    /// never. An embedder or a clock of one's own is given in code; the built-in one is named in the schema.
    ///
    /// # Errors
    /// As [`Schema::from_json`].
    pub fn from_json(text: &str) -> Result<Self> {
        let mut fields = Fields::new(parse_object("options", text)?, "");
        // Whole, so that an option that is new is read here too.
        let Self {
            schema,
            embedder,
            create,
            background,
            exact_budget_ms,
            cache_bytes,
            slow_request,
            redact_slow_requests,
            durability,
            snapshot_after_commits,
            snapshot_after,
            window,
            clock,
        } = Self::default();
        let options = Self {
            schema: match fields.object("schema")? {
                Some(map) => Schema::from_map(map)?,
                None => schema,
            },
            embedder,
            create: fields.flag("create")?.unwrap_or(create),
            background: fields.flag("background")?.unwrap_or(background),
            exact_budget_ms: fields.amount("exactBudgetMs")?.unwrap_or(exact_budget_ms),
            cache_bytes: fields.count("cacheBytes")?.map_or(cache_bytes, u64::from),
            slow_request: millis(&mut fields, "slowRequestMs")?.unwrap_or(slow_request),
            redact_slow_requests: fields
                .flag("redactSlowRequests")?
                .unwrap_or(redact_slow_requests),
            durability: match fields.name_or_object("durability", DURABILITIES)? {
                Some(named) => durability_of(named)?,
                None => durability,
            },
            snapshot_after_commits: if fields.has("snapshotAfterCommits") {
                fields.count("snapshotAfterCommits")?.map(u64::from)
            } else {
                snapshot_after_commits
            },
            snapshot_after: if fields.has("snapshotAfterMs") {
                millis(&mut fields, "snapshotAfterMs")?
            } else {
                snapshot_after
            },
            window: fields.count("window")?.map_or(window, u64::from),
            clock,
        };
        fields.finish("the options of an engine")?;
        Ok(options)
    }
}

fn millis(fields: &mut Fields, name: &'static str) -> Result<Option<Duration>> {
    Ok(fields.count(name)?.map(|millis| Duration::from_millis(millis.into())))
}

const DURABILITIES: &str = "`synced`, `none` or {\"bufferedMs\": 50}";

fn durability_of(named: NameOrObject) -> Result<Durability> {
    match named {
        NameOrObject::Name(name) if name == "synced" => Ok(Durability::Synced),
        NameOrObject::Name(name) if name == "none" => Ok(Durability::None),
        NameOrObject::Name(name) => Err(out_of_range("durability", name, DURABILITIES)),
        NameOrObject::Object(map) => {
            let mut fields = Fields::new(map, "durability.");
            let max_delay = millis(&mut fields, "bufferedMs")?;
            fields.finish("durability")?;
            let max_delay = max_delay.ok_or_else(|| Error::MissingField {
                field: "durability.bufferedMs".to_owned(),
                expected: "after how many milliseconds a change is on the disk at the latest"
                    .to_owned(),
            })?;
            Ok(Durability::Buffered { max_delay })
        }
    }
}
