//! What the outbox is made of in the database: its tables, and the triggers that fill it.
//!
//! Every name in a trigger's function has its schema, so that no setting of whoever writes can lead it elsewhere.

use crate::sync::mapping::{Mapping, Resolved, named, quoted};

/// The advisory lock that a follower shares while it sleeps: `shortlst` as a number.
pub(super) const ASLEEP: i64 = 0x7368_6f72_746c_7374;

/// What it takes to read the outbox, and to say how far it is read.
const GRANTS: [(&str, &str); 4] = [
    ("USAGE", "SCHEMA shortlist"),
    ("SELECT, DELETE", "shortlist.outbox"),
    ("SELECT, INSERT, UPDATE, DELETE", "shortlist.consumers"),
    ("SELECT, UPDATE", "shortlist.trimmed"),
];

/// The migration that makes the outbox and the triggers, and lets roles read it; running it twice changes nothing.
pub(in crate::sync) fn install_sql(
    mapping: &Mapping,
    resolved: &Resolved,
    readers: &[String],
) -> String {
    let mut sql = String::from(
        "BEGIN;
CREATE SCHEMA IF NOT EXISTS shortlist;
-- One row for each profile that a statement touched; a NULL id stands for all of them.
CREATE TABLE IF NOT EXISTS shortlist.outbox (
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    id text,
    PRIMARY KEY (txid, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 10000);
-- Whether the embedding is as it was: it is most of a profile, and is not read again then.
ALTER TABLE shortlist.outbox ADD COLUMN IF NOT EXISTS light boolean NOT NULL DEFAULT false;
-- Who reads it, and the transaction before which each has read everything.
CREATE TABLE IF NOT EXISTS shortlist.consumers (
    name text PRIMARY KEY,
    seen_before xid8 NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
-- The transaction before which rows may have been taken away.
CREATE TABLE IF NOT EXISTS shortlist.trimmed (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    before xid8 NOT NULL DEFAULT '0'
);
INSERT INTO shortlist.trimmed DEFAULT VALUES ON CONFLICT DO NOTHING;
",
    );
    let id = resolved.columns[0].name.clone();
    let mut watched = vec![(resolved.table.sql(), id)];
    watched.extend(mapping.watch.iter().map(|(table, key)| (named(table), key.clone())));
    for (at, (table, key)) in watched.iter().enumerate() {
        let embedding = resolved.embedding().filter(|_| at == 0 && resolved.is_plain());
        sql.push_str(&trigger_sql(at, table, &quoted(key), embedding.is_some()));
        if at == 0 {
            sql.push_str(&embedding_sql(table, &quoted(key), embedding));
        }
    }
    for reader in readers {
        let reader = quoted(reader);
        for (rights, on) in GRANTS {
            sql.extend(["GRANT ", rights, " ON ", on, " TO ", &reader, ";\n"]);
        }
    }
    sql.push_str("COMMIT;\n");
    sql
}

/// One insert a statement, and nothing that would hold up others: whoever notifies commits alone, one after another, so
/// it is left where no follower sleeps.
fn trigger_sql(at: usize, table: &str, key: &str, light: bool) -> String {
    // The table's own ids are no two alike.
    let distinct = if at == 0 { "" } else { "DISTINCT " };
    let body = |insert: String| {
        format!(
            "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $body$
BEGIN
    INSERT INTO shortlist.outbox (id, light) {insert};
    IF FOUND THEN
        IF pg_catalog.pg_try_advisory_lock({ASLEEP}) THEN
            PERFORM pg_catalog.pg_advisory_unlock({ASLEEP});
        ELSE
            PERFORM pg_catalog.pg_notify('shortlist', '');
        END IF;
    END IF;
    RETURN NULL;
END $body$;"
        )
    };
    let of = |rows: &str, light: bool| {
        format!(
            "SELECT {distinct}{key}::pg_catalog.text, {light} FROM {rows} WHERE {key} IS NOT NULL"
        )
    };
    let written = body(of("new_rows", false));
    // UNION and no join: the plan that is kept for one row must do for a million.
    let changed = body(format!("{} UNION {}", of("new_rows", light), of("old_rows", light)));
    let removed = body(of("old_rows", false));
    let emptied = body("VALUES (NULL, false)".to_owned());
    format!(
        "
CREATE OR REPLACE FUNCTION shortlist.written_{at}() {written}
CREATE OR REPLACE FUNCTION shortlist.changed_{at}() {changed}
CREATE OR REPLACE FUNCTION shortlist.removed_{at}() {removed}
CREATE OR REPLACE FUNCTION shortlist.emptied_{at}() {emptied}
CREATE OR REPLACE TRIGGER shortlist_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION shortlist.written_{at}();
CREATE OR REPLACE TRIGGER shortlist_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION shortlist.changed_{at}();
CREATE OR REPLACE TRIGGER shortlist_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION shortlist.removed_{at}();
CREATE OR REPLACE TRIGGER shortlist_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION shortlist.emptied_{at}();
"
    )
}

/// What says of an update that it sets the embedding: a trigger on one column costs the updates of others nothing.
fn embedding_sql(table: &str, key: &str, embedding: Option<&str>) -> String {
    let Some(embedding) = embedding.map(quoted) else {
        return format!("DROP TRIGGER IF EXISTS shortlist_embedding ON {table};\n");
    };
    format!(
        "CREATE OR REPLACE FUNCTION shortlist.embedded() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $body$
BEGIN
    INSERT INTO shortlist.outbox (id) SELECT NEW.{key}::pg_catalog.text WHERE NEW.{key} IS NOT NULL;
    RETURN NULL;
END $body$;
CREATE OR REPLACE TRIGGER shortlist_embedding AFTER UPDATE OF {embedding} ON {table}
    FOR EACH ROW EXECUTE FUNCTION shortlist.embedded();
"
    )
}

/// What takes the migrations back: the schema, and with its functions every trigger that calls them; the publication
/// and the slots.
pub(in crate::sync) fn uninstall_sql() -> &'static str {
    "DROP SCHEMA IF EXISTS shortlist CASCADE;
DROP PUBLICATION IF EXISTS shortlist;
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name LIKE 'shortlist\\_%' AND database = current_database() AND NOT active;
"
}
