//! What is asked: kinds of requests, and the requests themselves, in both forms that targets take.

use shortlist::testing::{Generator, Random, criteria_to_json, request_to_json};
use shortlist::{ClientCriteria, SearchRequest, Sort};

/// A kind of request, told apart in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A list page without conditions.
    List,
    /// A page with conditions, words or facets.
    Search,
    /// One whole profile.
    Profile,
    /// A match.
    Match,
}

impl Kind {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 4] = [Self::List, Self::Search, Self::Profile, Self::Match];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Search => "search",
            Self::Profile => "profile",
            Self::Match => "match",
        }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub enum Asked {
    /// The search of that place.
    Page(Kind, usize),
    /// The match of that place.
    Match(usize),
    /// The profile of that id.
    Profile(String),
}

impl Asked {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Page(kind, _) => *kind,
            Self::Match(_) => Kind::Match,
            Self::Profile(_) => Kind::Profile,
        }
    }
}

/// A request as the engine takes it and as a service does.
pub struct Both<A> {
    /// For the engine.
    pub request: A,
    /// For a service.
    pub json: String,
}

/// All requests of a run, made before it.
pub struct Pool {
    /// List pages first, then searches.
    pub pages: Vec<Both<SearchRequest>>,
    /// Matches.
    pub needs: Vec<Both<ClientCriteria>>,
    /// Ids of profiles.
    pub ids: Vec<String>,
    lists: usize,
    searches: Popularity,
    matches: Popularity,
}

impl Pool {
    /// So many searches and matches of the generator, and list pages in every order.
    pub fn new(
        generator: Generator,
        distinct: usize,
        dimension: Option<usize>,
        ids: Vec<String>,
    ) -> Self {
        let orders = [
            Sort::Rating,
            Sort::Experience,
            Sort::Reviews,
            Sort::Newest,
            Sort::PriceAsc,
            Sort::PriceDesc,
        ];
        let lists =
            orders.map(|sort| SearchRequest { sort: Some(sort), ..SearchRequest::default() });
        let lists: Vec<SearchRequest> =
            std::iter::once(SearchRequest::default()).chain(lists).collect();
        let space = dimension.map(|dimension| generator.embeddings(dimension));
        let pages = lists.iter().cloned().chain(generator.search_requests(distinct));
        let needs = generator.match_requests(distinct, space.as_ref());
        Self {
            lists: lists.len(),
            pages: pages.map(|request| Both { json: request_to_json(&request), request }).collect(),
            needs: needs
                .map(|request| Both { json: criteria_to_json(&request), request })
                .collect(),
            ids,
            searches: Popularity::new(distinct),
            matches: Popularity::new(distinct),
        }
    }

    /// A list page, the plain one most often.
    pub fn list(&self, random: &mut Random) -> Asked {
        let at = if random.chance(0.5) { 0 } else { random.below(self.lists) };
        Asked::Page(Kind::List, at)
    }

    /// A search, the popular ones most often.
    pub fn search(&self, random: &mut Random) -> Asked {
        Asked::Page(Kind::Search, self.lists + self.searches.pick(random))
    }

    /// A match, the popular ones most often.
    pub fn matching(&self, random: &mut Random) -> Asked {
        Asked::Match(self.matches.pick(random))
    }

    /// The profile of anybody.
    pub fn profile(&self, random: &mut Random) -> Asked {
        Asked::Profile(random.pick(&self.ids).clone())
    }
}

/// Places whose frequencies fall off as one over their rank.
struct Popularity {
    /// The sum of the weights up to each place.
    sums: Vec<f64>,
}

impl Popularity {
    fn new(places: usize) -> Self {
        let mut sum = 0.0;
        let mut add = |rank: usize| {
            sum += 1.0 / (rank as f64 + 1.0);
            sum
        };
        Self { sums: (0..places).map(&mut add).collect() }
    }

    fn pick(&self, random: &mut Random) -> usize {
        let drawn = random.share() * self.sums.last().copied().unwrap_or(0.0);
        self.sums.partition_point(|sum| *sum <= drawn).min(self.sums.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_asked_twice_as_often_as_the_second() {
        let popularity = Popularity::new(100);
        let mut random = Random::of(1, 0, 0);
        let mut counts = [0; 100];
        (0..100_000).for_each(|_| counts[popularity.pick(&mut random)] += 1);
        let ratio = f64::from(counts[0]) / f64::from(counts[1]);
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
        assert!(counts[99] > 0);
    }
}
