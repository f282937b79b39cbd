//! Text and embedding together: the best of either ranking, joined.

use super::evidence::{self, Candidate, Spread, WITNESSES, Words};
use super::find::Finder;
use super::fusion::{self, DEPTH};
use crate::api::search::Fusion;
use crate::index::text::Compiled;
use crate::index::vector::UnitQuery;
use crate::model::{Result, Rows};

/// A ranking, best first.
type Ranking = Vec<(u32, f64)>;

impl Finder<'_> {
    /// The rows of either ranking's first thousand with their fused scores, ascending by row.
    ///
    /// Cost: the text's own, a bounded search for the nearest thousand, and with the default fusion a dot
    /// product for each of the sample and for each of the text's rows that is not among the nearest.
    pub(super) fn fused(
        &self,
        query: &UnitQuery,
        words: Option<&Compiled<'_>>,
        rows: &Rows,
    ) -> Result<Vec<(u32, f64)>> {
        let found = match words {
            Some(words) => words.ranked(rows, self.deadline)?,
            None => Vec::new(),
        };
        let text = self.best(found.clone());
        self.deadline.check()?;
        let similar = self.nearest(query, rows)?;
        Ok(match self.request.fusion {
            Fusion::Auto => {
                let information = words.map_or(0.0, Compiled::information);
                self.by_evidence(query, information, &found, &text, &similar)?
            }
            given => fusion::fuse(given, &text, &similar),
        })
    }

    /// `found` are all rows that the words find, ascending.
    fn by_evidence(
        &self,
        query: &UnitQuery,
        information: f64,
        found: &[(u32, f64)],
        text: &Ranking,
        similar: &Ranking,
    ) -> Result<Vec<(u32, f64)>> {
        let mut near = similar.clone();
        near.sort_unstable_by_key(|(row, _)| *row);
        let score = |scores: &[(u32, f64)], row: u32| {
            scores.binary_search_by_key(&row, |(row, _)| *row).ok().map(|at| scores[at].1)
        };
        let mut rows: Vec<u32> = text.iter().chain(similar).map(|(row, _)| *row).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut candidates = Vec::with_capacity(rows.len());
        for row in rows {
            if candidates.len() % 256 == 0 {
                self.deadline.check()?;
            }
            let cosine = score(&near, row).or_else(|| self.cosine(row, query));
            candidates.push(Candidate { row, text: score(found, row).unwrap_or(0.0), cosine });
        }
        // Equals of the last witness are witnesses too, so that no id decides and no last bit.
        let last = text.get(WITNESSES - 1).map_or(0.0, |(_, score)| score * (1.0 - 1e-9));
        let best = text.iter().take_while(|(_, score)| *score > 0.0 && *score >= last);
        let witnesses: Vec<f64> = best.filter_map(|(row, _)| self.cosine(*row, query)).collect();
        let nearest: Vec<f64> =
            similar.iter().take(witnesses.len()).map(|(_, cosine)| *cosine).collect();
        let words = Words::of(information, found, self.generation.profiles());
        Ok(evidence::fuse(&candidates, &words, (&witnesses, &nearest), &self.spread(query)))
    }

    /// How the query's cosines with the catalogue lie, by its sample.
    fn spread(&self, query: &UnitQuery) -> Spread {
        let sample = self.generation.sample();
        let cosines: Vec<f64> = sample.rows().filter_map(|row| self.cosine(row, query)).collect();
        let vectors = self.generation.vectors.as_ref();
        Spread::of(&cosines, vectors.map_or(0, |vectors| vectors.present().count()))
    }

    fn cosine(&self, row: u32, query: &UnitQuery) -> Option<f64> {
        let vectors = self.generation.vectors.as_ref()?;
        vectors.present().contains(row).then(|| vectors.similarity(row, query))
    }

    fn nearest(&self, query: &UnitQuery, rows: &Rows) -> Result<Ranking> {
        let Some(vectors) = &self.generation.vectors else { return Ok(Vec::new()) };
        let id = |row| self.generation.id_bytes(row);
        let by_id = |a: u32, b: u32| id(a).cmp(id(b));
        let check = || self.deadline.check();
        let costs = self.generation.costs();
        let answer = vectors.nearest(query, rows, DEPTH, costs, &by_id, &check)?;
        Ok(answer.found.iter().map(|found| (found.row, found.similarity)).collect())
    }

    /// The first rows of a ranking, best first, equals by id.
    fn best(&self, mut scored: Ranking) -> Ranking {
        let id = |row| self.generation.id_bytes(row);
        let order =
            |a: &(u32, f64), b: &(u32, f64)| b.1.total_cmp(&a.1).then_with(|| id(a.0).cmp(id(b.0)));
        if scored.len() > DEPTH {
            scored.select_nth_unstable_by(DEPTH, order);
            scored.truncate(DEPTH);
        }
        scored.sort_unstable_by(order);
        scored
    }
}
