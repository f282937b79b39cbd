//! Maximal marginal relevance: the next pick is good, and unlike those picked before.

use super::cosine::cosine;
use super::matching::TwinMatch;
use super::rank::tie_of;

/// The candidates that a re-ranking chooses from, best first, and how it chooses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DiversePool {
    lambda: f64,
    limit: usize,
    /// How many of the candidates are in the pool; those after tie with its last.
    len: usize,
    candidates: Vec<(TwinMatch, Option<Vec<f32>>)>,
}

impl DiversePool {
    /// The pool of the first `max(100, 5 * limit)` of all candidates, which come best first.
    pub(super) fn new(
        lambda: f64,
        limit: usize,
        scored: Vec<&TwinMatch>,
        embeddings: Vec<Option<&[f32]>>,
    ) -> Self {
        let len = scored.len().min((5 * limit).max(100));
        let last = scored[..len].last().map_or(0.0, |last| last.score);
        let candidates = scored
            .into_iter()
            .zip(embeddings)
            .enumerate()
            .take_while(|(at, (found, _))| *at < len || last - found.score <= tie_of(last))
            .map(|(_, (found, own))| (found.clone(), own.map(<[f32]>::to_vec)))
            .collect();
        Self { lambda, limit, len, candidates }
    }

    /// The re-ranked matches: at each place the one of greatest value, the better scored of equals.
    pub(super) fn picks(&self) -> Vec<TwinMatch> {
        let mut walk = Walk::over(self);
        while let Some((best, _)) = walk.best() {
            walk.pick(best);
        }
        walk.picked.into_iter().map(|at| self.candidates[at].0.clone()).collect()
    }

    /// Whether these ids are a right re-ranking: at each place one that is worth the most after those
    /// before it, up to near ties. Gives their scores.
    pub(crate) fn allows(&self, ids: &[&str]) -> Result<Vec<&TwinMatch>, String> {
        let mut walk = Walk::over(self);
        for (place, id) in ids.iter().enumerate() {
            let Some((best, greatest)) = walk.best() else {
                return Err(format!("{} diverse matches instead of {place}", ids.len()));
            };
            let Some(at) = self.candidates.iter().position(|(found, _)| found.id == *id) else {
                return Err(format!("place {place} is {id}, which is not in the pool"));
            };
            if walk.picked.contains(&at) {
                return Err(format!("place {place} is {id}, which was picked before"));
            }
            let value = walk.value(at);
            if greatest - value > tie_of(value) {
                let better = &self.candidates[best].0.id;
                return Err(format!(
                    "place {place} is {id} worth {value}, but {better} is worth {greatest}"
                ));
            }
            walk.pick(at);
        }
        match walk.best() {
            Some(_) => Err(format!("{} diverse matches, and more to pick", ids.len())),
            None => Ok(walk.picked.into_iter().map(|at| &self.candidates[at].0).collect()),
        }
    }

    fn alike(&self, a: usize, b: usize) -> f64 {
        match (&self.candidates[a].1, &self.candidates[b].1) {
            (Some(a), Some(b)) => cosine(a, b),
            _ => 0.0,
        }
    }
}

/// The picks so far, and how alike each candidate is to the nearest of them.
struct Walk<'a> {
    pool: &'a DiversePool,
    picked: Vec<usize>,
    nearest: Vec<Option<f64>>,
}

impl<'a> Walk<'a> {
    fn over(pool: &'a DiversePool) -> Self {
        Self { pool, picked: Vec::new(), nearest: vec![None; pool.candidates.len()] }
    }

    /// What a candidate is worth after those picked.
    fn value(&self, at: usize) -> f64 {
        let lambda = self.pool.lambda;
        let score = self.pool.candidates[at].0.score;
        lambda * score - (1.0 - lambda) * self.nearest[at].unwrap_or(0.0)
    }

    /// The first of the greatest worth among those left in the pool; none once the limit is reached.
    fn best(&self) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        if self.picked.len() < self.pool.limit {
            for at in (0..self.pool.len).filter(|at| !self.picked.contains(at)) {
                let value = self.value(at);
                if best.is_none_or(|(_, greatest)| value > greatest) {
                    best = Some((at, value));
                }
            }
        }
        best
    }

    fn pick(&mut self, at: usize) {
        self.picked.push(at);
        for (other, nearest) in self.nearest.iter_mut().enumerate() {
            let alike = self.pool.alike(at, other);
            *nearest = Some(nearest.map_or(alike, |nearest| nearest.max(alike)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::answer::Breakdown;

    fn found(id: &str, score: f64) -> TwinMatch {
        let breakdown =
            Breakdown { similarity: None, business: None, rating: None, parts: Vec::new() };
        TwinMatch { id: id.to_owned(), score, breakdown }
    }

    fn picks(lambda: f64) -> Vec<String> {
        let scored = [found("a", 0.9), found("b", 0.8), found("c", 0.5), found("d", 0.1)];
        let (east, north) = ([1.0, 0.0], [0.0, 1.0]);
        let embeddings = vec![Some(&east[..]), Some(&east[..]), Some(&north[..]), None];
        let pool = DiversePool::new(lambda, 3, scored.iter().collect(), embeddings);
        let ids: Vec<String> = pool.picks().into_iter().map(|found| found.id).collect();
        let shown: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert!(pool.allows(&shown).is_ok());
        ids
    }

    #[test]
    fn the_second_pick_is_unlike_the_first_where_spread_counts() {
        // After a: b is worth 0.5 * 0.8 - 0.5 * 1 = -0.1, c 0.25, d 0.05.
        assert_eq!(picks(0.5), ["a", "c", "d"]);
    }

    #[test]
    fn with_lambda_one_the_score_alone_decides() {
        assert_eq!(picks(1.0), ["a", "b", "c"]);
    }

    #[test]
    fn with_lambda_zero_equals_stand_by_score() {
        assert_eq!(picks(0.0), ["a", "c", "d"]);
    }

    #[test]
    fn a_wrong_pick_is_named() {
        let scored = [found("a", 0.9), found("b", 0.8)];
        let pool = DiversePool::new(1.0, 2, scored.iter().collect(), vec![None, None]);
        let refusal = pool.allows(&["b", "a"]).unwrap_err();
        assert!(refusal.contains("place 0 is b"), "{refusal}");
    }
}
