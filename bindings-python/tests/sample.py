"""The sample catalogue of `data/sample`, and an engine that holds it."""

import json
from array import array

import built  # noqa: F401
import shortlist
from built import SAMPLE

DIMENSION = 32


def profiles():
    return [json.loads(line) for line in (SAMPLE / "profiles.jsonl").read_text(encoding="utf-8").splitlines()]


def embeddings():
    values = array("f")
    values.frombytes((SAMPLE / "profiles.f32").read_bytes())
    return [values[at : at + DIMENSION] for at in range(0, len(values), DIMENSION)]


def schema():
    return json.loads((SAMPLE / "schema.json").read_text(encoding="utf-8"))


def engine():
    """A new engine that holds the sample."""
    made = shortlist.Engine.in_memory(schema())
    made.upsert([{**one, "embedding": vector} for one, vector in zip(profiles(), embeddings(), strict=True)])
    return made
