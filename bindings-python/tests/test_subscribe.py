"""Following an index: what is told, when it ends, and whom it leaves alone."""

import asyncio
import json
import os
import pickle
import signal
import tempfile
import threading
import time
import unittest

import built  # noqa: F401
import shortlist
from built import GOLDEN
from shortlist import AsyncEngine, Engine

WRITES = {
    "upsert": lambda engine, profiles: engine.upsert(profiles),
    "patch": lambda engine, patch: engine.patch({patch.pop("id"): patch}),
    "remove": lambda engine, ids: engine.remove(ids),
    "declare": lambda engine, schema: engine.declare(schema["attributes"]),
    "setSynonyms": lambda engine, rules: engine.set_synonyms(rules),
    "setRules": lambda engine, named: engine.set_rules(named["name"], named["rules"]),
    "removeRules": lambda engine, name: engine.remove_rules(name),
}


def cases():
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted((GOLDEN / "events").iterdir())]


class Following(unittest.TestCase):
    def test_a_follower_is_told_what_the_golden_cases_say(self):
        for case in cases():
            engine = Engine.in_memory()
            events = engine.subscribe()
            for one in case["writes"]:
                ((kind, said),) = one.items()
                WRITES[kind](engine, said)
            engine.close()
            told = list(events)
            self.assertEqual(case["events"], [event.to_dict() for event in told])
            for event in told:
                self.assertEqual(event, pickle.loads(pickle.dumps(event)))
                self.assertEqual(hash(event), hash(pickle.loads(pickle.dumps(event))))

    def test_events_are_told_apart_by_their_class(self):
        engine = Engine.in_memory()
        engine.upsert({"id": "ada"})
        event = engine.subscribe(after=0).poll(5)
        self.assertEqual(shortlist.Missed(after=0, through=1), event)
        self.assertEqual({"type": "missed", "after": 0, "through": 1}, event.to_dict())
        events = engine.subscribe()
        engine.upsert([{"id": f"a{n}", "services": ["Audit"]} for n in range(9)])
        match events.poll(5):
            case shortlist.Changes(generation, profiles, index):
                self.assertEqual((2, 9, ()), (generation, len(profiles), index))
        self.assertIsNone(events.poll())
        self.assertEqual(2, events.generation)
        self.assertEqual("<shortlist.Subscription after generation 2>", repr(events))
        self.assertEqual(("a8", ["a0", "a1"]), (profiles[-1].id, [one.id for one in profiles[:2]]))
        self.assertIn("...", repr(profiles))
        with self.assertRaises(IndexError):
            profiles[9]
        engine.close()

    def test_a_follower_goes_on_where_an_earlier_one_ended(self):
        with tempfile.TemporaryDirectory() as folder:
            with Engine.open(folder, create=True, durability="none") as engine:
                events = engine.subscribe()
                engine.upsert({"id": "ada"})
                self.assertEqual(1, next(events).generation)
                for clients in range(400):
                    engine.patch("ada", current_clients=clients)
            with Engine.open(folder) as engine:
                told = [event.generation for event in engine.subscribe(after=1, timeout=0.05)]
        self.assertEqual(list(range(2, 402)), told)

    def test_iterating_ends_when_nothing_comes_for_the_timeout(self):
        with Engine.in_memory() as engine:
            events = engine.subscribe(timeout=0.05)
            engine.upsert({"id": "ada"})
            start = time.monotonic()
            self.assertEqual([1], [event.generation for event in events])
            self.assertTrue(0.04 < time.monotonic() - start < 2)
            self.assertFalse(events.ended)
            engine.upsert({"id": "ben"})
            self.assertEqual([2], [event.generation for event in events])

    def test_another_thread_writes_closes_and_is_not_held_up(self):
        with Engine.in_memory() as engine:
            events, told = engine.subscribe(), []
            follower = threading.Thread(target=lambda: told.extend(event.generation for event in events))
            follower.start()
            for n in range(200):
                engine.upsert({"id": f"a{n}"})
            deadline = time.monotonic() + 10
            while len(told) < 200 and time.monotonic() < deadline:
                time.sleep(0.001)
            events.close()
            follower.join(10)
            self.assertFalse(follower.is_alive())
            self.assertEqual(list(range(1, 201)), told)
            self.assertTrue(events.ended)
            with engine.subscribe() as one:
                pass
            self.assertEqual([], list(one))
        with self.assertRaises(shortlist.ClosedError):
            engine.subscribe()

    def test_the_end_of_the_engine_ends_it(self):
        engine = Engine.in_memory()
        events, ended = engine.subscribe(), []
        follower = threading.Thread(target=lambda: ended.append(list(events)))
        follower.start()
        time.sleep(0.05)
        engine.close()
        follower.join(10)
        self.assertEqual([[]], ended)

    def test_a_wait_stops_at_an_interrupt(self):
        sent = []

        def interrupt():
            time.sleep(0.3)
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

        with Engine.in_memory() as engine:
            events = engine.subscribe()
            before = signal.signal(signal.SIGINT, signal.default_int_handler)
            thread = threading.Thread(target=interrupt)
            try:
                thread.start()
                with self.assertRaises(KeyboardInterrupt):
                    next(events)
                ended = time.monotonic()
            finally:
                thread.join()
                signal.signal(signal.SIGINT, before)
            # A tenth of a second, and as much again for a machine that is busy.
            self.assertLess(ended - sent[0], 0.2)
            engine.upsert({"id": "ada"})
            self.assertEqual(1, next(events).generation)

    def test_what_is_no_subscription_is_refused(self):
        with Engine.in_memory() as engine:
            for wrong in ({"after": -1}, {"after": "1"}, {"after": 2**70}, {"timeout": -1}, {"timeout": float("nan")}, {"nothing": 1}):
                with self.assertRaises((shortlist.CallerError, TypeError, OverflowError)):
                    engine.subscribe(**wrong)
            with self.assertRaises(TypeError):
                pickle.dumps(engine.subscribe())


