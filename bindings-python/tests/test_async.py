"""The engine for asyncio: the same answers, a loop that is never held up, and calls that end when nobody waits."""

import asyncio
import inspect
import time
import unittest

import built  # noqa: F401
import sample
import shortlist
from shortlist import AsyncEngine, Engine


class Async(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.engine = AsyncEngine(sample.engine())

    async def asyncTearDown(self):
        await self.engine.close()

    async def test_answers_are_those_of_the_engine(self):
        sync = self.engine.engine
        self.assertEqual(sync.search(text="cash").ids, (await self.engine.search(text="cash")).ids)
        self.assertEqual(sync.match_advisors(max_budget=200).to_dicts(), (await self.engine.match_advisors(max_budget=200)).to_dicts())
        self.assertEqual(sync.get("adv-000001"), await self.engine.get("adv-000001"))
        self.assertEqual(sync.facets("services"), await self.engine.facets("services"))
        self.assertEqual(sync.suggest("fin").suggestions, (await self.engine.suggest("fin")).suggestions)
        self.assertEqual(sync.similar_to("adv-000001").ids, (await self.engine.similar_to("adv-000001")).ids)
        answers = await asyncio.gather(*(self.engine.search(limit=n) for n in range(1, 50)))
        self.assertEqual(list(range(1, 50)), [len(answer) for answer in answers])
        self.assertEqual(sync.search().ids, (await sync.search_async()).ids)
        self.assertEqual(sync.match_advisors().ids, (await sync.match_advisors_async()).ids)

    async def test_a_refusal_is_raised_where_it_is_awaited(self):
        with self.assertRaises(shortlist.OutOfRangeError):
            await self.engine.search(limit=0)
        with self.assertRaises(shortlist.NotFoundError):
            await self.engine.remove("nobody")
        answers = await self.engine.search_many([{}, {"rules": "none"}], return_exceptions=True)
        self.assertEqual(["SearchAnswer", "UnknownFieldError"], [type(answer).__name__ for answer in answers])

    async def test_pages_one_after_the_other(self):
        total = (await self.engine.search()).total
        ids = [hit.id async for page in self.engine.pages(limit=50) for hit in page]
        self.assertEqual(total, len(set(ids)))

    async def test_the_loop_goes_on_during_a_long_call(self):
        criteria = [{"embedding": vector, "limit": 200, "diversity": 0.5, "exact": True} for vector in sample.embeddings()[:60] if any(vector)]
        late, stop = [], False

        async def tick():
            while not stop:
                asked = time.perf_counter()
                await asyncio.sleep(0.001)
                late.append(time.perf_counter() - asked - 0.001)

        ticking = asyncio.ensure_future(tick())
        await self.engine.match_many(criteria * 3)
        stop = True
        await ticking
        self.assertGreater(len(late), 3)
        self.assertLess(sorted(late)[len(late) // 2], 0.05)

    async def test_who_stops_waiting_calls_it_off(self):
        criteria = [{"embedding": vector, "limit": 200, "diversity": 0.5, "exact": True} for vector in sample.embeddings() if any(vector)]
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(self.engine.match_many(criteria * 20), 0.05)
        start = time.monotonic()
        await self.engine.close()
        self.assertLess(time.monotonic() - start, 2)
        with self.assertRaises(shortlist.ClosedError):
            await self.engine.search()

    async def test_writes_and_files(self):
        self.assertEqual(2, (await self.engine.upsert([{"id": "x"}, {"id": "y"}])).changes)
        await self.engine.patch("x", bio="b")
        await self.engine.remove("y")
        self.assertEqual("b", (await self.engine.get("x")).bio)
        self.assertEqual(5, (await self.engine.build(iter([{"id": f"z{n}"} for n in range(5)]))).upserted)

    async def test_every_call_of_the_engine_is_there(self):
        ours = {name for name, _ in inspect.getmembers(AsyncEngine) if not name.startswith("_")}
        theirs = {name for name, _ in inspect.getmembers(Engine) if not name.startswith("_")}
        beside = {"search_async", "match_advisors_async", "is_read_only", "closed", "sync_postgres", "profiles"}
        self.assertEqual(set(), theirs - beside - ours)


class OutsideOfALoop(unittest.TestCase):
    def test_a_future_needs_a_loop(self):
        with Engine.in_memory() as engine, self.assertRaisesRegex(RuntimeError, "no running event loop"):
            engine.search_async()


if __name__ == "__main__":
    unittest.main()
