"""``AsyncEngine``: the engine for asyncio. Calls run on the package's own threads, and the loop is never held up.

A call costs a hop to another thread and back (tens of microseconds) more than ``Engine``'s own. Whoever cancels a task
that waits for an answer calls the call off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _native
from ._native import Engine, Subscription
from .answers import Applied, BuildReport, Facet, Hold, MatchAnswer, Metrics, SearchAnswer, SimilarAnswer, SlowRequest, SnapshotReport, Stats, SuggestAnswer, VerifyReport
from .events import Event
from .requests import AdvisorProfile, ClientCriteria, SearchRequest, SimilarRequest, SuggestRequest

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ._types import Embedder, ProfilesGiven
    from .requests import MatchFields, PatchFields, SearchFields, SimilarFields, SuggestFields


class _Reads:
    """The calls that an engine and a tenant have in common."""

    _later: Any

    async def search(
        self, request: SearchRequest | Mapping[str, Any] | str | None = None, /, **fields: Unpack[SearchFields]
    ) -> SearchAnswer:
        """A list page or a text search, as ``Engine.search``."""
        answer: SearchAnswer = await self._later.search(request, **fields)
        return answer

    async def pages(
        self, request: SearchRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[SearchFields]
    ) -> AsyncIterator[SearchAnswer]:
        """All pages of a search, one after the other.

        >>> import asyncio, shortlist
        >>> async def main():
        ...     async with shortlist.AsyncEngine.in_memory() as engine:
        ...         await engine.upsert([{"id": "ada"}, {"id": "ben"}, {"id": "cat"}])
        ...         return [page.ids async for page in engine.pages(scope="all", limit=2)]
        >>> asyncio.run(main())
        [['ada', 'ben'], ['cat']]
        """
        asked: dict[str, Any] = {**_given(request), **fields}
        while True:
            page = await self.search(asked)
            yield page
            if page.next_cursor is None:
                return
            asked["cursor"] = page.next_cursor

    async def search_many(
        self, requests: Iterable[SearchRequest | Mapping[str, Any]], /, *, return_exceptions: bool = False
    ) -> list[Any]:
        """Several searches of one generation, as ``Engine.search_many``."""
        answers: list[Any] = await self._later.search_many(requests, return_exceptions=return_exceptions)
        return answers

    async def match_advisors(
        self, criteria: ClientCriteria | Mapping[str, Any] | str | None = None, /, **fields: Unpack[MatchFields]
    ) -> MatchAnswer:
        """The advisors that fit best, as ``Engine.match_advisors``."""
        answer: MatchAnswer = await self._later.match_advisors(criteria, **fields)
        return answer

    async def match_many(
        self, criteria: Iterable[ClientCriteria | Mapping[str, Any]], /, *, return_exceptions: bool = False
    ) -> list[Any]:
        """Many matches in parallel, as ``Engine.match_many``."""
        answers: list[Any] = await self._later.match_many(criteria, return_exceptions=return_exceptions)
        return answers

    async def similar_to(
        self, request: SimilarRequest | Mapping[str, Any] | str, /, **fields: Unpack[SimilarFields]
    ) -> SimilarAnswer:
        """The advisors that are like one, as ``Engine.similar_to``."""
        answer: SimilarAnswer = await self._later.similar_to(request, **fields)
        return answer

    async def suggest(
        self, request: SuggestRequest | Mapping[str, Any] | str, /, **fields: Unpack[SuggestFields]
    ) -> SuggestAnswer:
        """Completes a text as it is typed, as ``Engine.suggest``."""
        answer: SuggestAnswer = await self._later.suggest(request, **fields)
        return answer

    async def facets(self, *counted: str | Mapping[str, Any], **fields: Unpack[SearchFields]) -> dict[str, Facet]:
        """Counts over a whole result, as ``Engine.facets``."""
        counts: dict[str, Facet] = await self._later.facets(*counted, **fields)
        return counts

    async def get(self, id: str, /) -> AdvisorProfile | None:
        """The profile of an id, as ``Engine.get``."""
        found: AdvisorProfile | None = await self._later.get(id)
        return found

    async def get_many(self, ids: Iterable[str], /) -> list[AdvisorProfile | None]:
        """Several profiles of one generation, as ``Engine.get_many``."""
        found: list[AdvisorProfile | None] = await self._later.get_many(ids)
        return found


class AsyncEngine(_Reads):
    """An engine whose calls are awaited: the same calls as ``Engine``'s, with the same arguments and answers.

    >>> import asyncio, shortlist
    >>> async def main():
    ...     async with shortlist.AsyncEngine.in_memory() as engine:
    ...         await engine.upsert({"id": "ada", "headline": "Tax planning for clinics"})
    ...         return (await engine.search(text="clinic", scope="all")).ids
    >>> asyncio.run(main())
    ['ada']
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        """The same engine, whose calls are not awaited."""
        self._later = engine._asynchronous()

    @classmethod
    def in_memory(
        cls,
        schema: Mapping[str, Any] | str | None = None,
        *,
        embedder: Embedder | int | None = None,
        background: bool = True,
        exact_budget_ms: float | None = None,
    ) -> Self:
        """A new, empty index in memory, as ``Engine.in_memory``. Not awaited: it takes no time.

        >>> import shortlist
        >>> shortlist.AsyncEngine.in_memory().engine.stats().profiles
        0
        """
        made = Engine.in_memory(schema, embedder=embedder, background=background, exact_budget_ms=exact_budget_ms)
        return cls(made)

    @classmethod
    async def open(
        cls,
        directory: str | PathLike[str],
        **options: Any,
    ) -> Self:
        """Opens the index of a directory, with the keywords of ``Engine.open``.

        >>> import asyncio, shortlist, tempfile
        >>> async def main(folder):
        ...     await shortlist.AsyncEngine.in_memory().snapshot(folder)
        ...     async with await shortlist.AsyncEngine.open(folder) as engine:
        ...         return (await engine.stats()).profiles
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     asyncio.run(main(folder))
        0
        """
        return cls(await _native._open_later("directory", directory, options))

    @classmethod
    async def open_read_only(
        cls, directory: str | PathLike[str], *, embedder: Embedder | int | None = None, exact_budget_ms: float | None = None
    ) -> Self:
        """Opens a directory that another process writes, as ``Engine.open_read_only``."""
        options = {"embedder": embedder, "exact_budget_ms": exact_budget_ms}
        return cls(await _native._open_later("read_only", directory, options))

    @classmethod
    async def open_snapshot(
        cls, file: str | PathLike[str], *, embedder: Embedder | int | None = None, exact_budget_ms: float | None = None
    ) -> Self:
        """Opens one snapshot, as ``Engine.open_snapshot``."""
        options = {"embedder": embedder, "exact_budget_ms": exact_budget_ms}
        return cls(await _native._open_later("snapshot", file, options))

    async def reserve(self, id: str, ttl: float, /) -> Hold:
        """Holds one place of an advisor's capacity, as ``Engine.reserve``."""
        hold: Hold = await self._later.reserve(id, ttl)
        return hold

    async def confirm(self, hold: Hold | int, /) -> Applied:
        """Makes a client of a hold, as ``Engine.confirm``."""
        applied: Applied = await self._later.confirm(hold)
        return applied

    async def release(self, hold: Hold | int, /) -> Applied:
        """Gives the place of a hold back, as ``Engine.release``."""
        applied: Applied = await self._later.release(hold)
        return applied

    async def holds(self) -> list[Hold]:
        """The places that are held, as ``Engine.holds``."""
        holds: list[Hold] = await self._later.holds()
        return holds

    async def wait_for(self, generation: int, timeout: float) -> int:
        """Waits until the index is at a generation, as ``Engine.wait_for``."""
        at: int = await self._later.wait_for(generation, timeout)
        return at

    async def build(self, source: Any, /, **options: Any) -> BuildReport:
        """Profiles in bulk, as ``Engine.build``, on a thread of its own."""
        return await asyncio.to_thread(self.engine.build, source, **{"progress": False, **options})

    async def upsert(self, profiles: ProfilesGiven, /) -> Applied:
        """Adds or replaces profiles, as ``Engine.upsert``."""
        applied: Applied = await self._later.upsert(profiles)
        return applied

    async def patch(self, patches: Any, /, **fields: Unpack[PatchFields]) -> Applied:
        """Changes single fields, as ``Engine.patch``."""
        applied: Applied = await self._later.patch(patches, **fields)
        return applied

    async def remove(self, ids: str | Iterable[str], /) -> Applied:
        """Removes profiles for good, as ``Engine.remove``."""
        applied: Applied = await self._later.remove(ids)
        return applied

    async def declare(self, attributes: Mapping[str, str], /) -> Applied:
        """Declares further attributes, as ``Engine.declare``."""
        applied: Applied = await self._later.declare(attributes)
        return applied

    async def alter(
        self,
        *,
        add: Mapping[str, str | Mapping[str, str]] | None = None,
        remove: Sequence[str] | None = None,
    ) -> Applied:
        """Adds attributes with values from the details, and removes some, as ``Engine.alter``."""
        applied: Applied = await self._later.alter(add=add, remove=remove)
        return applied

    async def set_synonyms(self, rules: Iterable[Any], /) -> Applied:
        """Changes which words stand for which, as ``Engine.set_synonyms``."""
        applied: Applied = await self._later.set_synonyms(list(rules))
        return applied

    async def set_rules(self, name: str, rules: Mapping[str, Any] | str, /) -> Applied:
        """Keeps rules under a name, as ``Engine.set_rules``."""
        applied: Applied = await self._later.set_rules(name, rules)
        return applied

    async def remove_rules(self, name: str, /) -> Applied:
        """Forgets rules, as ``Engine.remove_rules``."""
        applied: Applied = await self._later.remove_rules(name)
        return applied

    async def rules(self) -> dict[str, Any]:
        """The rules that the index keeps, as ``Engine.rules``."""
        rules: dict[str, Any] = await self._later.rules()
        return rules

    async def schema(self) -> dict[str, Any]:
        """What the index holds beside the built-in fields, as ``Engine.schema``."""
        schema: dict[str, Any] = await self._later.schema()
        return schema

    async def stats(self) -> Stats:
        """What the index holds, as ``Engine.stats``."""
        stats: Stats = await self._later.stats()
        return stats

    async def snapshot(self, directory: str | PathLike[str], /) -> SnapshotReport:
        """Keeps the index in a directory, as ``Engine.snapshot``."""
        report: SnapshotReport = await self._later.snapshot(directory)
        return report

    async def snapshot_to(self, file: str | PathLike[str], /) -> SnapshotReport:
        """Keeps the index in one file, as ``Engine.snapshot_to``."""
        report: SnapshotReport = await self._later.snapshot_to(file)
        return report

    async def verify(self) -> VerifyReport:
        """Reads everything again, as ``Engine.verify``."""
        report: VerifyReport = await self._later.verify()
        return report

    async def maintain(self) -> None:
        """Does now what the background would do in its time, as ``Engine.maintain``."""
        await self._later.maintain()

    async def refresh(self) -> bool:
        """Takes up the newest snapshot, as ``Engine.refresh``."""
        newer: bool = await self._later.refresh()
        return newer

    async def metrics(self) -> Metrics:
        """What the engine has done since it was opened, as ``Engine.metrics``."""
        metrics: Metrics = await self._later.metrics()
        return metrics

    async def slow_requests(self) -> list[SlowRequest]:
        """The last requests that took long, as ``Engine.slow_requests``."""
        slow: list[SlowRequest] = await self._later.slow_requests()
        return slow

    def subscribe(self, *, after: int | None = None, timeout: float | None = None) -> AsyncSubscription:
        """Follows the index, as ``Engine.subscribe``: ``async for``. Not awaited: it takes no time.

        >>> import asyncio, shortlist
        >>> async def main():
        ...     async with shortlist.AsyncEngine.in_memory() as engine:
        ...         events = engine.subscribe()
        ...         await engine.upsert([{"id": "ada"}, {"id": "ben"}])
        ...         async for event in events:
        ...             return [(one.id, one.kind) for one in event.profiles]
        >>> asyncio.run(main())
        [('ada', 'added'), ('ben', 'added')]
        """
        return AsyncSubscription(self.engine.subscribe(after=after), timeout)

    def for_tenant(self, filter: Mapping[str, Any] | str, /) -> AsyncTenant:
        """A handle that sees only who fulfils a filter, as ``Engine.for_tenant``. Not awaited: it takes no time."""
        return AsyncTenant(self.engine.for_tenant(filter))

    async def close(self) -> None:
        """Closes the engine, as ``Engine.close``."""
        await self._later.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return repr(self.engine).replace("Engine", "AsyncEngine", 1)


