//! What was measured, as a table, as JSON and as a page.

use serde_json::{Value, json};
use shortlist::testing::relevance::Measures;

use super::compare::{Comparison, MEASURES};
use super::outcome::Outcome;
use crate::args::{BenchKind, Eval};
use crate::failure::Result;
use crate::output::Output;
use crate::report::facts::{count, printable, table};
use crate::report::html::{Cell, Grid, Page};

/// A difference that chance gives less often than this is marked.
const SIGNIFICANT: f64 = 0.05;

/// All that came of it.
pub struct Evaluation<'a> {
    /// What was asked for.
    pub options: &'a Eval,
    /// Whether answers can be approximate at all.
    pub approximate: bool,
    /// How many requests there were.
    pub questions: usize,
    /// How many of them are judged; none without judgements.
    pub judged: Option<usize>,
    /// How many judged queries were not asked.
    pub unasked: usize,
    /// How many exact answers are the twin's, of how many.
    pub verified: (usize, usize),
    /// By config.
    pub outcomes: Vec<Outcome>,
    /// Configs beside the first.
    pub comparisons: Vec<Comparison>,
}

/// Prints it, and writes the page where one is asked for.
pub fn tell(evaluation: &Evaluation<'_>, out: &mut Output) -> Result {
    if let Some(path) = &evaluation.options.html {
        page(evaluation).write(path)?;
    }
    if out.format.is_json() {
        return out.line(evaluation.json());
    }
    let (header, rows) = evaluation.rows();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut configs = table(&header);
    for row in rows {
        configs.add_row(row.iter().map(|cell| printable(cell)));
    }
    out.line(configs.trim_fmt())?;
    if !evaluation.comparisons.is_empty() {
        let mut compared = table(&COMPARED);
        for comparison in &evaluation.comparisons {
            compared.add_row(evaluation.compared(comparison).map(|cell| printable(&cell)));
        }
        out.line(compared.trim_fmt())?;
    }
    out.line(evaluation.summary())
}

const COMPARED: [&str; 7] =
    ["against the first", "measure", "difference", "p", "better", "worse", "same"];

