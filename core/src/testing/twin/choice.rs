//! The list of a match out of its candidates: tiers, the least score, caps, and maximal marginal relevance.

use std::collections::{BTreeSet, HashMap};

use super::cosine::cosine;
use super::matching::TwinMatch;
use super::rank::tie_of;

/// One advisor that passes the hard filter, as far as it was loosened.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) row: usize,
    pub(super) found: TwinMatch,
    /// How many steps of loosening let it in.
    pub(super) tier: usize,
    /// The values that each cap counts.
    pub(super) groups: Vec<BTreeSet<String>>,
}

/// The rules by which a list is chosen.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Rules {
    pub(super) limit: usize,
    pub(super) caps: Vec<usize>,
    /// The values of those who are in the list already.
    pub(super) pinned: Vec<Vec<BTreeSet<String>>>,
    pub(super) least: Option<f64>,
    /// The lambda of the re-ranking.
    pub(super) diversity: Option<f64>,
}

/// All candidates, by tier, then best first, and how a list is chosen from them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    candidates: Vec<Candidate>,
    rules: Rules,
    /// What a re-ranking chooses from, tier by tier.
    courses: Vec<Course>,
    embeddings: HashMap<usize, Vec<f32>>,
}

/// The candidates of one tier that take part in a re-ranking.
#[derive(Clone, Debug, PartialEq)]
struct Course {
    pool: Vec<usize>,
    /// Those after it that tie with its last.
    tail: Vec<usize>,
    /// Whether near ties leave open who is in the pool.
    open: bool,
}

