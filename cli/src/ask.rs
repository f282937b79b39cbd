//! A question to the engine, be it a search or a match: what the commands do with either.

use std::path::Path;

use shortlist::import::{Embeddings, Lines, Rejected};
use shortlist::testing::{Twin, compare_match, compare_search, criteria_to_json, request_to_json};
use shortlist::{ClientCriteria, Engine, Error, MatchAnswer, SearchAnswer, SearchRequest};

use crate::failure::{Failure, Place, Result};
use crate::output::Style;
use crate::report::{matches::matches, page::page};

/// A line of a file of requests.
pub trait Record: Sized {
    /// Reads the wire form.
    fn parse(json: &str) -> shortlist::Result<Self>;
    /// Takes an embedding from a file beside the requests.
    fn with_embedding(self, embedding: Vec<f32>) -> Self;
}

/// A search request or a client's criteria.
pub trait Ask: Record + Sync + Send {
    /// What the engine answers.
    type Answer: Sync;

    /// Asks the engine.
    fn ask(&self, engine: &Engine) -> shortlist::Result<Self::Answer>;
    /// The path that is chosen for it.
    fn path(&self, engine: &Engine) -> shortlist::Result<&'static str>;
    /// The request's wire form, without an embedding.
    fn wire(&self) -> String;
    /// The answer's wire form.
    fn json(answer: &Self::Answer) -> String;
    /// The answer for a person.
    fn table(answer: &Self::Answer, style: Style) -> String;
    /// Whether the twin answers the same; if not, what differs.
    fn verify(&self, answer: &Self::Answer, twin: &Twin) -> std::result::Result<(), String>;
}

impl Record for SearchRequest {
    fn parse(json: &str) -> shortlist::Result<Self> {
        Self::from_json(json)
    }

    fn with_embedding(self, embedding: Vec<f32>) -> Self {
        Self { embedding: Some(embedding), ..self }
    }
}

impl Ask for SearchRequest {
    type Answer = SearchAnswer;

    fn ask(&self, engine: &Engine) -> shortlist::Result<SearchAnswer> {
        engine.search(self)
    }

    fn path(&self, engine: &Engine) -> shortlist::Result<&'static str> {
        let explained = engine.search(&Self { explain: true, ..self.clone() })?;
        Ok(explained.explain.map_or("unknown", |plan| plan.path))
    }

    fn wire(&self) -> String {
        request_to_json(&Self { embedding: None, ..self.clone() })
    }

    fn json(answer: &SearchAnswer) -> String {
        answer.to_json()
    }

    fn table(answer: &SearchAnswer, style: Style) -> String {
        page(answer, style)
    }

    fn verify(&self, answer: &SearchAnswer, twin: &Twin) -> std::result::Result<(), String> {
        let expected = twin.search(self).map_err(|error| format!("the twin refuses: {error}"))?;
        // A later page stands where its first hit stands in the twin's whole result.
        let first = answer.ids().first().map(|id| (*id).to_owned());
        let offset = match (&self.cursor, first) {
            (Some(_), Some(first)) => expected.ids.iter().position(|id| *id == first),
            (Some(_), None) => Some(expected.ids.len()),
            (None, _) => Some(0),
        };
        let offset = offset.ok_or("the first hit is none of the twin's")?;
        compare_search(&expected, self, answer, offset)
    }
}

impl Record for ClientCriteria {
    fn parse(json: &str) -> shortlist::Result<Self> {
        Self::from_json(json)
    }

    fn with_embedding(self, embedding: Vec<f32>) -> Self {
        Self { embedding: Some(embedding), ..self }
    }
}

impl Ask for ClientCriteria {
    type Answer = MatchAnswer;

    fn ask(&self, engine: &Engine) -> shortlist::Result<MatchAnswer> {
        engine.match_advisors(self)
    }

    fn path(&self, engine: &Engine) -> shortlist::Result<&'static str> {
        let explained = engine.match_advisors(&Self { explain: true, ..self.clone() })?;
        Ok(explained.explain.map_or("unknown", |plan| plan.path))
    }

    fn wire(&self) -> String {
        criteria_to_json(&Self { embedding: None, ..self.clone() })
    }

    fn json(answer: &MatchAnswer) -> String {
        answer.to_json()
    }

    fn table(answer: &MatchAnswer, style: Style) -> String {
        matches(answer, style)
    }

    fn verify(&self, answer: &MatchAnswer, twin: &Twin) -> std::result::Result<(), String> {
        let expected =
            twin.match_advisors(self).map_err(|error| format!("the twin refuses: {error}"))?;
        compare_match(&expected, answer)
    }
}

/// The requests of a file, each with its row of the embeddings beside them.
pub struct Requests<'a> {
    lines: Lines,
    embeddings: Option<Embeddings>,
    file: &'a Path,
    count: u64,
}

impl<'a> Requests<'a> {
    /// Opens the file; a raw embeddings file has as many dimensions as the engine's index.
    pub fn open(file: &'a Path, embeddings: Option<&Path>, engine: &Engine) -> Result<Self> {
        let embeddings = match embeddings {
            None => None,
            Some(path) => Some(open_embeddings(path, engine)?),
        };
        Ok(Self { lines: Lines::open(file)?, embeddings, file, count: 0 })
    }

    /// The next request with its line, or what is wrong with it; the outer error ends the reading.
    pub fn next<A: Record>(&mut self) -> Result<Option<(Place, shortlist::Result<A>)>> {
        let (line, request) = match self.lines.next() {
            None if self.count == 0 => {
                return Err(Error::Malformed {
                    what: self.file.display().to_string(),
                    reason: "it holds no request; it takes one JSON object a line".to_owned(),
                }
                .into());
            }
            None => {
                if let Some(embeddings) = &self.embeddings {
                    embeddings.check_count(self.count)?;
                }
                return Ok(None);
            }
            Some(Ok((line, text))) => (line, A::parse(&text)),
            Some(Err(Rejected { line, error, fatal: true, .. })) => {
                return Err(Failure::at(error, Place::new(line, self.file)));
            }
            Some(Err(Rejected { line, error, .. })) => (line, Err(error)),
        };
        self.count += 1;
        let request = match self.embeddings.as_mut().map(Iterator::next) {
            None => request,
            Some(Some(row)) => {
                request.and_then(|request| row.map(|row| request.with_embedding(row)))
            }
            Some(None) => return Err(self.too_few()),
        };
        Ok(Some((Place::new(line, self.file), request)))
    }

    fn too_few(&mut self) -> Failure {
        let rest = self.lines.by_ref().filter(|line| !matches!(line, Err(r) if r.fatal)).count();
        let requests = self.count + rest as u64;
        let checked = self.embeddings.as_ref().map(|embeddings| embeddings.check_count(requests));
        match checked {
            Some(Err(error)) => error.into(),
            _ => Error::Internal { what: "an embeddings file ended twice".to_owned() }.into(),
        }
    }
}

/// The embeddings of requests to an index.
pub fn open_embeddings(path: &Path, engine: &Engine) -> Result<Embeddings> {
    let Some(dimension) = engine.schema().dimension else {
        return Err(Error::OutOfRange {
            field: "embeddings".to_owned(),
            value: path.display().to_string(),
            expected: "left out: this index holds no embeddings".to_owned(),
        }
        .into());
    };
    Ok(Embeddings::open(path, Some(dimension))?)
}
