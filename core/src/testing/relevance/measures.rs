//! nDCG@10, MRR@10 and recall at a depth, as `trec_eval` and `ir_measures` define them.

use std::collections::{HashMap, HashSet};

/// Gain by document id.
pub type Judgements = HashMap<String, u32>;

/// The measures of one ranking, or their means over many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Discounted cumulative gain of the first ten over that of the best ten there are; the gain is linear.
    pub ndcg_10: f64,
    /// One over the rank of the first relevant document, 0 where it is not among the first ten.
    pub mrr_10: f64,
    /// The share of the relevant documents that are among the first so many.
    pub recall: f64,
}

impl Measures {
    /// Measures a ranking of ids, best first, by the judgements of its query; recall of the first `depth`, which is 10 or
    /// more.
    pub fn of<'a>(
        ranking: impl IntoIterator<Item = &'a str>,
        judged: &Judgements,
        depth: usize,
    ) -> Self {
        let mut seen = HashSet::new();
        let gains: Vec<u32> = ranking
            .into_iter()
            .filter(|id| seen.insert(*id))
            .take(depth.max(10))
            .map(|id| judged.get(id).copied().unwrap_or(0))
            .collect();
        let mut ideal: Vec<u32> = judged.values().copied().filter(|gain| *gain > 0).collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        if ideal.is_empty() {
            return Self::default();
        }
        let first = gains.iter().take(10).position(|gain| *gain > 0);
        let found = gains.iter().filter(|gain| **gain > 0).count();
        Self {
            ndcg_10: discounted(&gains) / discounted(&ideal),
            mrr_10: first.map_or(0.0, |at| 1.0 / (at + 1) as f64),
            recall: found as f64 / ideal.len() as f64,
        }
    }

    /// The mean of each measure; zeros of no ranking.
    pub fn mean(each: &[Self]) -> Self {
        let mean = |measure: fn(&Self) -> f64| {
            if each.is_empty() {
                0.0
            } else {
                each.iter().map(measure).sum::<f64>() / each.len() as f64
            }
        };
        Self {
            ndcg_10: mean(|one| one.ndcg_10),
            mrr_10: mean(|one| one.mrr_10),
            recall: mean(|one| one.recall),
        }
    }
}

fn discounted(gains: &[u32]) -> f64 {
    let discount = |at: usize| ((at + 2) as f64).log2();
    gains.iter().take(10).enumerate().map(|(at, gain)| f64::from(*gain) / discount(at)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged() -> Judgements {
        [("a", 3), ("b", 1), ("c", 0)].map(|(id, gain)| (id.to_owned(), gain)).into()
    }

    #[test]
    fn the_best_ranking_measures_one_everywhere() {
        let best = Measures::of(["a", "b", "c"], &judged(), 100);
        assert_eq!(best, Measures { ndcg_10: 1.0, mrr_10: 1.0, recall: 1.0 });
    }

    #[test]
    fn gains_are_linear_and_discounted_by_the_logarithm_of_the_rank() {
        let found = Measures::of(["c", "b", "x", "a"], &judged(), 100);
        let ideal = 3.0 + 1.0 / 3f64.log2();
        let own = 1.0 / 3f64.log2() + 3.0 / 5f64.log2();
        assert!((found.ndcg_10 - own / ideal).abs() < 1e-12);
        assert_eq!((found.mrr_10, found.recall), (0.5, 1.0));
    }

    #[test]
    fn what_comes_after_the_cut_does_not_count() {
        let late: Vec<String> = (0..10).map(|at| format!("x{at}")).chain(["a".into()]).collect();
        let found = Measures::of(late.iter().map(String::as_str), &judged(), 100);
        assert_eq!((found.ndcg_10, found.mrr_10, found.recall), (0.0, 0.0, 0.5));
        let shallow = Measures::of(late.iter().map(String::as_str), &judged(), 10);
        assert_eq!(shallow.recall, 0.0);
    }

    #[test]
    fn a_query_without_a_relevant_document_measures_nothing() {
        let none = Judgements::from([("a".to_owned(), 0)]);
        assert_eq!(Measures::of(["a"], &none, 100), Measures::default());
    }
}
