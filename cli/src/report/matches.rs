//! Matches, each with what its score is made of.

use shortlist::{AdvisorMatch, Listing, MatchAnswer, Part};

use super::bar;
use super::facts::{count, printable};
use crate::output::Style;

const CELLS: usize = 40;

/// Every match with a bar for each part: as long as the part weighs, filled as far as the advisor reaches.
pub fn matches(answer: &MatchAnswer, style: Style) -> String {
    let mut text = String::new();
    for (at, found) in answer.matches().enumerate() {
        text.push_str(&one(at + 1, &found, style));
        text.push_str("\n\n");
    }
    let considered = format!("{} best of {} who fit", answer.len(), count(answer.considered));
    text.push_str(&style.strong(&considered));
    let how = if answer.exact { "exact" } else { "approximate" };
    text.push_str(&style.faint(&format!(", {how}, in {} us", answer.took_us)));
    text
}

fn one(rank: usize, found: &AdvisorMatch<'_>, style: Style) -> String {
    let title = printable(found.listing.professional_title().unwrap_or("(no title)"));
    let name = style.strong(&format!("{title} ({})", printable(found.advisor_id)));
    let score = style.strong(&format!("{:.4}", found.score));
    let mut lines =
        vec![format!("{rank:>3}.  {score}  {name}"), format!("      {}", facts(found.listing))];
    lines.extend(found.breakdown.parts.iter().map(|part| format!("      {}", line(part, style))));
    lines.join("\n")
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
        facts.push(printable(&industries.join(", ")));
    }
    let services = listing.services();
    if !services.is_empty() {
        facts.push(printable(&services.join(", ")));
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
