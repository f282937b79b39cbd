//! How far a source was followed: what is kept beside the data that it covers.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::api::json::{Fields, parse_object};
use crate::model::{Error, Instant, Result};
use crate::sync::failure::unfit;
use crate::sync::mapping::{Column, Mapping, Resolved};
use crate::sync::options::SourceKind;

/// What is kept of a sync with each batch that it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) struct Position {
    /// Of the columns that were read; others mean that all is read again.
    pub(in crate::sync) shape: u64,
    /// The fields that were read, each with its column.
    pub(in crate::sync) fields: BTreeMap<String, String>,
    /// The last id of a load that is not over; empty before the first.
    pub(in crate::sync) loaded: Option<String>,
    pub(in crate::sync) stream: Stream,
}

/// A place in a source's changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) enum Stream {
    /// All that `seen` sees is applied; of what `target` sees beside it, all up to `after`.
    Outbox {
        /// The name under which the outbox knows this index.
        consumer: String,
        /// A snapshot in the server's own words: `xmin:xmax:list`.
        seen: String,
        target: Option<String>,
        after: (u64, i64),
    },
    /// All that was updated up to there, in microseconds since 1970, but for what commits late.
    Poll { updated_at: i64 },
    /// All that was committed in the server's log up to there; 0 before the slot is known to be made.
    Replication { slot: String, lsn: u64 },
}

impl Stream {
    /// Whether it is a place in the changes of that kind of source.
    pub(in crate::sync) fn is_of(&self, kind: SourceKind) -> bool {
        match self {
            Stream::Outbox { .. } => kind == SourceKind::Outbox,
            Stream::Poll { .. } => kind == SourceKind::Poll,
            Stream::Replication { .. } => kind == SourceKind::Replication,
        }
    }

    /// Whether changes can be read from there.
    pub(in crate::sync) fn is_begun(&self) -> bool {
        !matches!(self, Stream::Replication { lsn: 0, .. })
    }
}

impl Position {
    /// One that nothing is loaded of yet.
    pub(in crate::sync) fn new(resolved: &Resolved, stream: Stream) -> Self {
        let column = |column: &Column| (column.target.name(), column.name.clone());
        let fields = resolved.columns.iter().map(column).collect();
        Self { shape: resolved.shape(), fields, loaded: Some(String::new()), stream }
    }

    /// Refuses a table that lacks a column which was read: its field would be emptied without a word.
    pub(in crate::sync) fn keeps(&self, resolved: &Resolved, mapping: &Mapping) -> Result<()> {
        for (field, column) in &self.fields {
            let read = resolved.columns.iter().any(|column| column.target.name() == *field);
            let left_out = matches!(mapping.columns.get(field.as_str()), Some(None))
                || field.strip_prefix("attributes.").is_some_and(|name| {
                    !mapping.attributes.is_empty() && !mapping.attributes.contains_key(name)
                });
            if !read && !left_out {
                let reason = format!("column `{column}`, which filled it, is gone");
                let remedy = format!(
                    "name the column that fills it now under `columns`, or leave the field out with `{field} = false`"
                );
                return Err(unfit(field.as_str(), reason, remedy));
            }
        }
        Ok(())
    }

    pub(in crate::sync) fn to_bytes(&self) -> Vec<u8> {
        let stream = match &self.stream {
            Stream::Outbox { consumer, seen, target, after: (txid, seq) } => json!({
                "source": "outbox", "consumer": consumer, "seen": seen, "target": target,
                "txid": txid.to_string(), "seq": seq.to_string(),
            }),
            Stream::Poll { updated_at } => {
                json!({"source": "poll", "updatedAt": updated_at.to_string()})
            }
            Stream::Replication { slot, lsn } => {
                json!({"source": "replication", "slot": slot, "lsn": lsn.to_string()})
            }
        };
        json!({
            "shape": self.shape.to_string(), "fields": self.fields, "loaded": self.loaded, "stream": stream,
        })
            .to_string()
            .into_bytes()
    }

    pub(in crate::sync) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|_| unknown())?;
        let mut fields = Fields::new(parse_object("the position", text)?, "");
        let mut stream = Fields::new(fields.object("stream")?.ok_or_else(unknown)?, "stream.");
        let source = stream.string("source")?;
        Ok(Self {
            shape: number(fields.string("shape")?)?,
            fields: columns(fields.object("fields")?),
            loaded: fields.string("loaded")?,
            stream: match source.as_deref() {
                Some("outbox") => Stream::Outbox {
                    consumer: stream.string("consumer")?.ok_or_else(unknown)?,
                    seen: stream.string("seen")?.ok_or_else(unknown)?,
                    target: stream.take("target").and_then(|value| match value {
                        Value::String(text) => Some(text),
                        _ => None,
                    }),
                    after: (number(stream.string("txid")?)?, number(stream.string("seq")?)?),
                },
                Some("poll") => Stream::Poll { updated_at: number(stream.string("updatedAt")?)? },
                Some("replication") => Stream::Replication {
                    slot: stream.string("slot")?.ok_or_else(unknown)?,
                    lsn: number(stream.string("lsn")?)?,
                },
                _ => return Err(unknown()),
            },
        })
    }
}

fn columns(map: Option<serde_json::Map<String, Value>>) -> BTreeMap<String, String> {
    let text = |(field, column): (String, Value)| Some((field, column.as_str()?.to_owned()));
    map.unwrap_or_default().into_iter().filter_map(text).collect()
}

/// For whoever watches.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = &self.loaded {
            write!(f, "loaded up to {id}; ")?;
        }
        match &self.stream {
            Stream::Outbox { seen, target: None, .. } => write!(f, "snapshot {seen}"),
            Stream::Outbox { seen, target: Some(target), after: (txid, seq), .. } => {
                write!(f, "snapshot {seen}, towards {target}: transaction {txid}, change {seq}")
            }
            Stream::Replication { slot, lsn } => {
                write!(f, "log {:X}/{:X} by slot {slot}", lsn >> 32, lsn & 0xffff_ffff)
            }
            Stream::Poll { updated_at } => match Instant::from_micros(*updated_at) {
                Ok(moment) => write!(f, "updated at {moment}"),
                Err(_) => write!(f, "updated at {updated_at}us"),
            },
        }
    }
}

/// Numbers are kept as text: JSON's own lose their last digits in other readers.
fn number<T: std::str::FromStr>(text: Option<String>) -> Result<T> {
    text.and_then(|text| text.parse().ok()).ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::Malformed {
        what: "the position of the sync".to_owned(),
        reason: "it is of no form that this version knows".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_as_it_was_kept() {
        let outbox = Stream::Outbox {
            consumer: "c".to_owned(),
            seen: "10:12:11".to_owned(),
            target: Some("13:13:".to_owned()),
            after: (u64::MAX, i64::MIN),
        };
        let replication = Stream::Replication { slot: "s".to_owned(), lsn: u64::MAX };
        for stream in [outbox, Stream::Poll { updated_at: -1 }, replication] {
            let fields = BTreeMap::from([("id".to_owned(), "key".to_owned())]);
            let loaded = Some("é".to_owned());
            let position = Position { shape: u64::MAX, fields, loaded, stream };
            assert_eq!(Position::from_bytes(&position.to_bytes()), Ok(position));
        }
        assert!(Position::from_bytes(b"{}").is_err());
    }
}
