//! Both sides compared, profile by profile, and mended where asked.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::Sync;
use super::address::Address;
use super::connect::connect;
use super::failure::{Outcome, at};
use super::mapping::{Mapping, Resolved};
use super::rows::{Row, Rows, read_row};
use super::session::{reading, steady};
use super::sync::ended_by;
use crate::engine::Engine;
use crate::model::{AdvisorProfile, Result};

/// Over how many ranges of ids checksums are made.
const RANGES: usize = 256;
/// How many profiles are mended in one batch.
const AT_ONCE: usize = 2_000;
/// How many differences are listed.
const LISTED: usize = 1_000;
/// Embeddings are kept as directions and lengths: what comes back may differ in the last bits.
const TOLERANCE: f32 = 1e-5;

/// What a verification is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Whether to write what differs as the database has it.
    pub repair: bool,
    /// How often what differs is looked at again, a second apart: a change that is on its way is no difference.
    pub tries: u32,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { repair: false, tries: 3 }
    }
}

/// One profile that the two sides do not have alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The profile.
    pub id: String,
    /// What differs: `missing` in the index, `extra` in it, or the fields that are not equal.
    pub what: String,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VerifySummary {
    /// Rows of the table.
    pub rows: u64,
    /// Profiles of the index.
    pub profiles: u64,
    /// Rows that make no profile.
    pub quarantined: u64,
    /// Of 256 ranges of ids, how many have another count or checksum.
    pub ranges_that_differ: u64,
    /// Profiles that differ.
    pub different: u64,
    /// The first 1,000 of them.
    pub differences: Vec<Difference>,
    /// How many were mended.
    pub repaired: u64,
}

impl VerifySummary {
    /// Whether both sides are alike.
    pub fn is_clean(&self) -> bool {
        self.different == self.repaired
    }
}

/// Compares an index with the table it follows.
///
/// Every row is read and mapped as the sync does it; counts and checksums are made for 256 ranges of ids on both
/// sides, and what differs is listed. Cost: one COPY of the table, and a look at each profile.
///
/// # Errors
/// [`Error::Postgres`](crate::Error::Postgres), [`Error::Mapping`](crate::Error::Mapping); with `repair`, as
/// [`Engine::upsert`].
pub fn verify(
    engine: &Engine,
    url: &str,
    mapping: &Mapping,
    options: &VerifyOptions,
) -> Result<VerifySummary> {
    let address = Address::parse(url)?;
    compare(engine, &address, mapping, options).map_err(ended_by)
}

/// Count and checksum of a range, on one side.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    count: u64,
    checksum: u64,
}

struct Found {
    summary: VerifySummary,
    /// What differs, with the profile as the database has it.
    different: HashMap<String, (String, Option<AdvisorProfile>)>,
}

fn compare(
    engine: &Engine,
    address: &Address,
    mapping: &Mapping,
    options: &VerifyOptions,
) -> Outcome<VerifySummary> {
    let mut client = connect(address)?;
    let mut found = read(engine, address, mapping, &mut client, None)?;
    for _ in 1..options.tries {
        if found.different.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_secs(1));
        let ids: Vec<String> = found.different.keys().cloned().collect();
        found.different = read(engine, address, mapping, &mut client, Some(&ids))?.different;
    }
    let Found { mut summary, different } = found;
    summary.different = different.len() as u64;
    // What was on its way at the first look has come since.
    let ranges: HashSet<usize> = different.keys().map(|id| range(id)).collect();
    summary.ranges_that_differ = ranges.len() as u64;
    let mut listed: Vec<Difference> = different
        .iter()
        .map(|(id, (what, _))| Difference { id: id.clone(), what: what.clone() })
        .collect();
    listed.sort_by(|a, b| a.id.cmp(&b.id));
    listed.truncate(LISTED);
    summary.differences = listed;
    if options.repair && !different.is_empty() {
        let (mut upserts, mut removes) = (Vec::new(), Vec::new());
        for (id, (_, profile)) in different {
            match profile {
                Some(profile) => upserts.push(profile),
                None => removes.push(id),
            }
        }
        for chunk in removes.chunks(AT_ONCE) {
            engine.feed(Vec::new(), Vec::new(), chunk.to_vec(), Vec::new())?;
        }
        let mut upserts = upserts.into_iter().peekable();
        while upserts.peek().is_some() {
            let chunk = upserts.by_ref().take(AT_ONCE).collect();
            engine.feed(chunk, Vec::new(), Vec::new(), Vec::new())?;
        }
        summary.repaired = summary.different;
    }
    Ok(summary)
}