impl Evaluation<'_> {
    fn summary(&self) -> String {
        let what = if self.options.what == BenchKind::Search { "searches" } else { "matches" };
        let mut text = format!("{} {what}", count(self.questions as u64));
        if let Some(judged) = self.judged {
            text = format!("{text}, {} judged", count(judged as u64));
        }
        if self.unasked > 0 {
            text = format!("{text}; {} judged queries were not asked", self.unasked);
        }
        let (verified, checked) = self.verified;
        text + &format!("; exact answers verified {verified}/{checked}")
    }

    fn measure_names(&self) -> [String; 3] {
        ["nDCG@10".to_owned(), "MRR@10".to_owned(), format!("recall@{}", self.options.depth)]
    }

    /// The configs as cells, a row each.
    fn rows(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let mut header = vec!["config".to_owned()];
        if self.judged.is_some() {
            header.extend(self.measure_names());
        }
        if self.approximate {
            header.push("of exact top".to_owned());
        }
        header.extend(["Gini", "coverage", "kept of first", "p50 us"].map(str::to_owned));
        let rows = self.outcomes.iter().map(|outcome| {
            let mut row = vec![outcome.config.name.clone()];
            if self.judged.is_some() {
                let means = Measures::mean(&outcome.each);
                row.extend(MEASURES.map(|(_, of)| format!("{:.4}", of(&means))));
            }
            if self.approximate {
                row.push(share(&outcome.held));
            }
            row.push(format!("{:.4}", outcome.exposure.gini));
            row.push(format!("{:.1} %", outcome.exposure.coverage * 100.0));
            row.push(share(&outcome.kept));
            let p50 = outcome.percentiles.map(|percentiles| percentiles.p50.to_string());
            row.push(p50.unwrap_or_else(|| "–".to_owned()));
            row
        });
        (header, rows.collect())
    }

    /// A comparison as cells.
    fn compared(&self, comparison: &Comparison) -> [String; 7] {
        let Comparison { config, measure, paired, corrected } = comparison;
        [
            self.outcomes[*config].config.name.clone(),
            self.measure_names()[*measure].clone(),
            format!("{:+.4}", paired.difference),
            probability(*corrected),
            paired.better.to_string(),
            paired.worse.to_string(),
            paired.same.to_string(),
        ]
    }

    fn json(&self) -> Value {
        let configs: Vec<Value> =
            self.outcomes.iter().map(|outcome| self.outcome_json(outcome)).collect();
        let comparisons: Vec<Value> = self
            .comparisons
            .iter()
            .map(|Comparison { config, measure, paired, corrected }| {
                json!({
                    "base": self.outcomes[0].config.name, "config": self.outcomes[*config].config.name,
                    "measure": MEASURES[*measure].0, "difference": paired.difference, "p": paired.p,
                    "pCorrected": corrected, "better": paired.better, "worse": paired.worse, "same": paired.same,
                })
            })
            .collect();
        json!({
            "requests": self.questions, "judged": self.judged, "unasked": self.unasked,
            "depth": self.options.depth, "seed": self.options.seed, "configs": configs,
            "comparisons": comparisons, "verified": self.verified.0, "sample": self.verified.1,
        })
    }

    fn outcome_json(&self, outcome: &Outcome) -> Value {
        let mut json = json!({"name": outcome.config.name, "changes": outcome.config.fields});
        if self.judged.is_some() {
            let means = Measures::mean(&outcome.each);
            for (name, of) in MEASURES {
                json[name] = of(&means).into();
            }
        }
        if self.approximate && !outcome.held.is_empty() {
            let worst = outcome.held.iter().copied().fold(1.0, f64::min);
            let whole = outcome.held.iter().filter(|held| **held == 1.0).count();
            json["exact"] = json!({
                "recall": mean(&outcome.held).unwrap_or(1.0), "worst": worst, "whole": whole,
            });
        }
        let exposure = outcome.exposure;
        json["exposure"] = json!({
            "gini": exposure.gini, "coverage": exposure.coverage,
            "shown": exposure.shown, "catalogue": exposure.catalogue,
        });
        json["keptOfFirst"] = json!(mean(&outcome.kept));
        json["p50_us"] = json!(outcome.percentiles.map(|percentiles| percentiles.p50));
        json
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn share(values: &[f64]) -> String {
    mean(values).map_or_else(|| "–".to_owned(), |mean| format!("{mean:.4}"))
}

fn probability(p: f64) -> String {
    if p < 0.0001 { "<0.0001".to_owned() } else { format!("{p:.4}") }
}

fn page(evaluation: &Evaluation<'_>) -> Page {
    let mut page = Page::new("Evaluation of rankings", &evaluation.summary());
    let (verified, checked) = evaluation.verified;
    let verdict = format!("{verified} of {checked} exact answers verified by brute force");
    page.verdict(verified == checked, &verdict);
    page.section(
        "Configs",
        "Measures of the judged requests, as ir_measures defines them. Pages are as long as each request says: Gini of \
         their exposure over the whole catalogue, places discounted as in nDCG; how much of the catalogue they show; how \
         much of the first config's page they keep; for matches also how much of the exact top by the full score they hold.",
    );
    let (header, rows) = evaluation.rows();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let cells = |row: Vec<String>| row.into_iter().map(Cell::text).collect::<Vec<_>>();
    page.grid(&rows.into_iter().fold(Grid::new(&header), |grid, row| grid.row(cells(row))));
    if !evaluation.comparisons.is_empty() {
        page.section(
            "Against the first config",
            "Two-sided p of Fisher's paired randomisation test, 100,000 rounds, corrected by Holm where several configs are \
             compared. Coloured where it is below 0.05.",
        );
        let grid = evaluation.comparisons.iter().fold(Grid::new(&COMPARED), |grid, comparison| {
            let mut row: Vec<Cell> = evaluation.compared(comparison).map(Cell::text).into();
            if comparison.corrected < SIGNIFICANT {
                let difference = evaluation.compared(comparison)[2].clone();
                row[2] = Cell::text(difference).good(comparison.paired.difference > 0.0);
            }
            grid.row(row)
        });
        page.grid(&grid);
    }
    page.section("What each config changes", "");
    let changes =
        evaluation.outcomes.iter().fold(Grid::new(&["config", "changes"]), |grid, outcome| {
            let fields = serde_json::to_string(&outcome.config.fields).unwrap_or_default();
            grid.row([Cell::text(outcome.config.name.clone()), Cell::code(fields)])
        });
    page.grid(&changes);
    page
}
