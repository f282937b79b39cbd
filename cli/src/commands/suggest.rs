//! `shortlist suggest`.

use comfy_table::CellAlignment;
use shortlist::{Filter, Scope, SuggestKind, SuggestRequest};

use crate::args::Suggest;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{count, printable, table};

/// Completes a text, as a search box would while it is typed.
pub fn run(options: &Suggest, out: &mut Output) -> Result {
    let engine = open(&options.index.index)?;
    let request = match &options.request {
        Some(json) => SuggestRequest::from_json(json)?,
        None => typed(options)?,
    };
    let answer = engine.suggest(&request)?;
    if out.format.is_json() {
        return out.line(answer.to_json());
    }
    let mut rows = table(&["text", "kind", "profiles"]);
    for found in &answer.suggestions {
        let kind = SuggestKind::ALL.iter().find(|(_, kind)| *kind == found.kind);
        let kind = kind.map_or("", |(name, _)| name).to_owned();
        rows.add_row(vec![printable(&found.text), kind, count(found.count)]);
    }
    if let Some(column) = rows.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let many = answer.suggestions.len();
    let shown = format!("{many} suggestion{}", if many == 1 { "" } else { "s" });
    let took = out.style.faint(&format!(", in {} us", answer.took_us));
    if answer.suggestions.is_empty() {
        return out.line(format!("{shown}{took}"));
    }
    out.line(format!("{}\n{shown}{took}", rows.trim_fmt()))
}

fn typed(options: &Suggest) -> shortlist::Result<SuggestRequest> {
    let default = SuggestRequest::default();
    let kinds = options.kind.iter().map(|name| SuggestKind::from_name(name));
    let kinds = kinds.collect::<shortlist::Result<Vec<_>>>()?;
    Ok(SuggestRequest {
        text: options.text.clone().unwrap_or_default(),
        kinds: if kinds.is_empty() { default.kinds } else { kinds },
        limit: options.limit.unwrap_or(default.limit),
        filter: options.filter.as_deref().map(Filter::from_json).transpose()?,
        scope: if options.all { Scope::All } else { Scope::Marketplace },
        ..SuggestRequest::default()
    })
}
