//! How much room an advisor has.

use super::Signal;
use crate::api::reasons::Reasons;
use crate::index::column::NumberColumn;

/// `(maxClients - currentClients) / maxClients`, 0 to 1.
pub(in crate::matching) struct Capacity<'a> {
    pub(in crate::matching) current: &'a NumberColumn,
    pub(in crate::matching) most: &'a NumberColumn,
}

impl Signal for Capacity<'_> {
    fn name(&self) -> &'static str {
        "capacity"
    }

    fn value(&self, row: u32) -> f64 {
        headroom(self.current.raw(row), self.most.raw(row))
    }

    fn note(&self, row: u32, reasons: &mut Reasons) {
        let most = self.most.raw(row);
        reasons.room = Some(((most - self.current.raw(row)).max(0.0), most));
    }
}

fn headroom(current: f64, most: f64) -> f64 {
    if most > 0.0 { ((most - current) / most).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::headroom;

    #[test]
    fn headroom_is_the_free_share_and_never_below_nothing() {
        assert_eq!(headroom(5.0, 20.0), 0.75);
        assert_eq!(headroom(25.0, 20.0), 0.0);
        assert_eq!(headroom(0.0, 0.0), 0.0);
    }
}
