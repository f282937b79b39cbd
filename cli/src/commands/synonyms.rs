//! `shortlist synonyms`.

use std::io::Read;
use std::path::Path;

use shortlist::{Engine, Error, SynonymRule, limits};

use crate::args::Synonyms;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{printable, table};

/// Lists the rules, or replaces them and keeps the index.
pub fn run(options: &Synonyms, out: &mut Output) -> Result {
    let directory = &options.index.index;
    let rules = if let Some(file) = &options.set {
        let rules = SynonymRule::list_from_json(&read(file)?)?;
        let engine = Engine::open(directory)?;
        engine.set_synonyms(rules)?;
        engine.snapshot(directory)?;
        engine.schema().synonyms
    } else {
        open(directory)?.schema().synonyms
    };
    if out.format.is_json() {
        return out.line(SynonymRule::list_to_json(&rules));
    }
    let mut rows = table(&["a search for", "also finds"]);
    for rule in &rules {
        let (from, to) = match rule {
            SynonymRule::Equal(forms) => (forms.join(" = "), "each other".to_owned()),
            SynonymRule::OneWay { from, to } => (from.join(", "), to.join(", ")),
            _ => continue,
        };
        rows.add_row([printable(&from), printable(&to)]);
    }
    if !rules.is_empty() {
        out.line(rows.trim_fmt())?;
    }
    let many = rules.len();
    out.line(format!("{many} rule{}", if many == 1 { "" } else { "s" }))
}

/// The file, up to one byte more than rules may have.
fn read(file: &Path) -> shortlist::Result<String> {
    let mut text = String::new();
    let most = limits::REQUEST_BYTES as u64 + 1;
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(most).read_to_string(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(Error::Malformed {
            what: file.display().to_string(),
            reason: "not UTF-8; it takes a JSON list of rules".to_owned(),
        }),
        Err(error) => Err(Error::from_io(&error, "read", file.display().to_string())),
    }
}
