//! Requests: keyword arguments, a mapping, a request object, or JSON text; all of them one wire form.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use shortlist::{
    ClientCriteria, Error, Result, SearchRequest, SimilarRequest, SuggestRequest, limits,
};

use super::json::{self, Wire};
use crate::error::{exception, noted, wrong_type};

/// A request that has a wire form.
pub trait Request: Sized {
    /// What errors call it.
    const WHAT: &'static str;

    fn from_json(text: &str) -> Result<Self>;

    /// Puts the embedding back that did not go through text; false where such a request has none.
    fn embed(&mut self, embedding: Vec<f32>) -> bool;
}

impl Request for SearchRequest {
    const WHAT: &'static str = "search request";

    fn from_json(text: &str) -> Result<Self> {
        Self::from_json(text)
    }

    fn embed(&mut self, embedding: Vec<f32>) -> bool {
        self.embedding = Some(embedding);
        true
    }
}

impl Request for ClientCriteria {
    const WHAT: &'static str = "match request";

    fn from_json(text: &str) -> Result<Self> {
        Self::from_json(text)
    }

    fn embed(&mut self, embedding: Vec<f32>) -> bool {
        self.embedding = Some(embedding);
        true
    }
}

impl Request for SimilarRequest {
    const WHAT: &'static str = "similar request";

    fn from_json(text: &str) -> Result<Self> {
        Self::from_json(text)
    }

    fn embed(&mut self, _: Vec<f32>) -> bool {
        false
    }
}

impl Request for SuggestRequest {
    const WHAT: &'static str = "suggest request";

    fn from_json(text: &str) -> Result<Self> {
        Self::from_json(text)
    }

    fn embed(&mut self, _: Vec<f32>) -> bool {
        false
    }
}

/// The request that one argument, keyword arguments, or both make: keywords go over what the argument says.
pub fn request<R: Request>(
    given: Option<&Bound<'_, PyAny>>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<R> {
    match (given, keywords.filter(|keywords| !keywords.is_empty())) {
        (None, None) => read(Wire { text: "{}".to_owned(), ..Wire::default() }),
        (None, Some(keywords)) => read(json::keywords(R::WHAT, keywords)?),
        (Some(given), None) => one(given),
        (Some(given), Some(keywords)) => {
            let Some(fields) = json::fields(given)? else {
                return Err(wrong_type(
                    R::WHAT,
                    given,
                    "a mapping or a request, where keywords stand beside it",
                ));
            };
            let joined = fields.copy()?;
            joined.update(keywords.as_mapping())?;
            read(json::keywords(R::WHAT, &joined)?)
        }
    }
}

fn one<R: Request>(given: &Bound<'_, PyAny>) -> PyResult<R> {
    if let Ok(text) = given.cast::<PyString>() {
        return R::from_json(&json::text_of(R::WHAT, text)?).map_err(|error| exception(&error));
    }
    read(json::object(R::WHAT, given)?)
}

fn read<R: Request>(wire: Wire) -> PyResult<R> {
    let mut request = R::from_json(&wire.text).map_err(|error| exception(&error))?;
    if let Some(embedding) = wire.embedding.given()
        && !request.embed(embedding)
    {
        return Err(exception(&Error::UnknownField {
            field: "embedding".to_owned(),
            within: R::WHAT,
            nearest: None,
        }));
    }
    Ok(request)
}

/// A list of requests, and in their places what is wrong with those that are none.
pub struct Asked<R> {
    requests: Vec<R>,
    refused: Vec<Option<PyErr>>,
}

impl<R: Request> Asked<R> {
    pub fn read(given: &Bound<'_, PyAny>, return_exceptions: bool) -> PyResult<Self> {
        let expected = "a list of requests";
        if given.is_instance_of::<PyString>() || given.is_instance_of::<PyDict>() {
            return Err(wrong_type("requests", given, expected));
        }
        let mut asked = Self { requests: Vec::new(), refused: Vec::new() };
        for given_one in given.try_iter().map_err(|_| wrong_type("requests", given, expected))? {
            let at = asked.refused.len();
            if at == limits::REQUESTS {
                return Err(exception(&Error::TooLarge {
                    field: "requests".to_owned(),
                    found: at as u64 + 1,
                    limit: limits::REQUESTS as u64,
                    unit: "requests or more",
                }));
            }
            let refused = match one(&given_one?) {
                Ok(request) => {
                    asked.requests.push(request);
                    None
                }
                Err(error) if return_exceptions => Some(error),
                Err(error) => return Err(noted(given.py(), error, &of_list(at))),
            };
            asked.refused.push(refused);
        }
        Ok(asked)
    }
}

impl<R> Asked<R> {
    /// The answers in the places of their requests. The first refusal is raised, unless they are wanted in their places.
    pub fn answered<'py, T>(
        refused: Vec<Option<PyErr>>,
        py: Python<'py>,
        answers: Vec<Result<T>>,
        return_exceptions: bool,
        show: impl Fn(T) -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let list = PyList::empty(py);
        let mut answers = answers.into_iter();
        for (at, refused) in refused.into_iter().enumerate() {
            let answer = match refused {
                Some(error) => Err(error),
                None => match answers.next() {
                    Some(answer) => answer.map_err(|error| exception(&error)),
                    None => break,
                },
            };
            match answer {
                Ok(answer) => list.append(show(answer)?)?,
                Err(error) if return_exceptions => list.append(error.into_value(py))?,
                Err(error) => return Err(noted(py, error, &of_list(at))),
            }
        }
        Ok(list.into_any())
    }

    /// What is asked, and what is refused before anything is asked.
    pub fn apart(self) -> (Vec<R>, Vec<Option<PyErr>>) {
        (self.requests, self.refused)
    }
}

fn of_list(at: usize) -> String {
    format!("in request {at} of the list")
}

/// A list of ids.
pub fn ids(given: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if let Ok(one) = given.cast::<PyString>() {
        return Ok(vec![json::text_of("ids", one)?.into_owned()]);
    }
    let expected = "an id, or a list of ids";
    let mut ids = Vec::new();
    for id in given.try_iter().map_err(|_| wrong_type("ids", given, expected))? {
        let id = id?;
        let text = id.cast::<PyString>().map_err(|_| wrong_type("ids", &id, expected))?;
        ids.push(json::text_of("ids", text)?.into_owned());
        if ids.len() > limits::BATCH {
            return Err(exception(&Error::TooLarge {
                field: "ids".to_owned(),
                found: ids.len() as u64,
                limit: limits::BATCH as u64,
                unit: "ids or more",
            }));
        }
    }
    Ok(ids)
}
