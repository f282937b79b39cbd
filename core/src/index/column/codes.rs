//! The keyword codes of each row, in the order in which the profile lists its values.

use std::sync::Arc;

use crate::model::{Bits, Lent, Result, Rows};
use crate::store::{Snapshot, SnapshotWriter};

const CHUNK: usize = 1_024;

/// The codes of one keyword field by row, in chunks of 1,024 rows: a clone costs one counter, a change after a clone
/// copies one chunk, and so does the first change of one that lies in a snapshot.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeColumn {
    chunks: Arc<Vec<Arc<Chunk>>>,
    len: usize,
}

#[derive(Clone, Debug)]
enum Chunk {
    Owned(Vec<Codes>),
    /// Where the codes of each row end, and all codes; those of the first row begin at `start`.
    Lent {
        start: u32,
        ends: Lent<u32>,
        codes: Lent<u32>,
    },
}

/// Few codes lie in place, more than three beside.
#[derive(Clone, Debug)]
enum Codes {
    Few(u8, [u32; 3]),
    Many(Arc<[u32]>),
}

impl Codes {
    fn new(codes: &[u32]) -> Self {
        if codes.len() <= 3 {
            let mut few = [0; 3];
            few[..codes.len()].copy_from_slice(codes);
            Codes::Few(codes.len() as u8, few)
        } else {
            Codes::Many(codes.into())
        }
    }

    fn as_slice(&self) -> &[u32] {
        match self {
            Codes::Few(len, codes) => &codes[..usize::from(*len)],
            Codes::Many(codes) => codes,
        }
    }
}

impl Chunk {
    fn len(&self) -> usize {
        match self {
            Chunk::Owned(rows) => rows.len(),
            Chunk::Lent { ends, .. } => ends.len(),
        }
    }

    #[inline]
    fn get(&self, at: usize) -> &[u32] {
        match self {
            Chunk::Owned(rows) => rows.get(at).map_or(&[], Codes::as_slice),
            Chunk::Lent { start, ends, codes } => {
                let Some(end) = ends.get(at) else { return &[] };
                let start = if at == 0 { *start } else { ends[at - 1] };
                codes.get(start as usize..*end as usize).unwrap_or_default()
            }
        }
    }

    /// The rows to write to; those of a snapshot are copied first.
    fn to_mut(&mut self) -> &mut Vec<Codes> {
        if let Chunk::Lent { .. } = self {
            let rows = (0..self.len()).map(|at| Codes::new(self.get(at))).collect();
            *self = Chunk::Owned(rows);
        }
        match self {
            Chunk::Owned(rows) => rows,
            Chunk::Lent { .. } => unreachable!("it was made our own just now"),
        }
    }
}

impl CodeColumn {
    /// A column without values.
    pub(crate) fn empty(rows: usize) -> Self {
        let mut column = Self::default();
        (0..rows).for_each(|_| column.push(&[]));
        column
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, codes: &[u32]) {
        let chunks = Arc::make_mut(&mut self.chunks);
        if self.len.is_multiple_of(CHUNK) {
            chunks.push(Arc::new(Chunk::Owned(Vec::new())));
        }
        if let Some(last) = chunks.last_mut() {
            Arc::make_mut(last).to_mut().push(Codes::new(codes));
            self.len += 1;
        }
    }

    pub(crate) fn set(&mut self, row: u32, codes: &[u32]) {
        let chunk = Arc::make_mut(&mut self.chunks).get_mut(row as usize / CHUNK);
        let rows = chunk.map(|chunk| Arc::make_mut(chunk).to_mut());
        if let Some(slot) = rows.and_then(|rows| rows.get_mut(row as usize % CHUNK)) {
            *slot = Codes::new(codes);
        }
    }

    #[inline]
    pub(crate) fn get(&self, row: u32) -> &[u32] {
        self.chunks.get(row as usize / CHUNK).map_or(&[], |chunk| chunk.get(row as usize % CHUNK))
    }

    /// Visits the codes of the rows of a set. One read a member, and one look-up a chunk, before which it asks
    /// whether to go on.
    ///
    /// # Errors
    /// What the question answers.
    pub(crate) fn visit_while<E>(
        &self,
        rows: &Rows,
        mut go_on: impl FnMut() -> Result<(), E>,
        mut see: impl FnMut(&[u32]),
    ) -> Result<(), E> {
        let words = rows.words();
        for (at, chunk) in self.chunks.iter().enumerate() {
            go_on()?;
            // Chunks hold a whole number of words.
            let here = words.iter().skip(at * CHUNK / 64).zip((0..chunk.len()).step_by(64));
            for (word, first) in here {
                Bits(*word).for_each(|bit| see(chunk.get(first + bit as usize)));
            }
        }
        Ok(())
    }

    /// Writes two sections: where the codes of each row end, and the codes.
    pub(crate) fn save(&self, name: &str, out: &mut SnapshotWriter) -> Result<()> {
        let rows = || self.chunks.iter().flat_map(|chunk| (0..chunk.len()).map(|at| chunk.get(at)));
        out.stream(&format!("{name}-ends"), |out| {
            let mut end = 0_u32;
            rows().try_for_each(|codes| {
                end += codes.len() as u32;
                out.number(end)
            })
        })?;
        out.stream(&format!("{name}-codes"), |out| rows().try_for_each(|codes| out.values(codes)))
    }

    /// The column of two sections, in place. Cost: a look at each code, which must be below `values`.
    pub(crate) fn open(name: &str, rows: u32, values: u32, snapshot: &Snapshot) -> Result<Self> {
        let ends = snapshot.values::<u32>(&format!("{name}-ends"))?;
        let codes = snapshot.values::<u32>(&format!("{name}-codes"))?;
        let is_right = ends.len() == rows as usize
            && ends.is_sorted()
            && ends.last().map_or(0, |end| *end as usize) == codes.len()
            && codes.iter().all(|code| *code < values);
        if !is_right {
            return Err(snapshot.damaged(name, "it holds other than it says"));
        }
        let len = ends.len();
        let chunk = |first: usize| {
            let start = if first == 0 { 0 } else { ends[first - 1] };
            let ends = ends.part(first..len.min(first + CHUNK))?;
            Some(Arc::new(Chunk::Lent { start, ends, codes: codes.clone() }))
        };
        let chunks = (0..len).step_by(CHUNK).filter_map(chunk).collect();
        Ok(Self { chunks: Arc::new(chunks), len })
    }

    pub(crate) fn bytes(&self) -> usize {
        let bytes = |chunk: &Chunk| match chunk {
            Chunk::Owned(rows) => rows.len() * size_of::<Codes>(),
            Chunk::Lent { ends, .. } => ends.len() * 8,
        };
        self.chunks.iter().map(|chunk| bytes(chunk)).sum()
    }
}
