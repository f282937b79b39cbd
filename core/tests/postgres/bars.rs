//! What following costs, measured: 100,000 profiles with embeddings of 1,536 numbers.
//!
//! ```sh
//! cargo build --release -p shortlist-cli -p shortlist-core --all-features --bins --tests
//! cargo test --release -p shortlist-core --all-features --test postgres -- --ignored --nocapture --test-threads 1 bars::
//! ```
//!
//! `SHORTLIST_BARS_URL` names a server where the table is, or is made, in the place of one that is started for it;
//! `SHORTLIST_BIN` the command line, where it is not in `target/release`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use shortlist::sync::{
    Mapping, SourceKind, Sync, SyncOptions, SyncState, VerifyOptions, install, uninstall, verify,
};
use shortlist::{Engine, EngineOptions, SearchRequest};

use super::cluster::Cluster;
use super::market::{TABLE, live};

const ROWS: u32 = 100_000;
const DIMENSION: u32 = 1_536;

/// A server with the table, which runs as long as this lives where it is our own.
struct Server {
    _own: Option<Cluster>,
    url: String,
}

impl Server {
    fn start() -> Option<Self> {
        let (own, url) = if let Ok(url) = std::env::var("SHORTLIST_BARS_URL") {
            (None, url)
        } else {
            let cluster = Cluster::start_lasting()?;
            let url = cluster.url();
            (Some(cluster), url)
        };
        let server = Self { _own: own, url };
        server.fill();
        Some(server)
    }

    fn client(&self) -> Client {
        Client::connect(&self.url, NoTls).expect("the server answers")
    }

    fn fill(&self) {
        let mut client = self.client();
        if client
            .query("SELECT 1 FROM advisor_profiles LIMIT 1", &[])
            .is_ok_and(|rows| rows.len() == 1)
        {
            return;
        }
        client.batch_execute(TABLE).expect("a table");
        let made = format!(
            "INSERT INTO advisor_profiles (id, professional_title, headline, bio, industries, services, hourly_rate, \
             years_experience, overall_rating, total_reviews, marketplace_status, is_verified, embedding, details) \
             SELECT 'adv-' || n, 'Fractional CFO ' || n, 'Finance for ' || n % 100, repeat('Cash flow and forecasts. ', 12), \
             ARRAY['Retail', 'Industry ' || n % 40], ARRAY['Audit', 'Service ' || n % 30], 50 + n % 300, n % 30, 3.7, n % 90, \
             'active', n % 5 > 0, (SELECT array_agg((random() - 0.5)::real) FROM generate_series(1, {DIMENSION}) WHERE n = n), \
             jsonb_build_object('n', n) FROM generate_series(1, {ROWS}) n"
        );
        client.batch_execute(&made).expect("rows");
        client.batch_execute("VACUUM ANALYZE advisor_profiles").expect("vacuumed");
    }
}

fn ours() -> PathBuf {
    std::env::var_os("SHORTLIST_BIN").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/shortlist"),
        PathBuf::from,
    )
}

fn timed(what: &str, command: &mut Command) -> f64 {
    let begun = Instant::now();
    let told =
        command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{what}: {error}"));
    let seconds = begun.elapsed().as_secs_f64();
    assert!(told.status.success(), "{what}: {}", String::from_utf8_lossy(&told.stderr));
    println!("{what}: {seconds:.2} s");
    seconds
}

/// The profiles as files: JSON lines, and the embeddings beside them.
fn write_files(server: &Server, folder: &Path) -> (PathBuf, PathBuf) {
    let (lines, vectors) = (folder.join("profiles.jsonl"), folder.join("profiles.f32"));
    if lines.exists() {
        return (lines, vectors);
    }
    let create = |path| BufWriter::new(std::fs::File::create(path).expect("a file"));
    let (mut text, mut numbers) = (create(&lines), create(&vectors));
    let mut client = server.client();
    for first in (0..ROWS).step_by(5_000) {
        let rows = client
            .query(
                "SELECT (to_jsonb(a) - 'embedding' - 'user_id' || jsonb_build_object('created_at', \
                 to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')))::text, embedding FROM advisor_profiles a \
                 WHERE substr(id, 5)::int > $1 AND substr(id, 5)::int <= $1 + 5000",
                &[&(first as i32)],
            )
            .expect("rows");
        for row in rows {
            writeln!(text, "{}", row.get::<_, String>(0)).expect("written");
            for number in row.get::<_, Vec<f32>>(1) {
                numbers.write_all(&number.to_le_bytes()).expect("written");
            }
        }
    }
    (lines, vectors)
}

