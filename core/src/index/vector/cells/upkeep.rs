//! Keeping cells true while rows come, change and go.

use std::sync::Arc;

use super::super::prefix::Prefixes;
use super::{Cells, MOST_WAITING, NOWHERE, WAITING};

impl Cells {
    /// A row's vector was set: it waits for a cell, and is found meanwhile. Cost: a counter; once in
    /// [`MOST_WAITING`] rows all that wait find their cells.
    pub fn set(&mut self, row: u32, prefixes: &Prefixes) {
        self.remove(row);
        self.home.extend_to(row as usize + 1, &NOWHERE);
        self.set_home(row, WAITING);
        Arc::make_mut(&mut self.waiting).push(row);
        self.since = self.since.saturating_add(1);
        if self.waiting.len() >= MOST_WAITING {
            self.settle(prefixes);
        }
    }

    /// A row's vector was taken away. Cost: a copy of its cell where a reader holds that.
    pub fn remove(&mut self, row: u32) {
        match self.home.get(row as usize).copied() {
            None | Some(NOWHERE) => return,
            Some(WAITING) => Arc::make_mut(&mut self.waiting).retain(|&one| one != row),
            Some(at) => {
                Arc::make_mut(&mut Arc::make_mut(&mut self.members)[at as usize]).remove(row);
                self.gone = self.gone.saturating_add(1);
            }
        }
        self.set_home(row, NOWHERE);
    }

    /// Finds a cell for each row that waits.
    fn settle(&mut self, prefixes: &Prefixes) {
        let waiting = std::mem::take(&mut self.waiting);
        let homes = self.homes(&waiting, prefixes);
        for (&row, &at) in waiting.iter().zip(&homes) {
            self.enter(row, at, prefixes);
        }
    }

    pub(super) fn set_home(&mut self, row: u32, at: u32) {
        if let Some(home) = self.home.get_mut(row as usize) {
            *home = at;
        }
    }
}
