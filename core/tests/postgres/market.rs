//! The marketplace's table, and changes to it.

use postgres::Client;

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
