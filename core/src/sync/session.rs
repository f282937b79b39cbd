//! One session with the server: from where the last one left off, until it breaks.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use fallible_iterator::FallibleIterator;
use postgres::{Client, IsolationLevel, Transaction};

use super::connect::connect;
use super::failure::{Failure, Outcome, at};
use super::follow::{Bell, Outbox, Poll, Position, Replication, Source, Stream, Touched, give_up};
use super::load::{self, Batch};
use super::mapping::Resolved;
use super::options::SourceKind;
use super::replica;
use super::rows::{Rows, read_row};
use super::state::SyncState;
use super::sync::Shared;
use crate::model::Error;

/// The names under which the index keeps what belongs to its data.
pub(super) const POSITION: &str = "postgres";
pub(super) const QUARANTINE: &str = "postgres.quarantine";

/// How many changed ids are read at once.
const CHANGES_AT_ONCE: usize = 5_000;
/// How often lag is measured and the source told what it may forget.
const HOUSEKEEPING: Duration = Duration::from_secs(2);
/// How long we wait where changes have just come, and how many looks in a row find nothing before we sleep.
const AWAKE: Duration = Duration::from_millis(5);
const LOOKS_AWAKE: u32 = 6;

pub(super) struct Session<'a> {
    shared: &'a Shared,
    client: Client,
    source: Box<dyn Source>,
    resolved: Resolved,
    housekept: Option<Instant>,
    /// How many looks in a row have found nothing.
    quiet: u32,
    /// Whether the server is told that we sleep.
    asleep: bool,
    /// The newest place that was gone on from.
    last: Option<Stream>,
}

/// What one look at the changes came to.
struct Step {
    reached: Position,
    /// Whether the next would find more at once.
    more: bool,
    /// Whether it found any.
    found: bool,
}

impl<'a> Session<'a> {
    pub(super) fn open(shared: &'a Shared) -> Outcome<Self> {
        let mut client = connect(&shared.address)?;
        let mut source: Box<dyn Source> = match shared.options.source {
            SourceKind::Outbox => Box::new(Outbox),
            SourceKind::Poll => Box::new(Poll::new(shared.options.compare_every)),
            SourceKind::Replication => Box::new(Replication::default()),
        };
        let mut transaction = reading(&mut client)?;
        let resolved = resolve(shared, &mut transaction)?;
        // Refused now rather than after a load of an hour.
        source.check(&resolved, &mut transaction)?;
        transaction.rollback().map_err(at("end a transaction"))?;
        if !shared.address.pooled
            && let Some(bell) = source.bell()
        {
            client.batch_execute(&format!("LISTEN {}", bell.channel)).map_err(at("listen"))?;
        }
        Ok(Self {
            shared,
            client,
            source,
            resolved,
            housekept: None,
            quiet: 0,
            asleep: false,
            last: None,
        })
    }