#[test]
#[ignore = "a timing: see the command at the head of its file"]
fn a_load_takes_little_more_than_reading_and_building() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("SHORTLIST_BARS_FILES").map(PathBuf::from);
    let (lines, vectors) = write_files(&server, kept.as_deref().unwrap_or(folder.path()));
    install(&server.url, &Mapping::default(), &[]).expect("an outbox");
    let copy = timed(
        "COPY in binary through psql",
        Command::new("psql")
            .args(["-X", "-q", "-d", &server.url, "-o", "/dev/null", "-c"])
            .arg("COPY (SELECT * FROM advisor_profiles) TO STDOUT (FORMAT binary)"),
    );
    let (built, synced) = (folder.path().join("built"), folder.path().join("synced"));
    let mut command = Command::new(ours());
    command.arg("build").arg("--input").arg(lines).arg("--embeddings").arg(vectors);
    command.args(["--dim", &DIMENSION.to_string(), "--index"]).arg(&built);
    let build = timed("build from files", &mut command);
    std::fs::remove_dir_all(&built).expect("ours");
    let mut command = Command::new(ours());
    command.args(["sync", "--once", "--url", &server.url, "--index"]).arg(&synced);
    let load = timed("sync --once", &mut command);
    let most = 1.5 * copy + build;
    println!("load {load:.2} s of {most:.2} s allowed: {:.2}", load / most);
    let engine = Engine::open(&synced).expect("an index");
    assert_eq!(engine.stats().profiles, u64::from(ROWS));
    let options = VerifyOptions::default();
    let summary = verify(&engine, &server.url, &Mapping::default(), &options).expect("compared");
    assert!(summary.is_clean() && summary.rows == u64::from(ROWS), "{summary:?}");
    assert!(load <= most, "it took {load:.2} s");
}

#[test]
#[ignore = "a timing: see the command at the head of its file"]
fn a_change_is_found_soon_after_it_is_committed() {
    let Some(server) = Server::start() else { return };
    install(&server.url, &Mapping::default(), &[]).expect("an outbox");
    let folder = tempfile::tempdir().expect("a folder");
    let engine =
        Engine::open_with(folder.path(), EngineOptions::default().with_create()).expect("an index");
    let mut options = SyncOptions::new(server.url.clone());
    options.source = SourceKind::Outbox;
    let sync = Sync::start(&engine, options).expect("a sync");
    let status = sync.wait_until(Duration::from_mins(5), |status| status.state == SyncState::Live);
    assert_eq!(status.state, SyncState::Live, "{status:?}");
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    // 500 a second by others: several, since one that waits for the disk at each commit may not come to so many.
    let writers: Vec<_> = (0..WRITERS).map(|nth| writer(&server, nth, &stop)).collect();
    let mut client = server.client();
    let mut waits = Vec::new();
    for probe in 0..1_000_u32 {
        let rate = f64::from(probe) + 1_000.5;
        let change = format!(
            "UPDATE advisor_profiles SET hourly_rate = {rate} WHERE id = 'adv-{}'",
            1 + (probe * 97) % ROWS
        );
        client.batch_execute(&change).expect("a change");
        let committed = Instant::now();
        until(&engine, rate, 1);
        waits.push(committed.elapsed().as_secs_f64() * 1_000.0);
    }
    stop.store(true, Ordering::Relaxed);
    let written: i32 = writers.into_iter().map(|writer| writer.join().expect("it writes")).sum();
    let others = f64::from(written) / begun.elapsed().as_secs_f64();
    waits.sort_by(f64::total_cmp);
    let (p50, p99) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    println!("visible at {others:.0} changes/s: p50 {p50:.1} ms, p99 {p99:.1} ms");
    let burst =
        "UPDATE advisor_profiles SET hourly_rate = 777.25 WHERE substr(id, 5)::int <= 50000";
    client.batch_execute(burst).expect("a burst");
    let committed = Instant::now();
    until(&engine, 777.25, 50_000);
    let lag = committed.elapsed().as_secs_f64();
    println!("a burst of 50,000 is applied after {lag:.2} s");
    live(&sync);
    drop(sync);
    let clean = verify(&engine, &server.url, &Mapping::default(), &VerifyOptions::default());
    assert!(clean.expect("compared").is_clean());
    assert!(others > 490.0 && p50 <= 15.0 && p99 <= 100.0 && lag <= 2.0);
}

