//! The whole table, once: in the order of its ids, so that a load that was cut off goes on where it was.

use std::collections::HashSet;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use postgres::Transaction;
use postgres::types::Type;

use super::failure::{Outcome, at, refused};
use super::follow::Position;
use super::mapping::{Resolved, literal};
use super::rows::{Row, Rows, read_row};
use super::session::{POSITION, QUARANTINE};
use super::state::SyncState;
use super::sync::Shared;
use crate::model::AdvisorProfile;

/// What one batch of the load takes at most, about.
const BATCH_BYTES: usize = 32 << 20;

/// Rows that are written to the index together, with the position that they lead to.
#[derive(Debug, Default)]
pub(super) struct Batch {
    profiles: Vec<AdvisorProfile>,
    /// Those that were read without their embedding, which stays as it is held.
    light: Vec<AdvisorProfile>,
    wrong: Vec<(String, String)>,
    missing: HashSet<String>,
    bytes: usize,
}

impl Batch {
    /// One that has found none of these ids yet.
    pub(super) fn missing(ids: &[String]) -> Self {
        Self { missing: ids.iter().cloned().collect(), ..Self::default() }
    }

    /// A row that was read without its embedding.
    pub(super) fn add_light(&mut self, row: Row) {
        match row {
            Row::Profile(profile) => {
                self.missing.remove(&profile.id);
                self.light.push(*profile);
            }
            wrong @ Row::Wrong(..) => self.add(wrong),
        }
    }

    pub(super) fn add(&mut self, row: Row) {
        match row {
            Row::Profile(profile) => {
                self.missing.remove(&profile.id);
                self.bytes += 512 + 4 * profile.embedding.as_ref().map_or(0, Vec::len);
                self.profiles.push(*profile);
            }
            Row::Wrong(id, error) => {
                self.missing.remove(&id);
                self.wrong.push((id, error.to_string()));
            }
        }
    }

    /// Writes it, and the position with it.
    pub(super) fn apply(self, shared: &Shared, position: Option<&Position>) -> Outcome<()> {
        let mut quarantine = shared.quarantine();
        for (id, reason) in self.wrong {
            quarantine.put(id, reason);
        }
        self.profiles.iter().for_each(|profile| quarantine.clear(&profile.id));
        self.missing.iter().for_each(|id| quarantine.clear(id));
        let mut states = Vec::new();
        states.extend(position.map(|position| (POSITION, position.to_bytes())));
        states.extend(quarantine.take_changed().map(|kept| (QUARANTINE, kept)));
        let count = quarantine.count();
        drop(quarantine);
        let upserted = (self.profiles.len() + self.light.len()) as u64;
        let removes = self.missing.into_iter().collect();
        let removed =
            shared.engine.feed(self.profiles, self.light, removes, states).inspect_err(|_| {
                // It is not kept, so it is to be kept with the next batch.
                shared.quarantine().mark_changed();
            })?;
        let mut status = shared.status();
        status.upserted += upserted;
        status.removed += removed;
        status.quarantined = count;
        Ok(())
    }
}

/// Loads everything, from the beginning or from where `position` was cut off. What the source says after `position` is
/// not part of it: `transaction` sees at least what the position covers.
pub(super) fn load(
    shared: &Shared,
    mut transaction: Transaction<'_>,
    resolved: &Resolved,
    mut position: Position,
) -> Outcome<Position> {
    let begun = Instant::now();
    transaction.batch_execute("SET LOCAL statement_timeout = 0").map_err(at("begin a load"))?;
    if !resolved.undeclared.attributes().is_empty() {
        shared.engine.declare(&resolved.undeclared)?;
    }
    let expected = expected_rows(resolved, &mut transaction)?;
    let after = position
        .loaded
        .as_deref()
        .filter(|id| !id.is_empty())
        .map(|id| format!(" WHERE p.{} > {}", resolved.id(), literal(id)));
    let select =
        format!("{}{} ORDER BY p.{}", resolved.select(), after.unwrap_or_default(), resolved.id());
    let told = |batch: Batch, position: &Position, read: u64| {
        batch.apply(shared, Some(position))?;
        progress(shared, read, expected, begun);
        Ok(())
    };
    while_read(told, |apply| {
        let mut schema = shared.engine.schema();
        let mut rows = Rows::of(&select, &mut transaction, "read the table")?;
        let mut batch = Batch::default();
        let mut read = 0;
        while rows.advance()? {
            let row = read_row(&resolved.columns, rows.fields(), &mut schema);
            let id = match &row {
                Row::Profile(profile) => &profile.id,
                Row::Wrong(id, _) => id,
            };
            position.loaded = Some(id.clone());
            batch.add(row);
            read += 1;
            if batch.profiles.len() + batch.wrong.len() >= shared.options.batch_rows
                || batch.bytes >= BATCH_BYTES
            {
                shared.go_on()?;
                if !apply(std::mem::take(&mut batch), &position, read) {
                    return Ok(());
                }
            }
        }
        shared.go_on()?;
        apply(batch, &position, read);
        Ok(())
    })?;
    // What was there before the load and is gone.
    let missing = differing(shared, resolved, &mut transaction)?.missing;
    for chunk in missing.chunks(shared.options.batch_rows.max(1)) {
        Batch::missing(chunk).apply(shared, None)?;
    }
    position.loaded = None;
    Batch::default().apply(shared, Some(&position))?;
    transaction.commit().map_err(at("end a load"))?;
    Ok(position)
}

