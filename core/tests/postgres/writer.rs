//! Random writes to the marketplace's table, at a steady rate, by somebody who does not give up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

/// How many rows a second are written.
const RATE: f64 = 500.0;
/// The ids that are written to: those of the rows there are, and as many that are not there yet.
const IDS: u64 = 8_000;

/// Writes until it is dropped.
pub struct Writer {
    stop: Arc<AtomicBool>,
    rows: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub fn start(url: String) -> Self {
        let (stop, rows) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, written) = (Arc::clone(&stop), Arc::clone(&rows));
        let thread = std::thread::spawn(move || write(&url, &stopped, &written));
        Self { stop, rows, thread: Some(thread) }
    }

    /// Ends it; gives how many rows were written.
    pub fn stop(mut self) -> u64 {
        self.end();
        self.rows.load(Ordering::Relaxed)
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the writer does not panic");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn write(url: &str, stop: &AtomicBool, written: &AtomicU64) {
    let mut dice = Dice(7);
    let begun = Instant::now();
    let mut missed = Duration::ZERO;
    let mut client = None;
    while !stop.load(Ordering::Relaxed) {
        // The server may be away, or the table altered under a statement: the next one is another.
        let lost = Instant::now();
        let Some(open) = client.as_mut() else {
            client = Client::connect(url, NoTls).ok();
            if client.is_none() {
                std::thread::sleep(Duration::from_millis(20));
            }
            missed += lost.elapsed();
            continue;
        };
        let count = 1 + dice.below(8);
        match change(open, &mut dice, count) {
            Ok(()) => _ = written.fetch_add(count, Ordering::Relaxed),
            Err(error) if error.is_closed() => client = None,
            Err(_) => client = client.filter(|client| !client.is_closed()),
        }
        let due = Duration::from_secs_f64(written.load(Ordering::Relaxed) as f64 / RATE) + missed;
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
}

/// One transaction on about `count` rows; one in ten is rolled back.
fn change(client: &mut Client, dice: &mut Dice, count: u64) -> Result<(), postgres::Error> {
    let ids: Vec<String> = (0..count).map(|_| format!("'adv-{}'", dice.below(IDS))).collect();
    let ids = ids.join(", ");
    let (a, b) = (dice.below(200), dice.below(100_000));
    let now = "updated_at = clock_timestamp()";
    let sql = match dice.below(20) {
        0..=4 => format!(
            "UPDATE advisor_profiles SET headline = 'Headline {b}', {now} WHERE id IN ({ids})"
        ),
        5..=8 => format!(
            "UPDATE advisor_profiles SET current_clients = {a} % 15, hourly_rate = {b} / 100.0, {now} WHERE id IN ({ids})"
        ),
        9..=10 => format!(
            "UPDATE advisor_profiles SET embedding = ARRAY[{a}, 1, {b}, 2]::real[], {now} WHERE id IN ({ids})"
        ),
        11 => format!("UPDATE advisor_profiles SET deleted_at = now(), {now} WHERE id IN ({ids})"),
        // A row that makes no profile, until something else is written to it.
        12 => format!(
            "UPDATE advisor_profiles SET overall_rating = CASE WHEN overall_rating > 5 THEN 4 ELSE 9 END, {now} \
             WHERE id IN ({ids})"
        ),
        13..=15 => format!("DELETE FROM advisor_profiles WHERE id IN ({ids})"),
        _ => format!(
            "INSERT INTO advisor_profiles (id, professional_title, industries, overall_rating, marketplace_status, \
             is_verified, embedding, updated_at) SELECT DISTINCT id, 'Title {b}', ARRAY['Industry {a}'], 4.5, \
             'active'::status, true, ARRAY[1, {a}, 3, 4]::real[], clock_timestamp() FROM unnest(ARRAY[{ids}]) id \
             ON CONFLICT (id) DO UPDATE SET professional_title = excluded.professional_title, {now}"
        ),
    };
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&sql)?;
    if dice.below(10) == 0 { transaction.rollback() } else { transaction.commit() }
}

/// A small generator of numbers: the same each time.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