impl Choice {
    /// From candidates by tier, then best first, each with its embedding where there is one.
    pub(super) fn new<'a>(
        candidates: Vec<Candidate>,
        rules: Rules,
        embedding: impl Fn(usize) -> Option<&'a [f32]>,
    ) -> Self {
        let mut choice =
            Self { candidates, rules, courses: Vec::new(), embeddings: HashMap::new() };
        if choice.rules.diversity.is_some() {
            choice.courses = choice.courses();
        }
        for &at in choice.courses.iter().flat_map(|course| course.pool.iter().chain(&course.tail)) {
            if let Some(own) = embedding(choice.candidates[at].row) {
                choice.embeddings.insert(at, own.to_vec());
            }
        }
        choice
    }

    /// The right list: without a re-ranking as long as there are candidates, with one up to the limit.
    pub(super) fn picks(&self) -> Vec<TwinMatch> {
        if self.rules.diversity.is_none() {
            return self.capped().into_iter().map(|at| self.candidates[at].found.clone()).collect();
        }
        let mut walk = Walk::over(self);
        for course in &self.courses {
            while let Some((best, _)) = walk.best(course) {
                walk.pick(best);
            }
        }
        walk.picked.into_iter().map(|at| self.candidates[at].found.clone()).collect()
    }

    /// Whether these ids are a right list, up to near ties. Gives the matches of them.
    pub(crate) fn allows(&self, ids: &[&str]) -> Result<Vec<&TwinMatch>, String> {
        if ids.len() > self.rules.limit {
            return Err(format!("{} matches, over the limit", ids.len()));
        }
        let places: HashMap<&str, usize> =
            self.candidates.iter().enumerate().map(|(at, c)| (c.found.id.as_str(), at)).collect();
        let place = |(rank, id): (usize, &&str)| {
            places.get(id).copied().ok_or_else(|| format!("match {rank} is {id}, no candidate"))
        };
        let list = ids.iter().enumerate().map(place).collect::<Result<Vec<usize>, String>>()?;
        if self.courses.iter().any(|course| course.open) {
            self.allows_any_order(&list)?;
        } else if self.rules.diversity.is_some() {
            self.allows_diverse(&list)?;
        } else {
            self.allows_in_order(&list)?;
        }
        Ok(list.into_iter().map(|at| &self.candidates[at].found).collect())
    }

    fn score(&self, at: usize) -> f64 {
        self.candidates[at].found.score
    }

    /// How far a score is above the least one.
    fn above_least(&self, at: usize) -> f64 {
        self.rules.least.map_or(f64::INFINITY, |least| self.score(at) - least)
    }

    /// Everybody whom the least score and the caps let in, one by one.
    fn capped(&self) -> Vec<usize> {
        let mut used = Used::of_pins(self);
        let mut list = Vec::new();
        for at in 0..self.candidates.len() {
            if self.above_least(at) >= 0.0 && used.lets_in(self, at) {
                used.count(self, at);
                list.push(at);
            }
        }
        list
    }

    fn courses(&self) -> Vec<Course> {
        let size = (5 * self.rules.limit).max(100);
        let capped = self.capped();
        let tiers: BTreeSet<usize> = self.candidates.iter().map(|one| one.tier).collect();
        let course = |tier: usize| {
            let own: Vec<usize> =
                capped.iter().copied().filter(|at| self.candidates[*at].tier == tier).collect();
            let (pool, rest) = own.split_at(own.len().min(size));
            let last = pool.last().map_or(f64::INFINITY, |at| self.score(*at));
            let ties = |at: &&usize| last - self.score(**at) <= tie_of(last);
            let tail = rest.iter().take_while(ties).copied().collect();
            // A pool that is not full ends with the tier.
            let reached = if pool.len() < size { f64::NEG_INFINITY } else { last - tie_of(last) };
            Course { pool: pool.to_vec(), tail, open: self.is_open(tier, reached) }
        };
        tiers.into_iter().map(course).collect()
    }

    /// Whether caps or the least score have to tell near ties apart that are no true ones.
    fn is_open(&self, tier: usize, reached: f64) -> bool {
        if self.rules.caps.is_empty() && self.rules.least.is_none() {
            return false;
        }
        let at_hand = |at: &usize| self.candidates[*at].tier == tier && self.score(*at) >= reached;
        let own: Vec<usize> = (0..self.candidates.len()).filter(at_hand).collect();
        let on_edge = |at: &usize| self.above_least(*at).abs() <= tie_of(self.score(*at));
        let near = |pair: &[usize]| {
            let [one, other] = [pair[0], pair[1]].map(|at| &self.candidates[at].found);
            one.score - other.score <= tie_of(one.score)
                && one.breakdown.parts != other.breakdown.parts
        };
        own.iter().any(on_edge) || own.windows(2).any(near)
    }

    /// Tier by tier, at each place one of the greatest score among those whom the caps let in.
    fn allows_in_order(&self, list: &[usize]) -> Result<(), String> {
        let mut used = Used::of_pins(self);
        let mut left: Vec<usize> = (0..self.candidates.len()).collect();
        let sure = |at: usize| self.above_least(at) > tie_of(self.score(at));
        for (rank, &at) in list.iter().enumerate() {
            left.retain(|&other| used.lets_in(self, other));
            let id = &self.candidates[at].found.id;
            if !left.contains(&at) {
                return Err(format!("match {rank} is {id}, again or over a cap"));
            }
            if self.above_least(at) < -tie_of(self.score(at)) {
                return Err(format!("match {rank} is {id} with {}, too little", self.score(at)));
            }
            let best = left.iter().copied().find(|&other| sure(other));
            if let Some(best) = best {
                let better = self.score(best) - self.score(at) > tie_of(self.score(best));
                let (own, first) = (self.candidates[at].tier, self.candidates[best].tier);
                if own > first || (own == first && better) {
                    let better = &self.candidates[best].found;
                    return Err(format!(
                        "match {rank} is {id} (tier {own}, score {}) instead of {} (tier {first}, score {})",
                        self.score(at),
                        better.id,
                        better.score
                    ));
                }
            }
            used.count(self, at);
            left.retain(|&other| other != at);
        }
        let more = left.into_iter().find(|&at| sure(at) && used.lets_in(self, at));
        self.full_or_no_more(list, more)
    }

    fn full_or_no_more(&self, list: &[usize], more: Option<usize>) -> Result<(), String> {
        match more {
            Some(more) if list.len() < self.rules.limit => {
                let id = &self.candidates[more].found.id;
                Err(format!("{} matches, and {id} is left", list.len()))
            }
            _ => Ok(()),
        }
    }

    /// Tier by tier, at each place one that is worth the most after those before it.
    fn allows_diverse(&self, list: &[usize]) -> Result<(), String> {
        let mut walk = Walk::over(self);
        let mut given = list.iter().enumerate();
        for course in &self.courses {
            let end = walk.picked.len() + course.pool.len();
            while walk.picked.len() < end
                && let Some((best, greatest)) = walk.best(course)
            {
                let Some((rank, &at)) = given.next() else {
                    return Err(format!("{} diverse matches, and more to pick", list.len()));
                };
                let id = &self.candidates[at].found.id;
                let member = course.pool.contains(&at) || course.tail.contains(&at);
                if !member || walk.picked.contains(&at) {
                    return Err(format!("match {rank} is {id}, not in the pool or again"));
                }
                let value = walk.value(at);
                if greatest - value > tie_of(value) {
                    let better = &self.candidates[best].found.id;
                    return Err(format!(
                        "match {rank} is {id} worth {value}, but {better} is worth {greatest}"
                    ));
                }
                walk.pick(at);
            }
        }
        match given.next() {
            Some(_) => Err(format!("{} diverse matches, too many", list.len())),
            None => Ok(()),
        }
    }

    /// Where near ties leave the pool open: distinct, above the least score, within the caps, and full.
    fn allows_any_order(&self, list: &[usize]) -> Result<(), String> {
        let mut used = Used::of_pins(self);
        for (rank, &at) in list.iter().enumerate() {
            let enough = self.above_least(at) >= -tie_of(self.score(at));
            if !enough || list[..rank].contains(&at) || !used.lets_in(self, at) {
                let id = &self.candidates[at].found.id;
                return Err(format!("match {rank} is {id}, again, too little or over a cap"));
            }
            used.count(self, at);
        }
        let sure = |at: &usize| self.above_least(*at) > tie_of(self.score(*at));
        let rest = (0..self.candidates.len()).filter(|at| !list.contains(at));
        let more = rest.filter(sure).find(|at| used.lets_in(self, *at));
        self.full_or_no_more(list, more)
    }
}

