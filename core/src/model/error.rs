//! Everything that can go wrong, who must act, and what would have been right.

use std::path::PathBuf;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who has to act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// Whoever made the request or the record: it is wrong and must change.
    Caller,
    /// Whoever runs the process: its disk, its files, its versions.
    Operator,
    /// The engine's authors: this is a defect.
    Us,
}

/// A refusal, with its fields, a stable code ([`Error::code`]) and a text that says what is right.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field that the request, profile or schema does not have.
    #[error("unknown field `{field}` in {within}{}", did_you_mean(.nearest.as_ref()))]
    UnknownField {
        /// The name as it was sent, with its path.
        field: String,
        /// What it was looked for in.
        within: &'static str,
        /// The nearest name that exists, if one is near.
        nearest: Option<String>,
    },
    /// An attribute that was added to an index that has data, and whose values are not all read yet.
    #[error("`{field}` is being indexed, {percent} %; ask for it once that is done")]
    BeingIndexed {
        /// The field's path.
        field: String,
        /// How much is done.
        percent: u8,
    },
    /// An attribute that was removed from the schema.
    #[error("`{field}` was removed from the schema; add it again to use it in {within}")]
    RemovedField {
        /// The field's path.
        field: String,
        /// What it was asked for in.
        within: &'static str,
    },
    /// A value of another kind than its field takes.
    #[error("`{field}` is {value}; it takes {expected}")]
    WrongType {
        /// The field's path.
        field: String,
        /// The value, shortened.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// A value of the right kind, outside of what its field allows.
    #[error("`{field}` is {value}; it must be {expected}")]
    OutOfRange {
        /// The field's path.
        field: String,
        /// The value, shortened.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// A field that must be given.
    #[error("`{field}` is missing: {expected}")]
    MissingField {
        /// The field's path.
        field: String,
        /// What would be right.
        expected: String,
    },
    /// An embedding that cannot be compared: not finite, or all zero.
    #[error("`{field}` {reason}; an embedding is finite numbers, not all zero")]
    InvalidEmbedding {
        /// The field's path.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An embedding of another length than the index's.
    #[error("`{field}` has {found} dimensions; this index has {expected}")]
    WrongDimension {
        /// The field's path.
        field: String,
        /// The length that was given.
        found: usize,
        /// The length that the index takes.
        expected: usize,
    },
    /// The same id twice in one batch or build.
    #[error("id `{id}` is given twice{}; ids are unique in one batch", first_seen(.first.as_ref()))]
    DuplicateId {
        /// The id.
        id: String,
        /// Where it was first, if known (a line number, counted from 1).
        first: Option<u64>,
    },
    /// Text that does not parse as what it should be.
    #[error("{what} does not parse: {reason}")]
    Malformed {
        /// What was parsed.
        what: String,
        /// Where and why it failed.
        reason: String,
    },
    /// Something over one of the stated limits.
    #[error("`{field}` is {found} {unit}; the limit is {limit}")]
    TooLarge {
        /// The field's path.
        field: String,
        /// Its size.
        found: u64,
        /// The limit it is over.
        limit: u64,
        /// The unit of both.
        unit: &'static str,
    },
    /// A cursor that cannot be used with this request.
    #[error(
        "the cursor {reason}; send the `nextCursor` of the page before, with the same request, or none"
    )]
    CursorRefused {
        /// Why it is refused.
        reason: &'static str,
    },
    /// An id that the index does not hold.
    #[error("no profile has the id `{id}`")]
    NotFound {
        /// The id.
        id: String,
    },
    /// A patch whose condition does not hold; nothing of its batch was applied.
    #[error(
        "`{id}` does not meet the patch's condition on {condition}; nothing of the batch was applied: read the profile again and decide anew"
    )]
    ConditionNotMet {
        /// The profile.
        id: String,
        /// The fields that the condition asks of.
        condition: String,
    },
    /// An advisor of whose capacity no place can be held.
    #[error(
        "`{id}` has no place to hold: {clients} clients and {held} held of {most}; hold one of an advisor who is available, not deleted, and has room"
    )]
    NoPlace {
        /// The advisor.
        id: String,
        /// Clients now.
        clients: u32,
        /// Places that are held.
        held: u32,
        /// Clients at most.
        most: u32,
    },
    /// A hold that has lapsed, was confirmed or released, or never was.
    #[error(
        "hold {hold} is over: it lapsed, was confirmed or released, or never was; reserve anew"
    )]
    HoldEnded {
        /// The hold.
        hold: u64,
    },
    /// An embedder that is not the one the index was made with.
    #[error(
        "the index was made with embedder `{expected}`; `{found}` was given, and vectors of two embedders cannot be compared"
    )]
    EmbedderMismatch {
        /// Name and dimension that the index keeps.
        expected: String,
        /// Name and dimension that were given.
        found: String,
    },
    /// A request that ran longer than its own `timeoutMs`.
    #[error("stopped after the request's own limit of {limit_ms} ms")]
    TimedOut {
        /// The limit.
        limit_ms: u64,
    },
    /// A call that was called off, see [`Cancel`](crate::Cancel). A batch that it cut short is not applied.
    #[error("called off before it was done; nothing of it was applied")]
    Cancelled,
    /// A generation that was waited for and did not come.
    #[error(
        "generation {generation} was waited for {waited_ms} ms and is not here yet; the index is at {current}"
    )]
    NotYet {
        /// What was waited for.
        generation: u64,
        /// What there is.
        current: u64,
        /// How long it was waited for.
        waited_ms: u64,
    },
    /// An embeddings file whose rows do not fit the records beside it.
    #[error("{path}: {reason}", path = .path.display())]
    EmbeddingsFile {
        /// The file.
        path: PathBuf,
        /// What does not fit, and what would.
        reason: String,
    },
    /// A path that holds no index.
    #[error("{path} is not a Shortlist index: {reason}", path = .path.display())]
    NotAnIndex {
        /// The path.
        path: PathBuf,
        /// What was found there.
        reason: String,
    },
    /// An index file that is not what was written.
    #[error("{path} is damaged in {section}: {reason}; restore it from a copy or build it anew", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The section of it.
        section: String,
        /// What does not hold.
        reason: String,
    },
    /// An index file of a format that this version does not know.
    #[error("{path} has format {found}; this version reads up to {supported}: use a newer Shortlist", path = .path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: u32,
        /// The newest format that can be read.
        supported: u32,
    },
    /// The operating system refused a file operation.
    #[error("cannot {operation} {path}: {reason}", path = .path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What was tried.
        operation: &'static str,
        /// The system's own words.
        reason: String,
        /// The system's kind of error.
        kind: std::io::ErrorKind,
    },
    /// There is no room left where the index is written.
    #[error("no space left to {operation} {path}; what was there before is untouched: make room and try again", path = .path.display())]
    DiskFull {
        /// The path.
        path: PathBuf,
        /// What was tried.
        operation: &'static str,
    },
    /// Another process writes this index.
    #[error("{path} is being written by another process; close it or open read-only", path = .path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// A write to an index that was opened to be read.
    #[error("{path} is open to be read only{}", instead(*.is_file))]
    ReadOnly {
        /// The directory or the snapshot.
        path: PathBuf,
        /// Whether it is one snapshot in a file of its own.
        is_file: bool,
    },
    /// Postgres refused, or could not be reached.
    #[error("cannot {operation}: {reason}{}", sql_state(.state.as_ref()))]
    Postgres {
        /// What was tried.
        operation: &'static str,
        /// The server's own words, or the network's; never a password.
        reason: String,
        /// The SQLSTATE, where the server said one.
        state: Option<String>,
    },
    /// A mapping that does not fit the database it is read from.
    #[error("the mapping of `{what}` does not fit: {reason}; {remedy}")]
    Mapping {
        /// The field of the profile, or `table`.
        what: String,
        /// What was found.
        reason: String,
        /// What would be right.
        remedy: String,
    },
    /// A journal that lost what it had acknowledged, and is being begun anew from what the engine holds.
    #[error("{path} reaches generation {found} only, {last} was acknowledged; it is begun anew with the next write", path = .path.display())]
    JournalBehind {
        /// The journal.
        path: PathBuf,
        /// The last generation in it.
        found: u64,
        /// The last generation that was acknowledged.
        last: u64,
    },
    /// A process that was forked off the one that opened the index.
    #[error("{path} was opened by process {opened_by}; a process forked off it may read, and opens the index itself to write", path = .path.display())]
    Forked {
        /// The directory.
        path: PathBuf,
        /// The process that opened it.
        opened_by: u32,
    },
    /// An engine that was closed.
    #[error("{path} was closed; open it again to write", path = .path.display())]
    Closed {
        /// The directory.
        path: PathBuf,
    },
    /// What makes embeddings from text did not.
    #[error("embedder `{name}` failed: {reason}")]
    EmbedderFailed {
        /// Its name.
        name: String,
        /// What it said itself.
        reason: String,
    },
    /// An invariant of the engine does not hold.
    #[error("internal error: {what}; please report it")]
    Internal {
        /// What does not hold.
        what: String,
    },
}

