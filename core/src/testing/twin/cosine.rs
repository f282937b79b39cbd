//! How alike two embeddings are.

/// The cosine of two vectors, in f64 throughout: both brought to length one, then multiplied.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    unit(a).iter().zip(unit(b)).map(|(a, b)| a * b).sum()
}

fn unit(vector: &[f32]) -> Vec<f64> {
    let length = vector.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    vector.iter().map(|value| f64::from(*value) / length).collect()
}
