//! The highlights of a page: where the words of the text stand in each hit.

use super::fragment::fragments;
use crate::api::deadline::Deadline;
use crate::api::highlight::{Highlight, HighlightedField};
use crate::api::listing::ProfileSource as _;
use crate::generation::Generation;
use crate::index::text::{Field, Marker, TextQuery};
use crate::model::field::{FIELDS, built_in, keywords};
use crate::model::{AttributeKind, Error, FieldRef, Result, Schema, StringField};

/// A field to look in: its name, where it is kept, and the field of text search that it belongs to.
struct Source {
    name: String,
    field: FieldRef,
    part: Field,
}

/// What highlights are made with.
pub(super) struct HighlightPlan<'a> {
    how: &'a Highlight,
    sources: Vec<Source>,
}

impl<'a> HighlightPlan<'a> {
    /// # Errors
    /// [`Error::UnknownField`], and [`Error::WrongType`] for a field that text search does not read.
    pub(super) fn new(how: &'a Highlight, schema: &Schema) -> Result<Self> {
        let sources = match &how.fields {
            Some(names) => {
                names.iter().map(|name| named(name, schema)).collect::<Result<Vec<_>>>()?
            }
            None => every_source(schema),
        };
        Ok(Self { how, sources })
    }

    /// The highlights of each row. Costs the analysis of the texts of these rows.
    pub(super) fn show(
        &self,
        generation: &Generation,
        query: Option<&TextQuery>,
        rows: impl ExactSizeIterator<Item = u32>,
        deadline: &Deadline,
    ) -> Result<Vec<Vec<HighlightedField>>> {
        let Some(query) = query else { return Ok(vec![Vec::new(); rows.len()]) };
        let marker = generation.text.marker(query, deadline)?;
        rows.map(|row| {
            deadline.check()?;
            let shown =
                self.sources.iter().map(|source| self.field(generation, &marker, source, row));
            Ok(shown.filter(|field| !field.fragments.is_empty()).collect())
        })
        .collect()
    }

    fn field(
        &self,
        generation: &Generation,
        marker: &Marker<'_>,
        source: &Source,
        row: u32,
    ) -> HighlightedField {
        let values: Vec<&str> = match source.field {
            FieldRef::String(field) => generation.string(row, field).into_iter().collect(),
            FieldRef::Text(place) => generation.text_attribute(row, place).into_iter().collect(),
            FieldRef::Keywords(place) => generation.keywords(row, place),
            _ => Vec::new(),
        };
        let mut shown = Vec::new();
        for value in values {
            let found = marker.find(source.part, value);
            if !found.is_empty() {
                shown.extend(fragments(value, &found, self.how));
            }
        }
        HighlightedField { field: source.name.clone(), fragments: shown }
    }
}

fn named(name: &str, schema: &Schema) -> Result<Source> {
    let field = schema.resolve(name, "highlight.fields")?;
    let part = part(field).ok_or_else(|| Error::WrongType {
        field: name.to_owned(),
        value: field.kind().to_owned(),
        expected: "a field that text search reads: professionalTitle, headline, bio, industries, services, certifications or a text attribute".to_owned(),
    })?;
    let name = built_in(name).map_or(name, |(known, _)| known).to_owned();
    Ok(Source { name, field, part })
}

fn every_source(schema: &Schema) -> Vec<Source> {
    let built_in = FIELDS.iter().filter_map(|(name, field)| {
        part(*field).map(|part| Source { name: (*name).to_owned(), field: *field, part })
    });
    let attributes = schema.attributes().iter();
    let attributes = attributes.filter(|a| a.kind == AttributeKind::Text && !a.state.is_removed());
    let attributes = attributes.map(|attribute| Source {
        name: format!("attributes.{}", attribute.name),
        field: attribute.field(),
        part: Field::Attributes,
    });
    built_in.chain(attributes).collect()
}

/// The field of text search that a profile's field belongs to.
fn part(field: FieldRef) -> Option<Field> {
    Some(match field {
        FieldRef::String(StringField::ProfessionalTitle) => Field::Title,
        FieldRef::String(StringField::Headline) => Field::Headline,
        FieldRef::String(StringField::Bio) => Field::Bio,
        FieldRef::Keywords(keywords::INDUSTRIES) => Field::Industries,
        FieldRef::Keywords(keywords::SERVICES) => Field::Services,
        FieldRef::Keywords(keywords::CERTIFICATIONS) => Field::Certifications,
        FieldRef::Text(_) => Field::Attributes,
        _ => return None,
    })
}
