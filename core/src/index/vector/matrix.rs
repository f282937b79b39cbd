//! Dense f32 matrices whose rows the dot product can read: what fitting a subspace needs, no more.

use rayon::prelude::*;

use super::kernels::{Kernels, Lane, floats, floats_mut};

/// A matrix by rows, each padded with zeros to whole lanes.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    lanes: Vec<Lane>,
    rows: usize,
    columns: usize,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zero(rows: usize, columns: usize) -> Self {
        Self { lanes: vec![Lane::default(); rows * columns.div_ceil(16)], rows, columns }
    }

    /// The matrix of the given lanes, which must be `rows` padded rows.
    pub fn from_lanes(lanes: Vec<Lane>, rows: usize, columns: usize) -> Self {
        assert_eq!(lanes.len(), rows * columns.div_ceil(16), "padded rows");
        Self { lanes, rows, columns }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All lanes, row after row.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    fn stride(&self) -> usize {
        self.columns.div_ceil(16)
    }

    /// One row with its padding.
    pub fn row(&self, row: usize) -> &[f32] {
        floats(&self.lanes[row * self.stride()..][..self.stride()])
    }

    /// One row with its padding, which must stay zero.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        let stride = self.stride();
        floats_mut(&mut self.lanes[row * stride..][..stride])
    }

    /// The first `rows` rows.
    pub fn truncated(mut self, rows: usize) -> Self {
        self.rows = rows.min(self.rows);
        self.lanes.truncate(self.rows * self.stride());
        self
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let mut out = Matrix::zero(self.columns, self.rows);
        let stride = out.stride() * 16;
        let cells = floats_mut(&mut out.lanes);
        // Sixteen columns at a time share the lines that they read.
        for first in (0..self.columns).step_by(16) {
            for row in 0..self.rows {
                let lane = &self.row(row)[first..first + 16];
                for (column, &x) in (first..self.columns).zip(lane) {
                    cells[column * stride + row] = x;
                }
            }
        }
        out
    }

    /// The dot products of every row with every row of `other`: this times `other` transposed. Parallel
    /// over the rows of this; the other should be the smaller.
    pub fn products(&self, other: &Matrix) -> Matrix {
        let kernels = Kernels::best();
        let mut out = Matrix::zero(self.rows, other.rows);
        let stride = out.stride();
        out.lanes.par_chunks_mut(stride.max(1)).enumerate().for_each(|(i, lanes)| {
            for (j, cell) in floats_mut(lanes).iter_mut().take(other.rows).enumerate() {
                *cell = kernels.dot(self.row(i), other.row(j));
            }
        });
        out
    }

    /// The rows made orthonormal in their order (Gram-Schmidt, twice over); a row that the ones before it
    /// span up to rounding is left out.
    pub fn orthonormal(&self) -> Self {
        let kernels = Kernels::best();
        let mut out = Matrix::zero(self.rows, self.columns);
        let mut made = 0;
        for i in 0..self.rows {
            let mut row = self.row(i).to_vec();
            let before = kernels.dot(&row, &row).sqrt();
            for _ in 0..2 {
                for j in 0..made {
                    let along = kernels.dot(&row, out.row(j));
                    row.iter_mut().zip(out.row(j)).for_each(|(x, y)| *x -= along * y);
                }
            }
            let norm = kernels.dot(&row, &row).sqrt();
            if norm.is_finite() && norm > before * 1e-4 && norm > 1e-20 {
                out.row_mut(made).iter_mut().zip(&row).for_each(|(x, y)| *x = y / norm);
                made += 1;
            }
        }
        out.truncated(made)
    }
}
