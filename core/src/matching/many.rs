//! Many matches at once, which share the work of equal hard filters.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use rayon::prelude::*;

use super::hard::HardFilter;
use super::run::Beside;
use crate::api::criteria::ClientCriteria;
use crate::api::deadline::Deadline;
use crate::api::filter::Filter;
use crate::generation::Generation;
use crate::model::Rows;

/// How many filters' rows are kept at a time: at a million profiles, eight megabytes.
const KEPT: usize = 64;

/// Has `answer` work through all criteria, one thread a request, and gives what it says in their order. A hard filter
/// that several have is evaluated once.
pub(crate) fn each<A: Send>(
    generation: &Generation,
    criteria: &[ClientCriteria],
    within: Option<&Filter>,
    answer: impl Fn(&ClientCriteria, Beside<'_>) -> A + Sync,
) -> Vec<A> {
    let (shared, alone) = groups(criteria);
    let beside = Beside { one_thread: true, within, ..Beside::default() };
    let mut answers: Vec<(usize, A)> = Vec::with_capacity(criteria.len());
    for groups in shared.chunks(KEPT) {
        let rows: Vec<Option<Rows>> = groups
            .par_iter()
            .map(|group| HardFilter::new(generation, &criteria[group[0]], within).ok())
            .map(|filter| filter?.rows(&[], &Deadline::after(None)).ok())
            .collect();
        let members = groups.iter().zip(&rows);
        let asked: Vec<(usize, Option<&Rows>)> = members
            .flat_map(|(group, rows)| group.iter().map(move |&at| (at, rows.as_ref())))
            .collect();
        answers.par_extend(
            asked
                .into_par_iter()
                .map(|(at, filtered)| (at, answer(&criteria[at], Beside { filtered, ..beside }))),
        );
    }
    answers.par_extend(alone.into_par_iter().map(|at| (at, answer(&criteria[at], beside))));
    answers.sort_unstable_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// The places of criteria that have a hard filter in common, and those of the others.
fn groups(criteria: &[ClientCriteria]) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut by_filter: HashMap<SameFilter<'_>, Vec<usize>> = HashMap::new();
    let mut alone = Vec::new();
    for (at, one) in criteria.iter().enumerate() {
        // One that is too deep is refused when its turn comes; until then nobody walks down into it.
        if one.filter.as_ref().is_none_or(|filter| filter.check_limits().is_ok()) {
            by_filter.entry(SameFilter(one)).or_default().push(at);
        } else {
            alone.push(at);
        }
    }
    let (mut shared, single): (Vec<_>, Vec<_>) =
        by_filter.into_values().partition(|group| group.len() > 1);
    shared.sort_unstable();
    alone.extend(single.into_iter().flatten());
    alone.sort_unstable();
    (shared, alone)
}

/// Criteria by their hard filter alone, but for the ids that each leaves out.
struct SameFilter<'a>(&'a ClientCriteria);

impl SameFilter<'_> {
    fn plain(&self) -> (&[String], &[String], bool, Option<u64>, Option<u64>) {
        let ClientCriteria { industries, required_services, require_all, .. } = self.0;
        let bits = |number: Option<f64>| number.map(f64::to_bits);
        let (budget, rating) = (bits(self.0.max_budget), bits(self.0.min_rating));
        (industries, required_services, *require_all, budget, rating)
    }
}

impl Hash for SameFilter<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.plain().hash(state);
        // A filter holds numbers, which have no hash of their own.
        self.0.filter.as_ref().map(|filter| format!("{filter:?}")).hash(state);
    }
}

impl PartialEq for SameFilter<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.plain() == other.plain()
            && self.0.filter == other.0.filter
            && self.0.rules == other.0.rules
    }
}

/// A filter with a NaN made in code is not its own equal: each such is a group of its own.
impl Eq for SameFilter<'_> {}
