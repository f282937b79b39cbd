//! What the engine answered, and the forms in which it crosses to JavaScript.

use std::borrow::Cow;

use napi::bindgen_prelude::{Buffer, Either5, Float32Array};
use shortlist::{Engine, ListingKey, MatchAnswer, ProfileApart, SearchAnswer, SimilarAnswer};

use crate::failure::{Failure, Result};
use crate::handle::EngineHandle;
use crate::many::Many;

/// The form that an answer is asked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text of which JavaScript makes objects, without the listings that it knows.
    Objects,
    /// The wire form in bytes, for an HTTP response.
    Bytes,
    /// Ids and scores.
    Ids,
}

impl Form {
    pub fn of(form: u32) -> Result<Self> {
        match form {
            0 => Ok(Form::Objects),
            1 => Ok(Form::Bytes),
            2 => Ok(Form::Ids),
            _ => Err(Failure::internal("no such form of an answer")),
        }
    }
}

/// What crosses: a text, bytes, an engine, texts with embeddings, or many answers.
pub type Answer = Either5<String, Buffer, EngineHandle, Vec<(String, Option<Float32Array>)>, Many>;

/// What the engine answered.
pub enum Outcome {
    Search(SearchAnswer),
    Match(MatchAnswer),
    Similar(SimilarAnswer),
    /// Each of a list, or why not.
    Many(Vec<Result<Outcome>>),
    /// A text in JSON.
    Json(Cow<'static, str>),
    /// Texts in JSON, empty for none, and the embedding that belongs to each.
    Profiles(Vec<ProfileApart>),
    Engine(Engine),
}

/// What a table of stamps by place says: which listings the reader has.
fn knows(known: Option<&[f64]>, key: ListingKey) -> bool {
    let Some(known) = known.filter(|known| !known.is_empty()) else { return false };
    known[key.row as usize % known.len()] == key.stamp as f64
}

impl Outcome {
    /// No answer but that it is done.
    pub const NOTHING: Self = Self::Json(Cow::Borrowed("null"));

    /// Does on the pool's thread what would else be done on JavaScript's.
    pub fn prepared(self, form: Form) -> Self {
        match (&self, form) {
            (Outcome::Many(all), _) => {
                all.iter().flatten().for_each(|answer| drop(answer.text(None)));
            }
            // Writes the listings, so that they are at hand.
            (_, Form::Objects) => drop(self.text(None)),
            (_, Form::Bytes) => drop(self.bytes()),
            (_, Form::Ids) => {}
        }
        self
    }

    pub fn into_answer(self, form: Form, known: Option<&[f64]>) -> Answer {
        match (self, form) {
            (Outcome::Engine(engine), _) => Either5::C(EngineHandle::new(engine)),
            (Outcome::Profiles(all), _) => Either5::D(
                all.into_iter()
                    .map(|ProfileApart { json, embedding }| (json, embedding.map(Into::into)))
                    .collect(),
            ),
            (Outcome::Many(answers), _) => Either5::E(Many::new(answers)),
            (outcome, Form::Objects) => Either5::A(outcome.text(known)),
            (outcome, Form::Bytes) => Either5::B(outcome.bytes().into()),
            (outcome, Form::Ids) => Either5::A(outcome.ids()),
        }
    }

    /// As a text of which objects are made: `{"answer": ...}`, or an answer and its listings apart, or texts of
    /// these for many.
    pub fn text(&self, known: Option<&[f64]>) -> String {
        let known = |key| knows(known, key);
        let whole = |text: String| format!("{{\"answer\":{text}}}");
        match self {
            Outcome::Search(answer) => {
                answer.to_json_apart(known).unwrap_or_else(|| whole(answer.to_json()))
            }
            Outcome::Match(answer) => {
                answer.to_json_apart(known).unwrap_or_else(|| whole(answer.to_json()))
            }
            Outcome::Similar(answer) => {
                answer.to_json_apart(known).unwrap_or_else(|| whole(answer.to_json()))
            }
            Outcome::Json(text) => text.clone().into_owned(),
            Outcome::Many(_) | Outcome::Profiles(_) | Outcome::Engine(_) => String::new(),
        }
    }

    /// Ids and scores, where there are any.
    fn ids(&self) -> String {
        match self {
            Outcome::Search(answer) => answer.to_json_ids(),
            Outcome::Match(answer) => answer.to_json_ids(),
            other => other.text(None),
        }
    }

    /// The wire form.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Outcome::Search(answer) => answer.to_json_bytes(),
            Outcome::Match(answer) => answer.to_json().into_bytes(),
            Outcome::Similar(answer) => answer.to_json().into_bytes(),
            Outcome::Json(text) => text.clone().into_owned().into_bytes(),
            Outcome::Many(_) | Outcome::Profiles(_) | Outcome::Engine(_) => Vec::new(),
        }
    }
}
