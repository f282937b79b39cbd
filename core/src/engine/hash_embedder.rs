//! The built-in embedder: no model, no network.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::model::{Embedder, Result};

/// Feature hashing (Weinberger and others, 2009) of words, word pairs and the letters of words.
///
/// **Lexical, not semantic**: texts are alike where they share words or parts of words. It knows nothing of
/// meaning: "CFO" and "finance chief" have nothing in common for it. It lets an index be tried, tested and
/// demonstrated with nothing else at hand; for meaning, give embeddings of a model, or an [`Embedder`] of your own.
///
/// Deterministic on every machine. Cost: one hash a word, a pair and a run of three to five letters.
///
/// ```
/// use shortlist::{Embedder, HashEmbedder};
///
/// let embedder = HashEmbedder::new(256);
/// let cosine = |a: &str, b: &str| -> shortlist::Result<f32> {
///     let (a, b) = (embedder.embed(a)?.unwrap_or_default(), embedder.embed(b)?.unwrap_or_default());
///     Ok(a.iter().zip(&b).map(|(x, y)| x * y).sum())
/// };
/// let near = cosine("tax planning for clinics", "clinic tax planner")?;
/// assert!(near > cosine("tax planning for clinics", "hiring a warehouse manager")?);
/// # Ok::<(), shortlist::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashEmbedder {
    dimension: usize,
}

impl HashEmbedder {
    /// An embedder into that many dimensions, at least 1; 256 and more keep unlike words apart.
    pub fn new(dimension: usize) -> Self {
        Self { dimension: dimension.max(1) }
    }
}

const WORD: (u64, f64) = (1, 1.0);
const PAIR: (u64, f64) = (2, 0.7);
const LETTERS: (u64, f64) = (3, 0.35);

impl Embedder for HashEmbedder {
    fn name(&self) -> &'static str {
        "shortlist-hash-1"
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn embed(&self, text: &str) -> Result<Option<Vec<f32>>> {
        let words: Vec<String> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let mut sums = vec![0.0; self.dimension];
        for word in &words {
            add(&mut sums, word.as_bytes(), WORD);
            let marked: Vec<char> = format!("<{word}>").chars().collect();
            for length in 3..=5 {
                for run in marked.windows(length) {
                    add(&mut sums, run.iter().collect::<String>().as_bytes(), LETTERS);
                }
            }
        }
        for pair in words.windows(2) {
            add(&mut sums, format!("{} {}", pair[0], pair[1]).as_bytes(), PAIR);
        }
        // A word that is said four times counts twice.
        for sum in &mut sums {
            *sum = if *sum < 0.0 { -(-*sum).sqrt() } else { sum.sqrt() };
        }
        let norm = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
        Ok((norm > 0.0).then(|| sums.into_iter().map(|sum| (sum / norm) as f32).collect()))
    }
}

fn add(sums: &mut [f64], feature: &[u8], (seed, weight): (u64, f64)) {
    let hash = xxh3_64_with_seed(feature, seed);
    let place = (hash >> 1) as usize % sums.len();
    sums[place] += if hash & 1 == 0 { weight } else { -weight };
}
