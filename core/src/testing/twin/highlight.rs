//! What of a profile's texts a search found, value by value.

use std::ops::Range;

use super::Twin;
use crate::api::highlight::Highlight;
use crate::index::text::Field;
use crate::model::{AdvisorProfile, AttributeKind, AttributeValue, Error, Result};
use crate::testing::text::Query;

/// A value in which something is found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Marked {
    pub(crate) field: String,
    pub(crate) value: String,
    /// The bytes that are found, ascending, not touching.
    pub(crate) found: Vec<Range<usize>>,
}

/// The built-in fields that text search reads.
const FIELDS: [(&str, Field); 6] = [
    ("professionalTitle", Field::Title),
    ("headline", Field::Headline),
    ("bio", Field::Bio),
    ("industries", Field::Industries),
    ("services", Field::Services),
    ("certifications", Field::Certifications),
];

impl Twin {
    /// The fields that highlights are asked of, each known and one that text search reads.
    pub(super) fn highlight_fields(&self, how: &Highlight) -> Result<Vec<(String, Field)>> {
        let attributes = self.schema.attributes().iter().filter(|a| a.kind == AttributeKind::Text);
        let attributes = attributes.map(|a| (format!("attributes.{}", a.name), Field::Attributes));
        let every: Vec<(String, Field)> = FIELDS
            .iter()
            .map(|(name, field)| ((*name).to_owned(), *field))
            .chain(attributes)
            .collect();
        let Some(names) = &how.fields else { return Ok(every) };
        let mut fields = Vec::new();
        for name in names {
            self.schema.resolve(name, "highlight.fields")?;
            let known = every.iter().find(|(known, _)| known == name);
            fields.push(known.cloned().ok_or_else(|| Error::WrongType {
                field: name.clone(),
                value: "another kind of field".to_owned(),
                expected: "a field that text search reads".to_owned(),
            })?);
        }
        Ok(fields)
    }

    pub(super) fn marks(
        &self,
        query: &Query,
        fields: &[(String, Field)],
        row: usize,
    ) -> Vec<Marked> {
        let mut marked = Vec::new();
        for (name, field) in fields {
            for value in values(&self.rows[row], name) {
                let found = self.text().marks(query, *field, value);
                if !found.is_empty() {
                    marked.push(Marked { field: name.clone(), value: value.to_owned(), found });
                }
            }
        }
        marked
    }
}

fn values<'p>(profile: &'p AdvisorProfile, name: &str) -> Vec<&'p str> {
    let one = |value: &'p Option<String>| value.as_deref().into_iter().collect();
    let list = |values: &'p Vec<String>| values.iter().map(String::as_str).collect();
    match name {
        "professionalTitle" => one(&profile.professional_title),
        "headline" => one(&profile.headline),
        "bio" => one(&profile.bio),
        "industries" => list(&profile.industries),
        "services" => list(&profile.services),
        "certifications" => list(&profile.certifications),
        attribute => match profile.attributes.get(attribute.trim_start_matches("attributes.")) {
            Some(AttributeValue::Text(text)) => vec![text],
            _ => Vec::new(),
        },
    }
}
