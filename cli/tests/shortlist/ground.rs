//! A directory of files, and the binary that runs in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// A directory that goes with the test.
pub struct Ground {
    directory: TempDir,
}

/// What a run of the binary left.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ground {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    /// Three hundred advisors with embeddings of 16 dimensions, twenty requests, and their index: made
    /// once, only read.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Ground> = OnceLock::new();
        SHARED.get_or_init(|| {
            let ground = Self::new();
            ground.generate();
            let build =
                "build --input a.jsonl --embeddings a.f32 --schema a.schema.json --index idx";
            ground.run(build).done();
            ground
        })
    }

    /// The files of [`Ground::shared`], without the index.
    pub fn generate(&self) {
        self.run(
            "generate --advisors 300 --seed 7 --dim 16 --requests 20 --out a.jsonl \
             --embeddings-out a.f32 --schema-out a.schema.json",
        )
        .done();
    }

    /// A copy of the shared index.
    pub fn with_index() -> Self {
        let ground = Self::new();
        fs::create_dir(ground.path("idx")).expect("a directory");
        let snapshot = Self::shared().snapshot();
        let name = snapshot.file_name().expect("a file");
        fs::copy(&snapshot, ground.path("idx").join(name)).expect("a copy");
        ground
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    /// The snapshot file of the index.
    pub fn snapshot(&self) -> PathBuf {
        let entries = fs::read_dir(self.path("idx")).expect("an index directory");
        let mut files = entries.map(|entry| entry.expect("an entry").path());
        files.find(|path| path.extension().is_some_and(|e| e == "slx")).expect("a snapshot")
    }

    /// The binary, in the directory.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shortlist"));
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        command
    }

    /// Runs with arguments that have no space in them.
    pub fn run(&self, arguments: &str) -> Ran {
        self.run_with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    pub fn run_with(&self, arguments: &[&str]) -> Ran {
        self.command().args(arguments).output().expect("the binary runs").into()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Ran {
    /// What it printed; it must have ended well and in silence.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        let out = self.done();
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error} in {out}"))
    }

    /// What it printed, a JSON document a line.
    #[track_caller]
    pub fn lines(self) -> Vec<Value> {
        let line = |line: &str| serde_json::from_str(line).expect("JSON on each line");
        self.done().lines().map(line).collect()
    }

    /// It must have refused with exit code 2 and that code; gives the error.
    #[track_caller]
    pub fn refused(&self, code: &str) -> Value {
        assert_eq!(self.code, Some(2), "{self:?}");
        let error: Value = serde_json::from_str(self.err.lines().last().unwrap_or_default())
            .unwrap_or_else(|_| panic!("the error is JSON when piped: {self:?}"));
        assert_eq!(error["error"]["code"], code, "{self:?}");
        error["error"].clone()
    }
}
