//! A marketplace out of a seed: advisors, their embeddings, and the requests that such a marketplace
//! gets. The same seed gives the same bytes on every machine and in every release.

mod bio;
mod cities;
mod embeddings;
mod hours;
mod nearness;
mod places;
mod profile;
mod random;
mod requests;
mod words;

pub use embeddings::Embeddings;
pub use profile::{generated_schema, whereabouts_schema};

use crate::model::AdvisorProfile;
pub use random::Random;

/// What a stream of chance is for: each purpose has its own, so that one more draw here changes nothing there.
#[derive(Clone, Copy)]
enum Purpose {
    Traits = 1,
    Profile = 2,
    Words = 3,
    Topics = 4,
    Embedding = 5,
    Search = 6,
    Match = 7,
    Need = 8,
    Whereabouts = 9,
    Nearness = 10,
}

/// Makes advisors and requests from a seed. Any row can be made alone, at the cost of that row.
///
/// ```
/// use shortlist::testing::Generator;
///
/// let generator = Generator::new(42);
/// let tenth = generator.advisors(10).last();
/// assert_eq!(tenth, Some(generator.advisor(9)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generator {
    seed: u64,
    whereabouts: bool,
}

impl Generator {
    /// The generator of that seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, whereabouts: false }
    }

    /// The same advisors, each with an office where its city is and a calendar; and requests that ask for them.
    /// [`whereabouts_schema`] declares what is new.
    #[must_use]
    pub fn with_whereabouts(self) -> Self {
        Self { whereabouts: true, ..self }
    }

    /// The first `n` advisors, without embeddings.
    pub fn advisors(self, n: usize) -> impl ExactSizeIterator<Item = AdvisorProfile> {
        (0..n).map(move |row| self.advisor(row))
    }

    /// The advisor of one row; row 0 is `adv-000001`.
    pub fn advisor(self, row: usize) -> AdvisorProfile {
        profile::advisor(self, row)
    }

    /// The embeddings of the same rows, in `dim` dimensions.
    pub fn embeddings(self, dim: usize) -> Embeddings {
        Embeddings::new(self, dim)
    }

    fn random(self, purpose: Purpose, row: usize) -> Random {
        Random::of(self.seed, purpose as u64, row as u64)
    }

    /// What both the words and the embedding of a row come from.
    fn traits(self, row: usize) -> Traits {
        let mut random = self.random(Purpose::Traits, row);
        let industries = how_many(&mut random);
        let services = how_many(&mut random);
        Traits {
            industries: random.distinct(industries, words::INDUSTRIES.len()),
            services: random.distinct(services, words::SERVICES.len()),
            seniority: *random.pick(&[0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4]),
        }
    }
}

/// What an advisor is about, by places in the vocabulary.
struct Traits {
    industries: Vec<usize>,
    services: Vec<usize>,
    seniority: usize,
}

/// One to four, two most often.
fn how_many(random: &mut Random) -> usize {
    *random.pick(&[1, 1, 1, 2, 2, 2, 2, 3, 3, 4])
}
