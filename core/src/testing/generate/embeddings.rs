//! Embeddings that lie as those of real text do: in clusters by topic, most of their length in a few
//! dozen directions, and no axis special.

use super::random::Random;
use super::words::{INDUSTRIES, SENIORITY, SERVICES};
use super::{Generator, Purpose, Traits};

/// The embeddings of generated advisors, made row by row when asked for.
///
/// Cost: a row takes a few passes over its dimensions; the topics are kept, 60 vectors.
pub struct Embeddings {
    generator: Generator,
    dim: usize,
    /// What is common to all, then a centre for each industry, service and step of seniority.
    common: Vec<f64>,
    industries: Vec<Vec<f64>>,
    services: Vec<Vec<f64>>,
    seniority: Vec<Vec<f64>>,
    signs: Vec<f64>,
}

/// How far direction `k` spreads: the first 64 hold about six sevenths of the variance.
fn spread(k: usize) -> f64 {
    1.0 / (1.0 + k as f64 / 12.0)
}

fn draw(random: &mut Random, dim: usize, scale: f64) -> Vec<f64> {
    (0..dim).map(|k| scale * spread(k) * random.normal()).collect()
}

impl Embeddings {
    pub(super) fn new(generator: Generator, dim: usize) -> Self {
        let mut random = generator.random(Purpose::Topics, dim);
        let mut topics =
            |count: usize, scale| (0..count).map(|_| draw(&mut random, dim, scale)).collect();
        let mut common: Vec<Vec<f64>> = topics(1, 0.9);
        let industries = topics(INDUSTRIES.len(), 1.0);
        let services = topics(SERVICES.len(), 0.9);
        let seniority = topics(SENIORITY.len(), 0.4);
        let signs = (0..dim).map(|_| if random.bits() & 1 == 0 { 1.0 } else { -1.0 }).collect();
        let common = common.pop().unwrap_or_default();
        Self { generator, dim, common, industries, services, seniority, signs }
    }

    /// How many numbers each has.
    pub fn dimension(&self) -> usize {
        self.dim
    }

    /// The embedding of one advisor's row, of length one.
    pub fn row(&self, row: usize) -> Vec<f32> {
        let mut random = self.generator.random(Purpose::Embedding, row);
        self.near(&self.generator.traits(row), 0.8, &mut random)
    }

    /// An embedding near the topics, the further off the more `noise` there is.
    pub(super) fn near(&self, topics: &Traits, noise: f64, random: &mut Random) -> Vec<f32> {
        let mut vector = self.common.clone();
        let mut add = |centres: &[Vec<f64>], places: &[usize]| {
            let weight = 1.0 / (places.len().max(1) as f64).sqrt();
            for centre in places.iter().filter_map(|&place| centres.get(place)) {
                vector.iter_mut().zip(centre).for_each(|(value, part)| *value += weight * part);
            }
        };
        add(&self.industries, &topics.industries);
        add(&self.services, &topics.services);
        add(&self.seniority, &[topics.seniority]);
        for (k, value) in vector.iter_mut().enumerate() {
            *value += noise * (spread(k) + 0.02) * random.normal();
        }
        unit(&self.turned(vector))
    }

    /// Turns the space, so that the directions of great spread are no axes: signs, then Hadamard's transform.
    fn turned(&self, mut vector: Vec<f64>) -> Vec<f64> {
        vector.iter_mut().zip(&self.signs).for_each(|(value, sign)| *value *= sign);
        vector.resize(self.dim.next_power_of_two(), 0.0);
        let mut half = 1;
        while half < vector.len() {
            for pair in vector.chunks_exact_mut(2 * half) {
                let (left, right) = pair.split_at_mut(half);
                for (a, b) in left.iter_mut().zip(right) {
                    (*a, *b) = (*a + *b, *a - *b);
                }
            }
            half *= 2;
        }
        vector.truncate(self.dim);
        vector
    }
}

fn unit(vector: &[f64]) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    vector.iter().map(|value| (value / length) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
    }

    #[test]
    fn embeddings_have_length_one_and_do_not_depend_on_what_was_made_before() {
        let generator = Generator::new(5);
        let embeddings = generator.embeddings(96);
        for row in [0, 7, 7, 3] {
            let vector = embeddings.row(row);
            assert_eq!(vector.len(), 96);
            assert!((dot(&vector, &vector) - 1.0).abs() < 1e-5);
            assert_eq!(vector, generator.embeddings(96).row(row));
        }
    }

    #[test]
    fn advisors_of_one_topic_are_nearer_than_others() {
        let generator = Generator::new(5);
        let embeddings = generator.embeddings(256);
        let (mut same, mut other) = (Vec::new(), Vec::new());
        for a in 0..150 {
            for b in 0..a {
                let (left, right) = (generator.traits(a), generator.traits(b));
                let likeness = dot(&embeddings.row(a), &embeddings.row(b));
                if left.industries == right.industries && left.services[0] == right.services[0] {
                    same.push(likeness);
                } else if !left.industries.iter().any(|i| right.industries.contains(i)) {
                    other.push(likeness);
                }
            }
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        assert!(mean(&same) > mean(&other) + 0.25, "{} {}", mean(&same), mean(&other));
        assert!((0.1..0.6).contains(&mean(&other)), "{}", mean(&other));
    }
}
