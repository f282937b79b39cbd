//! One session with the server: from where the last one left off, until it breaks.

use std::time::{Duration, Instant};

use fallible_iterator::FallibleIterator;
use postgres::{Client, IsolationLevel, Transaction};

use super::connect::connect;
use super::failure::{Outcome, at};
use super::follow::{Outbox, Poll, Position, Source, Touched};
use super::load::{self, Batch};
use super::mapping::Resolved;
use super::options::SourceKind;
use super::rows::{Rows, read_row};
use super::state::SyncState;
use super::sync::Shared;

/// The names under which the index keeps what belongs to its data.
pub(super) const POSITION: &str = "postgres";
pub(super) const QUARANTINE: &str = "postgres.quarantine";

/// How many changed ids are read at once.
const CHANGES_AT_ONCE: usize = 5_000;
/// How often lag is measured and the source told what it may forget.
const HOUSEKEEPING: Duration = Duration::from_secs(2);

pub(super) struct Session<'a> {
    shared: &'a Shared,
    client: Client,
    source: Box<dyn Source>,
    resolved: Resolved,
    housekept: Option<Instant>,
}

impl<'a> Session<'a> {
    pub(super) fn open(shared: &'a Shared) -> Outcome<Self> {
        let mut client = connect(&shared.address)?;
        let mut source: Box<dyn Source> = match shared.options.source {
            SourceKind::Outbox => Box::new(Outbox),
            SourceKind::Poll => Box::new(Poll::new(shared.options.compare_every)),
        };
        let mut transaction = reading(&mut client)?;
        let resolved = resolve(shared, &mut transaction)?;
        // Refused now rather than after a load of an hour.
        source.begin(&resolved, &mut transaction)?;
        transaction.rollback().map_err(at("end a transaction"))?;
        if !shared.address.pooled
            && let Some(channel) = source.channel()
        {
            client.batch_execute(&format!("LISTEN {channel}")).map_err(at("listen"))?;
        }
        Ok(Self { shared, client, source, resolved, housekept: None })
    }

