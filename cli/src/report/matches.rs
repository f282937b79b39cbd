//! Matches, each with what its score is made of.

use shortlist::{AdvisorMatch, Listing, MatchAnswer, Part};

use super::bar;
use super::facts::count;
use crate::output::Style;

const CELLS: usize = 40;

/// Every match with a bar for each part: as long as the part weighs, filled as far as the advisor reaches.
pub fn matches(answer: &MatchAnswer, style: Style) -> String {
    let mut text = String::new();
    for (at, found) in answer.matches().enumerate() {
        text.push_str(&one(at + 1, &found, style));
        text.push('\n');
    }
    let considered = format!("{} best of {} who fit", answer.len(), count(answer.considered));
    text.push_str(&style.strong(&considered));
    let how = if answer.exact { "exact" } else { "approximate" };
    text.push_str(&style.faint(&format!(", {how}, in {} us", answer.took_us)));
    text
}

fn one(rank: usize, found: &AdvisorMatch<'_>, style: Style) -> String {
    let title = found.listing.professional_title().unwrap_or("(no title)");
    let name = style.strong(&format!("{title} ({})", found.advisor_id));
    let mut text =
        format!("{rank:>3}.  {}  {name}\n", style.strong(&format!("{:.4}", found.score)));
    text.push_str(&format!("      {}\n", facts(found.listing)));
    for part in &found.breakdown.parts {
        text.push_str(&format!("      {}\n", line(part, style)));
    }
    text
}

fn line(part: &Part, style: Style) -> String {
    let Part { name, value, weight, contribution } = part;
    let bar = bar::part(*value, *weight, CELLS, style);
    let sum = style.faint(&format!("= {value:.3} x {weight:.3}"));
    let gap = if bar.is_empty() { "" } else { " " };
    format!("{name:<14} {bar}{gap}{contribution:>8.4}  {sum}")
}

fn facts(listing: Listing<'_>) -> String {
    let mut facts = Vec::new();
    let industries = listing.industries();
    if !industries.is_empty() {
        facts.push(industries.join(", "));
    }
    let services = listing.services();
    if !services.is_empty() {
        facts.push(services.join(", "));
    }
    if let Some(rate) = listing.hourly_rate() {
        facts.push(format!("{rate}/h"));
    }
    if let Some(years) = listing.years_experience() {
        facts.push(format!("{years} years"));
    }
    facts.push(format!("{} of 5 ({} reviews)", listing.overall_rating(), listing.total_reviews()));
    facts.push(format!("{} of {} clients", listing.current_clients(), listing.max_clients()));
    facts.join(" | ")
}
