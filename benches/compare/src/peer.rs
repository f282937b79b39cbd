//! A peer in a process of its own, that is handed files and times itself.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::arrays::{Arrays, Conditions, Need};
use crate::contender::{Answer, Contender, Failure};
use crate::kind::{Kind, Workload};

/// The programs, in the order of the table.
pub const PROGRAMS: [&str; 5] = [
    "numpy_loop.py",
    "sqlite_tables.py",
    "postgres_tables.py",
    "qdrant_edge_shard.py",
    "lancedb_table.py",
];

pub struct Peer {
    name: String,
    kinds: Vec<String>,
    child: Child,
    /// None once it is told to end.
    asks: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the process on the columns of a folder, and waits until it has taken them in.
    pub fn start(program: &str, folder: &Path) -> Result<Self, Failure> {
        let python = std::env::var("SHORTLIST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(program);
        let mut child = Command::new(python)
            .arg(program)
            .arg(folder)
            // One thread, and the kernels that numpy itself would choose for this processor.
            .envs(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"].map(|n| (n, "1")))
            .env_remove("OPENBLAS_CORETYPE")
            .env_remove("OPENBLAS_L2_SIZE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let missing = || Failure("its pipes are missing".to_owned());
        let asks = Some(child.stdin.take().ok_or_else(missing)?);
        let says = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let mut peer = Self { name: String::new(), kinds: Vec::new(), child, asks, says };
        let ready = peer.ask("ready")?;
        let text = |name: &str| ready[name].as_str().unwrap_or("?").to_owned();
        peer.name = format!("{} {}", text("name"), text("version"));
        let kinds = ready["kinds"].as_array().map(Vec::as_slice).unwrap_or_default();
        peer.kinds = kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        eprintln!(
            "{} took the catalogue in within {:.1} s",
            peer.name,
            ready["built"].as_f64().unwrap_or(0.0)
        );
        Ok(peer)
    }

    fn ask(&mut self, what: &str) -> Result<Value, Failure> {
        let ended = || Failure("the process has ended".to_owned());
        let asks = self.asks.as_mut().ok_or_else(ended)?;
        writeln!(asks, "{what}")?;
        asks.flush()?;
        let mut line = String::new();
        if self.says.read_line(&mut line)? == 0 {
            return Err(ended());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Once its input ends it puts away what it made, and ends.
        self.asks = None;
        let _ = self.child.wait();
    }
}

fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::Page => "page",
        Kind::Facets => "facets",
        Kind::Match => "match",
        Kind::OpenMatch => "open",
    }
}

impl Contender for Peer {
    fn name(&self) -> &str {
        &self.name
    }

    fn knows(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|known| known == key(kind))
    }

    fn answers(&mut self, kind: Kind) -> Result<Vec<Answer>, Failure> {
        let said = self.ask(&format!("answers {}", key(kind)))?;
        let answers = said.as_array().map(Vec::as_slice).unwrap_or_default();
        let numbers = |value: &Value| -> Vec<f64> {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(Value::as_f64).collect()
        };
        let answer = |value: &Value| Answer {
            ids: numbers(&value["ids"]).into_iter().map(|id| id as u32).collect(),
            scores: numbers(&value["scores"]),
            total: value["total"].as_u64().unwrap_or(u64::MAX),
            counts: numbers(&value["counts"]).into_iter().map(|count| count as u64).collect(),
        };
        Ok(answers.iter().map(answer).collect())
    }

    fn time(&mut self, kind: Kind) -> Result<Vec<f64>, Failure> {
        let said = self.ask(&format!("time {}", key(kind)))?;
        let times = said.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(times.iter().filter_map(Value::as_f64).collect())
    }
}

/// One file a column, as its bytes are in memory, and the requests as JSON.
pub fn write(arrays: &Arrays, workload: &Workload, folder: &Path) -> Result<(), Failure> {
    let columns = &arrays.columns;
    let put = |name: &str, bytes: Vec<u8>| std::fs::write(folder.join(name), bytes);
    let masks = |values: &[u64]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let numbers = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let floats =
        |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    put("industries.u64", masks(&columns.industries))?;
    put("services.u64", masks(&columns.services))?;
    for (name, values) in [
        ("rating", &columns.rating),
        ("reviews", &columns.reviews),
        ("years", &columns.years),
        ("rate", &columns.rate),
        ("created", &columns.created),
        ("current", &columns.current),
        ("most", &columns.most),
    ] {
        put(&format!("{name}.f64"), numbers(values))?;
    }
    put("available.u8", columns.available.iter().map(|&flag| u8::from(flag)).collect())?;
    put("listed.u8", columns.listed.iter().map(|&flag| u8::from(flag)).collect())?;
    put("vectors.f32", floats(&columns.vectors))?;
    let queries =
        |needs: &[Need]| -> Vec<u8> { needs.iter().flat_map(|need| floats(&need.query)).collect() };
    put("match.f32", queries(&arrays.matches))?;
    put("open.f32", queries(&arrays.open))?;
    let conditions = |asked: &Conditions| {
        let Conditions { industries, services, min_rating, max_rate, open } = asked;
        json!({"industries": industries, "services": services, "minRating": min_rating, "maxRate": max_rate, "open": open})
    };
    let pages: Vec<Value> = arrays
        .pages
        .iter()
        .map(|page| json!({"conditions": conditions(&page.conditions), "keys": page.keys}))
        .collect();
    let needs = |needs: &[Need]| -> Vec<Value> {
        needs.iter().map(|n| conditions(&n.conditions)).collect()
    };
    let requests = json!({
        "dimension": arrays.dimension, "pages": pages,
        "match": needs(&arrays.matches), "open": needs(&arrays.open),
        "ids": workload.advisors.iter().map(|advisor| &advisor.id).collect::<Vec<_>>(),
    });
    put("requests.json", requests.to_string().into_bytes())?;
    Ok(())
}
