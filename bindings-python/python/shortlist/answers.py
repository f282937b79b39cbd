"""What answers are made of, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ._native import AdvisorMatch, Hit, Listing, MatchAnswer, SearchAnswer, SimilarAdvisor, SimilarAnswer

__all__ = [
    "AdvisorMatch", "Applied", "Breakdown", "BuildReport", "CacheMetrics", "Distribution", "ErrorCount", "Facet", "FacetBucket", "FacetCount", "FacetRest", "FacetStats",
    "Hit", "Hold", "KeepingStats", "Listing", "MatchAnswer", "Metrics", "Part", "Plan", "Rejection", "RequestMetrics", "SearchAnswer", "SectionSize", "SimilarAdvisor",
    "SimilarAnswer", "SlowRequest", "SnapshotReport", "Stats", "SuggestAnswer", "Suggestion", "SyncStatus", "VerifyReport", "WriterMetrics",
]  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of a score: ``value * weight`` is its ``contribution``."""

    name: str
    value: float
    weight: float
    contribution: float


@dataclass(frozen=True)
class Breakdown:
    """What a score is made of. A part that the criteria do not ask for is none and weighs nothing."""

    similarity: float | None
    business: float | None
    rating: float | None
    parts: tuple[Part, ...]

    def __getitem__(self, name: str) -> Part:
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)


@dataclass(frozen=True)
class FacetCount:
    """One value of a facet, and how many profiles of the result have it."""

    value: str
    count: int


@dataclass(frozen=True)
class FacetRest:
    """What the facet's ``limit`` left out."""

    values: int
    count: int


@dataclass(frozen=True)
class FacetBucket:
    """The profiles with ``start <= value < end``; an end that is none is open."""

    start: float | str | None
    end: float | str | None
    count: int


@dataclass(frozen=True)
class FacetStats:
    """A number field's or date's values over a result."""

    count: int
    min: float | str | None = None
    max: float | str | None = None
    mean: float | str | None = None


@dataclass(frozen=True)
class Facet:
    """What a facet tells: a sequence of counts, and whatever else was asked for."""

    field: str
    counts: tuple[FacetCount, ...] = ()
    rest: FacetRest | None = None
    missing: int | None = None
    buckets: tuple[FacetBucket, ...] | None = None
    histogram: tuple[FacetBucket, ...] | None = None
    stats: FacetStats | None = None

    def __iter__(self) -> Iterator[FacetCount]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def to_dict(self) -> dict[str, int]:
        """Counts by value, most frequent first."""
        return {one.value: one.count for one in self.counts}


@dataclass(frozen=True)
class Plan:
    """The path that a request took, why, and what it cost in rows."""

    path: str
    why: str
    considered: int
    bounded: int
    coded: int
    dotted: int
    cells: int = 0


@dataclass(frozen=True)
class Suggestion:
    """A completion, its kind, and how many profiles it leads to."""

    text: str
    kind: str
    count: int


@dataclass(frozen=True)
class SuggestAnswer:
    """What completes a text: a sequence of suggestions."""

    suggestions: tuple[Suggestion, ...]
    generation: int
    took_us: int

    def __iter__(self) -> Iterator[Suggestion]:
        return iter(self.suggestions)

    def __len__(self) -> int:
        return len(self.suggestions)

    def __getitem__(self, at: int) -> Suggestion:
        return self.suggestions[at]


@dataclass(frozen=True)
class Applied:
    """What a batch did: every read from now on is of this generation or a later one."""

    generation: int
    changes: int


@dataclass(frozen=True)
class Hold:
    """A place of an advisor's capacity that is held until a moment."""

    id: int
    advisor_id: str
    until: datetime


@dataclass(frozen=True)
class SectionSize:
    """A part of the index and its size."""

    name: str
    bytes: int


@dataclass(frozen=True)
class KeepingStats:
    """What is kept in the directory that an engine owns: generations of its snapshot and its journal."""

    durability: str
    snapshot_generation: int | None
    journal_bytes: int
    journal_generation: int
    synced_generation: int
    folded_generation: int | None
    kept_after_generation: int
    journal_broken: bool


@dataclass(frozen=True)
class Stats:
    """What an index holds."""

    generation: int
    profiles: int
    in_marketplace: int
    embedded: int
    dimension: int | None
    embedder: str | None
    attributes: tuple[str, ...]
    tombstones: int
    memory: tuple[SectionSize, ...]
    keeping: KeepingStats | None
    warnings: tuple[str, ...]

    @property
    def memory_bytes(self) -> int:
        """All of the memory, in bytes, about."""
        return sum(part.bytes for part in self.memory)


@dataclass(frozen=True)
class Distribution:
    """How values are distributed: nearest ranks, each to 6 %."""

    count: int
    sum: float
    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True)
class RequestMetrics:
    """The requests of one kind that took one path."""

    kind: str
    path: str
    took_us: Distribution
    considered: Distribution


@dataclass(frozen=True)
class ErrorCount:
    """How often a kind of request was refused by a code."""

    kind: str
    code: str
    count: int


@dataclass(frozen=True)
class CacheMetrics:
    """Answers that were kept, and given again."""

    hits: int
    misses: int
    passed: int
    stale: int
    evictions: int
    entries: int
    bytes: int
    capacity_bytes: int


