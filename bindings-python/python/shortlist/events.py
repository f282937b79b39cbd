"""What somebody who follows an index is told, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Union, overload

if TYPE_CHECKING:
    from ._native import _Touched

__all__ = ["Changes", "Event", "IndexChange", "KeywordChange", "Missed", "ProfileChange", "ProfileChanges", "SourceEvent"]


@dataclass(frozen=True)
class KeywordChange:
    """The values of a keyword field (``industries``, ``attributes.languages``), before and after."""

    field: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class ProfileChange:
    """What happened to one profile, and every keyword field in which it has values or had some: a page that lists one of them
    may be another now. ``held``: a place of its capacity was held, or given back.
    """

    id: str
    kind: Literal["added", "updated", "removed", "held"]
    keywords: tuple[KeywordChange, ...]


@dataclass(frozen=True)
class IndexChange:
    """What changed beside profiles: the schema, synonyms, the rules of a name, how far a source was followed."""

    kind: Literal["schema", "synonyms", "rules", "source"]
    name: str | None = None


@dataclass(frozen=True)
class Changes:
    """A generation came: the profiles that it touched, each once, and what it changed beside them.

    >>> import shortlist
    >>> engine = shortlist.Engine.in_memory()
    >>> events = engine.subscribe()
    >>> applied = engine.upsert([{"id": "ada"}, {"id": "ben"}])
    >>> event = events.poll(5)
    >>> event.generation, [one.id for one in event.profiles], event.index
    (1, ['ada', 'ben'], ())
    >>> engine.close()
    """

    generation: int
    profiles: Sequence[ProfileChange]
    index: tuple[IndexChange, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The wire form, by names in ``snake_case``."""
        index = [{name: value for name, value in asdict(one).items() if value is not None} for one in self.index]
        return {"type": "changes", "generation": self.generation, "profiles": [_listed(asdict(one)) for one in self.profiles], "index": index}


@dataclass(frozen=True)
class Missed:
    """What happened after one generation and up to another is not known any more: whatever was derived from the index is to be
    derived anew.
    """

    after: int
    through: int

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {"type": "missed", **asdict(self)}


@dataclass(frozen=True)
class SourceEvent:
    """A source that feeds the index (``postgres``) entered another state: ``connecting``, ``loading``, ``catchingUp``, ``live``,
    ``waiting``, ``failed``, ``stopped``.
    """

    source: str
    state: str
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {"type": "source", **asdict(self)}


Event = Union[Changes, Missed, SourceEvent]


class ProfileChanges(Sequence[ProfileChange]):
    """The profiles that a commit touched, each made when it is read: there may be 100,000. Pickled, it is a tuple."""

    __slots__ = ("_touched",)

    def __init__(self, touched: _Touched) -> None:
        self._touched = touched

    def __len__(self) -> int:
        return len(self._touched)

    @overload
    def __getitem__(self, at: int) -> ProfileChange: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ProfileChange, ...]: ...
    def __getitem__(self, at: int | slice) -> ProfileChange | tuple[ProfileChange, ...]:
        if isinstance(at, slice):
            return tuple(_profile(self._touched[one]) for one in range(*at.indices(len(self))))
        return _profile(self._touched[range(len(self))[at]])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (ProfileChanges, tuple, list)):
            return NotImplemented
        return len(self) == len(other) and all(one == theirs for one, theirs in zip(self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        first = ", ".join(map(repr, self[:3]))
        return f"({first}{', ...' if len(self) > 3 else ',' if len(self) == 1 else ''})"

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (list(self),)


def _listed(profile: dict[str, Any]) -> dict[str, Any]:
    keywords = [{**one, "old": list(one["old"]), "new": list(one["new"])} for one in profile["keywords"]]
    return {**profile, "keywords": keywords}


# What the compiled part calls.


def _profile(wire: Mapping[str, Any]) -> ProfileChange:
    keywords = tuple(KeywordChange(one["field"], tuple(one["old"]), tuple(one["new"])) for one in wire["keywords"])
    return ProfileChange(**{**wire, "keywords": keywords})


def _changes(generation: int, touched: _Touched, index: Sequence[Mapping[str, Any]]) -> Changes:
    return Changes(generation, ProfileChanges(touched), tuple(IndexChange(**one) for one in index))
