//! The wire form of what a sync is told: what the bindings pass on.

use std::time::Duration;

use super::mapping::Mapping;
use super::options::{SourceKind, SyncOptions};
use super::verify::VerifyOptions;
use crate::api::json::{Fields, parse_object};
use crate::model::{Error, Result};

impl SyncOptions {
    /// Reads the wire form; all but the `url` is optional.
    ///
    /// ```
    /// use shortlist::sync::{SourceKind, SyncOptions};
    ///
    /// let options = SyncOptions::from_json(
    ///     r#"{"url": "postgres://reader@db.internal/market", "source": "poll", "pollEveryMs": 100}"#,
    /// )?;
    /// assert_eq!(options.source, SourceKind::Poll);
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::MissingField`] without a `url`; [`Error::UnknownField`], [`Error::WrongType`], [`Error::OutOfRange`].
    pub fn from_json(text: &str) -> Result<Self> {
        let mut fields = Fields::new(parse_object("options", text)?, "");
        let url = fields.string("url")?.ok_or_else(|| Error::MissingField {
            field: "url".to_owned(),
            expected: "postgres://user@host:port/database".to_owned(),
        })?;
        // Whole, so that an option that is new is read here too.
        let Self {
            url,
            load_url: _,
            mapping,
            source,
            once,
            poll_every,
            compare_every,
            batch_rows,
            on_state,
        } = Self::new(url);
        let options = Self {
            url,
            load_url: fields.string("loadUrl")?,
            mapping: match fields.object("mapping")? {
                Some(map) => Mapping::from_map(map)?,
                None => mapping,
            },
            source: match fields.string("source")? {
                Some(name) => SourceKind::parse(&name)?,
                None => source,
            },
            once: fields.flag("once")?.unwrap_or(once),
            poll_every: millis(&mut fields, "pollEveryMs")?.unwrap_or(poll_every),
            compare_every: millis(&mut fields, "compareEveryMs")?.unwrap_or(compare_every),
            batch_rows: fields.count("batchRows")?.map_or(batch_rows, |rows| rows.max(1) as usize),
            on_state,
        };
        fields.finish("the options of a sync")?;
        Ok(options)
    }
}

fn millis(fields: &mut Fields, name: &'static str) -> Result<Option<Duration>> {
    Ok(fields.count(name)?.map(|millis| Duration::from_millis(u64::from(millis))))
}

impl VerifyOptions {
    /// Reads the wire form, every part of it optional.
    ///
    /// # Errors
    /// [`Error::UnknownField`], [`Error::WrongType`], [`Error::OutOfRange`].
    pub fn from_json(text: &str) -> Result<Self> {
        let mut fields = Fields::new(parse_object("options", text)?, "");
        let Self { repair, tries } = Self::default();
        let options = Self {
            repair: fields.flag("repair")?.unwrap_or(repair),
            tries: fields.count("tries")?.unwrap_or(tries),
        };
        fields.finish("the options of a verification")?;
        Ok(options)
    }
}
