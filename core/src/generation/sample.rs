//! A few vectors that stand for all: what a query's cosines are compared with.

use xxhash_rust::xxh3::xxh3_64;

use super::Generation;

/// How many vectors are in a sample.
pub(crate) const SAMPLE: usize = 128;

/// The rows with a vector whose ids have the least hashes, by hash: the same whichever way the index was built.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// Ascending.
    members: Vec<(u64, u32)>,
}

impl Sample {
    /// The rows, in the order of their hashes.
    pub(crate) fn rows(&self) -> impl Iterator<Item = u32> {
        self.members.iter().map(|(_, row)| *row)
    }

    /// The same vectors where rows have other numbers.
    pub(super) fn renumbered(&self, number: impl Fn(u32) -> Option<u32>) -> Self {
        let member = |(hash, row): &(u64, u32)| Some((*hash, number(*row)?));
        Self { members: self.members.iter().filter_map(member).collect() }
    }

    /// Takes in a row that has come to have a vector.
    fn add(&mut self, id: &[u8], row: u32) {
        let member = (xxh3_64(id), row);
        let at = self.members.partition_point(|known| *known < member);
        if at < SAMPLE && self.members.get(at) != Some(&member) {
            self.members.insert(at, member);
            self.members.truncate(SAMPLE);
        }
    }

    /// Takes out a row; false where another must be looked for in its place.
    fn remove(&mut self, row: u32) -> bool {
        let was_full = self.members.len() == SAMPLE;
        let before = self.members.len();
        self.members.retain(|(_, known)| *known != row);
        self.members.len() == before || !was_full
    }
}

impl Generation {
    /// The sample. Cost: nothing, or one hash of each id in the first request after a member was removed.
    pub(crate) fn sample(&self) -> &Sample {
        self.sample.get_or_init(|| {
            let mut sample = Sample::default();
            let rows = self.vectors.iter().flat_map(|vectors| vectors.present().iter());
            rows.filter(|row| self.live.contains(*row))
                .for_each(|row| sample.add(self.id_bytes(row), row));
            sample
        })
    }

    /// Tells the sample that a row has a vector now, or none.
    pub(super) fn sample_changed(&mut self, row: u32, id: &[u8], has_vector: bool) {
        let keeps = self.sample.get_mut().is_none_or(|sample| {
            if has_vector {
                sample.add(id, row);
                return true;
            }
            sample.remove(row)
        });
        if !keeps {
            self.sample.take();
        }
    }
}