class AsyncSubscription:
    """The events of an index, as they come. No thread waits for them; a task that is cancelled while it waits loses none.

    >>> import asyncio, shortlist
    >>> async def main():
    ...     async with shortlist.AsyncEngine.in_memory() as engine:
    ...         async with engine.subscribe(timeout=0.01) as events:
    ...             await engine.upsert({"id": "ada"})
    ...             return [event.generation async for event in events]
    >>> asyncio.run(main())
    [1]
    """

    def __init__(self, subscription: Subscription, timeout: float | None = None) -> None:
        self._events = subscription
        self._timeout = timeout
        self._waiting: asyncio.Future[bool] | None = None

    @property
    def generation(self) -> int:
        """The generation up to which every event was handed out: where to go on by ``after``."""
        return self._events.generation

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more."""
        return self._events.ended

    def close(self) -> None:
        """Ends it, also for whoever waits for its next event."""
        self._events.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        loop = asyncio.get_running_loop()
        while (event := self._events._taken()) is None:
            waiting = self._waiting
            if waiting is None or waiting.done() or waiting.get_loop() is not loop:
                waiting = self._waiting = self._events._later()
            try:
                # One future for all that wait: whoever stops waiting leaves it to the next.
                is_more = await asyncio.wait_for(asyncio.shield(waiting), self._timeout)
            except asyncio.TimeoutError:
                raise StopAsyncIteration from None
            if not is_more:
                raise StopAsyncIteration
        return event

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self._events).replace("Subscription", "AsyncSubscription", 1)


class AsyncTenant(_Reads):
    """An engine as one tenant sees it, whose calls are awaited.

    >>> import asyncio, shortlist
    >>> async def main():
    ...     async with shortlist.AsyncEngine.in_memory() as engine:
    ...         await engine.upsert([{"id": "ada", "industries": ["Healthcare"]}, {"id": "ben"}])
    ...         return (await engine.for_tenant({"industries": "Healthcare"}).search(scope="all")).ids
    >>> asyncio.run(main())
    ['ada']
    """

    def __init__(self, tenant: _native.Tenant) -> None:
        self._later = tenant._asynchronous()


def _given(request: SearchRequest | Mapping[str, Any] | None) -> dict[str, Any]:
    if request is None:
        return {}
    return request.to_dict() if isinstance(request, SearchRequest) else dict(request)
