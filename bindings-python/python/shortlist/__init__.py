"""Shortlist: the in-process search and matching engine of an expert marketplace.

>>> import shortlist
>>> engine = shortlist.Engine.in_memory()
>>> applied = engine.upsert([
...     {"id": "ada", "services": ["Tax Planning"], "hourly_rate": 150, "marketplace_status": "active", "is_verified": True},
...     {"id": "ben", "services": ["Audit"], "hourly_rate": 90, "marketplace_status": "active", "is_verified": True},
... ])
>>> engine.search(text="tax").ids
['ada']
>>> best = engine.match_advisors(required_services=["Tax Planning"], max_budget=200)[0]
>>> best.advisor_id, best.listing.hourly_rate
('ada', 150.0)
>>> engine.close()
"""

from __future__ import annotations

from . import errors, postgres
from ._native import Engine, PostgresSync, Subscription, Tenant, __version__
from .aio import AsyncEngine, AsyncSubscription, AsyncTenant
from .answers import (
    AdvisorMatch,
    Applied,
    Breakdown,
    BuildReport,
    CacheMetrics,
    Distribution,
    ErrorCount,
    Facet,
    FacetBucket,
    FacetCount,
    FacetRest,
    FacetStats,
    Hit,
    Hold,
    KeepingStats,
    Listing,
    MatchAnswer,
    Metrics,
    Part,
    Plan,
    Rejection,
    RequestMetrics,
    SearchAnswer,
    SectionSize,
    SimilarAdvisor,
    SimilarAnswer,
    SlowRequest,
    SnapshotReport,
    Stats,
    SuggestAnswer,
    Suggestion,
    SyncStatus,
    VerifyReport,
    WriterMetrics,
)
from .errors import *  # noqa: F403
from .events import Changes, Event, IndexChange, KeywordChange, Missed, ProfileChange, ProfileChanges, SourceEvent
from .requests import AdvisorProfile, ClientCriteria, SearchRequest, SimilarRequest, SuggestRequest

__all__ = [
    "AdvisorMatch",
    "AdvisorProfile",
    "Applied",
    "AsyncEngine",
    "AsyncSubscription",
    "AsyncTenant",
    "Breakdown",
    "BuildReport",
    "CacheMetrics",
    "Changes",
    "ClientCriteria",
    "Distribution",
    "Engine",
    "ErrorCount",
    "Event",
    "Facet",
    "FacetBucket",
    "FacetCount",
    "FacetRest",
    "FacetStats",
    "Hit",
    "Hold",
    "IndexChange",
    "KeepingStats",
    "KeywordChange",
    "Listing",
    "MatchAnswer",
    "Metrics",
    "Missed",
    "Part",
    "Plan",
    "PostgresSync",
    "ProfileChange",
    "ProfileChanges",
    "Rejection",
    "RequestMetrics",
    "SearchAnswer",
    "SearchRequest",
    "SectionSize",
    "SimilarAdvisor",
    "SimilarAnswer",
    "SimilarRequest",
    "SlowRequest",
    "SnapshotReport",
    "SourceEvent",
    "Stats",
    "Subscription",
    "SuggestAnswer",
    "SuggestRequest",
    "Suggestion",
    "SyncStatus",
    "Tenant",
    "VerifyReport",
    "WriterMetrics",
    "__version__",
    "errors",
    "postgres",
]
__all__ += errors.__all__
