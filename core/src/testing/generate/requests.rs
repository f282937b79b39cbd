//! What a marketplace is asked all day: list pages, text searches, matches.

use super::embeddings::Embeddings;
use super::random::Random;
use super::words::{INDUSTRIES, SENIORITY, SERVICES, THINGS, TOOLS};
use super::{Generator, Purpose, Traits, nearness};
use crate::api::criteria::ClientCriteria;
use crate::api::search::{SearchRequest, Sort};

impl Generator {
    /// `n` search requests: filters, orders and facets of list pages, two in five with text.
    pub fn search_requests(self, n: usize) -> impl ExactSizeIterator<Item = SearchRequest> {
        (0..n).map(move |at| {
            let request = search(&mut self.random(Purpose::Search, at));
            if self.whereabouts {
                nearness::ask(request, &mut self.random(Purpose::Nearness, at))
            } else {
                request
            }
        })
    }

    /// `n` match requests for one or two industries and services each, with an embedding near these
    /// topics where `embeddings` are given. About one in a hundred advisors passes the filter of one.
    pub fn match_requests(
        self,
        n: usize,
        embeddings: Option<&Embeddings>,
    ) -> impl ExactSizeIterator<Item = ClientCriteria> {
        (0..n).map(move |at| {
            let topics = topics(&mut self.random(Purpose::Match, at));
            let mut random = self.random(Purpose::Need, at);
            let embedding = embeddings
                .map(|space| space.near(&topics, 0.6, &mut self.random(Purpose::Embedding, !at)));
            ClientCriteria { embedding, ..need(&topics, &mut random) }
        })
    }
}

fn search(random: &mut Random) -> SearchRequest {
    let mut request = SearchRequest::default();
    if random.chance(0.55) {
        request.industries = some(&INDUSTRIES, random);
    }
    if random.chance(0.6) {
        request.services = some(&SERVICES, random);
    }
    if random.chance(0.35) {
        request.min_rating = Some(*random.pick(&[3.5, 4.0, 4.5]));
    }
    if random.chance(0.25) {
        request.max_hourly_rate = Some(*random.pick(&[100.0, 150.0, 200.0, 250.0, 300.0]));
    }
    request.available = random.chance(0.5);
    if random.chance(0.4) {
        request.text = Some(words(random));
    }
    request.sort = match random.below(8) {
        0 => None,
        1 => Some(Sort::Relevance),
        2 => Some(Sort::Rating),
        3 => Some(Sort::Experience),
        4 => Some(Sort::Reviews),
        5 => Some(Sort::Newest),
        6 => Some(Sort::PriceAsc),
        _ => Some(Sort::PriceDesc),
    };
    if random.chance(0.35) {
        request.facets = vec!["industries".into(), "services".into()];
        request.disjunctive = random.chance(0.3);
    }
    request
}

/// One or two of the names, the frequent ones more often.
fn some(names: &[&str], random: &mut Random) -> Vec<String> {
    let count = 1 + random.below(2);
    let places = random.distinct(count, names.len());
    places.into_iter().map(|place| names[place].to_owned()).collect()
}

/// One to three words that advisors write.
fn words(random: &mut Random) -> String {
    match random.below(10) {
        0..4 => (*random.often(&THINGS)).to_owned(),
        4..6 => (*random.often(&TOOLS)).to_owned(),
        6..8 => {
            let step = random.below(SENIORITY.len());
            (*random.pick(SENIORITY[step])).to_owned()
        }
        8 => format!("{} {}", random.often(&TOOLS), random.often(&THINGS)),
        _ => format!("cfo {}", random.often(&THINGS)),
    }
}

/// The topics of a need. Most are drawn as often as advisors have them, some evenly.
fn topics(random: &mut Random) -> Traits {
    let mut places = |len: usize| {
        let count = 1 + random.below(2);
        if random.chance(0.8) {
            return random.distinct(count, len);
        }
        let first = random.below(len);
        let second = (first + 1 + random.below(len - 1)) % len;
        [first, second][..count].to_vec()
    };
    let (industries, services) = (places(INDUSTRIES.len()), places(SERVICES.len()));
    Traits { industries, services, seniority: 2 + random.below(3) }
}

fn need(topics: &Traits, random: &mut Random) -> ClientCriteria {
    let industries: Vec<&str> = topics.industries.iter().map(|&at| INDUSTRIES[at]).collect();
    let services: Vec<&str> = topics.services.iter().map(|&at| SERVICES[at]).collect();
    let text = format!(
        "{} for a {} company: {} and {}",
        random.pick(SENIORITY[topics.seniority]),
        industries.join(" and "),
        services.join(", "),
        random.often(&THINGS)
    );
    ClientCriteria {
        text: Some(text),
        industries: industries.into_iter().map(str::to_owned).collect(),
        required_services: services.into_iter().map(str::to_owned).collect(),
        max_budget: random.chance(0.3).then(|| *random.pick(&[150.0, 200.0, 250.0, 300.0, 400.0])),
        ..ClientCriteria::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Twin, criteria_to_json, generated_schema, request_to_json};

    #[test]
    fn requests_are_the_same_after_a_walk_through_json() {
        let generator = Generator::new(11);
        for request in generator.search_requests(500) {
            assert_eq!(SearchRequest::from_json(&request_to_json(&request)), Ok(request));
        }
        let embeddings = generator.embeddings(16);
        for criteria in generator.match_requests(500, Some(&embeddings)) {
            assert_eq!(ClientCriteria::from_json(&criteria_to_json(&criteria)), Ok(criteria));
        }
    }

    #[test]
    fn a_need_leaves_about_one_advisor_in_a_hundred() {
        let generator = Generator::new(42);
        let twin = Twin::new(generated_schema(), generator.advisors(5_000).collect(), None);
        let twin = twin.expect("generated advisors are right");
        let mut found: Vec<u64> = generator
            .match_requests(101, None)
            .map(|criteria| ClientCriteria { text: None, ..criteria })
            .map(|criteria| twin.match_advisors(&criteria).map_or(0, |found| found.considered))
            .collect();
        found.sort_unstable();
        assert!((40..65).contains(&found[50]), "median {} of 5,000", found[50]);
    }

    #[test]
    fn most_searches_find_somebody() {
        let generator = Generator::new(42);
        let twin = Twin::new(generated_schema(), generator.advisors(3_000).collect(), None);
        let twin = twin.expect("generated advisors are right");
        let found = generator
            .search_requests(100)
            .filter(|request| twin.search(request).is_ok_and(|result| result.total > 0))
            .count();
        assert!(found > 80, "{found} of 100");
    }
}
