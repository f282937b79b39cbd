//! What `eval` takes.

use std::path::PathBuf;

use clap::Args;

use super::BenchKind;

/// Options of `eval`.
#[derive(Debug, Args)]
#[command(after_help = "\
  shortlist eval --index idx --qrels qrels.trec --requests queries.jsonl --config a.json --config b.json
  shortlist eval match --index idx --requests needs.jsonl --embeddings needs.f32 --config now.json \\
      --config '{\"weights\": {\"similarity\": 0.4, \"business\": 0.5, \"rating\": 0.1}}' --html report.html
  shortlist eval --collection cranfield --config '{\"embedding\": null}' --config '{\"text\": null}' \\
      --config '{\"fusion\": \"rrf\"}'

A request is a line {\"id\": \"q1\", \"text\": ...} or {\"id\": \"q1\", \"request\": {...}}; its id is the query's in the
judgements. Judgements are lines `query iteration document gain`, as trec_eval reads them, or BEIR's table.
A config is part of a request, merged over each (RFC 7396: objects are merged, null takes a field away, also
the embedding of --embeddings). The first config is what the others are compared with.

Measures are those of ir_measures: nDCG@10 (linear gains), MRR@10, recall@K; of the queries that are asked and judged. Where a
page is shorter than K, the request is asked once more for K. P values are of Fisher's paired
randomisation test (100,000 rounds), corrected by Holm where several configs are compared. Pages, as long
as each request says, are measured by exposure (Gini over the whole catalogue, places discounted as in
nDCG), coverage, and how much of the first config's page they keep; matches also by how much of the
exact top by the full score they hold. Exact answers of a sample are verified by brute force: exit code 1
where one differs.

Of another system's run, the first 20 of each query count as its page.

A collection is a directory of docs.jsonl (id, title, text), queries.jsonl (id, text), docs.f32,
queries.f32 and qrels.trec: titles and texts weigh the same, all are in scope, any word matches.")]
pub struct Eval {
    /// What is asked
    #[arg(value_enum, default_value_t = BenchKind::Search)]
    pub what: BenchKind,
    /// The directory of the index, or one snapshot of it
    #[arg(long, value_name = "DIR|FILE", required_unless_present = "collection")]
    pub index: Option<PathBuf>,
    /// One request a line, each with the id of its query; - for standard input
    #[arg(long, value_name = "FILE.jsonl", required_unless_present = "collection")]
    pub requests: Option<PathBuf>,
    /// The judgements: which document answers which query
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// The embeddings of the requests, .f32 or .npy: row i for request i
    #[arg(long, value_name = "FILE")]
    pub embeddings: Option<PathBuf>,
    /// Documents, queries and judgements in one directory, instead of the four above
    #[arg(long, value_name = "DIR", conflicts_with_all = ["index", "requests", "qrels", "embeddings"])]
    pub collection: Option<PathBuf>,
    /// What is changed in each request, a file or JSON; may be repeated [default: nothing]
    #[arg(long, value_name = "FILE.json|JSON")]
    pub config: Vec<String>,
    /// How deep recall looks
    #[arg(long, value_name = "K", default_value_t = 100, value_parser = clap::value_parser!(u32).range(10..=1000))]
    pub depth: u32,
    /// The seed of the randomisation test
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Also write the tables as one HTML file
    #[arg(long, value_name = "FILE.html")]
    pub html: Option<PathBuf>,
    /// Rankings of another system, a TREC run, measured as one more config; may be repeated
    #[arg(long, value_name = "FILE.trec")]
    pub run: Vec<PathBuf>,
    /// Also write the rankings of each config, as a TREC run that other tools measure
    #[arg(long, value_name = "DIR")]
    pub runs_out: Option<PathBuf>,
}
