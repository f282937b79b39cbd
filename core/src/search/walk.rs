//! A page by a walk along a kept order: the rows that pass are met in their order, so a page's worth is enough.

use super::cursor::Place;
use super::page::{Page, Start};
use crate::api::deadline::Deadline;
use crate::generation::{Generation, Keyed, RowOrder};
use crate::index::column::{Position, SortedRows};
use crate::model::{Result, Rows};

/// Steps between two looks at the time limit.
const STEPS_A_CHECK: usize = 1 << 13;

pub(super) struct Walk<'w, 'a> {
    pub(super) generation: &'w Generation,
    pub(super) order: &'w RowOrder<'a>,
    pub(super) sorted: &'w SortedRows,
    /// The rows that pass.
    pub(super) rows: &'w Rows,
    pub(super) limit: usize,
    /// No row whose first key is less passes.
    pub(super) least_key: u64,
    /// How many steps are worth while.
    pub(super) budget: usize,
    pub(super) deadline: &'w Deadline,
}

impl Walk<'_, '_> {
    /// The page, and how many steps it took; none where they were more than the budget.
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut).
    pub(super) fn cut(&self, start: &Start) -> Result<Option<(Page, usize)>> {
        let (order, generation) = (self.order, self.generation);
        let place_of = |is_before: &dyn Fn(&Place, Keyed) -> bool, place: &Place| {
            self.sorted.position(|row| is_before(place, order.keyed(row)))
        };
        let mut steps = Steps { left: self.budget, taken: 0 };
        let (page, behind, is_backward) = match start {
            Start::Top => (
                self.meet(self.sorted.onward(self.floor()), self.limit + 1, &mut steps)?,
                Some(false),
                false,
            ),
            Start::After(place) => {
                let at = place_of(&|place, row| !place.is_before(order, generation, row), place);
                let page = self.meet(
                    self.sorted.onward(at.max(self.floor())),
                    self.limit + 1,
                    &mut steps,
                )?;
                (page, self.meets_any(self.sorted.backward(at), &mut steps)?, false)
            }
            Start::Before(place) => {
                let at = place_of(&|place, row| place.is_after(order, generation, row), place);
                let page = self.meet(self.sorted.backward(at), self.limit + 1, &mut steps)?;
                (page, self.meets_any(self.sorted.onward(at.max(self.floor())), &mut steps)?, true)
            }
        };
        let (Some(rows), Some(behind)) = (page, behind) else { return Ok(None) };
        Ok(Some((Page::new(rows, self.limit, is_backward, behind), steps.taken)))
    }

    /// Where rows begin that can pass.
    fn floor(&self) -> Position {
        match self.least_key {
            0 => Position::START,
            least => self.sorted.position(|row| self.order.keyed(row).key < least),
        }
    }

    fn meets_any(
        &self,
        rows: impl Iterator<Item = u32>,
        steps: &mut Steps,
    ) -> Result<Option<bool>> {
        Ok(self.meet(rows, 1, steps)?.map(|met| !met.is_empty()))
    }

    /// The first rows that pass; none where there were too many steps.
    fn meet(
        &self,
        rows: impl Iterator<Item = u32>,
        wanted: usize,
        steps: &mut Steps,
    ) -> Result<Option<Vec<Keyed>>> {
        let mut met = Vec::with_capacity(wanted);
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            self.deadline.check()?;
            let most = STEPS_A_CHECK.min(steps.left);
            if most == 0 {
                return Ok(None);
            }
            let mut taken = 0;
            for row in rows.by_ref().take(most) {
                taken += 1;
                if self.rows.contains(row) {
                    met.push(self.order.keyed(row));
                    if met.len() == wanted {
                        break;
                    }
                }
            }
            steps.left -= taken;
            steps.taken += taken;
            if met.len() == wanted {
                break;
            }
        }
        Ok(Some(met))
    }
}

struct Steps {
    left: usize,
    taken: usize,
}
