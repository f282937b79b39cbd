//! `shortlist eval`.

mod compare;
mod config;
mod outcome;
mod question;
mod ranked;
mod tell;

use std::fs;
use std::path::Path;

use serde_json::{Map, json};
use shortlist::testing::relevance::{Collection, engine_of, read_qrels, read_run};
use shortlist::{ClientCriteria, Engine, Error, SearchRequest};

use self::config::Config;
use self::outcome::{Outcome, Qrels, ask, elsewhere};
use self::question::Question;
use self::ranked::Ranked;
use self::tell::Evaluation;
use super::bench::verify;
use crate::args::{BenchKind, Eval};
use crate::failure::{Failure, Place, Result};
use crate::open::open;
use crate::output::Output;
use crate::progress::Progress;

/// Asks every request under every config, measures the rankings, and says which differ by more than chance.
pub fn run(options: &Eval, out: &mut Output) -> Result {
    match options.what {
        BenchKind::Search => eval::<SearchRequest>(options, out),
        BenchKind::Match => eval::<ClientCriteria>(options, out),
    }
}

fn eval<A: Ranked>(options: &Eval, out: &mut Output) -> Result {
    let configs = Config::read_all(&options.config)?;
    let Ground { engine, questions, qrels } = Ground::of(options)?;
    if let Some(qrels) = &qrels {
        some_are_judged(qrels, &questions)?;
    }
    let progress = Progress::start("asking");
    let (mut outcomes, mut sample) = (Vec::<Outcome>::new(), Vec::new());
    let of_each = (VERIFIED / configs.len()).max(1);
    for (at, config) in configs.iter().enumerate() {
        let base = outcomes.first().map(|first| first.pages.as_slice());
        let measured = (qrels.as_ref(), options.depth);
        let (outcome, requests) = ask::<A>(&engine, &questions, config.clone(), measured, base)?;
        let step = requests.len().div_ceil(of_each).max(1);
        sample.extend(requests.into_iter().step_by(step).map(Ranked::exhaustive));
        outcomes.push(outcome);
        progress.at(Some((at + 1) as f64 / configs.len() as f64), at as u64 + 1, "configs");
    }
    progress.finish();
    for path in &options.run {
        let (Some(qrels), Some(first)) = (&qrels, outcomes.first()) else {
            return Err(Error::MissingField {
                field: "qrels".to_owned(),
                expected: "a run is measured by judgements".to_owned(),
            }
            .into());
        };
        let measured = (qrels, options.depth);
        let config = Config::elsewhere(path);
        outcomes.push(elsewhere(&read_run(path)?, &questions, config, measured, first));
    }
    let (checked, differences) = verify(&engine, &sample)?;
    if let Some(folder) = &options.runs_out {
        write_runs(folder, &outcomes)?;
    }
    let evaluation = Evaluation {
        options,
        approximate: A::APPROXIMATE,
        questions: questions.len(),
        judged: qrels.as_ref().map(|_| outcomes.first().map_or(0, |first| first.each.len())),
        unasked: unasked(qrels.as_ref(), &questions),
        verified: (checked - differences.len(), checked),
        comparisons: compare::with_the_first(&outcomes, options.seed),
        outcomes,
    };
    tell::tell(&evaluation, out)?;
    match differences.first() {
        None => Ok(()),
        Some((_, what)) => Err(Failure::Differs(format!(
            "{} of {checked} exact answers differ from the brute-force twin's; the first: {what}",
            differences.len()
        ))),
    }
}

/// How many exact answers are verified, over all configs.
const VERIFIED: usize = 200;

/// What is asked, of whom, and what would be right.
struct Ground {
    engine: Engine,
    questions: Vec<(Place, Question)>,
    qrels: Option<Qrels>,
}

impl Ground {
    fn of(options: &Eval) -> Result<Self> {
        if let Some(folder) = &options.collection {
            return Self::of_collection(folder);
        }
        let (Some(index), Some(requests)) = (&options.index, &options.requests) else {
            return Err(Error::MissingField {
                field: "index".to_owned(),
                expected: "--index with --requests, or --collection".to_owned(),
            }
            .into());
        };
        let qrels = options.qrels.as_deref().map(read_qrels).transpose()?;
        let engine = open(index)?;
        let embeddings = options.embeddings.as_deref();
        let questions = question::read(requests, embeddings, &engine, qrels.is_some())?;
        Ok(Self { engine, questions, qrels })
    }

    fn of_collection(folder: &Path) -> Result<Self> {
        let collection = Collection::read(folder)?;
        let engine = engine_of(&collection)?;
        let file = folder.join("queries.jsonl");
        let (mut questions, mut qrels) = (Vec::new(), Qrels::new());
        for (at, query) in collection.queries.into_iter().enumerate() {
            let request = json!({"text": query.text, "textMatch": "any", "scope": "all"});
            let fields = request.as_object().cloned().unwrap_or_else(Map::new);
            qrels.insert(query.id.clone(), query.judged);
            let question =
                Question { id: Some(query.id), fields, embedding: Some(query.embedding) };
            questions.push((Place::new(at as u64 + 1, &file), question));
        }
        Ok(Self { engine, questions, qrels: Some(qrels) })
    }
}

fn unasked(qrels: Option<&Qrels>, questions: &[(Place, Question)]) -> usize {
    let Some(qrels) = qrels else { return 0 };
    let asked = questions.iter().filter_map(|(_, question)| question.id.as_ref());
    qrels.len() - asked.filter(|id| qrels.contains_key(*id)).count()
}

/// Judgements of other queries would measure nothing, and look like a result.
fn some_are_judged(qrels: &Qrels, questions: &[(Place, Question)]) -> Result {
    if unasked(Some(qrels), questions) < qrels.len() {
        return Ok(());
    }
    let asked = questions.first().and_then(|(_, question)| question.id.clone());
    let judged = qrels.keys().min().cloned();
    Err(Error::OutOfRange {
        field: "qrels".to_owned(),
        value: format!("of other queries (`{}`)", judged.unwrap_or_default()),
        expected: format!("of the requests' ids (`{}`)", asked.unwrap_or_default()),
    }
    .into())
}

fn write_runs(folder: &Path, outcomes: &[Outcome]) -> Result {
    let fail = |error: &std::io::Error| Error::from_io(error, "write", folder);
    fs::create_dir_all(folder).map_err(|error| fail(&error))?;
    for outcome in outcomes.iter().filter(|outcome| outcome.percentiles.is_some()) {
        let file = folder.join(format!("{}.trec", outcome.config.run));
        fs::write(file, &outcome.run).map_err(|error| fail(&error))?;
    }
    Ok(())
}
