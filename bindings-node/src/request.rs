//! What JavaScript asks: a text in the core's wire form, and beside it the embeddings as they lie in memory.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use shortlist::{
    AdvisorProfile, ClientCriteria, Engine, Error, HoldId, ProfilePatch, Schema, SearchRequest,
    criteria_list_from_json, search_list_from_json,
};

use crate::failure::{Failure, Result};
use crate::kept;

/// A request on its way to the engine.
pub struct Request {
    pub text: String,
    /// The embeddings, one behind the other.
    floats: Vec<f32>,
    /// How long each of them is, 0 for an entry without one; none where there is one request.
    lengths: Option<Vec<u32>>,
}

impl Request {
    pub fn new(text: String, floats: Option<&[f32]>, lengths: Option<&[u32]>) -> Self {
        Self {
            text,
            floats: floats.map(<[f32]>::to_vec).unwrap_or_default(),
            lengths: lengths.map(<[u32]>::to_vec),
        }
    }

    /// The embedding of the one request, where it came beside it.
    fn embedding(self) -> Option<Vec<f32>> {
        // An empty one is the core's to refuse: it came as a list of none.
        (!self.floats.is_empty()).then_some(self.floats)
    }

    /// The embedding of each entry of a list; any number of entries have none.
    fn embeddings(&self) -> impl Iterator<Item = Option<&[f32]>> {
        let mut rest = self.floats.as_slice();
        let lengths = self.lengths.as_deref().unwrap_or_default();
        let each = lengths.iter().map(move |length| {
            let (this, others) = rest.split_at_checked(*length as usize)?;
            rest = others;
            (!this.is_empty()).then_some(this)
        });
        each.chain(std::iter::repeat(None))
    }

    pub fn search(self) -> Result<Arc<SearchRequest>> {
        let request = kept::search(&self.text)?;
        Ok(match self.embedding() {
            None => request,
            Some(embedding) => {
                let mut request = SearchRequest::clone(&request);
                request.embedding = Some(embedding);
                Arc::new(request)
            }
        })
    }

    pub fn searches(&self) -> Result<Vec<SearchRequest>> {
        let mut requests = search_list_from_json(&self.text)?;
        for (request, embedding) in requests.iter_mut().zip(self.embeddings()) {
            if let Some(embedding) = embedding {
                request.embedding = Some(embedding.to_vec());
            }
        }
        Ok(requests)
    }

    pub fn criteria(self) -> Result<ClientCriteria> {
        let mut criteria = ClientCriteria::from_json(&self.text)?;
        if let Some(embedding) = self.embedding() {
            criteria.embedding = Some(embedding);
        }
        Ok(criteria)
    }

    pub fn criteria_list(&self) -> Result<Vec<ClientCriteria>> {
        let mut list = criteria_list_from_json(&self.text)?;
        for (criteria, embedding) in list.iter_mut().zip(self.embeddings()) {
            if let Some(embedding) = embedding {
                criteria.embedding = Some(embedding.to_vec());
            }
        }
        Ok(list)
    }

    /// Profiles, one a line, to the end of those that came before.
    pub fn profiles(&self, schema: &mut Schema, all: &mut Vec<AdvisorProfile>) -> Result<()> {
        for (line, embedding) in self.text.lines().zip(self.embeddings()) {
            let at = |error| Failure::RefusedAt(all.len(), error);
            let mut profile = AdvisorProfile::from_json_declaring(line, schema).map_err(at)?;
            if let Some(embedding) = embedding {
                profile.embedding = Some(embedding.to_vec());
                profile.check().map_err(at)?;
            }
            all.push(profile);
        }
        Ok(())
    }

    /// Patches, each in two lines: the id and the fields.
    pub fn patches(&self, engine: &Engine) -> Result<Vec<(String, ProfilePatch)>> {
        let schema = engine.schema();
        let lines: Vec<&str> = self.text.lines().collect();
        let read = |(index, (lines, embedding)): (usize, (&[&str], Option<&[f32]>))| {
            let at = |error| Failure::RefusedAt(index, error);
            let [id, fields] = lines else { return Err(Failure::internal("half a patch")) };
            let mut patch = ProfilePatch::from_json(fields, &schema).map_err(at)?;
            if let Some(embedding) = embedding {
                patch.embedding = Some(Some(embedding.to_vec()));
            }
            Ok((string("id", id)?, patch))
        };
        lines.chunks(2).zip(self.embeddings()).enumerate().map(read).collect()
    }

    /// A text, as JSON writes it.
    pub fn string(&self, field: &str) -> Result<String> {
        string(field, &self.text)
    }

    /// A list of texts; a bare text is a list of one.
    pub fn strings(&self, field: &str) -> Result<Vec<String>> {
        let expected = "a string or a list of strings";
        match value(&self.text)? {
            Value::String(text) => Ok(vec![text]),
            Value::Array(values) => values
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text),
                    other => Err(Failure::wrong_type(field, shown(&other), expected)),
                })
                .collect(),
            other => Err(Failure::wrong_type(field, shown(&other), expected)),
        }
    }

    /// A generation, and how long to wait for it in milliseconds: a list of two.
    pub fn moment(&self) -> Result<(u64, Duration)> {
        let expected = "whole numbers, 0 or more";
        let (generation, ms): (u64, u64) = serde_json::from_str(&self.text)
            .map_err(|_| Failure::wrong_type("generation, timeoutMs", &*self.text, expected))?;
        Ok((generation, Duration::from_millis(ms)))
    }

    /// An id, and how long a place is held in milliseconds: a list of two.
    pub fn reservation(&self) -> Result<(String, Duration)> {
        let expected = "an id, and whole milliseconds";
        let (id, ms): (String, u64) = serde_json::from_str(&self.text)
            .map_err(|_| Failure::wrong_type("id, ttlMs", &*self.text, expected))?;
        Ok((id, Duration::from_millis(ms)))
    }

    /// The number of a hold.
    pub fn hold(&self) -> Result<HoldId> {
        let expected = "the `id` of a hold";
        serde_json::from_str(&self.text)
            .map(HoldId)
            .map_err(|_| Failure::wrong_type("hold", &*self.text, expected))
    }

    /// The two lines of a request that is a name and an object.
    pub fn named(&self, field: &str) -> Result<(String, &str)> {
        let (name, rest) = self.text.split_once('\n').unwrap_or((&self.text, "null"));
        Ok((string(field, name)?, rest))
    }
}

fn value(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        Failure::Refused(Error::Malformed {
            what: "the request".to_owned(),
            reason: error.to_string(),
        })
    })
}

fn string(field: &str, text: &str) -> Result<String> {
    match value(text)? {
        Value::String(text) => Ok(text),
        other => Err(Failure::wrong_type(field, shown(&other), "a string")),
    }
}

/// A value as an error shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(values) => format!("a list of {}", values.len()),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string().chars().take(60).collect(),
    }
}
