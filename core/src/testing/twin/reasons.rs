//! Why an advisor fits, phrase by phrase.

use std::collections::BTreeSet;

use crate::api::criteria::ClientCriteria;
use crate::model::{AdvisorProfile, AttributeValue};

/// The phrases, in their order.
pub(super) fn reasons(criteria: &ClientCriteria, advisor: &AdvisorProfile) -> Vec<String> {
    let mut phrases = Vec::new();
    for (one, many, asked, own) in [
        ("industry", "industries", &criteria.industries, &advisor.industries),
        ("service", "services", &criteria.required_services, &advisor.services),
        ("certification", "certifications", &criteria.certifications, &advisor.certifications),
    ] {
        let asked: BTreeSet<&String> = asked.iter().collect();
        let had = asked.iter().filter(|value| own.contains(value)).count();
        phrases.extend(of(had, asked.len(), one, many));
    }
    let (mut had, mut asked) = (0, 0);
    for (name, values) in &criteria.attributes {
        for value in values.iter().collect::<BTreeSet<_>>() {
            asked += 1;
            if let Some(AttributeValue::Keywords(own)) = advisor.attributes.get(name) {
                had += usize::from(own.contains(value));
            }
        }
    }
    phrases.extend(of(had, asked, "attribute", "attributes"));
    if let (Some(rate), Some(budget)) = (advisor.hourly_rate, criteria.max_budget) {
        phrases.push(budget_phrase(rate, budget));
    }
    match advisor.years_experience {
        None | Some(0) => {}
        Some(1) => phrases.push("1 year".to_owned()),
        Some(years) => phrases.push(format!("{years} years")),
    }
    // Adding zero makes one zero of two.
    let rating = (advisor.overall_rating * 100.0).round() / 100.0 + 0.0;
    match advisor.total_reviews {
        0 if advisor.overall_rating == 0.0 => {}
        0 => phrases.push(format!("rated {rating}")),
        1 => phrases.push(format!("rated {rating} (1 review)")),
        reviews => phrases.push(format!("rated {rating} ({reviews} reviews)")),
    }
    if criteria.business_weights.capacity > 0.0 {
        let most = advisor.max_clients;
        let free = most.saturating_sub(advisor.current_clients);
        let places = if most == 1 { "place" } else { "places" };
        phrases.push(format!("{free} of {most} {places} free"));
    }
    phrases
}

fn of(had: usize, asked: usize, one: &str, many: &str) -> Option<String> {
    match asked {
        0 => None,
        1 => Some(format!("{had} of 1 {one}")),
        _ => Some(format!("{had} of {asked} {many}")),
    }
}

fn budget_phrase(rate: f64, budget: f64) -> String {
    if rate == 0.0 {
        "no hourly fee".to_owned()
    } else if rate == budget {
        "at budget".to_owned()
    } else if budget == 0.0 {
        "over budget".to_owned()
    } else if rate < budget {
        match ((budget - rate) / budget * 100.0).round() {
            0.0 => "just under budget".to_owned(),
            percent => format!("{} % under budget", percent.min(99.0)),
        }
    } else {
        match ((rate - budget) / budget * 100.0).round() {
            0.0 => "just over budget".to_owned(),
            percent => format!("{percent} % over budget"),
        }
    }
}