impl Error {
    /// The code of this kind of error: the same in every release and every language.
    pub fn code(&self) -> &'static str {
        match self {
            Error::UnknownField { .. } => "SL1001",
            Error::WrongType { .. } => "SL1002",
            Error::OutOfRange { .. } => "SL1003",
            Error::MissingField { .. } => "SL1004",
            Error::InvalidEmbedding { .. } => "SL1005",
            Error::WrongDimension { .. } => "SL1006",
            Error::DuplicateId { .. } => "SL1007",
            Error::Malformed { .. } => "SL1008",
            Error::TooLarge { .. } => "SL1009",
            Error::CursorRefused { .. } => "SL1010",
            Error::NotFound { .. } => "SL1011",
            Error::EmbedderMismatch { .. } => "SL1012",
            Error::TimedOut { .. } => "SL1013",
            Error::EmbeddingsFile { .. } => "SL1014",
            Error::NotYet { .. } => "SL1020",
            Error::ConditionNotMet { .. } => "SL1021",
            Error::BeingIndexed { .. } => "SL1023",
            Error::RemovedField { .. } => "SL1024",
            Error::NoPlace { .. } => "SL1040",
            Error::HoldEnded { .. } => "SL1041",
            Error::NotAnIndex { .. } => "SL2001",
            Error::Damaged { .. } => "SL2002",
            Error::NewerFormat { .. } => "SL2003",
            Error::Io { .. } => "SL2004",
            Error::DiskFull { .. } => "SL2005",
            Error::Locked { .. } => "SL2006",
            Error::ReadOnly { .. } => "SL1022",
            Error::Cancelled => "SL1030",
            Error::Postgres { .. } => "SL2020",
            Error::Mapping { .. } => "SL2021",
            Error::JournalBehind { .. } => "SL2008",
            Error::Forked { .. } => "SL2009",
            Error::Closed { .. } => "SL2010",
            Error::EmbedderFailed { .. } => "SL2040",
            Error::Internal { .. } => "SL3001",
        }
    }

    /// Who has to act: the first digit of [`Error::code`] in words.
    pub fn actor(&self) -> Actor {
        match self.code().as_bytes().get(2) {
            Some(b'1') => Actor::Caller,
            Some(b'2') => Actor::Operator,
            _ => Actor::Us,
        }
    }

    /// What the operating system said of `path` while the engine tried to `operation` it.
    pub fn from_io(
        error: &std::io::Error,
        operation: &'static str,
        path: impl Into<PathBuf>,
    ) -> Self {
        let path = path.into();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Error::DiskFull { path, operation }
            }
            kind => Error::Io { path, operation, reason: error.to_string(), kind },
        }
    }
}

