//! How large a request or a record may be. `DESIGN.md` section 6.

/// How deep filters may nest.
pub const FILTER_DEPTH: usize = 32;
/// How many values and conditions one filter may hold.
pub const FILTER_VALUES: usize = 10_000;
/// The longest search or need text, in bytes.
pub const TEXT_BYTES: usize = 1_024;
/// The longest page or list of matches.
pub const LIMIT: u32 = 1_000;
/// What a request that names no limit gets.
pub const DEFAULT_LIMIT: u32 = 20;
/// The most profiles in one batch.
pub const BATCH: usize = 100_000;
/// The longest `details`, in bytes.
pub const DETAILS_BYTES: usize = 256 * 1_024;
/// The longest id, in bytes.
pub const ID_BYTES: usize = 64;
/// The longest text field of a profile, in bytes.
pub const FIELD_BYTES: usize = 64 * 1_024;
/// The longest keyword value, in bytes.
pub const KEYWORD_BYTES: usize = 1_024;
/// The most values in one keyword list of a profile.
pub const KEYWORD_VALUES: usize = 1_000;
/// The most fields to sort by, to count facets of, or to project.
pub const FIELDS: usize = 64;
/// The most limits of a facet's buckets, and the most ranges of its histogram.
pub const FACET_BUCKETS: usize = 1_000;
/// The longest JSON text of one request, in bytes.
pub const REQUEST_BYTES: usize = 4 * 1_024 * 1_024;
/// The most times in one list of an availability, and the most dates.
pub const AVAILABILITY_SLOTS: usize = 1_000;
/// The longest span that a request may look for free time in, in days.
pub const FREE_DAYS: i64 = 62;
/// The most group caps on one list of matches.
pub const GROUP_CAPS: usize = 8;
/// The most requests in one list of them.
pub const REQUESTS: usize = 10_000;
/// The most pins in one set of rules.
pub const RULE_PINS: usize = 100;
/// The most boosts in one set of rules, and the most buries.
pub const RULE_FACTORS: usize = 16;
/// The most sets of rules that an index keeps.
pub const RULE_SETS: usize = 1_000;
/// The most values in the JSON of one request.
pub const REQUEST_VALUES: usize = 100_000;
/// The longest JSON text of a list of requests, in bytes.
pub const REQUEST_LIST_BYTES: usize = 256 * 1_024 * 1_024;