    /// Loads where that is needed, then follows, until it is stopped or has caught up and was asked for no more.
    pub(super) fn run(&mut self) -> Outcome<()> {
        let kept = self.shared.engine.source_state(POSITION);
        let mut position = kept.as_deref().and_then(|bytes| Position::from_bytes(bytes).ok());
        loop {
            self.shared.go_on()?;
            let fits = position.as_ref().is_some_and(|position| {
                position.shape == self.resolved.shape()
                    && position.loaded.is_none()
                    && position.stream.is_of(self.shared.options.source)
            });
            let at = match position.take() {
                Some(at) if fits => at,
                left => self.load(left)?,
            };
            position = self.follow(at)?;
            if position.is_none() && self.shared.options.once && self.is_done() {
                return Ok(());
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.shared.status().state, SyncState::Live)
    }

    fn load(&mut self, left: Option<Position>) -> Outcome<Position> {
        let mut other = self.shared.load_address.as_ref().map(connect).transpose()?;
        let client = other.as_mut().unwrap_or(&mut self.client);
        load::load(self.shared, client, self.source.as_mut(), &self.resolved, left)
    }

    /// Applies changes as they come. Gives nothing back where all is to be loaded anew (or is done).
    fn follow(&mut self, mut position: Position) -> Outcome<Option<Position>> {
        self.shared.enter(SyncState::CatchingUp);
        loop {
            self.shared.go_on()?;
            let Some((next, more)) = self.step(&position)? else { return Ok(None) };
            position = next;
            self.housekeep(&position)?;
            if more {
                continue;
            }
            if self.shared.status().state != SyncState::Live {
                self.shared.enter(SyncState::Live);
            }
            if self.shared.options.once {
                return Ok(None);
            }
            self.wait()?;
        }
    }

    /// One step: what changed, read in the snapshot that says so, and kept with the new position.
    fn step(&mut self, from: &Position) -> Outcome<Option<(Position, bool)>> {
        let mut transaction = reading(&mut self.client)?;
        let resolved = resolve(self.shared, &mut transaction)?;
        if resolved.shape() != from.shape {
            self.resolved = resolved;
            return Ok(None);
        }
        let limit = CHANGES_AT_ONCE as i64;
        let Some(changes) =
            self.source.changes(&self.resolved, &mut transaction, &from.stream, limit)?
        else {
            return Ok(None);
        };
        let (gone, ids) = match changes.touched {
            Touched::Ids(ids) => (Vec::new(), ids),
            Touched::All => {
                let found = load::differing(self.shared, &self.resolved, &mut transaction)?;
                (found.missing, found.changed)
            }
        };
        let position = Position { stream: changes.next, ..from.clone() };
        for chunk in gone.chunks(CHANGES_AT_ONCE) {
            Batch::missing(chunk).apply(self.shared, None)?;
        }
        for chunk in ids.chunks(CHANGES_AT_ONCE) {
            let batch = read_ids(self.shared, &self.resolved, &mut transaction, chunk)?;
            // What is not the last of them is not the new position's yet. Where nothing changed nothing is
            // written: to look at the same again costs less than a generation.
            let last = chunk.last() == ids.last();
            batch.apply(self.shared, last.then_some(&position))?;
        }
        transaction.commit().map_err(at("end a transaction"))?;
        Ok(Some((position, changes.more)))
    }

    fn housekeep(&mut self, position: &Position) -> Outcome<()> {
        if self.housekept.is_some_and(|last| last.elapsed() < HOUSEKEEPING) {
            return Ok(());
        }
        self.housekept = Some(Instant::now());
        let mut transaction = self.client.transaction().map_err(at("begin a transaction"))?;
        let lag = self.source.lag(&mut transaction, &position.stream)?;
        // What the index does not keep yet must be there after a crash.
        let kept = self.shared.engine.kept_source_state(POSITION);
        if let Some(kept) = kept.and_then(|bytes| Position::from_bytes(&bytes).ok()) {
            self.source.acknowledge(&mut transaction, &kept.stream)?;
        }
        transaction.commit().map_err(at("end a transaction"))?;
        let mut status = self.shared.status();
        (status.lag_rows, status.lag_seconds) = (lag.rows, lag.seconds);
        Ok(())
    }

    /// Until the server wakes us, but never longer than the interval: a lost notification costs that much time.
    fn wait(&mut self) -> Outcome<()> {
        let every = self.shared.options.poll_every;
        if self.source.channel().is_none() || self.shared.address.pooled {
            self.shared.rest(every);
            return Ok(());
        }
        let mut woken = self.client.notifications();
        woken.timeout_iter(every).next().map_err(at("wait for changes"))?;
        // One step reads whatever the others announced.
        while woken.iter().next().map_err(at("wait for changes"))?.is_some() {}
        drop(woken);
        if self.client.is_closed() {
            self.client.check_connection().map_err(at("wait for changes"))?;
        }
        Ok(())
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

/// The mapping against the table as this transaction sees it.
pub(super) fn resolve(shared: &Shared, transaction: &mut Transaction<'_>) -> Outcome<Resolved> {
    let schema = shared.engine.schema();
    let path = shared.address.schema.as_deref();
    Resolved::new(&shared.options.mapping, &schema, path, transaction)
}

/// The rows of these ids as they are now; an id without a row is to be removed.
fn read_ids(
    shared: &Shared,
    resolved: &Resolved,
    transaction: &mut Transaction<'_>,
    ids: &[String],
) -> Outcome<Batch> {
    let select = format!("{} {}", resolved.select(), resolved.having(ids));
    let mut batch = Batch::missing(ids);
    let mut schema = shared.engine.schema();
    let mut rows = Rows::of(&select, transaction, "read changed rows")?;
    while rows.advance()? {
        batch.add(read_row(&resolved.columns, rows.fields(), &mut schema));
    }
    Ok(batch)
}