/// How often each value of each cap was counted.
#[derive(Default)]
struct Used(HashMap<(usize, String), usize>);

impl Used {
    fn lets_in(&self, choice: &Choice, at: usize) -> bool {
        let groups = choice.candidates[at].groups.iter().enumerate();
        groups.zip(&choice.rules.caps).all(|((cap, values), most)| {
            let full =
                |value: &String| self.0.get(&(cap, value.clone())).is_some_and(|n| n >= most);
            !values.iter().any(full)
        })
    }

    fn of_pins(choice: &Choice) -> Self {
        let mut used = Self::default();
        choice.rules.pinned.iter().for_each(|groups| used.count_groups(groups));
        used
    }

    fn count(&mut self, choice: &Choice, at: usize) {
        self.count_groups(&choice.candidates[at].groups);
    }

    fn count_groups(&mut self, groups: &[BTreeSet<String>]) {
        for (cap, values) in groups.iter().enumerate() {
            for value in values {
                *self.0.entry((cap, value.clone())).or_default() += 1;
            }
        }
    }
}

/// The picks so far, and how alike each candidate is to the nearest of them.
struct Walk<'a> {
    choice: &'a Choice,
    picked: Vec<usize>,
    nearest: HashMap<usize, f64>,
}

impl<'a> Walk<'a> {
    fn over(choice: &'a Choice) -> Self {
        Self { choice, picked: Vec::new(), nearest: HashMap::new() }
    }

    /// What a candidate is worth after those picked.
    fn value(&self, at: usize) -> f64 {
        let lambda = self.choice.rules.diversity.unwrap_or(1.0);
        let nearest = self.nearest.get(&at).copied().unwrap_or(0.0);
        lambda * self.choice.score(at) - (1.0 - lambda) * nearest
    }