    /// Loads where that is needed, then follows, until it is stopped or has caught up and was asked for no more.
    pub(super) fn run(&mut self) -> Outcome<()> {
        let kept = self.shared.engine.source_state(POSITION);
        let mut position = kept.as_deref().and_then(|bytes| Position::from_bytes(bytes).ok());
        loop {
            self.shared.go_on()?;
            if let Some(position) = &position {
                self.last = Some(position.stream.clone());
                position.keeps(&self.resolved, &self.shared.options.mapping)?;
            }
            let fitting = position.take().filter(|position| {
                position.shape == self.resolved.shape()
                    && position.stream.is_of(self.shared.options.source)
                    && position.stream.is_begun()
            });
            let at = match fitting {
                Some(at) if at.loaded.is_none() => Some(at),
                left => self.load(left)?,
            };
            position = match at {
                Some(at) => self.follow(at)?,
                None => None,
            };
            if position.is_none() && self.shared.options.once && self.is_done() {
                return Ok(());
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.shared.status().state, SyncState::Live)
    }

    /// The whole table, from the beginning or from where a load was cut off. The changes that follow are those since
    /// the first beginning. None where the table was altered before it could be read.
    fn load(&mut self, left: Option<Position>) -> Outcome<Option<Position>> {
        let position = match left {
            Some(left) => left,
            None => self.begin()?,
        };
        let mut replica = self.shared.load_address.as_ref().map(connect).transpose()?;
        if let Some(replica) = &mut replica {
            replica::catch_up(self.shared, &mut self.client, replica)?;
        }
        let client = replica.as_mut().unwrap_or(&mut self.client);
        let mut transaction = steady(client, &self.resolved)?;
        let resolved = resolve(self.shared, &mut transaction)?;
        if resolved.shape() == position.shape {
            return load::load(self.shared, transaction, &self.resolved, position).map(Some);
        }
        position.keeps(&resolved, &self.shared.options.mapping)?;
        drop(transaction);
        self.resolved = resolved;
        Ok(None)
    }

    /// A position of now. The source is told of it at once, so that nobody takes away meanwhile what follows it.
    fn begin(&mut self) -> Outcome<Position> {
        let kind = self.shared.options.source;
        if !self.last.as_ref().is_some_and(|last| last.is_of(kind)) {
            if let Some(Stream::Replication { slot, .. }) = &self.last {
                let mut transaction =
                    self.client.transaction().map_err(at("begin a transaction"))?;
                give_up(&mut transaction, slot)?;
                transaction.commit().map_err(at("end a transaction"))?;
            }
            self.last = self.source.prepare()?;
            if let Some(stream) = &self.last {
                let position = Position::new(&self.resolved, stream.clone());
                Batch::default().apply(self.shared, Some(&position))?;
            }
        }
        let mut transaction = self.client.transaction().map_err(at("begin a transaction"))?;
        let stream = self.source.begin(&self.resolved, &mut transaction, self.last.as_ref())?;
        self.source.acknowledge(&mut transaction, &stream)?;
        transaction.commit().map_err(at("end a transaction"))?;
        let position = Position::new(&self.resolved, stream);
        // What was made on the server is known from here on, whatever comes of the load.
        Batch::default().apply(self.shared, Some(&position))?;
        Ok(position)
    }

    /// Applies changes as they come. Gives nothing back where all is to be loaded anew (or is done).
    fn follow(&mut self, mut position: Position) -> Outcome<Option<Position>> {
        self.last = Some(position.stream.clone());
        self.shared.enter(SyncState::CatchingUp);
        loop {
            self.shared.go_on()?;
            let begun = Instant::now();
            let Some(step) = self.step(&position)? else { return Ok(None) };
            let took = begun.elapsed();
            self.quiet = if step.found { 0 } else { self.quiet.saturating_add(1) };
            let more = step.more;
            position = step.reached;
            self.housekeep(&position)?;
            let state = if more { SyncState::CatchingUp } else { SyncState::Live };
            if self.shared.status().state != state {
                self.shared.enter(state);
            }
            if more {
                continue;
            }
            if self.shared.options.once {
                return Ok(None);
            }
            self.wait(took)?;
        }
    }

    /// One step: what changed, read in the snapshot that says so, and kept with the new position.
    fn step(&mut self, from: &Position) -> Outcome<Option<Step>> {
        let mut transaction = steady(&mut self.client, &self.resolved)?;
        let resolved = resolve(self.shared, &mut transaction)?;
        if resolved.shape() != from.shape {
            from.keeps(&resolved, &self.shared.options.mapping)?;
            self.resolved = resolved;
            return Ok(None);
        }
        let limit = CHANGES_AT_ONCE as i64;
        let Some(changes) =
            self.source.changes(&self.resolved, &mut transaction, &from.stream, limit)?
        else {
            return Ok(None);
        };
        if changes.more && self.shared.status().state == SyncState::Live {
            self.shared.enter(SyncState::CatchingUp);
        }
        let (gone, ids) = match changes.touched {
            Touched::Ids(ids) => (Vec::new(), ids),
            Touched::Differing => {
                let found = load::differing(self.shared, &self.resolved, &mut transaction)?;
                (found.missing, found.changed)
            }
            // Without a position, all rows are read again; what comes after goes on from here.
            Touched::All => {
                self.last = Some(changes.next);
                return Ok(None);
            }
        };
        let position = Position { stream: changes.next, ..from.clone() };
        if changes.keep && ids.is_empty() {
            Batch::default().apply(self.shared, Some(&position))?;
        }
        for chunk in gone.chunks(CHANGES_AT_ONCE) {
            Batch::missing(chunk).apply(self.shared, None)?;
        }
        for chunk in ids.chunks(CHANGES_AT_ONCE) {
            let light = &changes.light;
            let batch = read_ids(self.shared, &self.resolved, &mut transaction, chunk, light)?;
            // What is not the last of them is not the new position's yet. Where nothing changed nothing is
            // written: to look at the same again costs less than a generation.
            let last = chunk.last() == ids.last();
            let kept = last.then_some(&position);
            match batch.apply(self.shared, kept) {
                // Somebody removed it since we looked: it is read whole.
                Err(Failure::Final(Error::NotFound { .. })) => {
                    let none = HashSet::new();
                    read_ids(self.shared, &self.resolved, &mut transaction, chunk, &none)?
                        .apply(self.shared, kept)?;
                }
                applied => applied?,
            }
        }
        transaction.commit().map_err(at("end a transaction"))?;
        let found = !ids.is_empty() || !gone.is_empty();
        Ok(Some(Step { reached: position, more: changes.more, found }))
    }

    fn housekeep(&mut self, position: &Position) -> Outcome<()> {
        if self.housekept.is_some_and(|last| last.elapsed() < HOUSEKEEPING) {
            return Ok(());
        }
        self.housekept = Some(Instant::now());
        let mut transaction = self.client.transaction().map_err(at("begin a transaction"))?;
        let lag = self.source.lag(&self.resolved, &mut transaction, &position.stream)?;
        // What the index does not keep yet must be there after a crash.
        let kept = self.shared.engine.kept_source_state(POSITION);
        if let Some(kept) = kept.and_then(|bytes| Position::from_bytes(&bytes).ok()) {
            self.source.acknowledge(&mut transaction, &kept.stream)?;
        }
        transaction.commit().map_err(at("end a transaction"))?;
        let mut status = self.shared.status();
        status.position = Some(position.to_string());
        (status.lag_rows, status.lag_seconds) = (lag.rows, lag.seconds);
        Ok(())
    }

    /// Until the server wakes us, but never longer than the interval: a lost notification costs that much time.
    fn wait(&mut self, took: Duration) -> Outcome<()> {
        let every = self.shared.options.poll_every;
        let Some(bell) = self.source.bell() else {
            // The server rests at least as long as our last look took it.
            self.shared.rest(every.max(took));
            return Ok(());
        };
        let sleeps = self.quiet >= LOOKS_AWAKE;
        if !self.shared.address.pooled && sleeps != self.asleep && self.sleep(bell, sleeps)? {
            // Once more: what was committed before we slept rang for nobody.
            return Ok(());
        }
        let doublings = self.quiet.saturating_sub(LOOKS_AWAKE).min(16);
        let pause = (AWAKE * 2_u32.pow(doublings)).min(every);
        if self.shared.address.pooled {
            self.shared.rest(pause);
            return Ok(());
        }
        let mut woken = self.client.notifications();
        let rung = woken.timeout_iter(pause).next().map_err(at("wait for changes"))?.is_some();
        // One step reads whatever the others announced.
        while woken.iter().next().map_err(at("wait for changes"))?.is_some() {}
        drop(woken);
        if self.client.is_closed() {
            self.client.check_connection().map_err(at("wait for changes"))?;
        }
        if rung && self.asleep {
            self.quiet = 0;
            self.sleep(bell, false)?;
        }
        Ok(())
    }

    /// Tells writers whether somebody sleeps; true where it is so from now on.
    fn sleep(&mut self, bell: Bell, sleeps: bool) -> Outcome<bool> {
        let call = if sleeps { "pg_try_advisory_lock_shared" } else { "pg_advisory_unlock_shared" };
        let row = self
            .client
            .query_typed_one(&format!("SELECT {call}({})", bell.lock), &[])
            .map_err(at("wait for changes"))?;
        // A writer may be looking at it just now: the next time will do.
        self.asleep = sleeps && row.get(0);
        Ok(self.asleep)
    }
}

/// A transaction that sees one state of the database, and changes none.
pub(super) fn reading(client: &mut Client) -> Outcome<Transaction<'_>> {
    client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .map_err(at("begin a transaction"))
}

