//! `shortlist schema`.

use crate::args::Index;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{facts, table};

/// Prints the schema of an index: as JSON, what `build --schema` reads.
pub fn run(options: &Index, out: &mut Output) -> Result {
    let engine = open(&options.index)?;
    let schema = engine.schema();
    if out.format.is_json() {
        return out.line(schema.to_json());
    }
    let none = || "none".to_owned();
    out.line(facts([
        ("dimension", schema.dimension.map_or_else(none, |dimension| dimension.to_string())),
        ("embedder", schema.embedder.as_ref().map_or_else(none, ToString::to_string)),
        ("language", format!("{:?}", schema.language).to_lowercase()),
    ]))?;
    let mut attributes = table(&["attribute", "kind"]);
    for attribute in schema.attributes() {
        attributes.add_row([&format!("attributes.{}", attribute.name), attribute.kind.name()]);
    }
    out.line(attributes.trim_fmt())
}
