//! Sorted orders that are kept: what lets a page of a wide filter look at a page's worth of rows.
//!
//! An order is sorted the first time that a request would gain by it, and kept right by the writer from then on:
//! each row whose keys change is taken out and put in, two searches by halves and a copied chunk. The orders that a
//! marketplace offers by name have places of their own; the first nine others that are asked for get the rest.
//! Readers take no lock: a place is filled once. Where sorting takes longer than a request should, it happens
//! beside the requests, which do without meanwhile.

use std::cmp::Ordering;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use super::Generation;
use super::order::{Keyed, OrderKey, RowOrder, SortField};
use crate::api::search::Order;
use crate::index::column::{Position, SortedRows};
use crate::model::field::numbers;

const RATING: [OrderKey; 2] = [
    (SortField::Number(numbers::OVERALL_RATING), Order::Desc),
    (SortField::Number(numbers::TOTAL_REVIEWS), Order::Desc),
];
/// The orders that have places of their own, by ids first: others are sorted from it.
const NAMED: [&[OrderKey]; 7] = [
    &[],
    &RATING,
    &[(SortField::Number(numbers::YEARS_EXPERIENCE), Order::Desc)],
    &[(SortField::Number(numbers::TOTAL_REVIEWS), Order::Desc)],
    &[(SortField::Number(numbers::CREATED_AT), Order::Desc)],
    &[(SortField::Number(numbers::HOURLY_RATE), Order::Asc)],
    &[(SortField::Number(numbers::HOURLY_RATE), Order::Desc)],
];
const PLACES: usize = 16;
/// Up to that many rows an order is sorted within the request that asks for it: some milliseconds, once.
const AT_ONCE: u32 = 1 << 15;
/// A batch that touches more than one in that many rows leaves its orders to be sorted anew.
const WIDE: usize = 8;

/// The orders of one generation.
#[derive(Debug)]
pub(crate) struct Orders {
    places: [Kept; PLACES],
}

/// One order, once somebody asked for it.
#[derive(Debug, Default)]
struct Kept {
    keys: OnceLock<Box<[OrderKey]>>,
    sorted: OnceLock<SortedRows>,
    /// Whether somebody sorts it.
    claimed: AtomicBool,
}

impl Default for Orders {
    fn default() -> Self {
        let places: [Kept; PLACES] = std::array::from_fn(|_| Kept::default());
        for (place, keys) in places.iter().zip(NAMED) {
            place.keys.get_or_init(|| keys.into());
        }
        Self { places }
    }
}

impl Clone for Orders {
    fn clone(&self) -> Self {
        let kept = |place: &Kept| Kept {
            keys: place.keys.clone(),
            sorted: place.sorted.clone(),
            claimed: AtomicBool::new(place.claimed.load(Relaxed)),
        };
        Self { places: std::array::from_fn(|at| kept(&self.places[at])) }
    }
}

impl Orders {
    /// The place of an order: its own, or the next free one.
    fn place(&self, keys: &[OrderKey]) -> Option<&Kept> {
        self.places.iter().find(|place| **place.keys.get_or_init(|| keys.into()) == *keys)
    }

    /// The same orders where rows have other numbers; those that `number` gives none are left out.
    pub(super) fn renumbered(&self, number: impl Fn(u32) -> Option<u32>) -> Self {
        let orders = Self::default();
        for (place, kept) in orders.places.iter().zip(&self.places) {
            if let Some(keys) = kept.keys.get() {
                place.keys.get_or_init(|| keys.clone());
            }
            if let Some(sorted) = kept.sorted.get() {
                let _ = place.sorted.set(sorted.renumbered(&number));
                place.claimed.store(true, Relaxed);
            }
        }
        orders
    }

    /// What they take in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        self.places.iter().filter_map(|place| place.sorted.get()).map(SortedRows::bytes).sum()
    }

    /// Brings the orders of `base`, which these are a copy of, to the state of `next`, where `touched` changed.
    pub(super) fn follow(&mut self, base: &Generation, next: &Generation, touched: &mut Vec<u32>) {
        touched.sort_unstable();
        touched.dedup();
        let wide = touched.len() > 64 + base.visible.universe() as usize / WIDE;
        for place in &mut self.places {
            let Some(keys) = place.keys.get() else { continue };
            let Some(sorted) = place.sorted.get_mut() else {
                // A reader sorts it for a generation that passes now. What takes long becomes the writer's, so that
                // it is not begun anew in each generation.
                let claimed = std::mem::take(place.claimed.get_mut());
                if claimed && next.rows > AT_ONCE {
                    let _ = place.sorted.set(sort(next, keys));
                }
                continue;
            };
            if wide {
                (place.sorted, place.claimed) = (OnceLock::new(), AtomicBool::new(false));
            } else {
                move_rows(sorted, keys, base, next, touched);
            }
        }
    }
}

