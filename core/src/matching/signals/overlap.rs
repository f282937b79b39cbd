//! How many of the values asked for an advisor has.

use super::{GATHERED, Signal};
use crate::api::reasons::{Reasons, Shared};
use crate::generation::KeywordField;

/// What values are of: the names in breakdowns, and the places among the reasons.
#[derive(Clone, Copy, Debug)]
pub(in crate::matching) enum Of {
    Industries,
    Services,
    Certifications,
    Attributes,
}

/// The share of the asked values that a row has, over one keyword field or several.
pub(in crate::matching) struct Overlap<'a> {
    of: Of,
    fields: Vec<(&'a KeywordField, Vec<u32>)>,
    asked: u32,
}

impl<'a> Overlap<'a> {
    /// From the fields and the distinct values asked of each; a value that nobody has counts as asked.
    pub(in crate::matching) fn new(
        of: Of,
        asked: impl IntoIterator<Item = (&'a KeywordField, Vec<&'a String>)>,
    ) -> Self {
        let mut count = 0;
        let fields = asked
            .into_iter()
            .map(|(field, mut values)| {
                values.sort_unstable();
                values.dedup();
                count += values.len();
                (field, values.into_iter().filter_map(|value| field.index.code(value)).collect())
            })
            .collect();
        Self { of, fields, asked: count as u32 }
    }

    fn shared(&self, row: u32) -> u32 {
        // Bits that the filter has just looked at, where the row's own list lies far off.
        let shared = |(field, asked): &(&KeywordField, Vec<u32>)| {
            asked.iter().filter(|code| field.index.has(**code, row)).count()
        };
        self.fields.iter().map(shared).sum::<usize>() as u32
    }
}

impl Signal for Overlap<'_> {
    fn name(&self) -> &'static str {
        match self.of {
            Of::Industries => "industries",
            Of::Services => "services",
            Of::Certifications => "certifications",
            Of::Attributes => "attributes",
        }
    }

    fn value(&self, row: u32) -> f64 {
        f64::from(self.shared(row)) / f64::from(self.asked)
    }

    fn note(&self, row: u32, reasons: &mut Reasons) {
        reasons.shared[self.of as usize] = Shared { had: self.shared(row), asked: self.asked };
    }

    /// By the values' rows rather than the rows' values: a bit of a few kilobytes where the other way reads a list.
    fn accumulate(&self, rows: &[u32], weight: f64, sums: &mut [f64]) {
        let mut shared = [0u32; GATHERED];
        for (rows, sums) in rows.chunks(GATHERED).zip(sums.chunks_mut(GATHERED)) {
            let shared = &mut shared[..rows.len()];
            shared.fill(0);
            for (field, asked) in &self.fields {
                asked.iter().for_each(|code| field.index.count_each(*code, rows, shared));
            }
            for (sum, shared) in sums.iter_mut().zip(shared) {
                *sum += weight * (f64::from(*shared) / f64::from(self.asked));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(rows: &[&[&str]]) -> KeywordField {
        let mut field = KeywordField::default();
        for (row, values) in (0..).zip(rows) {
            let codes: Vec<u32> =
                values.iter().map(|value| field.index.code_or_insert(value)).collect();
            codes.iter().for_each(|code| field.index.insert(*code, row, rows.len() as u32));
            field.codes.push(&codes);
        }
        field
    }

    #[test]
    fn the_share_is_of_distinct_values_asked_known_or_not() {
        let services = field(&[&["Tax", "Audit"], &["Tax"], &[]]);
        let asked: Vec<String> = ["Tax", "Audit", "Tax", "Juggling"].map(String::from).to_vec();
        let overlap = Overlap::new(Of::Services, [(&services, asked.iter().collect())]);
        assert_eq!([0, 1, 2].map(|row| overlap.value(row)), [2.0 / 3.0, 1.0 / 3.0, 0.0]);
        let mut reasons = Reasons::default();
        overlap.note(0, &mut reasons);
        assert_eq!(reasons.to_string(), "2 of 3 services");
        let mut sums = [0.0; 3];
        overlap.accumulate(&[0, 1, 2], 0.5, &mut sums);
        assert_eq!(sums, [0, 1, 2].map(|row| 0.5 * overlap.value(row)));
    }
}
