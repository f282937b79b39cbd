"""What an operator does once in the database that is followed; ``shortlist pg`` at the command line does the same.

>>> from shortlist import postgres
>>> "DROP" in postgres.uninstall_script()
True
>>> postgres.check("mysql://db")
Traceback (most recent call last):
shortlist.errors.PostgresError: ...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal, Union

from . import _native

__all__ = ["CheckReport", "Difference", "FieldFit", "Quarantined", "VerifySummary", "check", "indexes", "install", "install_script", "make_indexes", "uninstall", "uninstall_script"]

Mapped = Union[Mapping[str, Any], str, PathLike[str], None]


@dataclass(frozen=True)
class FieldFit:
    """A field and the column that it is read from; ``wrong`` and the ``remedy`` where that does not fit."""

    field: str
    column: str | None
    kind: str | None
    wrong: str | None
    remedy: str | None


@dataclass(frozen=True)
class Quarantined:
    """A row that makes no profile."""

    id: str
    reason: str


@dataclass(frozen=True)
class CheckReport:
    """Whether a database fits a mapping, by its columns and its first 1,000 rows; ``mend`` is SQL that mends what can be."""

    table: str
    fields: tuple[FieldFit, ...]
    rows_tried: int
    rows_wrong: tuple[Quarantined, ...]
    outbox: bool
    replication_lacks: tuple[str, ...]
    mend: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether a sync can begin."""
        return all(field.wrong is None for field in self.fields)


@dataclass(frozen=True)
class Difference:
    """A profile that is not as its row."""

    id: str
    what: str


@dataclass(frozen=True)
class VerifySummary:
    """What a comparison of the index with its table found."""

    rows: int
    profiles: int
    quarantined: int
    ranges_that_differ: int
    different: int
    differences: tuple[Difference, ...]
    repaired: int

    @property
    def is_clean(self) -> bool:
        """Whether both sides are alike."""
        return self.different == self.repaired


def _asked(
    question: str, url: str, mapping: Mapped, schema: Mapping[str, Any] | str | None = None, readers: Iterable[str] = (), source: str = "outbox"
) -> Any:
    return _native._postgres(question, url, mapping, schema, list(readers), source)


def check(url: str, mapping: Mapped = None, *, schema: Mapping[str, Any] | str | None = None) -> CheckReport:
    """Looks whether the table makes profiles, and reads the first 1,000 rows to see it."""
    told = _asked("check", url, mapping, schema)
    parts = {
        "fields": tuple(FieldFit(**one) for one in told["fields"]),
        "rows_wrong": tuple(Quarantined(**one) for one in told["rows_wrong"]),
        "replication_lacks": tuple(told["replication_lacks"]),
        "mend": tuple(told["mend"]),
    }
    return CheckReport(**{**told, **parts})


def install(
    url: str, mapping: Mapped = None, *, readers: Iterable[str] = (), source: Literal["outbox", "replication"] = "outbox"
) -> None:
    """Makes the outbox and its triggers, which these roles may read; or the publication, for the source ``replication``."""
    _asked("install", url, mapping, None, readers, source)


def install_script(
    url: str, mapping: Mapped = None, *, readers: Iterable[str] = (), source: Literal["outbox", "replication"] = "outbox"
) -> str:
    """The SQL that ``install`` runs."""
    script: str = _asked("install_script", url, mapping, None, readers, source)
    return script


def uninstall(url: str) -> None:
    """Takes away what ``install`` made."""
    _asked("uninstall", url, None)


def uninstall_script() -> str:
    """The SQL that ``uninstall`` runs."""
    return _native._uninstall_script()


def indexes(url: str, mapping: Mapped = None) -> list[str]:
    """The indexes that polling would want."""
    wanted: list[str] = _asked("indexes", url, mapping)
    return wanted


def make_indexes(url: str, mapping: Mapped = None) -> int:
    """Makes them; how many."""
    made: int = _asked("make_indexes", url, mapping)
    return made


# What the compiled part calls.


def _verified(wire: Mapping[str, Any]) -> VerifySummary:
    return VerifySummary(**{**wire, "differences": tuple(Difference(**one) for one in wire["differences"])})
