//! The queue of writers and the point where they publish, in every order that two preemptions can make of three callers.

use std::sync::atomic::Ordering;

use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::thread;
use queue::Queue;

#[path = "../queue.rs"]
#[expect(clippy::duplicate_mod, reason = "the same code with other locks")]
mod queue;

mod sync {
    pub(super) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
    pub(super) use std::sync::PoisonError;
}

/// Hands in one change; the one who leads publishes what there is and as many more as are in its group.
fn write(queue: &Queue<usize, usize>, published: &AtomicUsize, most: usize) {
    let serve = |group: Vec<usize>| {
        let before = published.load(Ordering::Acquire);
        published.store(before + group.len(), Ordering::Release);
        (1..=group.len()).map(|place| before + place).collect()
    };
    let generation = queue.submit(1, |weight| *weight, most, serve).expect("nobody panics");
    assert!(published.load(Ordering::Acquire) >= generation, "answered before it was visible");
}

fn every_order(most_waiting: usize, most_together: usize) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(move || {
        let queue = Arc::new(Queue::new(most_waiting));
        let published = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..2)
            .map(|_| {
                let (queue, published) = (Arc::clone(&queue), Arc::clone(&published));
                thread::spawn(move || write(&queue, &published, most_together))
            })
            .collect();
        write(&queue, &published, most_together);
        callers.into_iter().for_each(|caller| caller.join().expect("it ends"));
        assert_eq!(published.load(Ordering::Acquire), 3, "one was lost, or published twice");
    });
}

#[test]
fn whoever_is_answered_can_see_it_and_nobody_is_forgotten() {
    every_order(8, 8);
}

#[test]
fn the_lead_passes_on_where_a_group_is_full() {
    every_order(8, 1);
}

#[test]
fn who_waits_outside_of_a_full_queue_is_let_in() {
    every_order(1, 8);
}
