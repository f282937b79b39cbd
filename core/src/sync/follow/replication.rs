//! Changes from the server's own log, by a slot of logical replication.
//!
//! The slot is read by the server's SQL functions, over the same connection as all else: `peek` takes nothing away, and
//! what is kept is given up afterwards. The publication sends ids alone; the rows are read as they are, so a large value
//! that an update left unchanged is never missing. A transaction is in the log a moment before others see it: what the
//! snapshot at hand does not show yet waits for the next.

use std::collections::HashSet;

use postgres::Transaction;
use postgres::types::Type;

use super::pgoutput::{Message, read};
use super::{Changes, Lag, Source, Stream, Touched};
use crate::sync::failure::{Outcome, at, refused};
use crate::sync::mapping::Resolved;

/// So much of the log may pass without a change of ours before a message of our own moves the position: the server
/// holds on to the log from there.
const HEARTBEAT_BYTES: u64 = 16 << 20;

#[derive(Default)]
pub(in crate::sync) struct Replication {
    /// The newest position that was to be kept.
    kept: u64,
    /// Where the log ended when the last look found nothing more in it.
    looked: u64,
    /// How many messages the last look gave of what is applied, and not given up yet: the next gives them again.
    again: i64,
    /// When the newest change that was read was committed, in microseconds since 2000, where more wait.
    behind: Option<i64>,
}

impl Source for Replication {
    fn check(&mut self, resolved: &Resolved, transaction: &mut Transaction<'_>) -> Outcome<()> {
        match lacks(resolved, transaction)?.first() {
            None => Ok(()),
            Some(lack) => {
                let reason = format!("{lack}; or take the source `outbox`");
                Err(refused("follow the database", &reason).into())
            }
        }
    }

    fn prepare(&mut self) -> Outcome<Option<Stream>> {
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(|error| refused("name the slot", &error.to_string()))?;
        let slot = format!("shortlist_{:016x}", u64::from_le_bytes(name));
        Ok(Some(Stream::Replication { slot, lsn: 0 }))
    }

    fn begin(
        &mut self,
        _: &Resolved,
        transaction: &mut Transaction<'_>,
        before: Option<&Stream>,
    ) -> Outcome<Stream> {
        const MADE: &str = "SELECT (lsn - '0/0'::pg_lsn)::text FROM pg_create_logical_replication_slot($1, 'pgoutput')";
        // A slot that is whole is used again, from where it was read to: all up to there was seen by a snapshot before
        // this one.
        let Some(Stream::Replication { slot, lsn }) = before else {
            return Err(refused("make a replication slot", "it has no name").into());
        };
        match state(transaction, slot)? {
            Some(Slot { confirmed, lost: false }) => {
                let lsn = confirmed.max(*lsn);
                return Ok(Stream::Replication { slot: slot.clone(), lsn });
            }
            Some(_) => give_up(transaction, slot)?,
            None => {}
        }
        let row = transaction
            .query_typed_one(MADE, &[(&slot, Type::TEXT)])
            .map_err(at("make a replication slot"))?;
        let lsn = number(row.get(0));
        (self.kept, self.looked, self.again) = (lsn, 0, 0);
        Ok(Stream::Replication { slot: slot.clone(), lsn })
    }

    fn changes(
        &mut self,
        _: &Resolved,
        transaction: &mut Transaction<'_>,
        from: &Stream,
        limit: i64,
    ) -> Outcome<Option<Changes>> {
        const PEEK: &str = "SELECT data FROM pg_logical_slot_peek_binary_changes($1, NULL, $2, \
            'proto_version', '1', 'messages', 'true', 'publication_names', 'shortlist')";
        // Each look leaves two lines in the server's own log, where we may not ask it for quiet.
        const SNAPSHOT: &str = "SELECT pg_current_snapshot()::text, (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::text, \
            CASE WHEN has_parameter_privilege('log_min_messages', 'SET') \
            THEN set_config('log_min_messages', 'fatal', true) END";
        let Stream::Replication { slot, lsn } = from else { return Ok(None) };
        match state(transaction, slot)? {
            // A slot that was given up further than this is known to be: the index is an older one.
            Some(Slot { confirmed, lost: false }) if confirmed <= *lsn => {}
            _ => return Ok(None),
        }
        let row = transaction.query_typed_one(SNAPSHOT, &[]).map_err(at("read the snapshot"))?;
        let (snapshot, end) = (Snapshot::parse(row.get(0)), number(row.get(1)));
        if end <= self.looked {
            let touched = Touched::Ids(Vec::new());
            return Ok(Some(Changes {
                touched,
                light: HashSet::new(),
                next: from.clone(),
                more: false,
                keep: false,
            }));
        }
        let most = (limit + self.again).min(i64::from(i32::MAX)) as i32;
        let messages = transaction
            .query_typed(PEEK, &[(slot, Type::TEXT), (&most, Type::INT4)])
            .map_err(at("read the log"))?;
        let mut read = Read { next: *lsn, ..Read::default() };
        let full = messages.len() >= most as usize;
        let mut hidden = false;
        self.again = 0;
        for (message, count) in messages.iter().zip(1..) {
            if !read.take(message.get(0), *lsn, &snapshot)? {
                hidden = true;
                break;
            }
            self.again = count;
        }
        let whole = !full && !hidden;
        if whole {
            self.looked = end;
        }
        let Read { mut ids, all, next, committed, .. } = read;
        self.behind = committed.filter(|_| !whole);
        ids.sort_unstable();
        ids.dedup();
        let keep = next >= self.kept.saturating_add(HEARTBEAT_BYTES);
        if keep || !ids.is_empty() {
            self.kept = next;
        }
        // What the snapshot hides is there in a moment: to look again at once would find it hidden still.
        let more = full && !hidden;
        let touched = if all { Touched::All } else { Touched::Ids(ids) };
        let next = Stream::Replication { slot: slot.clone(), lsn: next };
        Ok(Some(Changes { touched, light: HashSet::new(), next, more, keep }))
    }

