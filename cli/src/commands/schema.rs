//! `shortlist schema`.

use serde_json::{Map, Value, json};
use shortlist::{AttributeState, Engine, Error, SchemaChange};

use crate::args::Schema;
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{facts, printable, table};

/// Prints the schema of an index: as JSON, what `build --schema` reads. Changes it first where that is asked for.
pub fn run(options: &Schema, out: &mut Output) -> Result {
    let engine = if options.add.is_empty() && options.remove.is_empty() {
        open(&options.index.index)?
    } else {
        let engine = Engine::open(&options.index.index)?;
        engine.alter(change(options)?)?;
        engine.maintain()?;
        engine
    };
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
    let mut attributes = table(&["attribute", "kind", ""]);
    let there = schema.attributes().iter().filter(|one| one.state != AttributeState::Removed);
    for attribute in there {
        attributes.add_row([
            printable(&format!("attributes.{}", attribute.name)),
            attribute.kind.name().to_owned(),
            attribute.state.to_string(),
        ]);
    }
    out.line(attributes.trim_fmt())
}

fn change(options: &Schema) -> shortlist::Result<SchemaChange> {
    let mut add = Map::new();
    for one in &options.add {
        let Some((name, said)) = one.split_once('=') else {
            return Err(Error::Malformed {
                what: "--add".to_owned(),
                reason: format!("`{}` is no NAME=KIND[:FROM]", printable(one)),
            });
        };
        let said = match said.split_once(':') {
            Some((kind, from)) => json!({"kind": kind, "from": from}),
            None => Value::from(said),
        };
        add.insert(name.to_owned(), said);
    }
    SchemaChange::from_json(&json!({"add": add, "remove": options.remove}).to_string())
}
