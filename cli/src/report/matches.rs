//! Matches: a table with reasons, or each with what its score is made of.

use comfy_table::CellAlignment;
use shortlist::{AdvisorMatch, MatchAnswer, Part, PlanReport, Relaxation, SimilarAnswer};

use super::bar;
use super::facts::{count, printable, table};
use crate::output::Style;

const CELLS: usize = 40;

/// The matches, best first, each with why it fits; where the criteria ask for the plan, with a bar for each part of
/// the score too.
pub fn matches(answer: &MatchAnswer, style: Style) -> String {
    let mut text = match &answer.explain {
        None if answer.is_empty() => String::new(),
        None => reasons(answer),
        Some(plan) => explained(answer, plan, style),
    };
    let considered = format!("{} best of {} who fit", answer.len(), count(answer.considered));
    text.push_str(&style.strong(&considered));
    let how = if answer.exact { "exact" } else { "approximate" };
    text.push_str(&style.faint(&format!(", {how}, in {} us", answer.took_us)));
    if !answer.relaxed.is_empty() {
        text.push_str("\ntoo few fit as asked; loosened: ");
        text.push_str(&listed(&answer.relaxed));
    }
    text
}

fn reasons(answer: &MatchAnswer) -> String {
    let mut rows = table(&["#", "score", "id", "title", "rate", "why"]);
    for (at, found) in answer.matches().enumerate() {
        let rate = found.listing.hourly_rate();
        rows.add_row([
            (at + 1).to_string(),
            format!("{:.4}", found.score),
            printable(found.advisor_id),
            title(&found),
            rate.map_or_else(|| "-".to_owned(), |rate| format!("{rate}/h")),
            why(&found),
        ]);
    }
    for right in [0, 1, 4] {
        if let Some(column) = rows.column_mut(right) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\n", rows.trim_fmt())
}

fn explained(answer: &MatchAnswer, plan: &PlanReport, style: Style) -> String {
    let mut lines = Vec::new();
    for (at, found) in answer.matches().enumerate() {
        let name = style.strong(&format!("{} ({})", title(&found), printable(found.advisor_id)));
        let score = style.strong(&format!("{:.4}", found.score));
        lines.push(format!("{:>3}.  {score}  {name}", at + 1));
        lines.push(format!("      {}", why(&found)));
        let parts = found.breakdown.parts.iter();
        lines.extend(parts.map(|part| format!("      {}", line(part, style))));
        lines.push(String::new());
    }
    let PlanReport { path, why, bounded, coded, dotted, .. } = plan;
    lines.push(style.faint(&format!("{path}: {why}")));
    lines.push(style.faint(&format!("{bounded} bounded, {coded} coded, {dotted} dotted")));
    lines.push(String::new());
    lines.join("\n")
}

fn title(found: &AdvisorMatch<'_>) -> String {
    printable(found.listing.professional_title().unwrap_or("(no title)"))
}

fn why(found: &AdvisorMatch<'_>) -> String {
    let reasons = found.reasons.to_string();
    if found.relaxed.is_empty() {
        reasons
    } else {
        format!("{reasons} (loosened: {})", listed(found.relaxed))
    }
}

fn listed(steps: &[Relaxation]) -> String {
    steps.iter().map(Relaxation::to_string).collect::<Vec<_>>().join(", ")
}

fn line(part: &Part, style: Style) -> String {
    let Part { name, value, weight, contribution } = part;
    let bar = bar::part(*value, *weight, CELLS, style);
    let sum = style.faint(&format!("= {value:.3} x {weight:.3}"));
    let gap = if bar.is_empty() { "" } else { " " };
    format!("{name:<14} {bar}{gap}{contribution:>8.4}  {sum}")
}

/// The advisors that are most like one.
pub fn similar(answer: &SimilarAnswer, style: Style) -> String {
    let mut text = String::new();
    if !answer.is_empty() {
        let mut rows = table(&["#", "likeness", "id", "title", "industries"]);
        for (at, found) in answer.similar().enumerate() {
            rows.add_row([
                (at + 1).to_string(),
                format!("{:.4}", found.similarity),
                printable(found.advisor_id),
                printable(found.listing.professional_title().unwrap_or("(no title)")),
                printable(&found.listing.industries().join(", ")),
            ]);
        }
        text = format!("{}\n", rows.trim_fmt());
    }
    let compared = format!("{} most like it of {}", answer.len(), count(answer.considered));
    text.push_str(&style.strong(&compared));
    text.push_str(&style.faint(&format!(", in {} us", answer.took_us)));
    if let Some(PlanReport { path, why, .. }) = &answer.explain {
        text.push_str(&style.faint(&format!("\n{path}: {why}")));
    }
    text
}