    fn acknowledge(&mut self, transaction: &mut Transaction<'_>, stream: &Stream) -> Outcome<()> {
        const ADVANCE: &str = "SELECT pg_replication_slot_advance(slot_name, '0/0'::pg_lsn + $2::numeric) \
            FROM pg_replication_slots \
            WHERE slot_name = $1 AND NOT active AND confirmed_flush_lsn < '0/0'::pg_lsn + $2::numeric";
        const HEARTBEAT: &str = "SELECT pg_logical_emit_message(true, 'shortlist', '') \
            WHERE pg_current_wal_lsn() > '0/0'::pg_lsn + $1::numeric + $2::numeric";
        let Stream::Replication { slot, lsn } = stream else { return Ok(()) };
        transaction
            .query_typed(ADVANCE, &[(slot, Type::TEXT), (&lsn.to_string(), Type::TEXT)])
            .map_err(at("give up what is kept of the log"))?;
        transaction
            .query_typed(
                HEARTBEAT,
                &[(&lsn.to_string(), Type::TEXT), (&HEARTBEAT_BYTES.to_string(), Type::TEXT)],
            )
            .map_err(at("move on in the log"))?;
        Ok(())
    }

    fn lag(&mut self, _: &Resolved, transaction: &mut Transaction<'_>, _: &Stream) -> Outcome<Lag> {
        const AGE: &str = "SELECT (extract(epoch FROM clock_timestamp() - '2000-01-01 00:00:00Z') * 1000000)::bigint";
        let Some(committed) = self.behind else { return Ok(Lag::default()) };
        let row = transaction.query_typed_one(AGE, &[]).map_err(at("measure the lag"))?;
        // How many rows lie in the log is not known before they are read: one is the least.
        Ok(Lag { rows: 1, seconds: (row.get::<_, i64>(0) - committed) as f64 / 1e6 })
    }
}

/// What this source needs and the database does not have, each with what would be right.
pub(in crate::sync) fn lacks(
    resolved: &Resolved,
    transaction: &mut Transaction<'_>,
) -> Outcome<Vec<&'static str>> {
    const READY: &str = "SELECT current_setting('server_version_num')::int >= 150000, \
        current_setting('wal_level') = 'logical', \
        EXISTS (SELECT FROM pg_roles WHERE (rolreplication OR rolsuper) AND rolname = current_user) \
        OR EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication' AND pg_has_role(oid, 'USAGE')), \
        EXISTS (SELECT FROM pg_publication_tables WHERE pubname = 'shortlist' \
        AND (quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass = to_regclass($1))";
    let row = transaction
        .query_typed_one(READY, &[(&resolved.table.sql(), Type::TEXT)])
        .map_err(at("look for the publication"))?;
    let needs = [
        (row.get(0), "it takes PostgreSQL 15 or later"),
        (
            row.get(1),
            "`wal_level` is not `logical`: ALTER SYSTEM SET wal_level = logical, and restart",
        ),
        (row.get(2), "the role lacks the right REPLICATION: ALTER ROLE ... REPLICATION"),
        (
            row.get(3),
            "there is no publication of the table: `shortlist pg install --source replication`",
        ),
        (!resolved.is_joined(), "`watch` names further tables, which replication does not follow"),
    ];
    Ok(needs.into_iter().filter(|(there, _)| !there).map(|(_, lack)| lack).collect())
}

