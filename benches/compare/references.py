"""Rankings of other software on the judged collections, measured by `shortlist eval` and by ir_measures in one run.

    target/compare/bin/python benches/compare/references.py target/release/shortlist ../shared/data

Each collection is ranked by bm25s (method lucene, English stop words and stemmer, k1 1.2, b 0.75, title and text as one
field), by exact cosines, and by reciprocal ranks of both (k 60, the first 1,000 of each). Ends with 1 where `eval`
differs from ir_measures by more than 0.000005, or from the published figures of the collection by more than 0.002.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import bm25s
import ir_measures
import numpy
import Stemmer

DEPTH = 1_000
MEASURES = {"ndcg10": "nDCG@10", "mrr10": "RR@10", "recall": "R@100"}
# Of the collections' README: nDCG@10, MRR@10, recall@100.
PUBLISHED = {
    "cranfield": {
        "bm25": (0.3597, 0.5216, 0.7314),
        "dense": (0.3755, 0.5432, 0.7723),
        "rrf": (0.4062, 0.5741, 0.7905),
    },
    "onet": {
        "bm25": (0.2916, 0.2531, 0.6230),
        "dense": (0.3808, 0.3282, 0.8180),
        "rrf": (0.3614, 0.3067, 0.8270),
    },
}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def vectors(path):
    return numpy.fromfile(path, dtype="<f4").reshape(-1, 384)


def by_words(documents, queries):
    """Each query's best rows by BM25 with their scores, best first, without those that share no word with it."""
    stemmer = Stemmer.Stemmer("english")

    def words(texts):
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index(words([f"{one['title']} {one['text']}" for one in documents]), show_progress=False)
    depth = min(DEPTH, len(documents))
    rows, scores = index.retrieve(words([one["text"] for one in queries]), k=depth, show_progress=False)
    return [[(int(row), float(score)) for row, score in zip(*pair) if score > 0] for pair in zip(rows, scores)]


def by_cosine(documents, queries):
    cosines = queries @ documents.T
    order = numpy.argsort(-cosines, axis=1, kind="stable")[:, :DEPTH]
    return [[(int(row), float(of[row])) for row in rows] for rows, of in zip(order, cosines)]


def by_both(first, second):
    fused = []
    for lists in zip(first, second):
        score = {}
        for ranked in lists:
            for rank, (row, _) in enumerate(ranked, start=1):
                score[row] = score.get(row, 0.0) + 1.0 / (60 + rank)
        fused.append(sorted(score.items(), key=lambda pair: -pair[1])[:DEPTH])
    return fused


def measured(binary, folder, run):
    """What `eval` says of a run; the first config is the engine's own ranking."""
    command = [binary, "eval", "--collection", folder, "--run", run, "--format", "json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found["configs"][-1]


def main():
    binary, data = sys.argv[1:]
    wrong = 0
    for name, published in PUBLISHED.items():
        folder = Path(data) / name
        documents, queries = lines(folder / "docs.jsonl"), lines(folder / "queries.jsonl")
        bm25 = by_words(documents, queries)
        dense = by_cosine(vectors(folder / "docs.f32"), vectors(folder / "queries.f32"))
        qrels = list(ir_measures.read_trec_qrels(str(folder / "qrels.trec")))
        for ranker, ranked in {"bm25": bm25, "dense": dense, "rrf": by_both(bm25, dense)}.items():
            with tempfile.NamedTemporaryFile("w", suffix=".trec") as file:
                for query, rows in zip(queries, ranked):
                    for rank, (row, score) in enumerate(rows, start=1):
                        # Equal scores stay equal: who reads a run breaks ties by ids.
                        file.write(f"{query['id']} Q0 {documents[row]['id']} {rank} {score!r} {ranker}\n")
                file.flush()
                ours = measured(binary, folder, file.name)
                run = list(ir_measures.read_trec_run(file.name))
            parsed = {key: ir_measures.parse_measure(measure) for key, measure in MEASURES.items()}
            theirs = ir_measures.calc_aggregate(parsed.values(), qrels, run)
            for (key, measure), figure in zip(parsed.items(), published[ranker]):
                same = abs(ours[key] - theirs[measure]) < 0.000_005 and abs(ours[key] - figure) <= 0.002
                wrong += not same
                print(
                    f"{name:9} {ranker:5} {MEASURES[key]:7} eval {ours[key]:.6f}  ir_measures {theirs[measure]:.6f}"
                    f"  published {figure:.4f}{'' if same else '  DIFFERS'}"
                )
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
