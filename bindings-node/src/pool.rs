//! Threads of our own: Node's four are for its files and names.
//!
//! There are two lanes, so that a long write or the opening of an index never stands before a read. Writers mostly
//! wait (for their turn, for the disk): there are more of them than cores, and those who wait together are served
//! together.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// Which lane a job goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Short: one request.
    Read,
    /// Long, or waiting.
    Write,
}

const WRITERS: usize = 8;

#[derive(Default)]
struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    ready: Condvar,
}

impl Queue {
    fn push(&self, job: Job) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
        self.ready.notify_one();
    }

    fn work(&self) -> ! {
        loop {
            let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            let job = loop {
                match jobs.pop_front() {
                    Some(job) => break job,
                    None => jobs = self.ready.wait(jobs).unwrap_or_else(PoisonError::into_inner),
                }
            };
            drop(jobs);
            job();
        }
    }
}

fn lane(lane: Lane) -> &'static Queue {
    static READ: OnceLock<Queue> = OnceLock::new();
    static WRITE: OnceLock<Queue> = OnceLock::new();
    let (queue, name, threads) = match lane {
        Lane::Read => {
            (&READ, "shortlist-read", thread::available_parallelism().map_or(2, usize::from))
        }
        Lane::Write => (&WRITE, "shortlist-write", WRITERS),
    };
    let mut begun = false;
    let queue = queue.get_or_init(|| {
        begun = true;
        Queue::default()
    });
    if begun {
        for _ in 0..threads.max(2) {
            // Where the system gives no more threads, those that there are do the work.
            let _ = thread::Builder::new().name(name.to_owned()).spawn(|| queue.work());
        }
    }
    queue
}

/// Hands a job to a thread of the lane.
pub fn hand_over(to: Lane, job: impl FnOnce() + Send + 'static) {
    lane(to).push(Box::new(job));
}