@dataclass(frozen=True)
class WriterMetrics:
    """Batches that wait for the writer, and how long its steps took, in microseconds."""

    waiting: int
    queue_us: Distribution
    apply_us: Distribution
    journal_us: Distribution
    snapshot_us: Distribution


@dataclass(frozen=True)
class Metrics:
    """What an engine has done since it was opened, and what it holds."""

    requests: tuple[RequestMetrics, ...]
    errors: tuple[ErrorCount, ...]
    generation: int
    generation_age_s: float
    cache: CacheMetrics
    writer: WriterMetrics
    memory: tuple[SectionSize, ...]
    slow: int


@dataclass(frozen=True)
class SlowRequest:
    """A request that took longer than the engine's threshold, in its wire form."""

    at_ms: int
    kind: str
    path: str
    took_us: int
    considered: int
    generation: int
    error: str | None
    request: str


@dataclass(frozen=True)
class SnapshotReport:
    """What a snapshot wrote."""

    path: Path
    bytes: int
    seconds: float


@dataclass(frozen=True)
class VerifyReport:
    """What a verification read; it found nothing wrong."""

    profiles: int
    sections: tuple[SectionSize, ...]


@dataclass(frozen=True)
class Rejection:
    """A record that cannot become a profile: its place (a file's line, counted from 1; else its index), and why."""

    at: int
    error: Exception
    raw: str | None = None


@dataclass(frozen=True)
class BuildReport:
    """What a build did."""

    records: int
    upserted: int
    rejected: tuple[Rejection, ...]
    generation: int
    seconds: float


@dataclass(frozen=True)
class SyncStatus:
    """How a sync stands. ``details`` has what its state tells beside: rows loaded, when it tries again, why it failed."""

    state: str
    source: str
    server: str
    position: str | None
    upserted: int
    removed: int
    quarantined: int
    lag_rows: int
    lag_seconds: float
    replica_lag_seconds: float | None
    replica_lag_bytes: int | None
    last_error: str | None
    details: Mapping[str, Any] = field(default_factory=dict)


# What the compiled part calls, with the wire form's names in snake_case.


def breakdown(wire: Mapping[str, Any]) -> Breakdown:
    return Breakdown(**{**wire, "parts": tuple(Part(**part) for part in wire["parts"])})


def _bucket(wire: Mapping[str, Any]) -> FacetBucket:
    return FacetBucket(start=wire["from"], end=wire["to"], count=wire["count"])


def _facet(name: str, wire: Any) -> Facet:
    if isinstance(wire, list):
        return Facet(name, tuple(FacetCount(**one) for one in wire))
    told = dict(wire)
    counts = tuple(FacetCount(**one) for one in told.pop("values", ()))
    rest, stats = told.pop("rest", None), told.pop("stats", None)
    buckets, histogram = told.pop("buckets", None), told.pop("histogram", None)
    return Facet(
        name,
        counts,
        rest=FacetRest(**rest) if rest is not None else None,
        buckets=tuple(map(_bucket, buckets)) if buckets is not None else None,
        histogram=tuple(map(_bucket, histogram)) if histogram is not None else None,
        stats=FacetStats(**stats) if stats is not None else None,
        **told,
    )


def facets(wire: Mapping[str, Any]) -> dict[str, Facet]:
    return {name: _facet(name, told) for name, told in wire.items()}


def suggestions(wire: Mapping[str, Any]) -> SuggestAnswer:
    return SuggestAnswer(**{**wire, "suggestions": tuple(Suggestion(**one) for one in wire["suggestions"])})


def stats(wire: Mapping[str, Any]) -> Stats:
    keeping = wire["keeping"]
    parts = {
        "attributes": tuple(wire["attributes"]),
        "keeping": KeepingStats(**keeping) if keeping is not None else None,
        "memory": tuple(SectionSize(**part) for part in wire["memory"]),
        "warnings": tuple(wire["warnings"]),
    }
    return Stats(**{**wire, **parts})


def metrics(wire: Mapping[str, Any]) -> Metrics:
    def request(one: Mapping[str, Any]) -> RequestMetrics:
        times = {name: Distribution(**one[name]) for name in ("took_us", "considered")}
        return RequestMetrics(**{**one, **times})

    def writer(one: Mapping[str, Any]) -> WriterMetrics:
        steps = {name: Distribution(**step) for name, step in one.items() if name != "waiting"}
        return WriterMetrics(waiting=one["waiting"], **steps)

    parts = {
        "requests": tuple(map(request, wire["requests"])),
        "errors": tuple(ErrorCount(**one) for one in wire["errors"]),
        "cache": CacheMetrics(**wire["cache"]),
        "writer": writer(wire["writer"]),
        "memory": tuple(SectionSize(**part) for part in wire["memory"]),
    }
    return Metrics(**{**wire, **parts})


def slow_requests(wire: list[dict[str, Any]]) -> list[SlowRequest]:
    return [SlowRequest(**one) for one in wire]


def verified(wire: Mapping[str, Any]) -> VerifyReport:
    return VerifyReport(wire["profiles"], tuple(SectionSize(**part) for part in wire["sections"]))


def sync_status(wire: Mapping[str, Any]) -> SyncStatus:
    known = {name: value for name, value in wire.items() if name in SyncStatus.__dataclass_fields__}
    return SyncStatus(**known, details={name: value for name, value in wire.items() if name not in known})
