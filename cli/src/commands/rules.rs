//! `shortlist rules`.

use std::io::Read;

use shortlist::{Engine, RuleSource, Rules};

use crate::args::{Rules as Options, RulesAction};
use crate::failure::{Failure, Result};
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{printable, table};

/// Keeps, lists or forgets the rules of an index.
pub fn run(options: &Options, out: &mut Output) -> Result {
    match &options.action {
        RulesAction::Set { index, name, rules } => {
            let rules = Rules::from_json(&given(rules)?)?;
            let engine = Engine::open(&index.index)?;
            engine.set_rules(name, rules)?;
            engine.snapshot(&index.index)?;
            list(&engine, out)
        }
        RulesAction::List(index) => list(&open(&index.index)?, out),
        RulesAction::Remove { index, name } => {
            let engine = Engine::open(&index.index)?;
            engine.remove_rules(name)?;
            engine.snapshot(&index.index)?;
            list(&engine, out)
        }
    }
}

/// The rules of a request as they are typed: JSON, or the name of those that are kept.
pub fn source(typed: &str) -> shortlist::Result<RuleSource> {
    if typed.trim_start().starts_with('{') {
        Rules::from_json(typed).map(RuleSource::Given)
    } else {
        Ok(RuleSource::Named(typed.to_owned()))
    }
}

fn given(rules: &str) -> Result<String> {
    if rules != "-" {
        return Ok(rules.to_owned());
    }
    let mut text = String::new();
    let most = shortlist::limits::REQUEST_BYTES as u64 + 1;
    std::io::stdin().take(most).read_to_string(&mut text).map_err(|error| {
        Failure::from(shortlist::Error::from_io(&error, "read", "standard input"))
    })?;
    Ok(text)
}

fn list(engine: &Engine, out: &mut Output) -> Result {
    let rules = engine.rules();
    if out.format.is_json() {
        let entries: Vec<String> = rules
            .iter()
            .map(|(name, rules)| {
                format!("{}:{}", serde_json::Value::from(name.as_str()), rules.to_json())
            })
            .collect();
        return out.line(format!("{{{}}}", entries.join(",")));
    }
    let mut rows = table(&["name", "pins", "hide", "boost", "bury"]);
    for (name, rules) in &rules {
        let hide = if rules.hide.is_some() { "yes" } else { "" };
        rows.add_row([
            printable(name),
            rules.pins.len().to_string(),
            hide.to_owned(),
            rules.boost.len().to_string(),
            rules.bury.len().to_string(),
        ]);
    }
    out.line(rows.trim_fmt())
}