class FollowingLater(unittest.IsolatedAsyncioTestCase):
    async def test_a_loop_follows_and_goes_on(self):
        async with AsyncEngine.in_memory() as engine:
            events, told = engine.subscribe(), []

            async def follow():
                async for event in events:
                    told.append(event.generation)

            following = asyncio.ensure_future(follow())
            for n in range(200):
                await engine.upsert({"id": f"a{n}"})
        await asyncio.wait_for(following, 10)
        self.assertEqual(list(range(1, 201)), told)
        self.assertTrue(events.ended)

    async def test_who_stops_waiting_loses_nothing(self):
        async with AsyncEngine.in_memory() as engine:
            events = engine.subscribe()
            for _ in range(20):
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(events.__anext__(), 0.001)
            waiting = asyncio.ensure_future(events.__anext__())
            await asyncio.sleep(0.01)
            # While the loop stands still: the task is called off before it hears of what came.
            engine.engine.upsert({"id": "ada"})
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            self.assertEqual(1, (await asyncio.wait_for(events.__anext__(), 10)).generation)
            self.assertEqual(1, events.generation)

    async def test_it_ends_by_its_timeout_and_by_a_close(self):
        async with AsyncEngine.in_memory() as engine:
            self.assertEqual([], [event async for event in engine.subscribe(timeout=0.01)])
            events = engine.subscribe()
            waiting = asyncio.ensure_future(events.__anext__())
            await asyncio.sleep(0.01)
            events.close()
            with self.assertRaises(StopAsyncIteration):
                await asyncio.wait_for(waiting, 10)

    async def test_it_goes_on_in_another_loop(self):
        engine = Engine.in_memory()
        events = AsyncEngine(engine).subscribe()

        async def first():
            return (await asyncio.wait_for(events.__anext__(), 10)).generation

        def elsewhere():
            return asyncio.run(first())

        waiting = asyncio.ensure_future(events.__anext__())
        await asyncio.sleep(0.01)
        other = asyncio.ensure_future(asyncio.to_thread(elsewhere))
        await asyncio.sleep(0.05)
        engine.upsert({"id": "ada"})
        self.assertEqual(1, await asyncio.wait_for(other, 10))
        waiting.cancel()
        engine.close()


if __name__ == "__main__":
    unittest.main()
