//! The whole result of a search.

use super::highlight::Marked;
use super::rank::{Ranked, fuse, sorted};
use super::rules::{placed, weighed};
use super::{Twin, check_dimension, conditions, facets, sort};
use crate::api::facet_answer::Facet;
use crate::api::filter::Filter;
use crate::api::listing::Projection;
use crate::api::rules::Rules;
use crate::api::search::{Fusion, SearchRequest, Sort};
use crate::model::Result;
use crate::testing::text::Query;

/// Everything a search finds, in order; a page of the engine is a stretch of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TwinResult {
    /// All ids in the total order, not cut to the request's limit.
    pub ids: Vec<String>,
    /// The relevance of each, where the order is by relevance.
    pub scores: Option<Vec<f64>>,
    /// How far away each is in kilometres, where the order is by distance; as long as `ids` then.
    pub distances: Option<Vec<Option<f64>>>,
    /// How many there are.
    pub total: u64,
    /// The counts of each facet asked for.
    pub facets: Vec<Facet>,
    /// Least and greatest score of each that near ties among ranks allow; as long as `scores`.
    pub(crate) ranges: Vec<(f64, f64)>,
    /// Which of them rules pinned; as long as `ids`. One that the words did not find has a score that is no number.
    pub pinned: Vec<bool>,
    /// Where nothing is found: what may be meant.
    pub did_you_mean: Option<String>,
    /// What is found in each, where highlights are asked for; as long as `ids` then.
    pub(crate) marks: Option<Vec<Vec<Marked>>>,
}