const WRITERS: i32 = 5;

/// One of those who make 500 changes a second together; it gives how many it made.
fn writer(server: &Server, nth: i32, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<i32> {
    let (stopped, mut client) = (Arc::clone(stop), server.client());
    std::thread::spawn(move || {
        let change = client
            .prepare(
                "UPDATE advisor_profiles SET current_clients = $1 WHERE id = 'adv-' || $2::int",
            )
            .expect("a statement");
        let (begun, mut count) = (Instant::now(), 0);
        while !stopped.load(Ordering::Relaxed) {
            let id = ((count * WRITERS + nth) * 7_919).rem_euclid(ROWS as i32) + 1;
            client.execute(&change, &[&((count % 15) as i16), &id]).expect("a change");
            count += 1;
            let due = Duration::from_secs_f64(f64::from(count * WRITERS) / 500.0);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        count
    })
}

/// Until a page finds so many profiles of that rate.
fn until(engine: &Engine, rate: f64, count: u64) {
    let request =
        format!(r#"{{"filter": {{"hourlyRate": {{"eq": {rate}}}}}, "scope": "all", "limit": 1}}"#);
    let request = SearchRequest::from_json(&request).expect("a request");
    let begun = Instant::now();
    while engine.search(&request).expect("a page").total < count {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not come");
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
#[ignore = "a timing: see the command at the head of its file"]
fn triggers_add_little_to_an_update() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("update.sql");
    let update = format!(
        "\\set n random(1, {ROWS})\n\\set c random(0, 14)\n\
         UPDATE advisor_profiles SET current_clients = :c WHERE id = 'adv-' || :n;\n"
    );
    std::fs::write(&script, update).expect("a script");
    let round = |clients: &str| -> f64 {
        server.client().batch_execute("CHECKPOINT").expect("the same start");
        let told = Command::new("pgbench")
            .args(["-n", "-c", clients, "-j", "2", "-T", "3", "-f"])
            .arg(&script)
            .arg("-d")
            .arg(&server.url)
            .output()
            .expect("pgbench runs");
        let said = String::from_utf8_lossy(&told.stdout);
        let line = said.lines().find(|line| line.starts_with("latency average"));
        let number = line.and_then(|line| line.split_whitespace().nth(3));
        number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"))
    };
    let median = |all: &mut Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    round("1");
    let mut added = Vec::new();
    for clients in ["1", "8"] {
        // In turns, so that whatever else the machine does meanwhile falls on both.
        let (mut plain, mut followed) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            uninstall(&server.url).expect("taken back");
            plain.push(round(clients));
            install(&server.url, &Mapping::default(), &[]).expect("an outbox");
            followed.push(round(clients));
        }
        let more = median(&mut followed) / median(&mut plain) - 1.0;
        println!(
            "an update by one of {clients}: without {plain:?} ms, with {followed:?} ms: {:.1} % more",
            100.0 * more
        );
        added.push(more);
    }
    // Eight at once wait for a core as well as for the disk; what must not come back is that they wait for each other.
    assert!(added[0] <= 0.25 && added[1] <= 0.5, "{added:?}");
}
