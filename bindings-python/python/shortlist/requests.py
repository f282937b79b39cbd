"""Requests and profiles as dataclasses. What is left at none is left to the engine, which knows every default.

Each call takes its request as keyword arguments, as one of these, as a mapping in the wire form (names in camelCase or
``snake_case``), or as JSON text; they mean the same:

>>> import shortlist
>>> with shortlist.Engine.in_memory() as engine:
...     a = engine.search(min_rating=4, sort="price_asc")
...     b = engine.search(shortlist.SearchRequest(min_rating=4, sort="price_asc"))
...     c = engine.search({"minRating": 4, "sort": "priceAsc"})
...     a.total == b.total == c.total
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from ._types import Embedding

Json = Any
Filter = Mapping[str, Any]
Rules = Union[str, Mapping[str, Any]]
SortName = Literal["relevance", "rating", "experience", "reviews", "newest", "price_asc", "price_desc", "priceAsc", "priceDesc"]
Sort = Union[SortName, Sequence[Mapping[str, Any]]]
Scope = Literal["marketplace", "all"]
SuggestKind = Literal["titles", "services", "industries", "words"]


class SearchFields(TypedDict, total=False):
    """The keyword arguments of a search."""

    text: str | None
    text_match: Literal["all", "any"] | None
    typos: bool | None
    typos_in_first_letter: bool | None
    prefix: bool | None
    filter: Filter | None
    scope: Scope | None
    industries: str | Sequence[str] | None
    services: str | Sequence[str] | None
    min_rating: float | None
    max_hourly_rate: float | None
    availability: Literal["available", "any"] | None
    sort: Sort | None
    limit: int | None
    cursor: str | None
    before: str | None
    facets: Sequence[str | Mapping[str, Any]] | None
    disjunctive: bool | None
    fields: Sequence[str] | None
    embedding: Embedding | None
    fusion: Literal["auto", "rrf"] | Mapping[str, float] | None
    timeout_ms: int | None
    max_staleness_ms: int | None
    at_least: int | None
    explain: bool | None
    highlight: bool | Mapping[str, Any] | None
    rules: Rules | None


class MatchFields(TypedDict, total=False):
    """The keyword arguments of a match."""

    industries: str | Sequence[str] | None
    required_services: str | Sequence[str] | None
    require_all: bool | None
    max_budget: float | None
    min_rating: float | None
    text: str | None
    embedding: Embedding | None
    filter: Filter | None
    exclude_ids: Sequence[str] | None
    certifications: str | Sequence[str] | None
    attributes: Mapping[str, str | Sequence[str]] | None
    weights: Mapping[str, float] | None
    business_weights: Mapping[str, float] | None
    rating: Literal["mean", "bayesian"] | None
    limit: int | None
    diversity: float | None
    max_per: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
    min_score: float | None
    relax: bool | None
    exact: bool | None
    approximate: bool | None
    rules: Rules | None
    exact_budget_ms: float | None
    fields: Sequence[str] | None
    timeout_ms: int | None
    max_staleness_ms: int | None
    at_least: int | None
    explain: bool | None


class SimilarFields(TypedDict, total=False):
    """The keyword arguments of ``similar_to``, beside the id."""

    filter: Filter | None
    scope: Scope | None
    limit: int | None
    fields: Sequence[str] | None
    timeout_ms: int | None
    explain: bool | None


class SuggestFields(TypedDict, total=False):
    """The keyword arguments of ``suggest``, beside the text."""

    kinds: Sequence[SuggestKind] | None
    limit: int | None
    typos: bool | None
    filter: Filter | None
    scope: Scope | None
    timeout_ms: int | None


class PatchFields(TypedDict, total=False):
    """The fields of a patch: what is given is set, none clears. ``if_`` is the patch's condition."""

    if_: Filter
    user_id: str | None
    professional_title: str | None
    headline: str | None
    bio: str | None
    industries: str | Sequence[str]
    services: str | Sequence[str]
    certifications: str | Sequence[str]
    hourly_rate: float | None
    monthly_retainer_min: float | None
    years_experience: int | None
    total_reviews: int
    current_clients: int
    max_clients: int
    overall_rating: float
    marketplace_status: str
    is_verified: bool
    is_available: bool
    created_at: datetime | str | None
    updated_at: datetime | str | None
    deleted_at: datetime | str | None
    profile_image_url: str | None
    embedding: Embedding | None
    attributes: Mapping[str, Any]
    details: Json


