"""Answers as frames of other libraries, and frames as records. None of them is needed until it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any


def to_arrow(answer: Any) -> Any:
    """A pyarrow table."""
    return import_module("pyarrow").table(answer)


def to_polars(answer: Any) -> Any:
    """A polars frame."""
    return import_module("polars").DataFrame(answer)


def to_pandas(answer: Any) -> Any:
    """A pandas frame, by pyarrow where it is there."""
    pandas = import_module("pandas")
    try:
        import_module("pyarrow")
    except ImportError:
        return pandas.DataFrame([_flat(row) for row in answer.to_dicts()])
    return to_arrow(answer).to_pandas()


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A match as one row: advisor and score, the parts of the score, then the listing."""
    listing = row.get("listing")
    if listing is None:
        return row
    breakdown = {name: value for name, value in row.get("breakdown", {}).items() if name != "parts"}
    head = {name: value for name, value in row.items() if name not in ("listing", "breakdown")}
    return {**head, **breakdown, **{name: value for name, value in listing.items() if name != "id"}}


def records(frame: Any) -> Iterator[dict[str, Any]]:
    """The rows of a pandas frame as dicts, without what is missing."""
    pandas = import_module("pandas")
    for row in frame.to_dict("records"):
        held: dict[str, Any] = {}
        for name, value in row.items():
            if value is None or value is pandas.NaT or isinstance(value, float) and value != value:
                continue
            if isinstance(value, float) and value.is_integer():
                # A column of whole numbers with gaps is one of floats.
                value = int(value)
            if isinstance(value, pandas.Timestamp):
                value = value.tz_localize("UTC").isoformat() if value.tz is None else value.isoformat()
            if name.startswith("attributes."):
                held.setdefault("attributes", {})[name.removeprefix("attributes.")] = value
            else:
                held[name] = value
        yield held
