//! When which request is meant to start.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shortlist::testing::Random;

use super::asked::{Asked, Pool};

/// Streams of chance, one a purpose.
const ARRIVALS: u64 = 1;
const PEOPLE: u64 = 2;

/// A request that is due.
pub struct Due {
    /// When it is meant to start, from the start of the run.
    pub at: Duration,
    /// What is asked.
    pub asked: Asked,
    /// Who asks, where people wait for answers.
    person: Option<Person>,
}

/// What a thread is to do.
pub enum Next {
    /// Ask this, when it is due.
    Due(Box<Due>),
    /// Look again soon: all people wait for answers.
    Later,
    /// Stop: the run is over.
    Over,
}

/// Who asks, and what they do next.
struct Person {
    number: usize,
    step: Step,
    random: Random,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    List,
    Filter,
    View,
}

/// Where requests come from. Threads take from it what is due next.
pub enum Pace {
    /// Whether or not others are answered.
    Open(Mutex<Arrivals>),
    /// From people who think about an answer before they ask again.
    People(Mutex<People>),
}

impl Pace {
    /// Requests at random moments, so many a second as the rate says of each moment.
    pub fn open(rate: Rate, mix: Mix, run: Duration, seed: u64) -> Self {
        let random = Random::of(seed, ARRIVALS, 0);
        Self::Open(Mutex::new(Arrivals { rate, mix, run, at: Duration::ZERO, random }))
    }

    /// So many people, who join evenly over the first half of the run.
    pub fn people(count: usize, run: Duration, seed: u64) -> Self {
        let joins = |number: usize| run.mul_f64(0.5 * number as f64 / count.max(1) as f64);
        let waiting = (0..count).map(|number| Reverse((joins(number), number))).collect();
        let people = (0..count).map(|number| {
            let random = Random::of(seed, PEOPLE, number as u64);
            Some((Person { number, step: Step::List, random }, Vec::new()))
        });
        Self::People(Mutex::new(People { run, waiting, thinking: people.collect() }))
    }

    /// What is due next.
    pub fn next(&self, pool: &Pool) -> Next {
        match self {
            Self::Open(arrivals) => {
                let due = arrivals.lock().unwrap_or_else(PoisonError::into_inner).next(pool);
                due.map_or(Next::Over, |due| Next::Due(Box::new(due)))
            }
            Self::People(people) => {
                people.lock().unwrap_or_else(PoisonError::into_inner).next(pool)
            }
        }
    }

    /// Lets whoever asked think about what they found, and ask again.
    pub fn answered(&self, due: Due, at: Duration, found: Vec<String>) {
        if let (Self::People(people), Some(person)) = (self, due.person) {
            let mut people = people.lock().unwrap_or_else(PoisonError::into_inner);
            people.think(person, at, found);
        }
    }
}

/// How many requests a second, at each moment of a run.
#[derive(Clone, Copy, Debug)]
pub enum Rate {
    /// Always as many.
    Steady(f64),
    /// Rising evenly from the first to the second over two thirds of the run, then held.
    Rising(f64, f64),
}

impl Rate {
    fn at(self, share: f64) -> f64 {
        match self {
            Self::Steady(rate) => rate,
            Self::Rising(from, to) => from + (to - from) * (share * 1.5).min(1.0),
        }
    }

    /// How many requests a second on average.
    pub fn mean(self) -> f64 {
        match self {
            Self::Steady(rate) => rate,
            Self::Rising(from, to) => (from + to) / 3.0 + to / 3.0,
        }
    }
}

/// Which requests an open loop asks.
#[derive(Clone, Copy, Debug)]
pub enum Mix {
    /// Matches alone.
    Matches,
    /// 20 % list pages, 40 % searches, 30 % profile views, 10 % matches.
    Everything,
}

/// An open loop.
pub struct Arrivals {
    rate: Rate,
    mix: Mix,
    run: Duration,
    at: Duration,
    random: Random,
}

impl Arrivals {
    fn next(&mut self, pool: &Pool) -> Option<Due> {
        let share = self.at.as_secs_f64() / self.run.as_secs_f64();
        // Gaps of a Poisson process; the share is below 1, so the logarithm is finite.
        let gap = -(1.0 - self.random.share()).ln() / self.rate.at(share);
        self.at += Duration::from_secs_f64(gap);
        if self.at >= self.run {
            return None;
        }
        let random = &mut self.random;
        let asked = match (self.mix, random.below(10)) {
            (Mix::Matches, _) | (Mix::Everything, 0) => pool.matching(random),
            (Mix::Everything, 1..4) => pool.profile(random),
            (Mix::Everything, 4..6) => pool.list(random),
            (Mix::Everything, _) => pool.search(random),
        };
        Some(Due { at: self.at, asked, person: None })
    }
}

