//! Callers that come together are served together: one of them leads, takes all that wait, and answers each.

use std::collections::VecDeque;

use super::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Those who wait for the one who leads.
#[derive(Debug)]
pub(super) struct Queue<T, R> {
    state: Mutex<State<T, R>>,
    /// Told when somebody who waits outside may come in.
    room: Condvar,
    most_waiting: usize,
}

#[derive(Debug)]
struct State<T, R> {
    waiting: VecDeque<(T, Arc<Seat<R>>)>,
    leading: bool,
    outside: usize,
}

/// Where one caller waits.
#[derive(Debug)]
struct Seat<R> {
    news: Mutex<Option<News<R>>>,
    told: Condvar,
}

#[derive(Debug)]
enum News<R> {
    Answer(R),
    /// It is this caller's turn to lead.
    Lead,
    /// The leader died with this caller's item in hand.
    Lost,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole at every moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R> Seat<R> {
    fn tell(&self, news: News<R>) {
        *locked(&self.news) = Some(news);
        self.told.notify_one();
    }

    fn wait(&self) -> News<R> {
        let mut news = locked(&self.news);
        loop {
            if let Some(news) = news.take() {
                return news;
            }
            news = self.told.wait(news).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The right to lead; passed on when it is dropped, and those whose items were in hand are told so.
struct Lead<'a, T, R> {
    queue: &'a Queue<T, R>,
    in_hand: VecDeque<Arc<Seat<R>>>,
}

impl<T, R> Drop for Lead<'_, T, R> {
    fn drop(&mut self) {
        self.in_hand.drain(..).for_each(|seat| seat.tell(News::Lost));
        let mut state = locked(&self.queue.state);
        match state.waiting.front() {
            Some((_, next)) => next.tell(News::Lead),
            None => state.leading = false,
        }
    }
}

impl<T, R> Queue<T, R> {
    pub(super) fn new(most_waiting: usize) -> Self {
        let state = State { waiting: VecDeque::new(), leading: false, outside: 0 };
        Self { state: Mutex::new(state), room: Condvar::new(), most_waiting }
    }

    /// Hands in an item and waits for its answer; whoever leads calls `serve`, which answers each item of a group in
    /// its order. `weight` and `most` bound a group. `None` where the leader panicked with the item in hand.
    pub(super) fn submit(
        &self,
        item: T,
        weight: impl Fn(&T) -> usize,
        most: usize,
        serve: impl FnOnce(Vec<T>) -> Vec<R>,
    ) -> Option<R> {
        let seat = Arc::new(Seat { news: Mutex::new(None), told: Condvar::new() });
        let mut state = locked(&self.state);
        while state.waiting.len() >= self.most_waiting {
            state.outside += 1;
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.outside -= 1;
        }
        state.waiting.push_back((item, Arc::clone(&seat)));
        let leads = !std::mem::replace(&mut state.leading, true);
        drop(state);
        if !leads {
            match seat.wait() {
                News::Answer(answer) => return Some(answer),
                News::Lost => return None,
                News::Lead => {}
            }
        }
        self.lead(weight, most, serve);
        // Whoever begins to lead stands first, so that its own item was in the group.
        match seat.wait() {
            News::Answer(answer) => Some(answer),
            News::Lost | News::Lead => None,
        }
    }

    fn lead(
        &self,
        weight: impl Fn(&T) -> usize,
        most: usize,
        serve: impl FnOnce(Vec<T>) -> Vec<R>,
    ) {
        let mut lead = Lead { queue: self, in_hand: VecDeque::new() };
        let mut group = Vec::new();
        let mut state = locked(&self.state);
        let mut sum = 0;
        while let Some((item, _)) = state.waiting.front() {
            sum += weight(item);
            if !group.is_empty() && sum > most {
                break;
            }
            if let Some((item, seat)) = state.waiting.pop_front() {
                group.push(item);
                lead.in_hand.push_back(seat);
            }
        }
        if state.outside > 0 {
            self.room.notify_all();
        }
        drop(state);
        for answer in serve(group) {
            if let Some(seat) = lead.in_hand.pop_front() {
                seat.tell(News::Answer(answer));
            }
        }
    }
}
