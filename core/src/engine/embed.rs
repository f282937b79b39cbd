//! Text becomes an embedding, by the one embedder of the index.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Engine, HashEmbedder};
use crate::api::criteria::ClientCriteria;
use crate::model::embedder::embedding_text;
use crate::model::error::shown;
use crate::model::{AdvisorProfile, Embedder, Error, Result, Schema};

/// The embedder of an index: the given one if it is the one that the schema names, or the built-in one.
pub(super) fn fitting(
    schema: &Schema,
    given: Option<Arc<dyn Embedder>>,
) -> Result<Option<Arc<dyn Embedder>>> {
    match (&schema.embedder, given) {
        (Some(expected), Some(given)) if *expected != given.id() => Err(Error::EmbedderMismatch {
            expected: expected.to_string(),
            found: given.id().to_string(),
        }),
        (Some(expected), None) => {
            let built_in = HashEmbedder::new(expected.dimension);
            Ok((built_in.name() == expected.name).then(|| Arc::new(built_in) as _))
        }
        (_, given) => Ok(given),
    }
}

/// The schema and the embedder of a new index.
pub(super) fn of_new(
    mut schema: Schema,
    given: Option<Arc<dyn Embedder>>,
) -> Result<(Schema, Option<Arc<dyn Embedder>>)> {
    let embedder = fitting(&schema, given)?;
    if let Some(embedder) = &embedder {
        let id = embedder.id();
        if schema.dimension.is_some_and(|dimension| dimension != id.dimension) {
            return Err(Error::WrongDimension {
                field: "schema.dimension".to_owned(),
                found: schema.dimension.unwrap_or(0),
                expected: id.dimension,
            });
        }
        schema.dimension = Some(id.dimension);
        schema.embedder = Some(id);
    }
    Ok((schema, embedder))
}

/// The embedder of an index that was opened, which has its own schema.
pub(super) fn of_opened(
    schema: &Schema,
    given: Option<Arc<dyn Embedder>>,
) -> Result<Option<Arc<dyn Embedder>>> {
    if let (None, Some(given)) = (&schema.embedder, &given) {
        return Err(Error::EmbedderMismatch {
            expected: "none: its embeddings come with the profiles".to_owned(),
            found: given.id().to_string(),
        });
    }
    fitting(schema, given)
}

/// What an embedder made, checked like what a caller sends.
fn checked(embedder: &dyn Embedder, text: &str) -> Result<Option<Vec<f32>>> {
    let vector = embedder.embed(text)?;
    if let Some(vector) = &vector {
        crate::api::check_embedding("embedding", vector)?;
        if vector.len() != embedder.dimension() {
            return Err(Error::WrongDimension {
                field: format!("embedding by {}", embedder.name()),
                found: vector.len(),
                expected: embedder.dimension(),
            });
        }
    }
    Ok(vector)
}

impl Engine {
    /// Gives an embedding to each profile that brings none. Several threads, one profile at a time.
    pub(super) fn embed_profiles(&self, profiles: &mut [AdvisorProfile]) -> Result<()> {
        self.go_on()?;
        let Some(embedder) = &self.inner.embedder else { return Ok(()) };
        profiles.par_iter_mut().filter(|profile| profile.embedding.is_none()).try_for_each(
            |profile| {
                self.go_on()?;
                profile.embedding = checked(&**embedder, &embedding_text(profile))?;
                Ok(())
            },
        )
    }

    /// The embedding of criteria: their own, or that of their text.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for text that nothing here makes an embedding of: a need in words that counted for
    /// nothing would look like one that nobody meets.
    pub(super) fn embed_criteria<'a>(
        &self,
        criteria: &'a ClientCriteria,
    ) -> Result<Option<Cow<'a, [f32]>>> {
        match (&criteria.embedding, &criteria.text, &self.inner.embedder) {
            (Some(embedding), _, _) => Ok(Some(Cow::Borrowed(embedding))),
            (None, Some(text), Some(embedder)) => Ok(checked(&**embedder, text)?.map(Cow::Owned)),
            (None, Some(text), None) if !text.trim().is_empty() => Err(Error::OutOfRange {
                field: "text".to_owned(),
                value: shown(text),
                expected: "left out where nothing embeds text, or sent with its `embedding`: the index was opened without an embedder".to_owned(),
            }),
            _ => Ok(None),
        }
    }
}