fn instead(is_file: bool) -> &'static str {
    if is_file {
        ": a snapshot never changes; copy it into a directory of its own to write to it"
    } else {
        "; write where it was opened to be written to"
    }
}

fn did_you_mean(nearest: Option<&String>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn sql_state(state: Option<&String>) -> String {
    state.map(|state| format!(" (SQLSTATE {state})")).unwrap_or_default()
}

fn first_seen(line: Option<&u64>) -> String {
    line.map(|line| format!(" (first on line {line})")).unwrap_or_default()
}

/// The known name nearest to `name`, if it is near enough to be a slip of the hand.
pub fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let most = |candidate: &str| 2.max(candidate.len() / 3);
    let folded = name.to_lowercase();
    let letters = folded.chars().count();
    known
        .into_iter()
        // A name is as far as their lengths differ at least: no time goes into names as long as a book.
        .filter(|candidate| letters.abs_diff(candidate.chars().count()) <= most(candidate))
        .map(|candidate| {
            (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, candidate)| *distance <= most(candidate))
        .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)))
        .map(|(_, candidate)| candidate.to_owned())
}

/// A name or text of a caller's as an error repeats it: cut to 100 characters.
pub fn cut(name: &str) -> String {
    match name.char_indices().nth(100) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}...", &name[..end]),
    }
}

/// A value as an error shows it: quoted, and cut to 60 characters.
pub fn shown(value: &str) -> String {
    let mut chars = value.chars();
    let head: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() { format!("\"{head}...\"") } else { format!("\"{head}\"") }
}
