//! What text search reads of a profile.

use crate::index::text::TextDocument;
use crate::model::{AdvisorProfile, AttributeValue, Schema};

fn texts(profile: &AdvisorProfile) -> impl Iterator<Item = (&str, &str)> {
    profile.attributes.iter().filter_map(|(name, value)| match value {
        AttributeValue::Text(text) => Some((name.as_str(), text.as_str())),
        _ => None,
    })
}

pub(super) fn same_text(old: &AdvisorProfile, new: &AdvisorProfile) -> bool {
    old.professional_title == new.professional_title
        && old.headline == new.headline
        && old.bio == new.bio
        && old.industries == new.industries
        && old.services == new.services
        && old.certifications == new.certifications
        && texts(old).eq(texts(new))
}

/// What text search reads of a profile: text attributes in the order of their declaration.
pub(super) fn document<'a>(profile: &'a AdvisorProfile, schema: &Schema) -> TextDocument<'a> {
    fn list(values: &[String]) -> Vec<&str> {
        values.iter().map(String::as_str).collect()
    }
    let attributes = schema.attributes().iter().filter_map(|attribute| {
        match profile.attributes.get(&attribute.name) {
            Some(AttributeValue::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    });
    TextDocument {
        title: profile.professional_title.as_deref(),
        headline: profile.headline.as_deref(),
        industries: list(&profile.industries),
        services: list(&profile.services),
        certifications: list(&profile.certifications),
        bio: profile.bio.as_deref(),
        attributes: attributes.collect(),
    }
}