    /// The first of the greatest worth among those left in the pool; none once the limit is reached.
    fn best(&self, course: &Course) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        if self.picked.len() < self.choice.rules.limit {
            for &at in course.pool.iter().filter(|at| !self.picked.contains(at)) {
                let value = self.value(at);
                if best.is_none_or(|(_, greatest)| value > greatest) {
                    best = Some((at, value));
                }
            }
        }
        best
    }

    fn pick(&mut self, picked: usize) {
        self.picked.push(picked);
        let embedding = |at: usize| self.choice.embeddings.get(&at);
        for course in &self.choice.courses {
            for &at in course.pool.iter().chain(&course.tail) {
                let alike = match (embedding(picked), embedding(at)) {
                    (Some(a), Some(b)) => cosine(a, b),
                    _ => 0.0,
                };
                let nearest = self.nearest.entry(at).or_insert(alike);
                *nearest = nearest.max(alike);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::answer::Breakdown;

    fn candidate(row: usize, id: &str, score: f64, tier: usize, firm: &str) -> Candidate {
        let breakdown =
            Breakdown { similarity: None, business: None, rating: None, parts: Vec::new() };
        let found = TwinMatch {
            id: id.to_owned(),
            score,
            breakdown,
            reasons: Vec::new(),
            relaxed: Vec::new(),
        };
        let firms = firm.split('+').filter(|firm| !firm.is_empty()).map(str::to_owned).collect();
        Candidate { row, found, tier, groups: vec![firms] }
    }

    fn four() -> Vec<Candidate> {
        vec![
            candidate(0, "a", 0.9, 0, "x"),
            candidate(1, "b", 0.8, 0, "x"),
            candidate(2, "c", 0.5, 0, "x+y"),
            candidate(3, "d", 0.1, 0, ""),
        ]
    }

    fn picks(candidates: Vec<Candidate>, rules: Rules) -> Vec<String> {
        let limit = rules.limit;
        let (east, north) = ([1.0, 0.0], [0.0, 1.0]);
        let embeddings = [Some(&east[..]), Some(&east[..]), Some(&north[..]), None];
        let choice = Choice::new(candidates, rules, |row| embeddings[row]);
        let ids: Vec<String> =
            choice.picks().into_iter().map(|found| found.id).take(limit).collect();
        let shown: Vec<&str> = ids.iter().map(String::as_str).collect();
        choice.allows(&shown).expect("its own picks are right");
        ids
    }

    fn diverse(lambda: f64) -> Vec<String> {
        picks(four(), Rules { limit: 3, diversity: Some(lambda), ..Rules::default() })
    }

    #[test]
    fn the_second_pick_is_unlike_the_first_where_spread_counts() {
        // After a: b is worth 0.5 * 0.8 - 0.5 * 1 = -0.1, c 0.25, d 0.05.
        assert_eq!(diverse(0.5), ["a", "c", "d"]);
    }

    #[test]
    fn with_lambda_one_the_score_alone_decides() {
        assert_eq!(diverse(1.0), ["a", "b", "c"]);
    }

    #[test]
    fn with_lambda_zero_equals_stand_by_score() {
        assert_eq!(diverse(0.0), ["a", "c", "d"]);
    }

    #[test]
    fn a_cap_counts_each_value_and_leaves_those_without_one_alone() {
        let rules = |most| Rules { limit: 4, caps: vec![most], ..Rules::default() };
        assert_eq!(picks(four(), rules(1)), ["a", "d"]);
        assert_eq!(picks(four(), rules(2)), ["a", "b", "d"]);
        assert_eq!(picks(four(), rules(3)), ["a", "b", "c", "d"]);
    }

    #[test]
    fn caps_go_before_the_choice_of_the_unlike() {
        let rules = Rules { limit: 3, caps: vec![2], diversity: Some(0.5), ..Rules::default() };
        assert_eq!(picks(four(), rules), ["a", "d", "b"]);
    }

    #[test]
    fn a_least_score_ends_the_list() {
        let rules = Rules { limit: 4, least: Some(0.5), ..Rules::default() };
        assert_eq!(picks(four(), rules), ["a", "b", "c"]);
    }

    #[test]
    fn who_needed_no_loosening_stands_first() {
        let mut candidates = four();
        candidates[0].tier = 1;
        candidates.rotate_left(1);
        let rules = Rules { limit: 4, caps: vec![2], ..Rules::default() };
        assert_eq!(picks(candidates, rules), ["b", "c", "d"]);
    }

    #[test]
    fn a_wrong_pick_is_named() {
        let refused = |ids: &[&str], rules: &Rules, what: &str| {
            let choice = Choice::new(four(), rules.clone(), |_| None);
            let error = choice.allows(ids).expect_err("a wrong list");
            assert!(error.contains(what), "{error}");
        };
        let plain = Rules { limit: 2, ..Rules::default() };
        refused(&["b", "a"], &plain, "instead of a");
        refused(&["a"], &plain, "b is left");
        refused(&["a", "a"], &plain, "again");
        refused(&["a", "z"], &plain, "no candidate");
        refused(&["a", "b", "c"], &plain, "over the limit");
        let capped = Rules { caps: vec![1], ..plain.clone() };
        refused(&["a", "b"], &capped, "over a cap");
        let diverse = Rules { diversity: Some(1.0), ..plain };
        refused(&["b", "a"], &diverse, "a is worth");
        refused(&["a"], &diverse, "more to pick");
    }
}
