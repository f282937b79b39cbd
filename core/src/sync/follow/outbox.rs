//! Changes from a table that triggers fill.
//!
//! A sequence is not the order of commits, so the place in the outbox is not a number but a snapshot of the server:
//! what `seen` sees is applied, and what a later snapshot sees beside it is new, whenever it began. A transaction that
//! stays open holds up nobody else's changes.

use std::collections::{BTreeMap, HashSet};

use postgres::Transaction;
use postgres::types::Type;

use super::triggers::ASLEEP;
use super::{Bell, Changes, Lag, Source, Stream, Touched};
use crate::sync::failure::{Outcome, at, refused};
use crate::sync::mapping::Resolved;

pub(in crate::sync) struct Outbox;

/// How many old rows one acknowledgement takes away at most.
const TRIMMED_AT_ONCE: i64 = 50_000;

impl Source for Outbox {
    fn check(&mut self, _: &Resolved, transaction: &mut Transaction<'_>) -> Outcome<()> {
        installed(transaction)
    }

    fn begin(
        &mut self,
        _: &Resolved,
        transaction: &mut Transaction<'_>,
        _: Option<&Stream>,
    ) -> Outcome<Stream> {
        // From its oldest running transaction on, all counts as unseen: on a replica a snapshot does not list them.
        let row = transaction
            .query_typed_one("SELECT pg_snapshot_xmin(pg_current_snapshot())::text", &[])
            .map_err(at("read the snapshot"))?;
        let xmin: String = row.get(0);
        let mut name = [0; 8];
        getrandom::fill(&mut name)
            .map_err(|error| refused("name the consumer", &error.to_string()))?;
        Ok(Stream::Outbox {
            consumer: format!("{:016x}", u64::from_le_bytes(name)),
            seen: format!("{xmin}:{xmin}:"),
            target: None,
            after: (0, i64::MIN),
        })
    }

    fn changes(
        &mut self,
        resolved: &Resolved,
        transaction: &mut Transaction<'_>,
        from: &Stream,
        limit: i64,
    ) -> Outcome<Option<Changes>> {
        const CHANGED: &str = "SELECT o.txid::text, o.seq, o.id, o.light FROM shortlist.outbox o \
            WHERE o.txid >= pg_snapshot_xmin($2::pg_snapshot) AND (o.txid, o.seq) > ($1::xid8, $3) \
            AND NOT pg_visible_in_snapshot(o.txid, $2::pg_snapshot) \
            AND pg_visible_in_snapshot(o.txid, $4::pg_snapshot) \
            ORDER BY o.txid, o.seq LIMIT $5";
        let Stream::Outbox { consumer, seen, target, after } = from else { return Ok(None) };
        if forgotten(transaction, seen)? {
            return Ok(None);
        }
        let target = match target {
            Some(target) => target.clone(),
            None => transaction
                .query_typed_one("SELECT pg_current_snapshot()::text", &[])
                .map_err(at("read the snapshot"))?
                .get(0),
        };
        let (txid, seq) = (after.0.to_string(), after.1);
        let rows = transaction
            .query_typed(
                CHANGED,
                &[
                    (&txid, Type::TEXT),
                    (&seen, Type::TEXT),
                    (&seq, Type::INT8),
                    (&target, Type::TEXT),
                    (&limit, Type::INT8),
                ],
            )
            .map_err(at("read the outbox"))?;
        let mut ids = BTreeMap::new();
        let mut all = false;
        for row in &rows {
            match row.get::<_, Option<String>>(2) {
                Some(id) => *ids.entry(id).or_insert(true) &= row.get::<_, bool>(3),
                None => all = true,
            }
        }
        let mut light = HashSet::new();
        if ids.values().any(|light| *light) && embeddings_are_told(resolved, transaction)? {
            let told = ids.iter().filter(|(_, light)| **light);
            light = told.map(|(id, _)| id.clone()).collect();
        }
        let ids = ids.into_keys().collect();
        let more = rows.len() as i64 == limit;
        let last = rows.last().map(|row| (row.get::<_, String>(0), row.get::<_, i64>(1)));
        let next = match last {
            Some((txid, seq)) if more => Stream::Outbox {
                consumer: consumer.clone(),
                seen: seen.clone(),
                target: Some(target),
                after: (txid.parse().unwrap_or(after.0), seq),
            },
            _ => Stream::Outbox {
                consumer: consumer.clone(),
                seen: target,
                target: None,
                after: (0, i64::MIN),
            },
        };
        let touched = if all { Touched::All } else { Touched::Ids(ids) };
        Ok(Some(Changes { touched, light, next, more, keep: false }))
    }

