//! What a [`Table`](super::table::Table) is made of, and how it lies in bytes: little-endian, without gaps.

use super::kernels::{Lane, Line, Slack};
use crate::store::Plain;

/// A fixed-size unit of storage.
pub trait Unit: Plain + Default {
    /// Its size in bytes, in memory's order of fields, without padding.
    const BYTES: usize;

    /// Appends its bytes.
    #[cfg(test)]
    fn write(&self, out: &mut Vec<u8>);

    /// Reads it from exactly [`Unit::BYTES`] bytes.
    fn read(bytes: &[u8]) -> Self;
}

fn numbers<const N: usize, const B: usize, T>(bytes: &[u8], number: fn([u8; B]) -> T) -> [T; N] {
    let (numbers, _) = bytes.as_chunks::<B>();
    std::array::from_fn(|i| number(numbers[i]))
}

impl Unit for Lane {
    const BYTES: usize = 64;

    #[cfg(test)]
    fn write(&self, out: &mut Vec<u8>) {
        self.0.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Self {
        Lane(numbers(bytes, f32::from_le_bytes))
    }
}

impl Unit for Line {
    const BYTES: usize = 64;

    #[cfg(test)]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.map(|code| code as u8));
    }

    fn read(bytes: &[u8]) -> Self {
        Line(numbers(bytes, i8::from_le_bytes))
    }
}

impl Unit for Slack {
    const BYTES: usize = 64;

    #[cfg(test)]
    fn write(&self, out: &mut Vec<u8>) {
        self.residual
            .iter()
            .chain(&self.rounding)
            .for_each(|x| out.extend_from_slice(&x.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Self {
        let (residual, rounding) = bytes.split_at(32);
        Slack {
            residual: numbers(residual, u16::from_le_bytes),
            rounding: numbers(rounding, u16::from_le_bytes),
        }
    }
}

/// The scalars of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Measure {
    /// The norm of the vector as it was sent.
    pub norm: f64,
    /// What one step of the row's codes is worth.
    pub scale: f32,
    /// The norm of what the codes leave out of the unit vector, rounded up.
    pub error: f32,
}

impl Unit for Measure {
    const BYTES: usize = 16;

    #[cfg(test)]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.norm.to_le_bytes());
        out.extend_from_slice(&self.scale.to_le_bytes());
        out.extend_from_slice(&self.error.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let (norm, rest) = bytes.split_at(8);
        let [scale, error] = numbers(rest, f32::from_le_bytes);
        let [norm] = numbers(norm, f64::from_le_bytes);
        Measure { norm, scale, error }
    }
}
