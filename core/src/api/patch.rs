//! A change to one profile.

use std::collections::BTreeMap;

use super::filter::Filter;
use crate::model::{AdvisorProfile, AttributeValue, Instant};

/// Changes to one profile: what is `Some` is set, and `Some(None)` clears a field that may be missing.
///
/// Hot fields (clients, rating, reviews, availability, status, verification, rate, retainer, and
/// attributes but text ones) cost columns and bitmaps only; any other field indexes the profile anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfilePatch {
    /// Only where this holds for the profile as the changes before it leave it; else the whole batch is refused
    /// ([`Error::ConditionNotMet`](crate::Error::ConditionNotMet)). `{"currentClients": {"lt": {"field": "maxClients"}}}`
    /// gives away a place that is there, whoever else is at it.
    pub if_: Option<Filter>,
    /// The account behind the profile.
    pub user_id: Option<Option<String>>,
    /// The title.
    pub professional_title: Option<Option<String>>,
    /// The headline.
    pub headline: Option<Option<String>>,
    /// The bio.
    pub bio: Option<Option<String>>,
    /// All industries.
    pub industries: Option<Vec<String>>,
    /// All services.
    pub services: Option<Vec<String>>,
    /// All certifications.
    pub certifications: Option<Vec<String>>,
    /// Money an hour.
    pub hourly_rate: Option<Option<f64>>,
    /// Money a month.
    pub monthly_retainer_min: Option<Option<f64>>,
    /// Whole years.
    pub years_experience: Option<Option<u32>>,
    /// How many reviews.
    pub total_reviews: Option<u32>,
    /// Clients now.
    pub current_clients: Option<u32>,
    /// Clients at most.
    pub max_clients: Option<u32>,
    /// 0 to 5.
    pub overall_rating: Option<f64>,
    /// The status.
    pub marketplace_status: Option<String>,
    /// Whether verified.
    pub is_verified: Option<bool>,
    /// Whether available.
    pub is_available: Option<bool>,
    /// When made.
    pub created_at: Option<Option<Instant>>,
    /// When changed.
    pub updated_at: Option<Option<Instant>>,
    /// When deleted.
    pub deleted_at: Option<Option<Instant>>,
    /// The picture.
    pub profile_image_url: Option<Option<String>>,
    /// The embedding.
    pub embedding: Option<Option<Vec<f32>>>,
    /// Single attributes, set or cleared; the others stay.
    pub attributes: BTreeMap<String, Option<AttributeValue>>,
    /// The details.
    pub details: Option<Option<String>>,
}

impl ProfilePatch {
    /// Whether only columns and bitmaps change: no text, no vector, no stored field.
    pub fn is_hot(&self) -> bool {
        self.user_id.is_none()
            && self.professional_title.is_none()
            && self.headline.is_none()
            && self.bio.is_none()
            && self.industries.is_none()
            && self.services.is_none()
            && self.certifications.is_none()
            && self.profile_image_url.is_none()
            && self.embedding.is_none()
            && self.details.is_none()
            && !self.attributes.values().any(|value| matches!(value, Some(AttributeValue::Text(_))))
    }

    /// What makes one profile of another, but for the embedding, which stays: how a row of a source that changed is applied.
    #[cfg(feature = "postgres")]
    pub(crate) fn between(old: &AdvisorProfile, new: &AdvisorProfile) -> Self {
        fn changed<T: Clone + PartialEq>(old: &T, new: &T) -> Option<T> {
            (old != new).then(|| new.clone())
        }
        // Whole, so that a field that is new is compared too.
        let AdvisorProfile {
            id: _,
            user_id,
            professional_title,
            headline,
            bio,
            industries,
            services,
            certifications,
            hourly_rate,
            monthly_retainer_min,
            years_experience,
            total_reviews,
            current_clients,
            max_clients,
            overall_rating,
            marketplace_status,
            is_verified,
            is_available,
            created_at,
            updated_at,
            deleted_at,
            profile_image_url,
            embedding: _,
            attributes,
            details,
        } = old;
        let gone = attributes.keys().filter(|name| !new.attributes.contains_key(*name));
        let gone = gone.map(|name| (name.clone(), None));
        let set =
            new.attributes.iter().filter(|(name, value)| attributes.get(*name) != Some(value));
        let set = set.map(|(name, value)| (name.clone(), Some(value.clone())));
        Self {
            if_: None,
            user_id: changed(user_id, &new.user_id),
            professional_title: changed(professional_title, &new.professional_title),
            headline: changed(headline, &new.headline),
            bio: changed(bio, &new.bio),
            industries: changed(industries, &new.industries),
            services: changed(services, &new.services),
            certifications: changed(certifications, &new.certifications),
            hourly_rate: changed(hourly_rate, &new.hourly_rate),
            monthly_retainer_min: changed(monthly_retainer_min, &new.monthly_retainer_min),
            years_experience: changed(years_experience, &new.years_experience),
            total_reviews: changed(total_reviews, &new.total_reviews),
            current_clients: changed(current_clients, &new.current_clients),
            max_clients: changed(max_clients, &new.max_clients),
            overall_rating: changed(overall_rating, &new.overall_rating),
            marketplace_status: changed(marketplace_status, &new.marketplace_status),
            is_verified: changed(is_verified, &new.is_verified),
            is_available: changed(is_available, &new.is_available),
            created_at: changed(created_at, &new.created_at),
            updated_at: changed(updated_at, &new.updated_at),
            deleted_at: changed(deleted_at, &new.deleted_at),
            profile_image_url: changed(profile_image_url, &new.profile_image_url),
            embedding: None,
            attributes: gone.chain(set).collect(),
            details: changed(details, &new.details),
        }
    }

    /// Writes the changes into a profile.
    pub fn apply(&self, profile: &mut AdvisorProfile) {
        fn put<T: Clone>(target: &mut T, change: Option<&T>) {
            if let Some(value) = change {
                target.clone_from(value);
            }
        }
        put(&mut profile.user_id, self.user_id.as_ref());
        put(&mut profile.professional_title, self.professional_title.as_ref());
        put(&mut profile.headline, self.headline.as_ref());
        put(&mut profile.bio, self.bio.as_ref());
        put(&mut profile.industries, self.industries.as_ref());
        put(&mut profile.services, self.services.as_ref());
        put(&mut profile.certifications, self.certifications.as_ref());
        put(&mut profile.hourly_rate, self.hourly_rate.as_ref());
        put(&mut profile.monthly_retainer_min, self.monthly_retainer_min.as_ref());
        put(&mut profile.years_experience, self.years_experience.as_ref());
        put(&mut profile.total_reviews, self.total_reviews.as_ref());
        put(&mut profile.current_clients, self.current_clients.as_ref());
        put(&mut profile.max_clients, self.max_clients.as_ref());
        put(&mut profile.overall_rating, self.overall_rating.as_ref());
        put(&mut profile.marketplace_status, self.marketplace_status.as_ref());
        put(&mut profile.is_verified, self.is_verified.as_ref());
        put(&mut profile.is_available, self.is_available.as_ref());
        put(&mut profile.created_at, self.created_at.as_ref());
        put(&mut profile.updated_at, self.updated_at.as_ref());
        put(&mut profile.deleted_at, self.deleted_at.as_ref());
        put(&mut profile.profile_image_url, self.profile_image_url.as_ref());
        put(&mut profile.embedding, self.embedding.as_ref());
        put(&mut profile.details, self.details.as_ref());
        for (name, value) in &self.attributes {
            match value {
                Some(value) => profile.attributes.insert(name.clone(), value.clone()),
                None => profile.attributes.remove(name),
            };
        }
    }
}
