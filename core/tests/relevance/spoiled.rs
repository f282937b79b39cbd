//! Collections that something was done to: one ranking is noise or silent, half of it is gone, the embeddings are of
//! another scale.

use shortlist::testing::relevance::Collection;

use crate::{REFERENCES, collection, never_much_worse};

/// Runs a change of a collection through the bar.
fn spoil(what: &str, change: impl Fn(&mut Collection)) {
    for (name, ..) in REFERENCES {
        let Some(mut collection) = collection(name) else { return };
        change(&mut collection);
        never_much_worse(&format!("{name}, {what}"), &collection);
    }
}

/// Numbers of a fixed sequence, 0 to 1 (Steele, Lea and Flood, 2014).
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[test]
fn embeddings_that_are_noise_do_not_spoil_the_words() {
    spoil("noise for embeddings", |collection| {
        let mut sequence = Sequence(1);
        let documents = collection.documents.iter_mut().filter_map(|one| one.embedding.as_mut());
        let queries = collection.queries.iter_mut().map(|query| &mut query.embedding);
        for value in documents.chain(queries).flatten() {
            // The sum of four is near enough to a normal number.
            *value = (0..4).map(|_| sequence.next() - 0.5).sum::<f64>() as f32;
        }
    });
}

#[test]
fn embeddings_of_other_documents_do_not_spoil_the_words() {
    spoil("embeddings of other documents", |collection| {
        let mut own: Vec<_> =
            collection.documents.iter_mut().map(|one| one.embedding.take()).collect();
        own.rotate_left(collection.documents.len() / 2);
        let given = collection.documents.iter_mut().zip(own);
        given.for_each(|(document, embedding)| document.embedding = embedding);
    });
}

#[test]
fn words_that_nobody_wrote_do_not_spoil_the_embeddings() {
    spoil("words that find nothing", |collection| {
        collection.queries.iter_mut().for_each(|query| query.text = "zyzzyva qwxk".to_owned());
    });
}

#[test]
fn the_words_find_what_has_no_embedding() {
    spoil("no embeddings but one", |collection| {
        collection.documents.iter_mut().skip(1).for_each(|document| document.embedding = None);
    });
}

#[test]
fn a_part_of_the_documents_is_ranked_as_well() {
    for (keep, of) in [(1, 2), (3, 4), (1, 4), (1, 10)] {
        spoil(&format!("{keep} of {of} documents"), |collection| {
            let mut sequence = Sequence(2);
            collection.documents.retain(|_| sequence.next() * f64::from(of) < f64::from(keep));
            let known: std::collections::HashSet<&str> =
                collection.documents.iter().map(|document| document.id.as_str()).collect();
            for query in &mut collection.queries {
                query.judged.retain(|id, _| known.contains(id.as_str()));
            }
            collection.queries.retain(|query| query.judged.values().any(|gain| *gain > 0));
        });
    }
}

#[test]
fn embeddings_of_a_model_whose_cosines_are_all_high_are_ranked_as_well() {
    spoil("cosines of 0.7 to 0.9", |collection| {
        let documents = collection.documents.iter_mut().filter_map(|one| one.embedding.as_mut());
        let queries = collection.queries.iter_mut().map(|query| &mut query.embedding);
        // One more direction that all have in common.
        documents.chain(queries).for_each(|embedding| embedding.push(1.5));
    });
}