/// How the rows that pass become a result.
enum Ranking<'a> {
    Keys(Option<Query>, Vec<sort::Key>),
    Text(Query),
    Likeness(&'a [f32]),
    Both(Query, &'a [f32]),
}

impl Twin {
    /// Finds everything the request asks for, from the first place on: limit and cursor cut nothing off.
    ///
    /// # Errors
    /// Those of the engine: an unknown field, a field of the wrong kind, a wrong dimension, a limit.
    pub fn search(&self, request: &SearchRequest) -> Result<TwinResult> {
        request.check()?;
        Projection::resolve(request.fields.as_deref(), &self.schema)?;
        let facet_fields = facets::fields(&request.facets, &self.schema)?;
        let rules = self.rules_of(request.rules.as_ref())?;
        let ranking = self.ranking(request)?;
        let mut wanted = conditions::of_search(request, &self.full());
        wanted.extend(Twin::shown(&rules));
        let found = self.arranged(request, &wanted, &ranking, &rules)?;

        let mut counted = Vec::new();
        for (facet, field) in request.facets.iter().zip(facet_fields) {
            let relaxed = if request.disjunctive {
                let mut others = conditions::without(
                    &conditions::of_search(request, &self.full()),
                    field,
                    &self.schema,
                )?;
                others.extend(Twin::shown(&rules));
                self.arranged(request, &others, &ranking, &rules)?
            } else {
                found.clone()
            };
            let rows: Vec<usize> = relaxed.iter().map(|ranked| ranked.row).collect();
            counted.push(self.facet(facet, field, &rows)?);
        }
        let highlight = request.highlight.as_ref();
        let highlight_fields = highlight.map(|how| self.highlight_fields(how)).transpose()?;
        let query = Query::parse(request, &self.schema)?;
        let did_you_mean = match &query {
            Some(query) if found.is_empty() => {
                let rows = self.passing(&wanted, request.scope)?;
                self.did_you_mean(request, query, &rows)
            }
            _ => None,
        };
        let marks = highlight_fields.map(|fields| {
            let of =
                |row| query.as_ref().map_or_else(Vec::new, |query| self.marks(query, &fields, row));
            found.iter().map(|ranked| of(ranked.row)).collect()
        });
        let distances = match &ranking {
            Ranking::Keys(_, keys) => keys.iter().find(|key| key.near.is_some()).map(|key| {
                let km = |row| self.number(row, key).map(|km| (km * 1e3).round() / 1e3);
                found.iter().map(|ranked| km(ranked.row)).collect()
            }),
            _ => None,
        };
        let scored = !matches!(ranking, Ranking::Keys(..));
        let pins = self.pins(&rules);
        let is_pinned = |ranked: &Ranked| pins.iter().any(|(_, row)| *row == ranked.row);
        Ok(TwinResult {
            pinned: found.iter().map(is_pinned).collect(),
            ids: found.iter().map(|ranked| self.rows[ranked.row].id.clone()).collect(),
            scores: scored.then(|| found.iter().map(|ranked| ranked.score).collect()),
            distances,
            total: found.len() as u64,
            facets: counted,
            did_you_mean,
            marks,
            ranges: found.iter().map(|ranked| (ranked.low, ranked.high)).collect(),
        })
    }

    fn ranking<'a>(&self, request: &'a SearchRequest) -> Result<Ranking<'a>> {
        if let Some(embedding) = &request.embedding {
            check_dimension(embedding, self.schema.dimension)?;
        }
        let by_relevance = matches!(request.sort, None | Some(Sort::Relevance));
        let query = Query::parse(request, &self.schema)?;
        Ok(match (query, request.embedding.as_deref()) {
            (Some(query), Some(embedding)) if by_relevance => Ranking::Both(query, embedding),
            (Some(query), None) if by_relevance => Ranking::Text(query),
            (None, Some(embedding)) if by_relevance => Ranking::Likeness(embedding),
            (query, _) => {
                let sort = request.sort.clone().filter(|sort| *sort != Sort::Relevance);
                let keys = sort::keys(&sort.unwrap_or(Sort::Rating), &self.schema)?;
                Ranking::Keys(query, keys)
            }
        })
    }

    /// What is ranked, as rules arrange it.
    fn arranged(
        &self,
        request: &SearchRequest,
        conditions: &[Filter],
        ranking: &Ranking,
        rules: &Rules,
    ) -> Result<Vec<Ranked>> {
        let passing = self.passing(conditions, request.scope)?;
        let scored = !matches!(ranking, Ranking::Keys(..));
        let ranked = self.ranked(request, conditions, ranking)?;
        let mut ranked = weighed(ranked, &self.factors(rules)?, scored);
        let mut pins = Vec::new();
        for (place, row) in self.pins(rules).into_iter().filter(|(_, row)| passing.contains(row)) {
            let at = ranked.iter().position(|one| one.row == row);
            let pin = at.map_or(Ranked::new(row, f64::NAN), |at| ranked.remove(at));
            pins.push((place, pin));
        }
        Ok(placed(ranked, pins))
    }

    fn ranked(
        &self,
        request: &SearchRequest,
        conditions: &[Filter],
        ranking: &Ranking,
    ) -> Result<Vec<Ranked>> {
        let rows = self.passing(conditions, request.scope)?;
        Ok(match ranking {
            Ranking::Keys(query, keys) => {
                let rows = match query {
                    Some(query) => self.by_text(query, &rows).iter().map(|hit| hit.row).collect(),
                    None => rows,
                };
                self.sort(rows, keys).into_iter().map(|row| Ranked::new(row, 0.0)).collect()
            }
            Ranking::Text(query) => self.by_text(query, &rows),
            Ranking::Likeness(wanted) => self.by_likeness(&rows, wanted),
            Ranking::Both(query, wanted) if request.fusion == Fusion::Auto => {
                self.by_evidence(query, wanted, &rows)
            }
            Ranking::Both(query, wanted) => fuse(
                self.by_text(query, &rows),
                self.embedded_by_likeness(&rows, wanted),
                request.fusion,
            ),
        })
    }

    pub(super) fn by_text(&self, query: &Query, rows: &[usize]) -> Vec<Ranked> {
        let hits = self.text().search(query, rows);
        sorted(hits.into_iter().map(|(row, score)| Ranked::new(row, score)).collect())
    }
}
