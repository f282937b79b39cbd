//! Options of `pg` and `sync`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Index;

/// Options of `pg`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist pg check --url postgres://reader@db.internal/market
  shortlist pg install --url postgres://owner@db.internal/market            print the migration
  shortlist pg install --url postgres://owner@db.internal/market --apply    run it
  shortlist pg verify --url ... --index idx --repair

The password comes from the URL, from PGPASSWORD, or from ~/.pgpass; it is never printed.")]
pub struct Pg {
    /// What to do
    #[command(subcommand)]
    pub command: PgCommand,
}

/// What `pg` does.
#[derive(Debug, Subcommand)]
pub enum PgCommand {
    /// Say which columns make a profile, what is missing, and the SQL that mends it
    Check(Database),
    /// Print, or make, the outbox table and its triggers, or the publication
    Install(Install),
    /// Print, or run, what takes the outbox, its triggers, the publication and the slots away
    Uninstall(Applied),
    /// Print, or make, the indexes that list pages and matches need in Postgres itself
    Indexes(Applied),
    /// Compare an index with the table it follows
    Verify(PgVerify),
}

/// A database and the mapping of its table.
#[derive(Clone, Debug, Args)]
pub struct Database {
    /// postgres://user@host:port/database?sslmode=verify-full
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub url: String,
    /// Which table and columns make a profile, as TOML or JSON [default: the
    /// marketplace's own, by the names of its columns]
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
}

/// Something that is printed or done.
#[derive(Debug, Args)]
pub struct Applied {
    /// The database
    #[command(flatten)]
    pub database: Database,
    /// Do it, instead of printing the SQL
    #[arg(long)]
    pub apply: bool,
}

/// Options of `pg install`.
#[derive(Debug, Args)]
pub struct Install {
    /// What is printed or done
    #[command(flatten)]
    pub asked: Applied,
    /// What is installed: the triggers of the outbox, or the publication that replication reads
    #[arg(long, value_name = "SOURCE", default_value = "outbox", value_parser = ["outbox", "replication"])]
    pub source: String,
    /// A role that may follow by the outbox; may be repeated [default: the owner alone]
    #[arg(long, value_name = "ROLE")]
    pub reader: Vec<String>,
}

/// Options of `pg verify`.
#[derive(Debug, Args)]
pub struct PgVerify {
    /// The database
    #[command(flatten)]
    pub database: Database,
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// Write what differs as the database has it
    #[arg(long)]
    pub repair: bool,
}

/// Options of `sync`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist sync --url postgres://reader@db.internal/market --index idx
  shortlist sync --url ... --index idx --once --source poll
  shortlist sync --url ... --load-url postgres://reader@replica.internal/market --index idx
  shortlist sync --url ... --index idx --metrics 127.0.0.1:9464    GET /metrics, for data/ops/alerts.yml

It loads the table, then applies every change as it is committed. What is applied is on the disk with its
position: ended by a signal, or by a crash, it goes on from there. A snapshot, so that opening stays quick, is
taken every --snapshot-every seconds and at the end.")]
pub struct SyncArgs {
    /// The database
    #[command(flatten)]
    pub database: Database,
    /// The index
    #[command(flatten)]
    pub index: Index,
    /// outbox (see `pg install`), poll, or replication (see `pg install --source replication`)
    #[arg(long, value_name = "SOURCE", default_value = "outbox")]
    pub source: String,
    /// A read replica to load from
    #[arg(long, value_name = "URL")]
    pub load_url: Option<String>,
    /// Stop once everything that is committed is applied
    #[arg(long)]
    pub once: bool,
    /// How often a snapshot is taken while there are changes, in seconds
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub snapshot_every: u64,
    /// Where a Prometheus reads metrics, such as 127.0.0.1:9464 [default: nowhere]
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<std::net::SocketAddr>,
}
