//! Where the changes come from: sources that give the ids of rows that changed since a position.

mod outbox;
mod pgoutput;
mod poll;
mod position;
mod replication;
mod triggers;

use std::collections::HashSet;

use postgres::Transaction;

use super::failure::Outcome;
use super::mapping::Resolved;

pub(super) use outbox::Outbox;
pub(super) use poll::Poll;
pub(super) use position::{Position, Stream};
pub(super) use replication::{Replication, give_up, lacks, publish_sql};
pub(super) use triggers::{install_sql, uninstall_sql};

/// What changed since a position, as far as one step reads.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) touched: Touched,
    /// Of the ids that are named, those whose embedding is as it was.
    pub(super) light: HashSet<String>,
    /// Where the next step begins.
    pub(super) next: Stream,
    /// Whether the next step would find more at once.
    pub(super) more: bool,
    /// Whether the position is to be kept even if nothing changed.
    pub(super) keep: bool,
}

/// Which rows are to be read again. A row that is no longer there is removed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Touched {
    Ids(Vec<String>),
    /// A table was emptied at some time since: every row is to be loaded again.
    All,
    /// Those whose `updatedAt` is another than is held; what is held without a row is removed.
    Differing,
}

/// How far behind a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lag {
    pub(super) rows: u64,
    pub(super) seconds: f64,
}

/// How the server wakes a follower that sleeps. It is rung for nobody else: who rings it commits alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bell {
    /// What is listened to.
    pub(super) channel: &'static str,
    /// The advisory lock that says that somebody sleeps.
    pub(super) lock: i64,
}

/// One way of learning what changed.
pub(super) trait Source: Send {
    /// Refuses a database that does not have what this source needs.
    fn check(&mut self, resolved: &Resolved, transaction: &mut Transaction<'_>) -> Outcome<()>;

    /// What is to be kept before the server makes anything for us, so that a crash leaves nothing behind there that
    /// nobody knows of.
    fn prepare(&mut self) -> Outcome<Option<Stream>> {
        Ok(None)
    }

    /// The position that goes with what `transaction` sees: what is committed later lies behind it. `before` is the
    /// position that is given up for it.
    fn begin(
        &mut self,
        resolved: &Resolved,
        transaction: &mut Transaction<'_>,
        before: Option<&Stream>,
    ) -> Outcome<Stream>;

    /// The next changes after a position, at most `limit` ids; what they name is to be read in the same
    /// transaction. None where the position is too old to go on from: all is to be loaded again.
    fn changes(
        &mut self,
        resolved: &Resolved,
        transaction: &mut Transaction<'_>,
        from: &Stream,
        limit: i64,
    ) -> Outcome<Option<Changes>>;

    /// Everything up to a position is kept: the source may forget it.
    fn acknowledge(&mut self, transaction: &mut Transaction<'_>, at: &Stream) -> Outcome<()>;

    /// How much lies behind a position.
    fn lag(
        &mut self,
        resolved: &Resolved,
        transaction: &mut Transaction<'_>,
        at: &Stream,
    ) -> Outcome<Lag>;

    /// How the server wakes a follower, where it does.
    fn bell(&self) -> Option<Bell> {
        None
    }
}
