//! One immutable, consistent state of the whole index, and the one writer that makes the next.

mod alter;
mod calendars;
mod check;
mod columns;
mod compaction;
mod completions;
mod costs;
mod document;
mod entry;
mod filter;
mod holds;
mod load;
mod memo;
mod near;
mod order;
mod orders;
mod patch;
mod read;
mod rebuild;
mod recent;
mod record;
mod rules;
mod sample;
mod save;
mod sources;
mod touched;
mod upkeep;
mod watch;
mod write;
mod written;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::api::rules::Rules;
use crate::index::bitmap::{CalendarIndex, FlagIndex, KeywordIndex};
use crate::index::column::{CodeColumn, NumberColumn};
use crate::index::text::{Synonyms, TextIndex, TextSettings};
use crate::index::vector::{CostModel, UnitQuery, VectorIndex};
use crate::model::field::numbers;
use crate::model::persistent::{Chunked, HashIndex};
use crate::model::{Result, Rows, Schema};
use crate::store::Damage;

pub(crate) use completions::Completions;
use costs::Costs;
#[cfg(feature = "testing")]
pub(crate) use entry::changes;
pub(crate) use entry::{
    event_of, fold, profile as read_record, read_hold, state_of_hold, tag, write_change,
    write_event, write_profile_record, write_rules, write_schema,
};
pub(crate) use holds::HeldPlaces;
use memo::FilterMemo;
pub(crate) use memo::{FilterKey, Within};
pub(crate) use near::Distances;
use near::PointField;
pub(crate) use order::{Keyed, MISSING, OrderKey, RowOrder, SortField, directed, undirected};
pub(crate) use orders::Orders;
pub(crate) use recent::{Effect, FieldSet, Recent};
pub(crate) use record::Record;
pub(crate) use rules::{Factors, RulePlan, lifted};
use sample::Sample;
pub(crate) use sources::{sources_from_bytes, sources_to_bytes};
pub(crate) use touched::{changes_between, touches};
pub(crate) use upkeep::{Done, Upkeep};
pub(crate) use watch::{FilterWatch, Holds, Standing, moved};
pub(crate) use write::Change;
use written::{Stamps, WrittenListings};

/// One state of the index. A clone costs counters; what the next generation changes is copied then.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) schema: Arc<Schema>,
    /// What cursors are authenticated with.
    pub(crate) key: [u8; 32],
    /// How many rows there are, live or dead.
    pub(crate) rows: u32,
    /// Rows that hold a profile; the others are tombstones.
    pub(crate) live: Arc<Rows>,
    /// Live and not deleted: scope `all`.
    pub(crate) visible: Arc<Rows>,
    /// Visible, active and verified: scope `marketplace`.
    pub(crate) marketplace: Arc<Rows>,
    /// `currentClients` and what is held `< maxClients`, and `isAvailable`.
    pub(crate) open: Arc<Rows>,
    pub(crate) ids: HashIndex,
    pub(crate) user_ids: HashIndex,
    pub(crate) records: Chunked<Record>,
    pub(crate) keywords: Vec<KeywordField>,
    pub(crate) numbers: Vec<NumberColumn>,
    /// The points of attributes, whose degrees are among the numbers.
    points: Vec<PointField>,
    pub(crate) flags: Vec<FlagIndex>,
    calendars: Vec<CalendarIndex>,
    /// Which rows have each stored string, the details, and each text attribute.
    pub(crate) presence: Vec<Arc<Rows>>,
    pub(crate) text: TextIndex,
    pub(crate) completions: Completions,
    /// None until the first embedding says how many dimensions there are.
    pub(crate) vectors: Option<VectorIndex>,
    /// From how many candidates on each path through the vectors repays, on this machine.
    costs: Costs,
    /// Where reading a damaged part of a mapped snapshot is noted.
    pub(crate) damage: Arc<Damage>,
    /// The rules that are kept under names.
    pub(crate) rules: Arc<BTreeMap<String, Rules>>,
    /// How far each source of changes was followed, by its name: bytes that only the source reads.
    pub(crate) sources: Arc<BTreeMap<String, Vec<u8>>>,
    /// The sorted orders that requests asked for.
    pub(crate) orders: Orders,
    /// What filters keep.
    filters: FilterMemo,
    /// What the last batches did.
    pub(crate) recent: Recent,
    /// The catalogue's mean rating, once somebody asked for it.
    pub(crate) mean_rating: OnceLock<f64>,
    /// The vectors that stand for all, once somebody asked for them.
    sample: OnceLock<Sample>,
    /// Places that are held.
    pub(crate) holds: HeldPlaces,
    /// The rows that changes touched, while work beside the writer wants to know.
    touched: Option<Chunked<u32>>,
    /// When each row was last written to.
    stamps: Stamps,
    /// Listings in their wire form.
    written: Arc<WrittenListings>,
}

/// A keyword field both ways: from value to rows and from row to values.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeywordField {
    pub(crate) index: KeywordIndex,
    pub(crate) codes: CodeColumn,
}

impl KeywordField {
    pub(crate) fn empty(rows: u32) -> Self {
        Self { index: KeywordIndex::default(), codes: CodeColumn::empty(rows as usize) }
    }
}

