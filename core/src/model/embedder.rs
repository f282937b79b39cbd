//! What makes a vector from text.

use super::{AdvisorProfile, EmbedderId, Result};

/// Makes an embedding from text. Its name and dimension are kept with the index, and vectors of two
/// embedders are never mixed.
///
/// An implementation that calls a model or a service does so inside [`Embedder::embed`]; the engine
/// calls it once a profile when it is written and once a request that brings text and no embedding.
pub trait Embedder: Send + Sync {
    /// Its name: changes whenever the same text would give another vector.
    fn name(&self) -> &str;

    /// How many numbers its vectors have.
    fn dimension(&self) -> usize;

    /// The vector of a text: [`Embedder::dimension`] finite numbers, or `None` where nothing in the text can be embedded.
    ///
    /// # Errors
    /// Whatever kept it from answering; the request or write that asked ends with it.
    fn embed(&self, text: &str) -> Result<Option<Vec<f32>>>;

    /// Name and dimension together.
    fn id(&self) -> EmbedderId {
        EmbedderId { name: self.name().to_owned(), dimension: self.dimension() }
    }
}

/// The text of a profile that an index embeds: title, headline, bio, industries, services and certifications, in
/// this order, joined by `. `.
pub fn embedding_text(profile: &AdvisorProfile) -> String {
    let texts = [&profile.professional_title, &profile.headline, &profile.bio];
    let lists = [&profile.industries, &profile.services, &profile.certifications];
    let texts = texts.into_iter().flatten().map(String::as_str);
    let values = lists.into_iter().flatten().map(String::as_str);
    texts.chain(values).collect::<Vec<_>>().join(". ")
}
