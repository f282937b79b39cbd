//! `shortlist holds`.

use std::time::Duration;

use serde_json::{Value, json};
use shortlist::{Engine, Error, Hold, HoldId};

use crate::args::{Holds, HoldsAction};
use crate::failure::Result;
use crate::open::open;
use crate::output::Output;
use crate::report::facts::{printable, table};

/// Holds, confirms, releases or lists places of advisors.
pub fn run(options: &Holds, out: &mut Output) -> Result {
    match &options.action {
        HoldsAction::Reserve { index, id, minutes } => {
            let ttl = ttl(*minutes)?;
            let engine = Engine::open(&index.index)?;
            let hold = engine.reserve(id, ttl)?;
            list(&[hold], out)
        }
        HoldsAction::Confirm { index, hold } => {
            let engine = Engine::open(&index.index)?;
            engine.confirm(HoldId(*hold))?;
            list(&engine.holds(), out)
        }
        HoldsAction::Release { index, hold } => {
            let engine = Engine::open(&index.index)?;
            engine.release(HoldId(*hold))?;
            list(&engine.holds(), out)
        }
        HoldsAction::List(index) => list(&open(&index.index)?.holds(), out),
    }
}

fn ttl(minutes: f64) -> shortlist::Result<Duration> {
    Duration::try_from_secs_f64(minutes * 60.0).map_err(|_| Error::OutOfRange {
        field: "minutes".to_owned(),
        value: minutes.to_string(),
        expected: "over 0, at most 43,200: 30 days".to_owned(),
    })
}

fn list(holds: &[Hold], out: &mut Output) -> Result {
    if out.format.is_json() {
        let shown = |hold: &Hold| {
            let Hold { id, advisor_id, until, .. } = hold;
            json!({"id": id.0, "advisorId": advisor_id, "until": until.to_string()})
        };
        let holds: Value = holds.iter().map(shown).collect();
        return out.line(holds.to_string());
    }
    let mut rows = table(&["hold", "advisor", "until"]);
    for hold in holds {
        rows.add_row([hold.id.to_string(), printable(&hold.advisor_id), hold.until.to_string()]);
    }
    if !holds.is_empty() {
        out.line(rows.trim_fmt())?;
    }
    let many = holds.len();
    out.line(format!("{many} hold{}", if many == 1 { "" } else { "s" }))
}
