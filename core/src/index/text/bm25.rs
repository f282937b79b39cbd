//! BM25F: Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", 2004.
//!
//! Frequencies and lengths are summed over the fields with the fields' weights first, and only
//! then saturated: a word that stands once in the title is not worth a whole word more.

/// How soon a repeated word stops counting.
pub const K1: f64 = 1.2;
/// How much a long document is held against itself.
pub const B: f64 = 0.75;

/// The weight of a word that `having` of `documents` documents have.
pub fn idf(documents: u64, having: u64) -> f64 {
    let (all, having) = (documents as f64, having as f64);
    (1.0 + (all - having + 0.5) / (having + 0.5)).ln()
}

/// What a document of weighted length `length` adds to the saturation of its frequencies.
pub fn norm(length: u32, mean_length: f64) -> f64 {
    K1 * (1.0 - B + B * f64::from(length) / mean_length)
}

/// What one word adds to a document's score.
pub fn contribution(idf: f64, tf: f64, norm: f64) -> f64 {
    idf * tf / (tf + norm)
}
