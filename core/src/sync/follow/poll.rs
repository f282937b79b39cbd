//! Changes by asking again: what was updated since, and from time to time all ids. It needs no right but SELECT.
//!
//! Rows come page by page in the order of `(updatedAt, id)`. A pass begins a little before the newest row that was read,
//! and from time to time some minutes before, so that a transaction that commits late is not missed; one that stays open
//! for longer, and what was deleted, is found when all ids are compared.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use postgres::Transaction;
use postgres::types::Type;

use super::{Changes, Lag, Source, Stream, Touched};
use crate::sync::failure::{Outcome, at, unfit};
use crate::sync::mapping::{Resolved, literal};

/// How far back each pass begins: as long as a statement usually takes to commit.
const SHORT: Duration = Duration::from_secs(2);
/// How far back some passes begin, and how often those are made.
const LONG: Duration = Duration::from_mins(5);
const LONG_EVERY: Duration = Duration::from_secs(10);

/// The server's time, as moments are counted here.
const NOW: &str = "(extract(epoch FROM now()) * 1000000)::bigint";

pub(in crate::sync) struct Poll {
    /// What was read of the rows of the last minutes: their `updatedAt`.
    recent: HashMap<String, i64>,
    every: Duration,
    compared: Option<Instant>,
    /// When the last of the passes that begin far back was begun.
    looked_back: Option<Instant>,
    /// Where the pass is that is not over.
    pass: Option<Place>,
}

/// A place in the order of `(updatedAt, id)`; without an id, the first row of that moment or later.
struct Place {
    updated_at: i64,
    id: Option<String>,
}

impl Poll {
    /// One that compares all ids that often.
    pub(in crate::sync) fn new(every: Duration) -> Self {
        Self { recent: HashMap::new(), every, compared: None, looked_back: None, pass: None }
    }

    /// Where the next page begins.
    fn place(&mut self, newest: i64) -> Place {
        self.pass.take().unwrap_or_else(|| {
            let far = self.looked_back.is_none_or(|looked| looked.elapsed() >= LONG_EVERY);
            if far {
                self.looked_back = Some(Instant::now());
            }
            let back = if far { LONG } else { SHORT };
            Place { updated_at: newest - back.as_micros() as i64, id: None }
        })
    }
}

impl Place {
    /// The condition of lying behind it.
    fn behind(&self, updated: &str, id: &str) -> String {
        let moment = format!("to_timestamp({}::float8 / 1000000)", self.updated_at);
        match &self.id {
            None => format!("p.{updated} >= {moment}"),
            Some(last) => format!(
                "p.{updated} >= {moment} AND (p.{updated}, p.{id}) > ({moment}, {})",
                literal(last)
            ),
        }
    }
}

fn column(resolved: &Resolved) -> Outcome<String> {
    resolved.updated_at().ok_or_else(|| {
        unfit(
            "updatedAt",
            "no column says when a row last changed",
            "name one under `columns`, or take the source `outbox`",
        )
        .into()
    })
}

impl Source for Poll {
    fn check(&mut self, resolved: &Resolved, _: &mut Transaction<'_>) -> Outcome<()> {
        column(resolved).map(|_| ())
    }

    fn begin(
        &mut self,
        resolved: &Resolved,
        transaction: &mut Transaction<'_>,
        _: Option<&Stream>,
    ) -> Outcome<Stream> {
        let updated = column(resolved)?;
        let sql = format!(
            "SELECT coalesce((extract(epoch FROM max({updated}) FILTER (WHERE isfinite({updated}))) * 1000000)::bigint, 0), \
             {NOW} FROM {} AS p",
            resolved.rows
        );
        let row = transaction.query_typed_one(&sql, &[]).map_err(at("read the newest change"))?;
        *self = Self::new(self.every);
        Ok(Stream::Poll { updated_at: row.get::<_, i64>(0).min(row.get(1)) })
    }

    fn changes(
        &mut self,
        resolved: &Resolved,
        transaction: &mut Transaction<'_>,
        from: &Stream,
        limit: i64,
    ) -> Outcome<Option<Changes>> {
        let Stream::Poll { updated_at } = *from else { return Ok(None) };
        if self.compared.is_none_or(|compared| compared.elapsed() >= self.every) {
            self.compared = Some(Instant::now());
            let next = Stream::Poll { updated_at };
            return Ok(Some(Changes {
                touched: Touched::Differing,
                light: HashSet::new(),
                next,
                more: false,
                keep: false,
            }));
        }
        let (updated, id) = (column(resolved)?, resolved.id());
        let place = self.place(updated_at);
        // A column without a zone is compared as what it is read as: UTC.
        transaction.batch_execute("SET LOCAL TimeZone = 'UTC'").map_err(at("read what changed"))?;
        let sql = format!(
            "SELECT p.{id}::text, (extract(epoch FROM p.{updated}) * 1000000)::bigint, {NOW} FROM {} AS p \
             WHERE {} AND isfinite(p.{updated}) ORDER BY p.{updated}, p.{id} LIMIT $1",
            resolved.rows,
            place.behind(&updated, &id)
        );
        let rows = transaction
            .query_typed(&sql, &[(&limit, Type::INT8)])
            .map_err(at("read what changed"))?;
        let mut ids = Vec::new();
        let mut newest = updated_at;
        let mut last = None;
        for row in &rows {
            let (id, changed): (String, i64) = (row.get(0), row.get(1));
            last = Some(Place { updated_at: changed, id: Some(id.clone()) });
            // A row that is dated ahead must not hide those that are updated before its time has come.
            newest = newest.max(changed.min(row.get(2)));
            if self.recent.get(&id) != Some(&changed) {
                self.recent.insert(id.clone(), changed);
                ids.push(id);
            }
        }
        self.pass = last.filter(|_| rows.len() as i64 == limit);
        let kept = newest - LONG.as_micros() as i64;
        self.recent.retain(|_, changed| *changed >= kept);
        let next = Stream::Poll { updated_at: newest };
        Ok(Some(Changes {
            touched: Touched::Ids(ids),
            light: HashSet::new(),
            next,
            more: self.pass.is_some(),
            keep: false,
        }))
    }

    fn acknowledge(&mut self, _: &mut Transaction<'_>, _: &Stream) -> Outcome<()> {
        Ok(())
    }

    fn lag(
        &mut self,
        resolved: &Resolved,
        transaction: &mut Transaction<'_>,
        stream: &Stream,
    ) -> Outcome<Lag> {
        let Stream::Poll { updated_at } = *stream else { return Ok(Lag::default()) };
        let updated = column(resolved)?;
        transaction.batch_execute("SET LOCAL TimeZone = 'UTC'").map_err(at("measure the lag"))?;
        let sql = format!(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(at)), 0)::float8 FROM (SELECT p.{updated} AS at \
             FROM {} AS p WHERE p.{updated} > to_timestamp($1::float8 / 1000000) AND p.{updated} <= now() LIMIT 1000000) o",
            resolved.rows
        );
        let row = transaction
            .query_typed_one(&sql, &[(&(updated_at as f64), Type::FLOAT8)])
            .map_err(at("measure the lag"))?;
        Ok(Lag { rows: row.get::<_, i64>(0) as u64, seconds: row.get(1) })
    }
}
