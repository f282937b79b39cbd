//! The marketplace's table, and changes to it.

use std::time::Duration;

use postgres::Client;
use shortlist::Engine;
use shortlist::sync::{
    Mapping, SourceKind, Sync, SyncOptions, SyncState, SyncStatus, VerifyOptions, verify,
};

use super::cluster::Cluster;

/// The columns of Prisma's model, in `snake_case`.
pub const TABLE: &str = "CREATE TYPE status AS ENUM ('pending', 'active', 'suspended');
CREATE TABLE advisor_profiles (
    id text PRIMARY KEY, user_id uuid DEFAULT gen_random_uuid(), professional_title varchar(200), headline text, bio text,
    industries text[] NOT NULL DEFAULT '{}', services text[] NOT NULL DEFAULT '{}', certifications text[] NOT NULL DEFAULT '{}',
    hourly_rate numeric(10, 2), monthly_retainer_min double precision, years_experience int,
    overall_rating real NOT NULL DEFAULT 0, total_reviews int NOT NULL DEFAULT 0,
    current_clients smallint NOT NULL DEFAULT 0, max_clients bigint NOT NULL DEFAULT 15,
    marketplace_status status NOT NULL DEFAULT 'pending', is_verified bool NOT NULL DEFAULT false,
    is_available bool NOT NULL DEFAULT true, created_at timestamp(3) NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz, profile_image_url text,
    embedding real[], details jsonb
)";

/// Rows numbered from `first` to `last`.
pub fn insert(client: &mut Client, first: u32, last: u32) {
    let sql = format!(
        "INSERT INTO advisor_profiles (id, professional_title, industries, services, hourly_rate, overall_rating, \
         marketplace_status, is_verified, embedding, details) \
         SELECT 'adv-' || n, 'Fractional CFO ' || n, ARRAY['Retail', 'Industry ' || n % 7], ARRAY['Audit'], \
         50 + n % 200 + 0.25, 3.7, 'active', n % 3 > 0, ARRAY[n, 1, n % 5, 2]::real[], jsonb_build_object('n', n) \
         FROM generate_series({first}, {last}) n"
    );
    client.batch_execute(&sql).expect("rows");
}

pub const LONG: Duration = Duration::from_mins(3);

pub fn market(rows: u32) -> Option<(Cluster, Client)> {
    let cluster = Cluster::start()?;
    let mut client = cluster.admin();
    client.batch_execute(TABLE).expect("a table");
    insert(&mut client, 1, rows);
    Some((cluster, client))
}

pub fn start(engine: &Engine, cluster: &Cluster, source: SourceKind) -> Sync {
    let mut options = SyncOptions::new(cluster.url());
    options.source = source;
    options.compare_every = Duration::from_millis(500);
    Sync::start(engine, options).expect("a sync")
}

pub fn live(sync: &Sync) -> SyncStatus {
    let status =
        sync.wait_until(LONG, |status| status.state == SyncState::Live || status.state.has_ended());
    assert_eq!(status.state, SyncState::Live, "{status:?}");
    status
}

pub fn held(engine: &Engine, id: &str) -> Option<shortlist::AdvisorProfile> {
    engine.get(id).expect("a sound index")
}

pub fn differences(engine: &Engine, cluster: &Cluster) -> Vec<shortlist::sync::Difference> {
    let mut options = VerifyOptions::default();
    options.tries = 90;
    let summary =
        verify(engine, &cluster.url(), &Mapping::default(), &options).expect("a verification");
    assert_eq!(summary.ranges_that_differ == 0, summary.different == 0, "{summary:?}");
    summary.differences
}