class _Given:
    """What a request shows of itself: what it was given."""

    def __repr__(self) -> str:
        given = ((one.name, getattr(self, one.name)) for one in fields(self))  # type: ignore[arg-type]
        shown = (f"{name}={_short(value)}" for name, value in given if value is not None)
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_dict(self) -> dict[str, Any]:
        """What it was given, by name."""
        given = ((one.name, getattr(self, one.name)) for one in fields(self))  # type: ignore[arg-type]
        return {name: value for name, value in given if value is not None}


def _short(value: Any) -> str:
    if hasattr(value, "__len__") and not isinstance(value, (str, bytes, Mapping)) and len(value) > 8:
        return f"<{len(value)} values>"
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


@dataclass(repr=False, kw_only=True)
class SearchRequest(_Given):
    """A list page or a text search."""

    text: str | None = None
    text_match: Literal["all", "any"] | None = None
    typos: bool | None = None
    typos_in_first_letter: bool | None = None
    prefix: bool | None = None
    filter: Filter | None = None
    scope: Scope | None = None
    industries: str | Sequence[str] | None = None
    services: str | Sequence[str] | None = None
    min_rating: float | None = None
    max_hourly_rate: float | None = None
    availability: Literal["available", "any"] | None = None
    sort: Sort | None = None
    limit: int | None = None
    cursor: str | None = None
    before: str | None = None
    facets: Sequence[str | Mapping[str, Any]] | None = None
    disjunctive: bool | None = None
    fields: Sequence[str] | None = None
    embedding: Embedding | None = None
    fusion: Literal["auto", "rrf"] | Mapping[str, float] | None = None
    timeout_ms: int | None = None
    max_staleness_ms: int | None = None
    at_least: int | None = None
    explain: bool | None = None
    highlight: bool | Mapping[str, Any] | None = None
    rules: Rules | None = None


@dataclass(repr=False, kw_only=True)
class ClientCriteria(_Given):
    """What a client needs: the input of a match."""

    industries: str | Sequence[str] | None = None
    required_services: str | Sequence[str] | None = None
    require_all: bool | None = None
    max_budget: float | None = None
    min_rating: float | None = None
    text: str | None = None
    embedding: Embedding | None = None
    filter: Filter | None = None
    exclude_ids: Sequence[str] | None = None
    certifications: str | Sequence[str] | None = None
    attributes: Mapping[str, str | Sequence[str]] | None = None
    weights: Mapping[str, float] | None = None
    business_weights: Mapping[str, float] | None = None
    rating: Literal["mean", "bayesian"] | None = None
    limit: int | None = None
    diversity: float | None = None
    max_per: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    min_score: float | None = None
    relax: bool | None = None
    exact: bool | None = None
    approximate: bool | None = None
    rules: Rules | None = None
    exact_budget_ms: float | None = None
    fields: Sequence[str] | None = None
    timeout_ms: int | None = None
    max_staleness_ms: int | None = None
    at_least: int | None = None
    explain: bool | None = None


@dataclass(repr=False, kw_only=True)
class SimilarRequest(_Given):
    """Whose like is looked for."""

    id: str
    filter: Filter | None = None
    scope: Scope | None = None
    limit: int | None = None
    fields: Sequence[str] | None = None
    timeout_ms: int | None = None
    explain: bool | None = None


@dataclass(repr=False, kw_only=True)
class SuggestRequest(_Given):
    """What was typed so far."""

    text: str
    kinds: Sequence[SuggestKind] | None = None
    limit: int | None = None
    typos: bool | None = None
    filter: Filter | None = None
    scope: Scope | None = None
    timeout_ms: int | None = None


@dataclass(repr=False, kw_only=True)
class AdvisorProfile(_Given):
    """One expert of the marketplace, whole: what ``get`` gives and ``upsert`` takes.

    An embedding comes back as the standard library's array of floats, which ``numpy.asarray`` takes without a copy.
    """

    id: str
    user_id: str | None = None
    professional_title: str | None = None
    headline: str | None = None
    bio: str | None = None
    industries: Sequence[str] | None = None
    services: Sequence[str] | None = None
    certifications: Sequence[str] | None = None
    hourly_rate: float | None = None
    monthly_retainer_min: float | None = None
    years_experience: int | None = None
    total_reviews: int | None = None
    current_clients: int | None = None
    max_clients: int | None = None
    overall_rating: float | None = None
    marketplace_status: str | None = None
    is_verified: bool | None = None
    is_available: bool | None = None
    created_at: datetime | str | None = None
    updated_at: datetime | str | None = None
    deleted_at: datetime | str | None = None
    profile_image_url: str | None = None
    embedding: Embedding | None = None
    attributes: Mapping[str, Any] | None = None
    details: Json = None
