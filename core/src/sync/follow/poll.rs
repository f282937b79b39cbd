//! Changes by asking again: what was updated since, and from time to time all ids. It needs no right but SELECT.
//!
//! A row is asked for again for some minutes after its `updatedAt`, so that a transaction that commits late is not
//! missed; one that stays open for longer, and what was deleted, is found when all ids are compared.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use postgres::Transaction;
use postgres::types::Type;

use super::{Changes, Lag, Source, Stream, Touched};
use crate::sync::failure::{Outcome, at, unfit};
use crate::sync::mapping::Resolved;

/// For how long a row is asked for again.
const OVERLAP: Duration = Duration::from_mins(5);

/// The server's time, as moments are counted here.
const NOW: &str = "(extract(epoch FROM now()) * 1000000)::bigint";

pub(in crate::sync) struct Poll {
    /// What was read of the rows within the overlap: their `updatedAt`.
    recent: HashMap<String, i64>,
    every: Duration,
    compared: Option<Instant>,
}

impl Poll {
    /// One that compares all ids that often.
    pub(in crate::sync) fn new(every: Duration) -> Self {
        Self { recent: HashMap::new(), every, compared: None }
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
    fn begin(&mut self, resolved: &Resolved, transaction: &mut Transaction<'_>) -> Outcome<Stream> {
        let updated = column(resolved)?;
        let sql = format!(
            "SELECT coalesce((extract(epoch FROM max({updated})) * 1000000)::bigint, 0), {NOW} FROM {} AS p",
            resolved.rows
        );
        let row = transaction.query_typed_one(&sql, &[]).map_err(at("read the newest change"))?;
        self.recent.clear();
        self.compared = None;
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
            return Ok(Some(Changes { touched: Touched::All, next, more: true }));
        }
        let (updated, id) = (column(resolved)?, resolved.id());
        let since = updated_at - OVERLAP.as_micros() as i64;
        // A column without a zone is compared as what it is read as: UTC.
        transaction.batch_execute("SET LOCAL TimeZone = 'UTC'").map_err(at("read what changed"))?;
        let sql = format!(
            "SELECT p.{id}::text, (extract(epoch FROM p.{updated}) * 1000000)::bigint, {NOW} FROM {} AS p \
             WHERE p.{updated} >= to_timestamp($1::float8 / 1000000) ORDER BY p.{updated}, p.{id}",
            resolved.rows
        );
        let rows = transaction
            .query_typed(&sql, &[(&(since as f64), Type::FLOAT8)])
            .map_err(at("read what changed"))?;
        let mut ids = Vec::new();
        let mut newest = updated_at;
        let mut more = false;
        for row in &rows {
            let (id, changed): (String, i64) = (row.get(0), row.get(1));
            if self.recent.get(&id) == Some(&changed) {
                continue;
            }
            if ids.len() as i64 == limit {
                more = true;
                break;
            }
            // A row that is dated ahead must not hide those that are updated before its time has come.
            newest = newest.max(changed.min(row.get(2)));
            self.recent.insert(id.clone(), changed);
            ids.push(id);
        }
        let kept = newest - OVERLAP.as_micros() as i64;
        self.recent.retain(|_, changed| *changed >= kept);
        let next = Stream::Poll { updated_at: newest };
        Ok(Some(Changes { touched: Touched::Ids(ids), next, more }))
    }

    fn acknowledge(&mut self, _: &mut Transaction<'_>, _: &Stream) -> Outcome<()> {
        Ok(())
    }

    fn lag(&mut self, _: &mut Transaction<'_>, _: &Stream) -> Outcome<Lag> {
        Ok(Lag::default())
    }

    fn channel(&self) -> Option<&'static str> {
        None
    }
}