/// Applies batches in their order, on a thread of its own, while `read` reads the next: the server and the index work
/// at once. At most two wait. `read` hands one on with the position it leads to and how many rows were read, and ends
/// where it is told that none is wanted any more.
fn while_read(
    apply: impl Fn(Batch, &Position, u64) -> Outcome<()> + Send,
    read: impl FnOnce(&dyn Fn(Batch, &Position, u64) -> bool) -> Outcome<()>,
) -> Outcome<()> {
    std::thread::scope(|scope| {
        let (handed, batches) = sync_channel::<(Batch, Position, u64)>(1);
        let applying = move || -> Outcome<()> {
            batches.iter().try_for_each(|(batch, position, read)| apply(batch, &position, read))
        };
        let applying = std::thread::Builder::new()
            .name("shortlist-load".to_owned())
            .spawn_scoped(scope, applying)
            .map_err(|error| refused("load the table", &error.to_string()))?;
        let read =
            read(&|batch, position, read| handed.send((batch, position.clone(), read)).is_ok());
        drop(handed);
        let applied = applying.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Where a batch could not be applied, reading ended for that.
        applied.and(read)
    })
}

/// How many rows the server expects; its own estimate, which costs nothing.
fn expected_rows(resolved: &Resolved, transaction: &mut Transaction<'_>) -> Outcome<u64> {
    let row = transaction
        .query_typed_one(
            "SELECT greatest(c.reltuples, 0)::bigint FROM pg_class c WHERE c.oid = to_regclass($1)",
            &[(&resolved.table.sql(), Type::TEXT)],
        )
        .map_err(at("count the rows"))?;
    Ok(row.get::<_, i64>(0) as u64)
}

fn progress(shared: &Shared, rows: u64, of: u64, begun: Instant) {
    let rows_per_second = rows as f64 / begun.elapsed().as_secs_f64().max(1e-3);
    let left = of.checked_sub(rows).filter(|left| *left > 0);
    let seconds_left = left.map(|left| left as f64 / rows_per_second);
    shared.enter(SyncState::Loading { rows, of: of.max(rows), rows_per_second, seconds_left });
}

/// The ids that the index holds and the table lacks, and those whose `updatedAt` is another in the table.
pub(super) struct Differing {
    pub(super) missing: Vec<String>,
    pub(super) changed: Vec<String>,
}

/// Compares all ids, with their `updatedAt` where the table has it. Cost: an id and a moment a row, on both sides.
pub(super) fn differing(
    shared: &Shared,
    resolved: &Resolved,
    transaction: &mut Transaction<'_>,
) -> Outcome<Differing> {
    let updated = resolved.updated_at();
    let moment = match &updated {
        Some(updated) => format!(
            "CASE WHEN isfinite(p.{updated}) THEN (extract(epoch FROM p.{updated}) * 1000000)::bigint END"
        ),
        None => "NULL::bigint".to_owned(),
    };
    let select = format!("SELECT p.{}::text, {moment} FROM {} AS p", resolved.id(), resolved.rows);
    let mut held = shared.engine.held();
    // Rows that made no profile are looked at again, and forgotten with their rows.
    let wrong = shared.quarantine().list();
    wrong.into_iter().for_each(|row| _ = held.entry(row.id).or_insert(None));
    let mut changed = Vec::new();
    let mut rows = Rows::of(&select, transaction, "compare all ids")?;
    while rows.advance()? {
        let mut fields = rows.fields();
        let id = fields.next().flatten().and_then(|id| std::str::from_utf8(id).ok());
        let Some(id) = id else { continue };
        let moment =
            fields.next().flatten().and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        match held.remove(id) {
            Some(known) if updated.is_none() || known == moment => {}
            _ => changed.push(id.to_owned()),
        }
    }
    Ok(Differing { missing: held.into_keys().collect(), changed })
}