/// People, each at one step of list, filter, profile view.
pub struct People {
    run: Duration,
    waiting: BinaryHeap<Reverse<(Duration, usize)>>,
    /// By number, with the ids on the page before them; nobody while their request is under way.
    thinking: Vec<Option<(Person, Vec<String>)>>,
}

impl People {
    fn next(&mut self, pool: &Pool) -> Next {
        // Who waits for an answer asks again seconds later: nobody who thinks is overtaken.
        let Some(&Reverse((at, number))) = self.waiting.peek() else { return Next::Later };
        if at >= self.run {
            return Next::Over;
        }
        self.waiting.pop();
        let Some((mut person, found)) = self.thinking[number].take() else { return Next::Later };
        let asked = match person.step {
            Step::List => pool.list(&mut person.random),
            Step::Filter => pool.search(&mut person.random),
            Step::View if found.is_empty() => pool.profile(&mut person.random),
            Step::View => Asked::Profile(person.random.pick(&found).clone()),
        };
        Next::Due(Box::new(Due { at, asked, person: Some(person) }))
    }

    fn think(&mut self, mut person: Person, at: Duration, found: Vec<String>) {
        let seconds = match person.step {
            Step::List => 2,
            Step::Filter => 3,
            Step::View => 5,
        };
        person.step = match person.step {
            Step::List => Step::Filter,
            Step::Filter => Step::View,
            Step::View => Step::List,
        };
        let number = person.number;
        self.thinking[number] = Some((person, found));
        self.waiting.push(Reverse((at + Duration::from_secs(seconds), number)));
    }
}

#[cfg(test)]
mod tests {
    use shortlist::testing::Generator;

    use super::*;

    fn pool() -> Pool {
        Pool::new(Generator::new(1), 50, None, vec!["adv-000001".to_owned()])
    }

    #[test]
    fn an_open_loop_keeps_its_rate_and_its_mix() {
        let run = Duration::from_secs(10);
        let pace = Pace::open(Rate::Steady(1_000.0), Mix::Everything, run, 3);
        let pool = pool();
        let mut counts = [0; 4];
        let mut last = Duration::ZERO;
        while let Next::Due(due) = pace.next(&pool) {
            assert!(due.at >= last && due.at < run);
            last = due.at;
            counts[due.asked.kind() as usize] += 1;
        }
        let all: i32 = counts.iter().sum();
        assert!((9_600..10_400).contains(&all), "{counts:?}");
        for (count, share) in counts.iter().zip([0.2, 0.4, 0.3, 0.1]) {
            assert!((f64::from(*count) / f64::from(all) - share).abs() < 0.03, "{counts:?}");
        }
    }

    #[test]
    fn a_rising_rate_rises_and_then_holds() {
        let run = Duration::from_mins(1);
        let rate = Rate::Rising(10.0, 200.0);
        let (pace, pool) = (Pace::open(rate, Mix::Matches, run, 3), pool());
        let mut dues = Vec::new();
        while let Next::Due(due) = pace.next(&pool) {
            dues.push(due.at);
        }
        let within = |from: u64, to: u64| {
            dues.iter().filter(|at| (from..to).contains(&at.as_secs())).count() as f64
        };
        assert!(within(0, 5) / 5.0 < 40.0 && (within(40, 60) / 20.0 - 200.0).abs() < 15.0);
        assert!((dues.len() as f64 / 60.0 - rate.mean()).abs() < 8.0, "{}", dues.len());
    }

    #[test]
    fn people_list_filter_and_view_with_time_to_think() {
        let (pace, pool) = (Pace::people(1, Duration::from_secs(25), 3), pool());
        let mut seen = Vec::new();
        while let Next::Due(due) = pace.next(&pool) {
            seen.push((due.at.as_secs(), due.asked.kind().name()));
            let at = due.at;
            pace.answered(*due, at, vec!["adv-000001".to_owned()]);
        }
        let expected = [
            (0, "list"),
            (2, "search"),
            (5, "profile"),
            (10, "list"),
            (12, "search"),
            (15, "profile"),
            (20, "list"),
            (22, "search"),
        ];
        assert_eq!(seen, expected);
    }
}