impl Generation {
    /// An index that holds nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) for a text weight above 15.
    pub(crate) fn empty(schema: Schema, key: [u8; 32]) -> Result<Self> {
        let vectors = schema.dimension.map(VectorIndex::new);
        let text = TextIndex::new(text_settings(&schema)?)?;
        let mut generation = Self {
            number: 0,
            schema: Arc::new(schema),
            key,
            rows: 0,
            live: Arc::default(),
            visible: Arc::default(),
            marketplace: Arc::default(),
            open: Arc::default(),
            ids: HashIndex::default(),
            user_ids: HashIndex::default(),
            records: Chunked::default(),
            keywords: Vec::new(),
            numbers: Vec::new(),
            points: Vec::new(),
            flags: Vec::new(),
            calendars: Vec::new(),
            presence: Vec::new(),
            text,
            completions: Completions::default(),
            vectors,
            costs: Costs::default(),
            damage: Arc::default(),
            rules: Arc::default(),
            sources: Arc::default(),
            orders: Orders::default(),
            filters: FilterMemo::default(),
            recent: Recent::after(0),
            mean_rating: OnceLock::new(),
            sample: OnceLock::new(),
            holds: HeldPlaces::default(),
            touched: None,
            stamps: Stamps::default(),
            written: Arc::default(),
        };
        generation.fit_schema();
        Ok(generation)
    }

    /// Makes room for fields that the schema has and the columns have not.
    fn fit_schema(&mut self) {
        let rows = self.rows;
        self.keywords.resize_with(self.schema.keyword_fields(), || KeywordField::empty(rows));
        self.numbers
            .resize_with(self.schema.number_fields(), || NumberColumn::missing(rows as usize));
        self.flags.resize_with(self.schema.flag_fields(), || FlagIndex::missing(rows));
        let strings = read::PRESENCE_TEXT + self.schema.text_attributes();
        self.presence.resize_with(strings, || Arc::new(Rows::none(rows)));
        self.fit_points();
        self.calendars.resize_with(self.schema.calendars(), CalendarIndex::default);
    }

    /// How many profiles it holds, deleted ones included.
    pub(crate) fn profiles(&self) -> u32 {
        self.live.count()
    }

    /// A request's embedding, of the index's dimension, as a direction to compare with.
    ///
    /// # Errors
    /// [`Error::WrongDimension`](crate::Error::WrongDimension).
    pub(crate) fn unit_query(&self, embedding: &[f32]) -> Result<UnitQuery> {
        // Where no embedding was ever kept, any length is as good as another.
        UnitQuery::new(embedding, self.schema.dimension.unwrap_or(embedding.len()), "embedding")
    }

    /// What searches over the vectors cost, as far as that is known.
    pub(crate) fn costs(&self) -> &CostModel {
        self.costs.of(self.vectors.as_ref(), &self.numbers)
    }

    /// The row of an id. One probe.
    pub(crate) fn row(&self, id: &str) -> Option<u32> {
        self.ids.find(id.as_bytes(), |row| self.record(row).is_some_and(|record| record.id() == id))
    }

    pub(crate) fn record(&self, row: u32) -> Option<&Record> {
        self.records.get(row as usize)
    }

    /// The bytes that ties end by.
    pub(crate) fn id_bytes(&self, row: u32) -> &[u8] {
        self.record(row).map_or(&[], Record::id_bytes)
    }

    /// Its parts with what they take in memory, about.
    pub(crate) fn memory(&self) -> [(&'static str, usize); 10] {
        let sets = 4 + self.presence.len();
        let numbers: usize = self.numbers.iter().map(NumberColumn::bytes).sum();
        let points: usize = self.points.iter().map(PointField::bytes).sum();
        let flags: usize = self.flags.iter().map(FlagIndex::bytes).sum();
        let records: usize =
            self.records.iter().map(|record| record.bytes().len() + size_of::<Record>()).sum();
        let keywords =
            self.keywords.iter().map(|field| field.index.bytes() + field.codes.bytes()).sum();
        [
            ("records", records + self.ids.bytes() + self.user_ids.bytes()),
            ("numbers", numbers + points),
            ("free time", self.calendars.iter().map(CalendarIndex::bytes).sum()),
            ("sorted orders", self.orders.bytes()),
            ("remembered filters", self.filters.bytes()),
            ("written listings", self.written.bytes() + self.stamps.bytes()),
            ("keywords", keywords),
            ("flags and scopes", flags + sets * self.live.words().len() * 8),
            ("text", self.text.memory_bytes() + self.completions.bytes()),
            ("vectors", self.vectors.as_ref().map_or(0, VectorIndex::memory_bytes)),
        ]
    }

    /// The mean of `overallRating` over all profiles that are not deleted; counted once a generation.
    pub(crate) fn mean_rating(&self) -> f64 {
        *self.mean_rating.get_or_init(|| {
            let ratings = &self.numbers[numbers::OVERALL_RATING];
            let sum: f64 = self.visible.iter().map(|row| ratings.raw(row)).sum();
            let count = self.visible.count();
            if count == 0 { 0.0 } else { sum / f64::from(count) }
        })
    }
}

/// How the text of an index of that schema is read.
///
/// # Errors
/// Synonyms that say nothing or are over a limit.
pub(crate) fn text_settings(schema: &Schema) -> Result<TextSettings> {
    let weights = schema.text_weights;
    let keywords = weights.keywords;
    let mut settings = TextSettings {
        language: schema.language,
        weights: [
            weights.professional_title,
            weights.headline,
            keywords,
            keywords,
            keywords,
            weights.bio,
            weights.attributes,
        ],
        ..TextSettings::default()
    };
    settings.synonyms = Arc::new(Synonyms::new(&settings, &schema.synonyms)?);
    Ok(settings)
}
