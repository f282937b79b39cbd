"""Ten thousand calls that mean no good: a typed refusal or an answer each time, no crash, and no memory left behind."""

import os
import random
import sys
import unittest
from array import array

import built  # noqa: F401
import shortlist

CALLS = int(os.environ.get("SHORTLIST_HOSTILE_CALLS", "10000"))
STEADY_CALLS = int(os.environ.get("SHORTLIST_STEADY_CALLS", "100000"))


class Mine(Exception):
    """What the things below raise: it comes through as it is."""


class Thorny:
    """An object that raises whatever is asked of it."""

    def __getattr__(self, name):
        raise Mine(name)

    def __iter__(self):
        raise Mine("iter")

    def __len__(self):
        raise Mine("len")

    def __float__(self):
        raise Mine("float")


class Liar(list):
    """A list that says it is another length than it is."""

    def __len__(self):
        return 1 << 40


class Shrinking(dict):
    """A mapping that changes while it is read."""

    def items(self):
        self.clear()
        return super().items()


class Text(str):
    """A string that is not quite one."""


def cyclic():
    loop = {"and": []}
    loop["and"].append(loop)
    return loop


def released():
    view = memoryview(bytearray(8))
    view.release()
    return view


NASTY = [
    None, True, -1, 0, 1 << 31, 1 << 63, 1 << 64, -(1 << 70), 10**400, 1.5, -0.0, 1e308, float("nan"), float("inf"), "", "x", "x" * 2000,
    "\0", "\ud800", "é" * 600, "'; drop table", Text("relevance"), b"bytes", bytearray(b"bytes"), [], [None], [1, "a"], [[[[]]]], ["x"] * 20000, (), {}, {"": {}},
    {"a": 1}, {1: 2}, {"not": {"not": {}}}, set(), {"a", "b"}, frozenset({1}), object(), Exception("x"), lambda: None, int, range(3), iter([1]),
    (n for n in range(3)), Thorny(), Liar(["a"]), Shrinking(a=1), cyclic, released, array("f", [1, 2]), array("f", [float("nan")] * 8),
    array("d"), memoryview(b"12345678"), complex(1, 2), NotImplemented, ..., sys, {"anyOf": ["a"] * 20000}, {"gte": float("nan")}, {"field": "x"},
]  # fmt: skip

FIELDS = [
    *shortlist.requests.SearchFields.__annotations__, *shortlist.requests.MatchFields.__annotations__,
    *shortlist.requests.PatchFields.__annotations__, "id", "kinds", "no_such_field", "", "\ud800", "embedding", "embedding",
]  # fmt: skip


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Hostile(unittest.TestCase):
    def setUp(self):
        self.engine = shortlist.Engine.in_memory({"attributes": {"languages": "keywords"}})
        self.engine.upsert([{"id": f"a{n}", "embedding": [n, 1.0], "headline": "tax", "marketplace_status": "active", "is_verified": True} for n in range(20)])

    def tearDown(self):
        self.engine.close()

    def calls(self, draw):
        def value():
            one = draw.choice(NASTY)
            if one in (cyclic, released):
                return one()
            return {draw.choice(FIELDS): draw.choice(NASTY)} if draw.random() < 0.2 else one

        def fields():
            return {draw.choice(FIELDS): value() for _ in range(draw.choice([1, 1, 2, 5]))}

        engine = self.engine
        return draw.choice([
            lambda: engine.search(**fields()),
            lambda: engine.search(value()),
            lambda: engine.search(filter=fields()),
            lambda: engine.search_many(value()),
            lambda: engine.match_advisors(**fields()),
            lambda: engine.match_advisors(value(), embedding=value()),
            lambda: engine.match_many([value(), value()]),
            lambda: engine.match_many([{}, fields()], return_exceptions=value()),
            lambda: engine.similar_to(value(), **fields()),
            lambda: engine.suggest(value(), **fields()),
            lambda: engine.facets(value(), **fields()),
            lambda: engine.get(value()),
            lambda: engine.get_many(value()),
            lambda: engine.upsert(value()),
            lambda: engine.upsert([{"id": "x", **fields()}]),
            lambda: engine.build(iter([value(), {"id": "y", **fields()}]), embeddings=value(), on_error=draw.choice(["skip", "raise", value()])),
            lambda: engine.patch(value(), **fields()),
            lambda: engine.patch({"a1": fields()}),
            lambda: engine.remove(value()),
            lambda: engine.declare(value()),
            lambda: engine.set_synonyms(value()),
            lambda: engine.set_rules(value(), value()),
            lambda: engine.search()[value()],
            lambda: shortlist.Engine.in_memory(value(), embedder=value(), background=False),
            lambda: shortlist.Engine.open(value()),
            lambda: engine.sync_postgres(value(), mapping=value()),
            lambda: shortlist._native._search_answer(value()),
            lambda: shortlist._native._match_answer(value()),
            lambda: value() in engine,
        ])  # fmt: skip

    def test_no_call_of_ten_thousand_ends_the_process_or_is_refused_without_a_reason(self):
        draw, refused, answered = random.Random(20261124), {}, 0
        for number in range(CALLS):
            call = self.calls(draw)
            try:
                call()
                answered += 1
            except shortlist.InternalError as error:
                self.fail(f"call {number}: {error}")
            except shortlist.ShortlistError as error:
                self.assertRegex(error.code, r"^SL[123]\d{3}$")
                # A path is told whole, however long.
                self.assertLess(len(str(error)), 3000)
                refused[error.code] = refused.get(error.code, 0) + 1
            except (TypeError, ValueError, LookupError, OverflowError, BufferError, AttributeError, Mine):
                # Python's own words for arguments that are none, and what the things themselves raise.
                refused["Python"] = refused.get("Python", 0) + 1
        self.assertGreater(len(refused), 6, refused)
        self.assertGreaterEqual(self.engine.search(scope="all").total, 1)
        self.engine.verify()

    @unittest.skipUnless(os.path.exists("/proc/self/statm"), "memory is measured by /proc")
    def test_memory_stays_flat_over_a_hundred_thousand_calls(self):
        vector = array("f", [3.0, 1.0])

        def rounds(count):
            for number in range(count):
                page = self.engine.search(text="tax", facets=["industries"], limit=5)
                page[0].headline, page.ids
                self.engine.match_advisors(embedding=vector, limit=3)[0].breakdown
                try:
                    self.engine.search(limit=number + 2000)
                except shortlist.OutOfRangeError:
                    pass
                self.engine.get("a1")

        rounds(STEADY_CALLS // 40)
        before = resident()
        rounds(STEADY_CALLS // 4)
        self.assertLess(resident() - before, 8 << 20)


if __name__ == "__main__":
    unittest.main()
