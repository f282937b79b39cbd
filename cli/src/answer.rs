//! Questions in, answers out, in order: what `search` and `match` share.

use std::io::Read;
use std::path::Path;

use shortlist::{Engine, Error, limits};

use crate::args::{Asked, OnError};
use crate::ask::{Ask, Requests, open_embeddings};
use crate::failure::{Failure, Result, error_json};
use crate::output::Output;

/// Answers a file of requests, one JSON request, or the typed one.
pub fn run<A: Ask>(
    asked: &Asked,
    engine: &Engine,
    out: &mut Output,
    typed: impl FnOnce() -> shortlist::Result<A>,
) -> Result {
    if let Some(file) = &asked.requests {
        return file_of::<A>(file, asked, engine, out);
    }
    let request = match &asked.request {
        Some(json) if json == "-" => A::parse(&standard_input()?)?,
        Some(json) => A::parse(json)?,
        None => typed()?,
    };
    let request = match &asked.embeddings {
        None => request,
        Some(path) => {
            let mut embeddings = open_embeddings(path, engine)?;
            embeddings.check_count(1)?;
            match embeddings.next() {
                Some(row) => request.with_embedding(row?),
                None => request,
            }
        }
    };
    let answer = request.ask(engine)?;
    if out.format.is_json() {
        out.line(A::json(&answer))
    } else {
        out.line(A::table(&answer, out.style))
    }
}

/// Answers line by line. A person gets tables too, but only when they ask for them.
fn file_of<A: Ask>(file: &Path, asked: &Asked, engine: &Engine, out: &mut Output) -> Result {
    let mut requests = Requests::open(file, asked.embeddings.as_deref(), engine)?;
    let live = file.as_os_str() == "-";
    while let Some((place, request)) = requests.next::<A>()? {
        match request.and_then(|request: A| request.ask(engine)) {
            Ok(answer) if out.format.is_json() => out.line(A::json(&answer))?,
            Ok(answer) => {
                let heading = out.style.strong(&format!("line {}", place.line));
                out.line(format!("{heading}\n{}\n", A::table(&answer, out.style)))?;
            }
            Err(error) if asked.on_error == OnError::Skip => {
                out.line(error_json(&error, Some(&place)))?;
            }
            Err(error) => {
                // What was answered before stays answered.
                out.flush()?;
                return Err(Failure::at(error, place));
            }
        }
        if live {
            out.flush()?;
        }
    }
    Ok(())
}

fn standard_input() -> Result<String> {
    let fail = |error: &std::io::Error| Error::from_io(error, "read", "standard input");
    let mut bytes = Vec::new();
    let limit = limits::REQUEST_BYTES as u64 + 1;
    std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| fail(&error))?;
    if bytes.len() as u64 == limit {
        return Err(Error::TooLarge {
            field: "request".to_owned(),
            found: limit,
            limit: limits::REQUEST_BYTES as u64,
            unit: "bytes or more",
        }
        .into());
    }
    let malformed = |error: std::string::FromUtf8Error| Error::Malformed {
        what: "the request".to_owned(),
        reason: format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to() + 1),
    };
    Ok(String::from_utf8(bytes).map_err(malformed)?)
}
