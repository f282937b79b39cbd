//! What an operator does once: look whether the database fits, install the outbox, make the indexes.

use std::fmt::Write;

use postgres::Client;
use serde::Serialize;

use super::address::Address;
use super::connect::connect;
use super::failure::{Outcome, at};
use super::follow::{install_sql, lacks, publish_sql, uninstall_sql};
use super::mapping::{Mapping, Resolved, Wire, look, quoted};
use super::rows::{Row, Rows, read_row};
use super::session::reading;
use super::state::Quarantined;
use super::sync::ended_by;
use crate::model::{Result, Schema};

/// How many rows [`check`] reads to see whether they make profiles.
const TRIED: usize = 1_000;

/// One field of the profile and what the database has for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldFit {
    /// The field, in its wire name.
    pub field: String,
    /// The column, where one was found.
    pub column: Option<String>,
    /// Its type in the server's words.
    pub kind: Option<String>,
    /// What does not fit.
    pub wrong: Option<String>,
    /// What would be right.
    pub remedy: Option<String>,
}

/// Whether a database fits a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CheckReport {
    /// The table, with its schema.
    pub table: String,
    /// Every field, in the order of the design.
    pub fields: Vec<FieldFit>,
    /// Of the first 1,000 rows, how many were read.
    pub rows_tried: u64,
    /// Those of them that make no profile.
    pub rows_wrong: Vec<Quarantined>,
    /// Whether the outbox is there.
    pub outbox: bool,
    /// What the source `replication` needs and does not have; none where it can be taken.
    pub replication_lacks: Vec<String>,
    /// SQL that mends what can be mended in the database.
    pub mend: Vec<String>,
}

impl CheckReport {
    /// Whether a sync can begin.
    pub fn fits(&self) -> bool {
        self.fields.iter().all(|field| field.wrong.is_none())
    }
}

/// Looks whether the table makes profiles, and reads the first 1,000 rows to see it.
///
/// # Errors
/// [`Error::Postgres`](crate::Error::Postgres); [`Error::Mapping`](crate::Error::Mapping) where there is no such table.
pub fn check(url: &str, mapping: &Mapping, schema: &Schema) -> Result<CheckReport> {
    let address = Address::parse(url)?;
    let looked =
        connect(&address).and_then(|mut client| look_at(&mut client, mapping, schema, &address));
    looked.map_err(ended_by)
}

fn look_at(
    client: &mut Client,
    mapping: &Mapping,
    schema: &Schema,
    address: &Address,
) -> Outcome<CheckReport> {
    let mut transaction = reading(client)?;
    let (resolved, fits) = look(mapping, schema, address, &mut transaction)?;
    let outbox: bool = transaction
        .query_typed_one("SELECT to_regclass('shortlist.outbox') IS NOT NULL", &[])
        .map_err(at("look for the outbox"))?
        .get(0);
    let replication_lacks = lacks(&resolved, &mut transaction)?;
    let mut mend = Vec::new();
    let fields: Vec<FieldFit> = fits
        .into_iter()
        .map(|fit| {
            let (column, kind) = fit.column.unzip();
            let (wrong, remedy) = fit.wrong.map(|wrong| (wrong.reason, wrong.remedy)).unzip();
            FieldFit { field: fit.field, column, kind, wrong, remedy }
        })
        .collect();
    if resolved.updated_at().is_none() {
        mend.push(format!(
            "ALTER TABLE {} ADD COLUMN \"updatedAt\" timestamptz NOT NULL DEFAULT now();",
            resolved.table.sql()
        ));
    } else if let Some(updated) = resolved.updated_at() {
        mend.push(format!(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS shortlist_updated ON {} ({updated}, {}); -- for the source poll",
            resolved.table.sql(),
            resolved.id()
        ));
    }
    if !outbox {
        mend.push("-- for the source outbox: shortlist pg install --url ... --apply".to_owned());
    }
    let mut report = CheckReport {
        table: resolved.table.sql(),
        fields,
        rows_tried: 0,
        rows_wrong: Vec::new(),
        outbox,
        replication_lacks: replication_lacks.into_iter().map(str::to_owned).collect(),
        mend,
    };
    if report.fits() {
        let mut with = schema.clone();
        for attribute in resolved.undeclared.attributes() {
            with.declare(&attribute.name, attribute.kind)?;
        }
        let select = format!("{} LIMIT {TRIED}", resolved.select());
        let mut rows = Rows::of(&select, &mut transaction, "read rows")?;
        while rows.advance()? {
            report.rows_tried += 1;
            if let Row::Wrong(id, error) = read_row(&resolved.columns, rows.fields(), &mut with) {
                report.rows_wrong.push(Quarantined { id, reason: error.to_string() });
            }
        }
    }
    Ok(report)
}

/// The migration that [`install`] runs, for review or for a migration tool.
///
/// # Errors
/// As [`check`].
pub fn install_script(url: &str, mapping: &Mapping, readers: &[String]) -> Result<String> {
    let address = Address::parse(url)?;
    let made = connect(&address).and_then(|mut client| {
        Ok(install_sql(mapping, &resolved(&mut client, &address, mapping)?, readers))
    });
    made.map_err(ended_by)
}

