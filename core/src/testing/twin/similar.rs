//! Every advisor by how alike it is to one.

use super::rank::Ranked;
use super::{Twin, filter};
use crate::api::listing::Projection;
use crate::api::similar::SimilarRequest;
use crate::model::{Error, Result};

impl Twin {
    /// The ids and cosines of all who pass, the most alike first, then by id.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn similar_to(&self, request: &SimilarRequest) -> Result<Vec<(String, f64)>> {
        request.check()?;
        Projection::resolve(request.fields.as_deref(), &self.schema)?;
        request.filter.iter().try_for_each(|filter| filter::check(filter, &self.schema))?;
        let id = &request.id;
        let own = self.get(id).ok_or_else(|| Error::NotFound { id: id.clone() })?;
        let Some(wanted) = &own.embedding else {
            return Err(Error::MissingField {
                field: "embedding".to_owned(),
                expected: format!("an embedding of {id}"),
            });
        };
        let conditions: Vec<_> = request.filter.iter().cloned().collect();
        let mut rows = self.passing(&conditions, request.scope)?;
        rows.retain(|&row| self.rows[row].id != *id);
        let ranked = self.embedded_by_likeness(&rows, wanted).into_iter();
        Ok(ranked.map(|Ranked { row, score, .. }| (self.rows[row].id.clone(), score)).collect())
    }
}