/// Takes out and puts in the rows whose keys or visibility changed.
fn move_rows(
    sorted: &mut SortedRows,
    keys: &[OrderKey],
    base: &Generation,
    next: &Generation,
    touched: &[u32],
) {
    let (before, after) = (RowOrder::by_fields(base, keys), RowOrder::by_fields(next, keys));
    let stays = |row: &u32| {
        let visible = base.visible.contains(*row);
        visible == next.visible.contains(*row) && (!visible || before.same_keys(&after, *row))
    };
    let moved: Vec<u32> = touched.iter().copied().filter(|row| !stays(row)).collect();
    let against = |order: &RowOrder<'_>, row: u32, other: u32| -> Ordering {
        order.compare(order.keyed(other), order.keyed(row))
    };
    for &row in moved.iter().filter(|row| base.visible.contains(**row)) {
        sorted.remove(row, |other| against(&before, row, other));
    }
    for &row in moved.iter().filter(|row| next.visible.contains(**row)) {
        sorted.insert(row, |other| against(&after, row, other));
    }
}

impl Generation {
    /// The rows in scope `all` in that order, where it is kept or quickly made.
    ///
    /// Cost: the first time a sort of all rows, within the call up to 32,768 rows and beside it above.
    pub(crate) fn sorted(self: &Arc<Self>, keys: &[OrderKey]) -> Option<&SortedRows> {
        // An order that ends by ascending ids is that without them.
        let keys = match keys {
            [head @ .., (SortField::Id, Order::Asc)] => head,
            whole => whole,
        };
        let place = self.orders.place(keys)?;
        if let Some(sorted) = place.sorted.get() {
            return Some(sorted);
        }
        if place.claimed.swap(true, Relaxed) {
            return None;
        }
        if self.rows <= AT_ONCE {
            let _ = place.sorted.set(sort(self, keys));
            return place.sorted.get();
        }
        let (generation, keys) = (Arc::clone(self), Box::<[OrderKey]>::from(keys));
        rayon::spawn(move || {
            if let Some(place) = generation.orders.place(&keys) {
                let _ = place.sorted.set(sort(&generation, &keys));
            }
        });
        None
    }
}

/// Sorts all visible rows. Ids, which lie anywhere in memory, are only compared where ids are sorted by.
fn sort(generation: &Generation, keys: &[OrderKey]) -> SortedRows {
    let by_id = &generation.orders.places[0].sorted;
    if keys.is_empty() {
        return SortedRows::new(&sort_ids(generation));
    }
    let ids: Vec<u32> = match by_id.get() {
        Some(sorted) => sorted.onward(Position::START).collect(),
        None => sort_ids(generation),
    };
    let order = RowOrder::by_fields(generation, keys);
    let direction = |at: u32| if order.ids_descend() { !at } else { at };
    let mut keyed: Vec<(Keyed, u32)> =
        ids.iter().zip(0..).map(|(row, at)| (order.keyed(*row), direction(at))).collect();
    keyed.sort_unstable_by(|(a, a_at), (b, b_at)| {
        let further = || order.compare_further(a.row, b.row);
        a.key.cmp(&b.key).then_with(further).then(a_at.cmp(b_at))
    });
    let rows: Vec<u32> = keyed.into_iter().map(|(keyed, _)| keyed.row).collect();
    SortedRows::new(&rows)
}

/// All visible rows by their ids. The first sixteen bytes, read once, decide nearly every comparison.
fn sort_ids(generation: &Generation) -> Vec<u32> {
    let head = |row: u32| {
        let id = generation.id_bytes(row);
        let mut head = [0; 16];
        let len = id.len().min(16);
        head[..len].copy_from_slice(&id[..len]);
        u128::from_be_bytes(head)
    };
    let mut rows: Vec<(u128, u32)> =
        generation.visible.iter().map(|row| (head(row), row)).collect();
    rows.sort_unstable_by(|a, b| {
        let whole = || generation.id_bytes(a.1).cmp(generation.id_bytes(b.1));
        a.0.cmp(&b.0).then_with(whole)
    });
    rows.into_iter().map(|(_, row)| row).collect()
}
