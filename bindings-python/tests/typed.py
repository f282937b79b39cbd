"""What a type checker knows of the package: read by `mypy --strict`, and run as any test."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import built  # noqa: F401
import shortlist
from shortlist import AsyncEngine, Engine, SearchRequest
from typing_extensions import assert_type


@dataclass
class Row:
    id: str
    hourly_rate: float | None = None


class Embedder:
    name = "ones"
    dimension = 2

    def embed(self, text: str) -> Sequence[float] | None:
        return [1.0, float(len(text))]


def reads(engine: Engine) -> None:
    page = engine.search(text="tax", scope="all", sort="price_asc", filter={"hourlyRate": {"lt": 100}}, facets=["industries"])
    assert_type(page, shortlist.SearchAnswer)
    assert_type(page.total, int)
    assert_type(page.next_cursor, str | None)
    assert_type(page.ids, list[str])
    for hit in page:
        assert_type(hit, shortlist.Hit)
        assert_type(hit.hourly_rate, float | None)
        assert_type(hit.services, list[str])
        assert_type(hit.score, float | None)
    assert_type(page.facets["industries"].counts, tuple[shortlist.FacetCount, ...])
    assert_type(engine.search(SearchRequest(limit=3)), shortlist.SearchAnswer)
    assert_type(engine.search_many([{}, SearchRequest()]), list[shortlist.SearchAnswer])
    assert_type(engine.search_many([{}], return_exceptions=True), list[shortlist.SearchAnswer | Exception])
    answer = engine.match_advisors(required_services=["Audit"], max_budget=200, weights={"rating": 1.0})
    for one in answer:
        assert_type(one, shortlist.AdvisorMatch)
        assert_type(one.score, float)
        assert_type(one.breakdown.parts, tuple[shortlist.Part, ...])
        assert_type(one.listing.professional_title, str | None)
    assert_type(answer[:2], list[shortlist.AdvisorMatch])
    assert_type(engine.similar_to("ada", scope="all").similar, tuple[shortlist.SimilarAdvisor, ...])
    assert_type(engine.suggest("ta", kinds=["words"])[0].count if len(engine.suggest("ta")) else 0, int)
    found = engine.get("ada")
    assert_type(found, shortlist.AdvisorProfile | None)
    assert_type(engine.stats().memory_bytes, int)


def writes(engine: Engine) -> None:
    assert_type(engine.upsert([Row("ada", 3.0), Row("ben")]), shortlist.Applied)
    engine.upsert(shortlist.AdvisorProfile(id="cat", embedding=[1.0, 2.0]))
    engine.patch("ada", hourly_rate=None, current_clients=3)
    engine.patch({"ben": {"hourlyRate": 4}})
    assert_type(engine.build(iter([Row("dan")]), progress=lambda done, total: None).rejected, tuple[shortlist.Rejection, ...])


def what_a_checker_refuses(engine: Engine) -> None:
    """Never called: each line is an error to a checker, which says so where it is not."""
    engine.search(limit="three")  # type: ignore[arg-type]
    engine.search(sort="cheapest")  # type: ignore[arg-type]
    engine.search(min_ratng=4)  # type: ignore[call-arg]
    engine.match_advisors(max_budget="all")  # type: ignore[arg-type]
    engine.patch("ada", total_reviews=None)  # type: ignore[call-overload]
    engine.search().totl  # type: ignore[attr-defined]
    engine.search().total = 3  # type: ignore[misc]
    SearchRequest(limits=3)  # type: ignore[call-arg]


def follows(engine: Engine) -> None:
    with engine.subscribe(after=0, timeout=0.0) as events:
        for event in events:
            assert_type(event, shortlist.Changes | shortlist.Missed | shortlist.SourceEvent)
            if isinstance(event, shortlist.Changes):
                assert_type(event.profiles[0].keywords, tuple[shortlist.KeywordChange, ...])
        assert_type(events.poll(0.0), shortlist.Event | None)


async def awaited() -> int:
    async with AsyncEngine.in_memory(embedder=Embedder()) as engine:
        assert_type(engine, AsyncEngine)
        await engine.upsert({"id": "ada", "headline": "tax"})
        page = await engine.search(text="tax", scope="all")
        assert_type(page, shortlist.SearchAnswer)
        async for one in engine.pages(scope="all"):
            assert_type(one, shortlist.SearchAnswer)
        return page.total


def refusals(engine: Engine) -> None:
    try:
        engine.search(limit=0)
    except shortlist.OutOfRangeError as error:
        assert_type(error.field, str | None)
        assert_type(error.code, str)


def main() -> None:
    with Engine.in_memory(embedder=Embedder()) as engine:
        writes(engine)
        reads(engine)
        refusals(engine)
        follows(engine)
    assert asyncio.run(awaited()) == 1


if __name__ == "__main__":
    main()
