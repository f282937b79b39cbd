//! The loop that a careful person writes by hand in Rust: one array a field, one bit a keyword, one pass over all
//! rows, a dot product for each that passes, and a partial sort.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::Instant;

use shortlist::{AdvisorProfile, ClientCriteria, SearchRequest, Sort};

use crate::contender::{Answer, Contender, Failure};
use crate::kind::{Kind, Workload};

/// The catalogue by columns; rows are in the order of their ids, and what is missing is NaN.
pub struct Columns {
    pub industries: Vec<u64>,
    pub services: Vec<u64>,
    pub rating: Vec<f64>,
    pub reviews: Vec<f64>,
    pub years: Vec<f64>,
    pub rate: Vec<f64>,
    pub created: Vec<f64>,
    pub current: Vec<f64>,
    pub most: Vec<f64>,
    pub available: Vec<bool>,
    /// Active, verified and not deleted.
    pub listed: Vec<bool>,
    pub vectors: Vec<f32>,
}

/// A filter in terms of the columns; a mask of no bits asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    pub industries: u64,
    pub services: u64,
    pub min_rating: Option<f64>,
    pub max_rate: Option<f64>,
    pub open: bool,
}

/// The columns that an order goes by, and whether upwards.
pub type Keys = Vec<(&'static str, bool)>;

pub struct Page {
    pub conditions: Conditions,
    pub keys: Keys,
}

pub struct Need {
    pub conditions: Conditions,
    pub query: Vec<f32>,
}

pub struct Arrays {
    pub columns: Columns,
    pub dimension: usize,
    industries: Vec<String>,
    services: Vec<String>,
    pub pages: Vec<Page>,
    pub matches: Vec<Need>,
    pub open: Vec<Need>,
}

pub const TOP: usize = 20;

impl Arrays {
    pub fn new(workload: &Workload) -> Self {
        let names = |of: fn(&AdvisorProfile) -> &[String]| -> Vec<String> {
            let all: BTreeSet<&String> = workload.advisors.iter().flat_map(of).collect();
            all.into_iter().cloned().collect()
        };
        let (industries, services) = (names(|a| &a.industries), names(|a| &a.services));
        let mut arrays = Self {
            columns: Columns::new(&workload.advisors, &industries, &services),
            dimension: workload.dimension,
            industries,
            services,
            pages: Vec::new(),
            matches: Vec::new(),
            open: Vec::new(),
        };
        arrays.pages = workload.pages.iter().map(|request| arrays.page(request)).collect();
        arrays.matches = workload.matches.iter().map(|need| arrays.need(need)).collect();
        arrays.open = workload.open.iter().map(|need| arrays.need(need)).collect();
        arrays
    }

    fn page(&self, request: &SearchRequest) -> Page {
        let keys = match &request.sort {
            Some(Sort::Experience) => vec![("years", false)],
            Some(Sort::Reviews) => vec![("reviews", false)],
            Some(Sort::Newest) => vec![("created", false)],
            Some(Sort::PriceAsc) => vec![("rate", true)],
            Some(Sort::PriceDesc) => vec![("rate", false)],
            _ => vec![("rating", false), ("reviews", false)],
        };
        let conditions = Conditions {
            industries: mask(&request.industries, &self.industries),
            services: mask(&request.services, &self.services),
            min_rating: request.min_rating,
            max_rate: request.max_hourly_rate,
            open: request.available,
        };
        Page { conditions, keys }
    }

    fn need(&self, need: &ClientCriteria) -> Need {
        let conditions = Conditions {
            industries: mask(&need.industries, &self.industries),
            services: mask(&need.required_services, &self.services),
            min_rating: need.min_rating,
            max_rate: need.max_budget,
            open: true,
        };
        Need { conditions, query: unit(need.embedding.as_deref().unwrap_or_default()) }
    }

    fn find(&self, page: &Page, facets: bool) -> Answer {
        let Columns { industries, services, .. } = &self.columns;
        let rows: Vec<u32> = self.columns.passing(&page.conditions).collect();
        let keys: Vec<(&[f64], bool)> =
            page.keys.iter().map(|(name, up)| (self.columns.named(name), *up)).collect();
        let order = |a: &u32, b: &u32| in_order(&keys, *a as usize, *b as usize).then(a.cmp(b));
        let mut counts = Vec::new();
        if facets {
            for masks in [industries, services] {
                let mut each = [0; 64];
                for row in &rows {
                    let mut mask = masks[*row as usize];
                    while mask != 0 {
                        each[mask.trailing_zeros() as usize] += 1;
                        mask &= mask - 1;
                    }
                }
                counts.extend(each.into_iter().filter(|count| *count > 0));
            }
        }
        let total = rows.len() as u64;
        Answer { ids: best(rows, order), scores: Vec::new(), total, counts }
    }

    fn rank(&self, need: &Need) -> Answer {
        let scored: Vec<(u32, f64)> = self
            .columns
            .passing(&need.conditions)
            .map(|row| (row, self.score(row as usize, need)))
            .collect();
        let total = scored.len() as u64;
        let best = best(scored, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let (ids, scores) = best.into_iter().unzip();
        Answer { ids, scores, total, counts: Vec::new() }
    }

    fn score(&self, row: usize, need: &Need) -> f64 {
        let columns = &self.columns;
        let Conditions { industries, services, max_rate, .. } = need.conditions;
        let vector = &columns.vectors[row * self.dimension..(row + 1) * self.dimension];
        let mut parts = [(0.0, 0.0); 4];
        let shared = |asked: u64, own: u64| {
            f64::from((asked & own).count_ones()) / f64::from(asked.count_ones())
        };
        if industries != 0 {
            parts[0] = (0.4, shared(industries, columns.industries[row]));
        }
        if services != 0 {
            parts[1] = (0.3, shared(services, columns.services[row]));
        }
        let years = columns.years[row];
        parts[2] = (0.15, if years.is_nan() { 0.0 } else { (years / 15.0).min(1.0) });
        if let Some(budget) = max_rate {
            let fit = (budget - columns.rate[row]) / (0.2 * budget);
            parts[3] = (0.15, fit.clamp(0.0, 1.0));
        }
        let weight: f64 = parts.iter().map(|(weight, _)| weight).sum();
        let business: f64 = parts.iter().map(|(weight, value)| weight * value).sum();
        0.6 * f64::from(dot(vector, &need.query))
            + 0.3 * business / weight
            + 0.1 * columns.rating[row] / 5.0
    }

    fn needs(&self, kind: Kind) -> &[Need] {
        match kind {
            Kind::Match => &self.matches,
            Kind::OpenMatch => &self.open,
            Kind::Page | Kind::Facets => &[],
        }
    }

    fn pages(&self, kind: Kind) -> &[Page] {
        match kind {
            Kind::Page | Kind::Facets => &self.pages,
            Kind::Match | Kind::OpenMatch => &[],
        }
    }
}

impl Columns {
    fn new(advisors: &[AdvisorProfile], industries: &[String], services: &[String]) -> Self {
        let numbers =
            |of: fn(&AdvisorProfile) -> f64| -> Vec<f64> { advisors.iter().map(of).collect() };
        let listed = |a: &AdvisorProfile| {
            a.marketplace_status == "active" && a.is_verified && a.deleted_at.is_none()
        };
        Self {
            industries: advisors.iter().map(|a| mask(&a.industries, industries)).collect(),
            services: advisors.iter().map(|a| mask(&a.services, services)).collect(),
            rating: numbers(|a| a.overall_rating),
            reviews: numbers(|a| f64::from(a.total_reviews)),
            years: numbers(|a| a.years_experience.map_or(f64::NAN, f64::from)),
            rate: numbers(|a| a.hourly_rate.unwrap_or(f64::NAN)),
            created: numbers(|a| a.created_at.map_or(f64::NAN, |at| at.micros() as f64)),
            current: numbers(|a| f64::from(a.current_clients)),
            most: numbers(|a| f64::from(a.max_clients)),
            available: advisors.iter().map(|a| a.is_available).collect(),
            listed: advisors.iter().map(listed).collect(),
            vectors: advisors
                .iter()
                .flat_map(|a| a.embedding.clone().unwrap_or_default())
                .collect(),
        }
    }

    pub fn named(&self, name: &str) -> &[f64] {
        match name {
            "years" => &self.years,
            "reviews" => &self.reviews,
            "created" => &self.created,
            "rate" => &self.rate,
            _ => &self.rating,
        }
    }

    fn passing(&self, wanted: &Conditions) -> impl Iterator<Item = u32> {
        let Conditions { industries, services, min_rating, max_rate, open } = *wanted;
        (0..self.rating.len()).filter_map(move |row| {
            let passes = self.listed[row]
                && (!open || (self.available[row] && self.current[row] < self.most[row]))
                && (industries == 0 || self.industries[row] & industries != 0)
                && (services == 0 || self.services[row] & services != 0)
                && min_rating.is_none_or(|least| self.rating[row] >= least)
                && max_rate.is_none_or(|most| self.rate[row] <= most);
            passes.then_some(row as u32)
        })
    }
}

impl Contender for Arrays {
    fn name(&self) -> &'static str {
        "Rust loop"
    }

    fn answers(&mut self, kind: Kind) -> Result<Vec<Answer>, Failure> {
        let facets = kind == Kind::Facets;
        let pages = self.pages(kind).iter().map(|page| self.find(page, facets));
        Ok(pages.chain(self.needs(kind).iter().map(|need| self.rank(need))).collect())
    }

    fn time(&mut self, kind: Kind) -> Result<Vec<f64>, Failure> {
        let mut times = Vec::new();
        let mut take = |answer: &dyn Fn() -> Answer| {
            let start = Instant::now();
            black_box(answer());
            times.push(start.elapsed().as_secs_f64() * 1e6);
        };
        let facets = kind == Kind::Facets;
        self.pages(kind).iter().for_each(|page| take(&|| self.find(page, facets)));
        self.needs(kind).iter().for_each(|need| take(&|| self.rank(need)));
        Ok(times)
    }
}

/// One bit a value.
fn mask(values: &[String], names: &[String]) -> u64 {
    let places = values.iter().filter_map(|value| names.binary_search(value).ok());
    places.fold(0, |mask, place| mask | 1 << place)
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let square: f64 = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    vector.iter().map(|x| (f64::from(*x) / square.sqrt()) as f32).collect()
}

/// Sixteen sums side by side, which the compiler turns into vector instructions.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (left, left_rest) = left.as_chunks::<16>();
    let (right, right_rest) = right.as_chunks::<16>();
    for (left, right) in left.iter().zip(right) {
        for at in 0..16 {
            sums[at] += left[at] * right[at];
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// Missing values last, whichever the order.
fn in_order(keys: &[(&[f64], bool)], a: usize, b: usize) -> Ordering {
    for (column, up) in keys {
        let (left, right) = (column[a], column[b]);
        let order = match (left.is_nan(), right.is_nan()) {
            (false, false) if *up => left.total_cmp(&right),
            (false, false) => right.total_cmp(&left),
            (left, right) => left.cmp(&right),
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn best<T>(mut all: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if all.len() > TOP {
        all.select_nth_unstable_by(TOP, &order);
        all.truncate(TOP);
    }
    all.sort_unstable_by(order);
    all
}
