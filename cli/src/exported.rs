//! Metrics for a Prometheus: everything that the engine counts, and how far behind its source it is.

use std::cell::Cell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use shortlist::sync::{SyncState, SyncStatus};
use shortlist::{Engine, Error, Result};

/// The upper ends of the buckets that times are counted in, in seconds: from a microsecond to a second.
const SECONDS: [f64; 17] = [
    5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5,
    1.0,
];
/// And those of rows.
const ROWS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];
/// How often gauges are set at most.
const EVERY: Duration = Duration::from_secs(1);

/// The endpoint, and when its gauges were last set.
pub struct Exported {
    set: Cell<Option<Instant>>,
}

impl Exported {
    /// Answers `GET /metrics` at that address from now on, on a thread of its own.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] where the address cannot be listened on.
    pub fn start(address: SocketAddr) -> Result<Self> {
        let refused = |reason: String| Error::OutOfRange {
            field: "metrics".to_owned(),
            value: address.to_string(),
            expected: format!("an address that this process may listen on ({reason})"),
        };
        // The exporter would tell of a taken port on a thread that nobody hears.
        std::net::TcpListener::bind(address).map_err(|error| refused(error.to_string()))?;
        let times = Matcher::Suffix("_seconds".to_owned());
        let rows = Matcher::Full("shortlist_rows_considered".to_owned());
        PrometheusBuilder::new()
            .with_http_listener(address)
            .set_buckets_for_metric(times, &SECONDS)
            .and_then(|builder| builder.set_buckets_for_metric(rows, &ROWS))
            .and_then(PrometheusBuilder::install)
            .map_err(|error| refused(error.to_string()))?;
        Ok(Self { set: Cell::new(None) })
    }

    /// Sets the gauges of the engine and of what it follows, once a second at most.
    pub fn set(&self, engine: &Engine, status: Option<&SyncStatus>) {
        if self.set.get().is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.set.set(Some(Instant::now()));
        engine.set_gauges();
        let Some(status) = status else { return };
        let is_live = matches!(status.state, SyncState::Live);
        for (name, value) in [
            ("shortlist_sync_lag_seconds", status.lag_seconds),
            ("shortlist_sync_lag_rows", status.lag_rows as f64),
            ("shortlist_sync_quarantined_rows", status.quarantined as f64),
            ("shortlist_sync_live", f64::from(u8::from(is_live))),
        ] {
            metrics::gauge!(name).set(value);
        }
        metrics::counter!("shortlist_sync_upserted_total").absolute(status.upserted);
        metrics::counter!("shortlist_sync_removed_total").absolute(status.removed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use shortlist::{AdvisorProfile, SearchRequest};

    use super::*;

    fn get(address: SocketAddr) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn a_prometheus_reads_requests_refusals_and_gauges() {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("its address");
        assert!(matches!(Exported::start(address), Err(Error::OutOfRange { .. })));
        drop(free);

        let exported = Exported::start(address).expect("the port is free again");
        let engine = Engine::in_memory().expect("an engine in memory");
        engine.upsert(vec![AdvisorProfile::new("ada")]).expect("a sound profile");
        engine.search(&SearchRequest::default()).expect("a list page");
        engine
            .search(&SearchRequest { limit: 0, ..SearchRequest::default() })
            .expect_err("no page");
        exported.set(&engine, None);

        let started = Instant::now();
        let text = loop {
            match get(address) {
                Ok(text) => break text,
                Err(error) => assert!(started.elapsed().as_secs() < 20, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        for line in [
            r#"shortlist_request_seconds_bucket{kind="search",path="bitmaps",le="0.1"} 1"#,
            r#"shortlist_request_seconds_count{kind="write",path="batch"} 1"#,
            r#"shortlist_errors_total{kind="search",code="SL1003"} 1"#,
            r#"shortlist_memory_bytes{part="records"}"#,
            "shortlist_profiles 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    /// Every metric that the files for operators ask for.
    fn asked_for(file: &str) -> Vec<String> {
        let text =
            std::fs::read_to_string(format!("{}/../data/ops/{file}", env!("CARGO_MANIFEST_DIR")));
        let text = text.expect("the file is there");
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let names = words.filter(|word| word.starts_with("shortlist_"));
        let bare = |name: &str| {
            let mut suffixes = ["_bucket", "_count", "_sum"].into_iter();
            let cut = suffixes.find_map(|suffix| name.strip_suffix(suffix));
            cut.unwrap_or(name).to_owned()
        };
        names.map(bare).collect()
    }

    #[test]
    fn rules_and_dashboard_ask_for_what_is_exported() {
        let source = format!("{}/src", env!("CARGO_MANIFEST_DIR"));
        let core = format!("{}/../core/src/engine/metrics", env!("CARGO_MANIFEST_DIR"));
        let read = |path: String| std::fs::read_to_string(path).expect("the source is there");
        let exported: String = ["report.rs", "facade.rs"]
            .iter()
            .map(|file| read(format!("{core}/{file}")))
            .chain([read(format!("{source}/exported.rs"))])
            .collect();
        for name in ["alerts.yml", "dashboard.json"].into_iter().flat_map(asked_for) {
            assert!(exported.contains(&format!("\"{name}\"")), "{name} is exported by nobody");
        }
    }
}
