//! What an index holds beside the built-in fields: attributes, dimension, language, embedder.

use super::error::cut;
use super::field::{FIELDS, FieldRef, built_in, flags, keywords, numbers};
use super::{AttributeState, Error, Language, Result, SynonymRule, nearest_name};

/// The kind of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeKind {
    /// One or more exact values.
    Keywords,
    /// A finite number.
    Number,
    /// True or false.
    Bool,
    /// A moment.
    Date,
    /// Text to search in.
    Text,
    /// A point on the earth.
    Geo,
    /// When somebody is free.
    Availability,
}

impl AttributeKind {
    /// Every kind with its wire name.
    pub const ALL: [(&'static str, AttributeKind); 7] = [
        ("keywords", AttributeKind::Keywords),
        ("number", AttributeKind::Number),
        ("bool", AttributeKind::Bool),
        ("date", AttributeKind::Date),
        ("text", AttributeKind::Text),
        ("geo", AttributeKind::Geo),
        ("availability", AttributeKind::Availability),
    ];

    /// The wire name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A declared attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, without `attributes.`.
    pub name: String,
    /// Its kind.
    pub kind: AttributeKind,
    /// Its place among the fields of that kind, built-in ones included.
    pub place: usize,
    /// How it stands: ready, unless the schema is being changed.
    pub state: AttributeState,
}

/// How many times one occurrence of a word counts, by field; 0 leaves the field out of text search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextWeights {
    /// `professionalTitle`.
    pub professional_title: u8,
    /// `headline`.
    pub headline: u8,
    /// `industries`, `services` and `certifications`.
    pub keywords: u8,
    /// `bio`.
    pub bio: u8,
    /// Attributes of kind text.
    pub attributes: u8,
}

impl Default for TextWeights {
    fn default() -> Self {
        Self { professional_title: 3, headline: 2, keywords: 2, bio: 1, attributes: 1 }
    }
}

/// The name and dimension of what made an index's embeddings from text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedderId {
    /// The embedder's own name.
    pub name: String,
    /// How many numbers its vectors have.
    pub dimension: usize,
}

impl std::fmt::Display for EmbedderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} dimensions)", self.name, self.dimension)
    }
}

/// What one index holds beside the built-in fields. Set when the index is made.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Schema {
    pub(crate) attributes: Vec<Attribute>,
    /// The number of dimensions of every embedding; set by the first one where it is not declared.
    pub dimension: Option<usize>,
    /// The language of the text fields.
    pub language: Language,
    /// What an occurrence in each field counts.
    pub text_weights: TextWeights,
    /// What makes embeddings from text, where the index does that itself.
    pub embedder: Option<EmbedderId>,
    /// Whether an attribute that is not declared is declared by its first value, instead of refused.
    pub infer_attributes: bool,
    /// Which words stand for which in searches; [`Engine::set_synonyms`](crate::Engine::set_synonyms) changes them.
    pub synonyms: Vec<SynonymRule>,
}

/// The most attributes that one index can declare.
pub const MAX_ATTRIBUTES: usize = 256;
/// The most dimensions an embedding can have.
pub const MAX_DIMENSION: usize = 16_384;

