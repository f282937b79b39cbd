//! An embedder written in Python, as the engine asks it.

use pyo3::prelude::*;
use shortlist::{Embedder, Error, Result};

use crate::incoming::vector::vector;

/// An object with `name`, `dimension` and `embed(text)`.
pub struct PythonEmbedder {
    object: Py<PyAny>,
    name: String,
    dimension: usize,
}

impl PythonEmbedder {
    pub fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            name: object.getattr("name")?.extract()?,
            dimension: object.getattr("dimension")?.extract()?,
            object: object.clone().unbind(),
        })
    }

    fn ask(&self, text: &str) -> PyResult<Option<Vec<f32>>> {
        Python::attach(|py| {
            let made = self.object.bind(py).call_method1("embed", (text,))?;
            if made.is_none() { Ok(None) } else { vector("embedding", &made).map(Some) }
        })
    }
}

impl Embedder for PythonEmbedder {
    fn name(&self) -> &str {
        &self.name
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn embed(&self, text: &str) -> Result<Option<Vec<f32>>> {
        self.ask(text).map_err(|error| Error::EmbedderFailed {
            name: self.name.clone(),
            reason: error.to_string(),
        })
    }
}
