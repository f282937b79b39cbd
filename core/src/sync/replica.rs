//! A standby that is loaded from in the primary's place, and how far it is behind.

use std::time::Duration;

use postgres::Client;
use postgres::types::Type;

use super::failure::{Outcome, at, refused};
use super::sync::Shared;

/// How often a replica that is behind is looked at.
const EVERY: Duration = Duration::from_millis(200);

/// Waits until the replica has replayed what the primary has written by now: a position that was taken before holds for
/// what the replica shows then.
pub(super) fn catch_up(shared: &Shared, primary: &mut Client, replica: &mut Client) -> Outcome<()> {
    // A primary that is a standby itself, followed by polling, shows what it has replayed.
    const WRITTEN: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
        ELSE pg_current_wal_insert_lsn() END::text, (SELECT system_identifier FROM pg_control_system())";
    const BEHIND: &str = "SELECT pg_is_in_recovery(), (SELECT system_identifier FROM pg_control_system()), \
        greatest(pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn()), 0)::bigint, \
        extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8";
    let written = primary.query_typed_one(WRITTEN, &[]).map_err(at("look at the primary's log"))?;
    let (until, cluster): (Option<String>, i64) = (written.get(0), written.get(1));
    loop {
        shared.go_on()?;
        let row = replica
            .query_typed_one(BEHIND, &[(&until, Type::TEXT)])
            .map_err(at("look at the replica"))?;
        if row.get::<_, i64>(1) != cluster {
            let reason = "`load_url` names another cluster than `url`; it takes a standby of it";
            return Err(refused("load from the replica", reason).into());
        }
        let (standby, behind): (bool, Option<i64>) = (row.get(0), row.get(2));
        // Where it is no standby it is the primary, by another address.
        let bytes = if standby { behind.unwrap_or(i64::MAX) as u64 } else { 0 };
        let age: Option<f64> = if bytes == 0 { Some(0.0) } else { row.get(3) };
        {
            let mut status = shared.status();
            (status.replica_lag_bytes, status.replica_lag_seconds) = (Some(bytes), age);
        }
        if bytes == 0 {
            return Ok(());
        }
        shared.rest(EVERY);
    }
}