    fn acknowledge(&mut self, transaction: &mut Transaction<'_>, stream: &Stream) -> Outcome<()> {
        const KEEP: &str = "INSERT INTO shortlist.consumers AS c (name, seen_before) \
            VALUES ($1, pg_snapshot_xmin($2::pg_snapshot)) \
            ON CONFLICT (name) DO UPDATE SET seen_before = excluded.seen_before, at = now()";
        const TRIM: &str = "WITH gone AS (DELETE FROM shortlist.consumers WHERE at < now() - interval '7 days'), \
            bound AS (UPDATE shortlist.trimmed SET before = greatest(before, \
                (SELECT min(seen_before) FROM shortlist.consumers WHERE at >= now() - interval '7 days')) \
                RETURNING before) \
            DELETE FROM shortlist.outbox WHERE (txid, seq) IN (SELECT txid, seq FROM shortlist.outbox \
                WHERE txid < (SELECT before FROM bound) ORDER BY txid, seq LIMIT $1)";
        let Stream::Outbox { consumer, seen, .. } = stream else { return Ok(()) };
        transaction
            .query_typed(KEEP, &[(&consumer, Type::TEXT), (&seen, Type::TEXT)])
            .map_err(at("acknowledge changes"))?;
        transaction
            .query_typed(TRIM, &[(&TRIMMED_AT_ONCE, Type::INT8)])
            .map_err(at("trim the outbox"))?;
        Ok(())
    }

    fn lag(
        &mut self,
        _: &Resolved,
        transaction: &mut Transaction<'_>,
        stream: &Stream,
    ) -> Outcome<Lag> {
        const BEHIND: &str = "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float8 \
            FROM (SELECT at FROM shortlist.outbox WHERE txid >= greatest($2::xid8, pg_snapshot_xmin($1::pg_snapshot)) \
            AND NOT pg_visible_in_snapshot(txid, $1::pg_snapshot) LIMIT 1000000) o";
        let Stream::Outbox { seen, after, .. } = stream else { return Ok(Lag::default()) };
        let row = transaction
            .query_typed_one(BEHIND, &[(&seen, Type::TEXT), (&after.0.to_string(), Type::TEXT)])
            .map_err(at("measure the lag"))?;
        Ok(Lag { rows: row.get::<_, i64>(0) as u64, seconds: row.get(1) })
    }

    fn bell(&self) -> Option<Bell> {
        Some(Bell { channel: "shortlist", lock: ASLEEP })
    }
}

fn installed(transaction: &mut Transaction<'_>) -> Outcome<()> {
    const FOUND: &str = "SELECT to_regclass('shortlist.outbox') IS NOT NULL, EXISTS (SELECT FROM pg_attribute \
        WHERE attrelid = to_regclass('shortlist.outbox') AND attname = 'light')";
    let row = transaction.query_typed_one(FOUND, &[]).map_err(at("look for the outbox"))?;
    let reason = match (row.get(0), row.get(1)) {
        (true, true) => return Ok(()),
        (true, false) => {
            "its outbox is of an earlier version; install it again with `shortlist pg install`"
        }
        (false, _) => {
            "it has no outbox; install it with `shortlist pg install`, or take the source `poll`"
        }
    };
    Err(refused("follow the database", reason).into())
}

/// Whether no embedding changes without the outbox saying so: the trigger on its column is there, and nothing changes
/// it behind the statement's back.
fn embeddings_are_told(resolved: &Resolved, transaction: &mut Transaction<'_>) -> Outcome<bool> {
    // Bits of a trigger's type: 1 for each row, 2 before, 16 on update.
    const TOLD: &str = "SELECT c.relkind = 'r' \
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 19 = 19) \
        AND EXISTS (SELECT FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (t.tgattr) \
        WHERE t.tgrelid = c.oid AND t.tgname = 'shortlist_embedding' AND t.tgenabled IN ('O', 'A') AND a.attname = $2) \
        FROM pg_class c WHERE c.oid = to_regclass($1)";
    let Some(column) = resolved.embedding().filter(|_| resolved.is_plain()) else {
        return Ok(false);
    };
    let rows = transaction
        .query_typed(TOLD, &[(&resolved.table.sql(), Type::TEXT), (&column, Type::TEXT)])
        .map_err(at("look for the triggers"))?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

/// Whether rows that this position still needs were taken away.
fn forgotten(transaction: &mut Transaction<'_>, seen: &str) -> Outcome<bool> {
    let row = transaction
        .query_typed_one(
            "SELECT before > pg_snapshot_xmin($1::pg_snapshot) FROM shortlist.trimmed",
            &[(&seen, Type::TEXT)],
        )
        .map_err(at("read the outbox"))?;
    Ok(row.get(0))
}