impl Schema {
    /// The declared attributes, in the order of their declaration; those that were removed keep their places.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The declared attribute of that name, unless it was removed.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.known(name).filter(|attribute| !attribute.state.is_removed())
    }

    /// Declares an attribute; one that is declared already must be of the same kind.
    ///
    /// # Errors
    /// [`Error::WrongType`] for another kind, [`Error::OutOfRange`] for a name that is none, [`Error::RemovedField`] for
    /// one that was removed, [`Error::TooLarge`] over 256 attributes.
    pub fn declare(&mut self, name: &str, kind: AttributeKind) -> Result<()> {
        self.refuse_removed([&name.to_owned()], "the schema's attributes")?;
        if let Some(known) = self.attribute(name) {
            return if known.kind == kind {
                Ok(())
            } else {
                Err(Error::WrongType {
                    field: format!("attributes.{name}"),
                    value: format!("declared as {}", kind.name()),
                    expected: format!("{}, as it was declared before", known.kind.name()),
                })
            };
        }
        if name.is_empty() || name.len() > 64 {
            return Err(Error::OutOfRange {
                field: "attributes".to_owned(),
                value: super::error::shown(name),
                expected: "a name of 1 to 64 bytes".to_owned(),
            });
        }
        if self.attributes.len() == MAX_ATTRIBUTES {
            return Err(Error::TooLarge {
                field: "attributes".to_owned(),
                found: MAX_ATTRIBUTES as u64 + 1,
                limit: MAX_ATTRIBUTES as u64,
                unit: "attributes",
            });
        }
        let place = match kind {
            AttributeKind::Keywords => self.keyword_fields(),
            AttributeKind::Number | AttributeKind::Date | AttributeKind::Geo => {
                self.number_fields()
            }
            AttributeKind::Bool => self.flag_fields(),
            AttributeKind::Text => self.text_attributes(),
            AttributeKind::Availability => self.calendars(),
        };
        let state = AttributeState::Ready;
        self.attributes.push(Attribute { name: name.to_owned(), kind, place, state });
        Ok(())
    }

    fn resolve_attribute(&self, name: &str, within: &'static str) -> Result<FieldRef> {
        let field = || format!("attributes.{}", cut(name));
        let Some(known) = self.known(name) else {
            let there = self.attributes.iter().filter(|known| !known.state.is_removed());
            let nearest = nearest_name(name, there.map(|known| known.name.as_str()));
            let nearest = nearest.map(|near| format!("attributes.{near}"));
            return Err(Error::UnknownField { field: field(), within, nearest });
        };
        match &known.state {
            AttributeState::Ready => Ok(known.field()),
            AttributeState::Indexing { progress, .. } => {
                Err(Error::BeingIndexed { field: field(), percent: progress.percent() })
            }
            AttributeState::Removing(_) | AttributeState::Removed => {
                Err(Error::RemovedField { field: field(), within })
            }
        }
    }

    fn count(&self, wanted: impl Fn(AttributeKind) -> bool) -> usize {
        self.attributes.iter().filter(|attribute| wanted(attribute.kind)).count()
    }

    /// How many keyword fields there are, built-in ones included.
    pub fn keyword_fields(&self) -> usize {
        keywords::BUILT_IN + self.count(|kind| kind == AttributeKind::Keywords)
    }

    /// How many columns of numbers there are, built-in ones included: one for a number or date, two for a point.
    pub fn number_fields(&self) -> usize {
        numbers::BUILT_IN
            + self.count(|kind| matches!(kind, AttributeKind::Number | AttributeKind::Date))
            + 2 * self.count(|kind| kind == AttributeKind::Geo)
    }

    /// How many true-or-false fields there are, built-in ones included.
    pub fn flag_fields(&self) -> usize {
        flags::BUILT_IN + self.count(|kind| kind == AttributeKind::Bool)
    }

    /// How many attributes of kind text there are.
    pub fn text_attributes(&self) -> usize {
        self.count(|kind| kind == AttributeKind::Text)
    }

    /// How many attributes of free time there are.
    pub fn calendars(&self) -> usize {
        self.count(|kind| kind == AttributeKind::Availability)
    }

    /// Where the field of that wire name is kept; an unknown one is an error that names the nearest.
    ///
    /// # Errors
    /// [`Error::UnknownField`]; [`Error::BeingIndexed`] and [`Error::RemovedField`] of an attribute.
    pub fn resolve(&self, name: &str, within: &'static str) -> Result<FieldRef> {
        if let Some(attribute) = name.strip_prefix("attributes.") {
            return self.resolve_attribute(attribute, within);
        }
        built_in(name).map(|(_, field)| field).ok_or_else(|| Error::UnknownField {
            field: cut(name),
            within,
            nearest: if self.attribute(name).is_some() {
                Some(format!("attributes.{name}"))
            } else {
                nearest_name(name, FIELDS.iter().map(|(known, _)| *known))
            },
        })
    }
}

impl Attribute {
    /// Where its values are kept.
    pub fn field(&self) -> FieldRef {
        match self.kind {
            AttributeKind::Keywords => FieldRef::Keywords(self.place),
            AttributeKind::Number => FieldRef::Number(self.place),
            AttributeKind::Date => FieldRef::Date(self.place),
            AttributeKind::Bool => FieldRef::Flag(self.place),
            AttributeKind::Text => FieldRef::Text(self.place),
            AttributeKind::Geo => FieldRef::Geo(self.place),
            AttributeKind::Availability => FieldRef::Availability(self.place),
        }
    }
}
