//! Candidates at fixed places of a list.

use super::rank::{Ranked, Ranking};
use crate::model::{Result, Rows};

/// The pinned candidates of a list of matches.
pub(super) struct Pins {
    /// Places, ascending, each with its candidate.
    placed: Vec<(u32, Ranked)>,
}

impl Pins {
    /// Of the pins within the first `limit` places those who are among the candidates, scored.
    pub(super) fn new(ranking: &mut Ranking<'_>, tiers: &[Rows], limit: u32) -> Result<Self> {
        let known = |row: u32| tiers.iter().any(|tier| tier.contains(row));
        let pins = ranking.plan.rules.pins.iter().copied();
        let pins: Vec<(u32, u32)> =
            pins.filter(|(place, row)| *place <= limit && known(*row)).collect();
        if pins.is_empty() {
            return Ok(Self { placed: Vec::new() });
        }
        let rows = pins.iter().map(|(_, row)| *row);
        let rows = Rows::from_rows(ranking.generation.rows, rows);
        // No least score keeps a pin out, and its ranking is none that the list needed.
        let (least, report) = (ranking.least, ranking.report.clone());
        ranking.least = f64::NEG_INFINITY;
        let ranked = ranking.best(&rows, pins.len())?;
        (ranking.least, ranking.report) = (least, report);
        let of = |wanted: u32| ranked.iter().copied().find(|one| one.row == wanted);
        let placed = pins.into_iter().filter_map(|(place, row)| Some((place, of(row)?)));
        Ok(Self { placed: placed.collect() })
    }

    pub(super) fn len(&self) -> usize {
        self.placed.len()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        self.placed.iter().map(|(_, one)| one.row)
    }

    /// The list with the pins at their places; behind its end, one after the other.
    pub(super) fn place(self, others: Vec<Ranked>) -> Vec<Ranked> {
        let mut list = Vec::with_capacity(others.len() + self.placed.len());
        let (mut others, mut pins) = (others.into_iter(), self.placed.into_iter().peekable());
        loop {
            let is_due = pins.peek().is_some_and(|(place, _)| *place as usize <= list.len() + 1);
            let next = if is_due { None } else { others.next() };
            match next.or_else(|| pins.next().map(|(_, one)| one)) {
                Some(one) => list.push(one),
                None => return list,
            }
        }
    }
}
