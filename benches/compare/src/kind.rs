//! What is asked.

use shortlist::testing::Generator;
use shortlist::{AdvisorProfile, ClientCriteria, SearchRequest};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A filter, an order by fields, twenty rows, the exact total.
    Page,
    /// The same, with the counts of all industries and services.
    Facets,
    /// The best twenty by the full score of those who pass the hard filter.
    Match,
    /// The best twenty by the full score of all who have room.
    OpenMatch,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Page, Kind::Facets, Kind::Match, Kind::OpenMatch];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Page => "list page",
            Kind::Facets => "list page with facets of 55 values",
            Kind::Match => "filtered match",
            Kind::OpenMatch => "unfiltered match",
        }
    }
}

/// The catalogue and the requests to it.
pub struct Workload {
    pub advisors: Vec<AdvisorProfile>,
    pub dimension: usize,
    pub pages: Vec<SearchRequest>,
    pub facets: Vec<SearchRequest>,
    pub matches: Vec<ClientCriteria>,
    pub open: Vec<ClientCriteria>,
}

impl Workload {
    pub fn new(generator: Generator, rows: usize, dimension: usize, requests: usize) -> Self {
        let embeddings = generator.embeddings(dimension);
        let with_embedding = |(row, mut advisor): (usize, AdvisorProfile)| {
            advisor.embedding = Some(embeddings.row(row));
            advisor
        };
        let advisors = generator.advisors(rows).enumerate().map(with_embedding).collect();
        let pages: Vec<_> = generator
            .search_requests(3 * requests)
            .filter(|request| request.text.is_none())
            .map(|request| SearchRequest { facets: Vec::new(), disjunctive: false, ..request })
            .take(requests)
            .collect();
        let counted = ["industries", "services"].map(Into::into);
        let facets = pages
            .iter()
            .map(|page| SearchRequest { facets: counted.to_vec(), ..page.clone() })
            .collect();
        let matches: Vec<_> = generator.match_requests(requests, Some(&embeddings)).collect();
        let open = matches
            .iter()
            .map(|need| ClientCriteria {
                embedding: need.embedding.clone(),
                ..ClientCriteria::default()
            })
            .collect();
        Self { advisors, dimension, pages, facets, matches, open }
    }

    /// The searches of a kind; none for a match.
    pub fn searches(&self, kind: Kind) -> &[SearchRequest] {
        match kind {
            Kind::Page => &self.pages,
            Kind::Facets => &self.facets,
            Kind::Match | Kind::OpenMatch => &[],
        }
    }

    /// The matches of a kind; none for a search.
    pub fn needs(&self, kind: Kind) -> &[ClientCriteria] {
        match kind {
            Kind::Match => &self.matches,
            Kind::OpenMatch => &self.open,
            Kind::Page | Kind::Facets => &[],
        }
    }
}