/// Makes the outbox and its triggers, and lets the roles `readers` follow by it; running it twice changes nothing.
/// It needs the rights of the table's owner. Cost: a lock on the table for some milliseconds.
///
/// # Errors
/// As [`check`].
pub fn install(url: &str, mapping: &Mapping, readers: &[String]) -> Result<()> {
    let script = install_script(url, mapping, readers)?;
    run(url, &script, "install the outbox")
}

/// The migration that [`publish`] runs, for review or for a migration tool.
///
/// # Errors
/// As [`check`], and for a table whose primary key is not the profile's id.
pub fn publish_script(url: &str, mapping: &Mapping) -> Result<String> {
    let address = Address::parse(url)?;
    let made = connect(&address).and_then(|mut client| {
        let resolved = resolved(&mut client, &address, mapping)?;
        publish_sql(&resolved, &mut reading(&mut client)?)
    });
    made.map_err(ended_by)
}

/// Publishes the table's ids for [`SourceKind::Replication`](super::SourceKind::Replication); running it twice changes
/// nothing. It needs the rights of the table's owner, and that of making publications.
///
/// # Errors
/// As [`publish_script`].
pub fn publish(url: &str, mapping: &Mapping) -> Result<()> {
    let script = publish_script(url, mapping)?;
    run(url, &script, "publish the table")
}

/// What [`uninstall`] runs.
pub fn uninstall_script() -> &'static str {
    uninstall_sql()
}

/// Takes the outbox and its triggers away, the publication, and the slots that nobody reads.
///
/// # Errors
/// [`Error::Postgres`](crate::Error::Postgres).
pub fn uninstall(url: &str) -> Result<()> {
    run(url, uninstall_sql(), "uninstall the outbox")
}

/// The indexes that a list page and a match need in Postgres itself, one statement each, for those who stay in SQL
/// too. Each is made without holding up writers.
///
/// # Errors
/// As [`check`].
pub fn indexes(url: &str, mapping: &Mapping) -> Result<Vec<String>> {
    let address = Address::parse(url)?;
    let made = connect(&address)
        .and_then(|mut client| Ok(index_sql(&resolved(&mut client, &address, mapping)?)));
    made.map_err(ended_by)
}

/// Makes those indexes.
///
/// # Errors
/// As [`check`].
pub fn make_indexes(url: &str, mapping: &Mapping) -> Result<usize> {
    let statements = indexes(url, mapping)?;
    // One at a time: CONCURRENTLY is refused within a transaction.
    statements.iter().try_for_each(|statement| run(url, statement, "make an index"))?;
    Ok(statements.len())
}

fn run(url: &str, script: &str, operation: &'static str) -> Result<()> {
    let address = Address::parse(url)?;
    connect(&address)
        .and_then(|mut client| client.batch_execute(script).map_err(at(operation)))
        .map_err(ended_by)
}

fn resolved(client: &mut Client, address: &Address, mapping: &Mapping) -> Outcome<Resolved> {
    let mut transaction = reading(client)?;
    Resolved::new(mapping, &Schema::default(), address, &mut transaction)
}

fn index_sql(resolved: &Resolved) -> Vec<String> {
    let column = |field: &str| {
        let found = resolved.columns.iter().find(|column| column.target.name() == field);
        found.map(|column| (quoted(&column.name), column.wire))
    };
    let table = resolved.table.sql();
    let id = resolved.id();
    let mut visible = String::new();
    for (field, condition) in
        [("marketplaceStatus", " = 'active'"), ("isVerified", ""), ("deletedAt", " IS NULL")]
    {
        if let Some((name, _)) = column(field) {
            let and = if visible.is_empty() { " WHERE " } else { " AND " };
            let _ = write!(visible, "{and}{name}{condition}");
        }
    }
    let mut statements = Vec::new();
    let mut add = |name: &str, body: String| {
        statements.push(format!(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS shortlist_{name} ON {table} {body}{visible}"
        ));
    };
    let listed: Vec<String> = ["hourlyRate", "currentClients", "maxClients", "isAvailable"]
        .into_iter()
        .filter_map(|field| column(field).map(|(name, _)| name))
        .collect();
    let including =
        if listed.is_empty() { String::new() } else { format!(" INCLUDE ({})", listed.join(", ")) };
    if let (Some((rating, _)), Some((reviews, _))) =
        (column("overallRating"), column("totalReviews"))
    {
        add("rating", format!("({rating} DESC, {reviews} DESC, {id}){including}"));
    }
    for (field, name, order) in [
        ("hourlyRate", "rate", ""),
        ("yearsExperience", "experience", " DESC"),
        ("createdAt", "newest", " DESC"),
    ] {
        if let Some((column, _)) = column(field) {
            add(name, format!("({column}{order} NULLS LAST, {id})"));
        }
    }
    for field in ["industries", "services"] {
        if let Some((column, Wire::Texts)) = column(field) {
            add(field, format!("USING gin ({column})"));
        }
    }
    statements
}