/// One pass over the table, or over some of its ids.
fn read(
    engine: &Engine,
    address: &Address,
    mapping: &Mapping,
    client: &mut postgres::Client,
    only: Option<&[String]>,
) -> Outcome<Found> {
    let mut schema = engine.schema();
    let seen = Resolved::new(mapping, &schema, address, &mut reading(client)?)?;
    let mut transaction = steady(client, &seen)?;
    transaction.batch_execute("SET LOCAL statement_timeout = 0").map_err(at("verify"))?;
    let resolved = Resolved::new(mapping, &schema, address, &mut transaction)?;
    let having = only.map(|ids| resolved.having(ids)).unwrap_or_default();
    let select = format!("{} {having}", resolved.select());
    let mut rows = Rows::of(&select, &mut transaction, "verify")?;
    let mut left = engine.held();
    if let Some(only) = only {
        let asked: HashSet<&str> = only.iter().map(String::as_str).collect();
        left.retain(|id, _| asked.contains(id.as_str()));
    }
    let mut sides = [[Sum::default(); RANGES]; 2];
    let mut different = HashMap::new();
    let (mut read, mut wrong) = (0, 0);
    let profiles = left.len() as u64;
    while rows.advance()? {
        read += 1;
        let profile = match read_row(&resolved.columns, rows.fields(), &mut schema) {
            Row::Profile(profile) => *profile,
            Row::Wrong(id, _) => {
                wrong += 1;
                left.remove(&id);
                continue;
            }
        };
        left.remove(&profile.id);
        add(&mut sides[0], &profile);
        let held = engine.get(&profile.id)?;
        if let Some(held) = &held {
            add(&mut sides[1], held);
        }
        if let Some(what) = difference(&profile, held.as_ref(), schema.embedder.is_some()) {
            different.insert(profile.id.clone(), (what, Some(profile)));
        }
    }
    for id in left.into_keys() {
        if let Some(held) = engine.get(&id)? {
            add(&mut sides[1], &held);
        }
        different.insert(id, ("extra".to_owned(), None));
    }
    // A sum that differs although no profile of its range did would be a fault of the comparison: it counts.
    let differ = sides[0].iter().zip(&sides[1]).filter(|(ours, theirs)| ours != theirs).count();
    let summary = VerifySummary {
        rows: read,
        profiles,
        quarantined: wrong,
        ranges_that_differ: differ as u64,
        different: 0,
        differences: Vec::new(),
        repaired: 0,
    };
    Ok(Found { summary, different })
}

fn range(id: &str) -> usize {
    xxh3_64(id.as_bytes()) as usize % RANGES
}

/// Adds a profile to the sums of its range. Sums do not depend on the order in which rows come.
fn add(side: &mut [Sum; RANGES], profile: &AdvisorProfile) {
    let sum = &mut side[range(&profile.id)];
    let plain = AdvisorProfile { embedding: None, ..profile.clone() };
    sum.count += 1;
    sum.checksum = sum.checksum.wrapping_add(xxh3_64(format!("{plain:?}").as_bytes()));
}

/// What differs. Where the index makes embeddings itself, a row without one has none to compare.
fn difference(
    theirs: &AdvisorProfile,
    ours: Option<&AdvisorProfile>,
    embeds: bool,
) -> Option<String> {
    let Some(ours) = ours else { return Some("missing".to_owned()) };
    let same = AdvisorProfile { embedding: ours.embedding.clone(), ..theirs.clone() } == *ours;
    let near = match (&theirs.embedding, &ours.embedding) {
        (None, None) => true,
        (None, Some(_)) => embeds,
        (Some(theirs), Some(ours)) if theirs.len() == ours.len() => {
            let length = theirs.iter().map(|number| number * number).sum::<f32>().sqrt();
            theirs.iter().zip(ours).all(|(a, b)| (a - b).abs() <= TOLERANCE * length)
        }
        _ => false,
    };
    match (same, near) {
        (true, true) => None,
        (true, false) => Some("embedding".to_owned()),
        (false, _) => Some(fields_that_differ(theirs, ours)),
    }
}

/// The names of the fields that are not equal.
fn fields_that_differ(theirs: &AdvisorProfile, ours: &AdvisorProfile) -> String {
    macro_rules! unequal {
        ($($name:literal $field:ident),+ $(,)?) => {
            [$(($name, theirs.$field != ours.$field)),+]
        };
    }
    let fields = unequal! {
        "userId" user_id, "professionalTitle" professional_title, "headline" headline, "bio" bio,
        "industries" industries, "services" services, "certifications" certifications,
        "hourlyRate" hourly_rate, "monthlyRetainerMin" monthly_retainer_min,
        "yearsExperience" years_experience, "totalReviews" total_reviews,
        "currentClients" current_clients, "maxClients" max_clients,
        "overallRating" overall_rating, "marketplaceStatus" marketplace_status,
        "isVerified" is_verified, "isAvailable" is_available, "createdAt" created_at,
        "updatedAt" updated_at, "deletedAt" deleted_at, "profileImageUrl" profile_image_url,
        "attributes" attributes, "details" details,
    };
    let names: Vec<&str> =
        fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    names.join(", ")
}

impl Sync {
    /// Compares the index with the table that it follows; see [`verify`].
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(&self, options: &VerifyOptions) -> Result<VerifySummary> {
        let (engine, told) = self.followed();
        verify(engine, &told.url, &told.mapping, options)
    }
}
