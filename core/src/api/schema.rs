//! The wire form of a schema.

use serde_json::{Map, Value, json};

use super::json::{Fields, out_of_range, parse_object, wrong_type};
use crate::model::schema::{Attribute, MAX_DIMENSION};
use crate::model::{
    AttributeKind, AttributeState, EmbedderId, Language, Progress, Result, Schema, TextWeights,
};

impl Schema {
    /// Reads the wire form, every part of it optional:
    ///
    /// ```
    /// use shortlist::{AttributeKind, Schema};
    ///
    /// let schema = Schema::from_json(
    ///     r#"{"dimension": 384, "attributes": {"languages": "keywords", "licensedSince": "date"},
    ///         "synonyms": [["cfo", "chief financial officer"], {"from": "controller", "to": "accountant"}]}"#,
    /// )?;
    /// assert_eq!(schema.attribute("languages").map(|a| a.kind), Some(AttributeKind::Keywords));
    /// # Ok::<(), shortlist::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::Error::Malformed), [`Error::UnknownField`](crate::Error::UnknownField),
    /// [`Error::WrongType`](crate::Error::WrongType), [`Error::OutOfRange`](crate::Error::OutOfRange).
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_map(parse_object("schema", text)?)
    }

    pub(crate) fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut fields = Fields::new(map, "");
        let mut schema = Self {
            dimension: fields.count("dimension")?.map(|dimension| dimension as usize),
            infer_attributes: fields.flag("inferAttributes")?.unwrap_or(false),
            language: match fields.string("language")? {
                Some(name) => Language::named(&name)?,
                None => Language::default(),
            },
            text_weights: match fields.object("textWeights")? {
                Some(map) => text_weights(map)?,
                None => TextWeights::default(),
            },
            embedder: match fields.object("embedder")? {
                Some(map) => Some(embedder(map)?),
                None => None,
            },
            synonyms: match fields.take("synonyms") {
                Some(value) => super::synonyms::rules(value)?,
                None => Vec::new(),
            },
            ..Self::default()
        };
        if let Some(map) = fields.object("attributes")? {
            for (name, value) in map {
                let (kind, state) = attribute(&name, value)?;
                schema.declare(&name, kind)?;
                schema.put(&name, state);
            }
        }
        fields.finish("a schema")?;
        if schema.dimension.is_none() {
            schema.dimension = schema.embedder.as_ref().map(|embedder| embedder.dimension);
        }
        if let Some(dimension) = schema.dimension
            && !(1..=MAX_DIMENSION).contains(&dimension)
        {
            return Err(out_of_range("dimension", dimension, "1 to 16384"));
        }
        Ok(schema)
    }

    /// The wire form, as [`Schema::from_json`] reads it.
    pub fn to_json(&self) -> String {
        let weights = self.text_weights;
        // Declaration order is kept: it decides where each attribute's values lie.
        let attributes: Map<String, Value> = self
            .attributes()
            .iter()
            .map(|attribute| (attribute.name.clone(), to_value(attribute)))
            .collect();
        let mut schema = json!({
            "attributes": attributes,
            "language": self.language.name(),
            "textWeights": {
                "professionalTitle": weights.professional_title,
                "headline": weights.headline,
                "keywords": weights.keywords,
                "bio": weights.bio,
                "attributes": weights.attributes,
            },
            "inferAttributes": self.infer_attributes,
        });
        if !self.synonyms.is_empty() {
            schema["synonyms"] = super::synonyms::to_value(&self.synonyms);
        }
        if let Some(dimension) = self.dimension {
            schema["dimension"] = dimension.into();
        }
        if let Some(embedder) = &self.embedder {
            schema["embedder"] = json!({"name": embedder.name, "dimension": embedder.dimension});
        }
        schema.to_string()
    }
}

/// What is said of one attribute: its kind, and where the schema is being changed, how it stands.
fn attribute(name: &str, value: Value) -> Result<(AttributeKind, AttributeState)> {
    let map = match value {
        Value::Object(map) => map,
        kind => return Ok((attribute_kind(name, &kind)?, AttributeState::Ready)),
    };
    let mut fields = Fields::new(map, "attributes.");
    let kind = attribute_kind(name, &fields.take("kind").unwrap_or_default())?;
    let (state, from) = (fields.string("state")?, fields.string("from")?);
    fields.finish("an attribute")?;
    let state = match state.as_deref() {
        None | Some("ready") => AttributeState::Ready,
        Some("indexing") => {
            let from = from.unwrap_or_else(|| name.to_owned());
            AttributeState::Indexing { from, progress: Progress::default() }
        }
        Some("removing") => AttributeState::Removing(Progress::default()),
        Some("removed") => AttributeState::Removed,
        Some(other) => {
            let states = "`ready`, `indexing`, `removing` or `removed`";
            return Err(out_of_range(&format!("attributes.{name}.state"), other, states));
        }
    };
    Ok((kind, state))
}

fn to_value(attribute: &Attribute) -> Value {
    let kind = attribute.kind.name();
    match &attribute.state {
        AttributeState::Ready => kind.into(),
        AttributeState::Indexing { from, .. } => {
            json!({"kind": kind, "state": "indexing", "from": from})
        }
        AttributeState::Removing(_) => json!({"kind": kind, "state": "removing"}),
        AttributeState::Removed => json!({"kind": kind, "state": "removed"}),
    }
}

pub(super) fn attribute_kind(name: &str, kind: &Value) -> Result<AttributeKind> {
    let known = AttributeKind::ALL.iter().find(|(known, _)| kind == known);
    known.map(|(_, kind)| *kind).ok_or_else(|| {
        wrong_type(
            &format!("attributes.{name}"),
            kind,
            "`keywords`, `number`, `bool`, `date`, `text`, `geo` or `availability`",
        )
    })
}

fn text_weights(map: Map<String, Value>) -> Result<TextWeights> {
    let mut fields = Fields::new(map, "textWeights.");
    let mut weights = TextWeights::default();
    let mut read = |name: &'static str, target: &mut u8| -> Result<()> {
        if let Some(weight) = fields.count(name)? {
            if weight > 15 {
                return Err(out_of_range(
                    &format!("textWeights.{name}"),
                    weight,
                    "a whole number from 0 to 15",
                ));
            }
            *target = weight as u8;
        }
        Ok(())
    };
    read("professionalTitle", &mut weights.professional_title)?;
    read("headline", &mut weights.headline)?;
    read("keywords", &mut weights.keywords)?;
    read("bio", &mut weights.bio)?;
    read("attributes", &mut weights.attributes)?;
    fields.finish("textWeights")?;
    Ok(weights)
}

fn embedder(map: Map<String, Value>) -> Result<EmbedderId> {
    let mut fields = Fields::new(map, "embedder.");
    let name = fields.string("name")?;
    let dimension = fields.count("dimension")?;
    fields.finish("embedder")?;
    match (name, dimension) {
        (Some(name), Some(dimension)) => Ok(EmbedderId { name, dimension: dimension as usize }),
        _ => Err(out_of_range("embedder", "incomplete", "{\"name\": ..., \"dimension\": ...}")),
    }
}