/// The same, of tables that nobody empties or alters before it ends.
pub(super) fn steady<'a>(client: &'a mut Client, resolved: &Resolved) -> Outcome<Transaction<'a>> {
    let mut transaction = reading(client)?;
    if let Some(lock) = resolved.lock() {
        transaction.batch_execute(&lock).map_err(at("read the table"))?;
    }
    Ok(transaction)
}

/// The mapping against the table as this transaction sees it.
pub(super) fn resolve(shared: &Shared, transaction: &mut Transaction<'_>) -> Outcome<Resolved> {
    let schema = shared.engine.schema();
    Resolved::new(&shared.options.mapping, &schema, &shared.address, transaction)
}

/// The rows of these ids as they are now; an id without a row is to be removed. Of those of `light` that are held the
/// embedding is not read: it is most of a row, and they keep it.
fn read_ids(
    shared: &Shared,
    resolved: &Resolved,
    transaction: &mut Transaction<'_>,
    ids: &[String],
    light: &HashSet<String>,
) -> Outcome<Batch> {
    let mut schema = shared.engine.schema();
    let (light, whole): (Vec<String>, Vec<String>) = {
        let quarantine = shared.quarantine();
        // Where the index makes embeddings itself, other words mean another one.
        let is_light = |id: &String| {
            schema.embedder.is_none()
                && light.contains(id)
                && !quarantine.has(id)
                && shared.engine.holds_profile(id)
        };
        ids.iter().cloned().partition(is_light)
    };
    let mut batch = Batch::missing(ids);
    if !whole.is_empty() {
        let select = format!("{} {}", resolved.select(), resolved.having(&whole));
        let mut rows = Rows::of(&select, transaction, "read changed rows")?;
        while rows.advance()? {
            batch.add(read_row(&resolved.columns, rows.fields(), &mut schema));
        }
    }
    if !light.is_empty() {
        let select = format!("{} {}", resolved.select_light(), resolved.having(&light));
        let mut rows = Rows::of(&select, transaction, "read changed rows")?;
        while rows.advance()? {
            batch.add_light(read_row(&resolved.columns, rows.fields(), &mut schema));
        }
    }
    Ok(batch)
}