/// The migration that publishes the table's ids; running it twice changes nothing.
pub(in crate::sync) fn publish_sql(
    resolved: &Resolved,
    transaction: &mut Transaction<'_>,
) -> Outcome<String> {
    const IDENTITY: &str = "SELECT c.relreplident::text, coalesce((SELECT array_agg(a.attname::text) FROM pg_index i \
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) \
        WHERE i.indrelid = c.oid AND i.indisprimary), '{}') FROM pg_class c WHERE c.oid = $1::regclass";
    let table = resolved.table.sql();
    let row = transaction
        .query_typed_one(IDENTITY, &[(&table, Type::TEXT)])
        .map_err(at("look at the table's identity"))?;
    let (identity, key): (String, Vec<String>) = (row.get(0), row.get(1));
    let id = &resolved.columns[0].name;
    // A publication without what tells the old row would make every update of the table fail.
    if identity != "d" || key != [id.as_str()] {
        let reason = format!(
            "it takes a table whose primary key is `{id}` and identifies its rows (REPLICA IDENTITY DEFAULT); take the source `outbox`"
        );
        return Err(refused("publish the table", &reason).into());
    }
    Ok(format!(
        "DO $do$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'shortlist') THEN
        CREATE PUBLICATION shortlist WITH (publish_via_partition_root = true);
    END IF;
    ALTER PUBLICATION shortlist SET TABLE {table} ({});
END $do$;
",
        resolved.id()
    ))
}

/// Takes a slot away, where it is there: the server would keep its log for it.
pub(in crate::sync) fn give_up(transaction: &mut Transaction<'_>, slot: &str) -> Outcome<()> {
    // One that somebody reads at this moment is refused, and asked for again.
    const DROP: &str = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots \
        WHERE slot_name = $1";
    transaction
        .query_typed(DROP, &[(&slot, Type::TEXT)])
        .map_err(at("take a replication slot away"))?;
    Ok(())
}

struct Slot {
    confirmed: u64,
    /// The server has thrown away what it would have read.
    lost: bool,
}

fn state(transaction: &mut Transaction<'_>, slot: &str) -> Outcome<Option<Slot>> {
    const STATE: &str = "SELECT (confirmed_flush_lsn - '0/0'::pg_lsn)::text, wal_status = 'lost' \
        FROM pg_replication_slots WHERE slot_name = $1 AND plugin = 'pgoutput' AND database = current_database()";
    let rows = transaction
        .query_typed(STATE, &[(&slot, Type::TEXT)])
        .map_err(at("look at the replication slot"))?;
    Ok(rows.first().map(|row| {
        let confirmed = row.get::<_, Option<&str>>(0).map_or(0, number);
        Slot { confirmed, lost: row.get::<_, Option<bool>>(1).unwrap_or(false) }
    }))
}

/// A position in the log that the server wrote as a whole number.
fn number(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

/// Which transactions a snapshot sees.
struct Snapshot {
    end: u64,
    running: Vec<u64>,
}

impl Snapshot {
    fn parse(text: &str) -> Self {
        let mut parts = text.split(':').skip(1);
        let end = parts.next().and_then(|end| end.parse().ok()).unwrap_or(0);
        let running = parts.next().unwrap_or_default().split(',');
        Self { end, running: running.filter_map(|xid| xid.parse().ok()).collect() }
    }

    /// `xid` is the lower half of what it was when there were fewer than there are now.
    fn sees(&self, xid: u32) -> bool {
        let full = (self.end & !u64::from(u32::MAX)) | u64::from(xid);
        // Half the numbers lie ahead, as the server counts.
        let full = if full > self.end + u64::from(u32::MAX / 2) { full - (1 << 32) } else { full };
        full < self.end && !self.running.contains(&full)
    }
}

/// What the messages said so far.
#[derive(Default)]
struct Read {
    ids: Vec<String>,
    all: bool,
    next: u64,
    committed: Option<i64>,
    /// Of the transaction at hand.
    pending: Vec<String>,
    emptied: bool,
}

impl Read {
    /// False at a transaction that the snapshot does not see.
    fn take(&mut self, bytes: &[u8], from: u64, snapshot: &Snapshot) -> Outcome<bool> {
        let message = read(bytes).ok_or_else(|| {
            refused("read the log", "it has a message of a form that this version does not know")
        })?;
        match message {
            Message::Begin { xid } => {
                self.pending.clear();
                self.emptied = false;
                return Ok(snapshot.sees(xid));
            }
            Message::Ids(ids) => self.pending.extend(ids),
            Message::Truncate => self.emptied = true,
            // What lies before is applied.
            Message::Commit { end, at } if end > from => {
                self.ids.append(&mut self.pending);
                self.all |= self.emptied;
                self.next = end;
                self.committed = Some(at);
            }
            Message::Commit { .. } | Message::Other => {}
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_sees_what_ended_before_it() {
        let snapshot = Snapshot::parse("100:120:100,110");
        for (xid, seen) in
            [(99, true), (100, false), (105, true), (110, false), (120, false), (125, false)]
        {
            assert_eq!(snapshot.sees(xid), seen, "{xid}");
        }
        let wrapped = Snapshot::parse("4294967290:4294967300:4294967291");
        for (xid, seen) in [(u32::MAX, true), (u32::MAX - 4, false), (3, true), (4, false)] {
            assert_eq!(wrapped.sees(xid), seen, "{xid}");
        }
    }
}
