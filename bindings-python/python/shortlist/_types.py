"""Types that only a checker reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, Union

from .requests import AdvisorProfile


class Buffer(Protocol):
    """Whatever lends its memory: a numpy array, an ``array.array``, a ``memoryview``."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class Listed(Protocol):
    """Whatever lists its numbers: a tensor, a series."""

    def tolist(self) -> Any: ...


Embedding = Union[Buffer, Listed, Sequence[float]]
ProfileGiven = Union[AdvisorProfile, Mapping[str, Any], Any]
ProfilesGiven = Union[ProfileGiven, Iterable[ProfileGiven]]


class Embedder(Protocol):
    """What makes an embedding of a text, for an index that embeds text itself."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, text: str, /) -> Embedding | None: ...
