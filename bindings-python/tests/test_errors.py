"""Refusals name the field, the value and what would be right, by classes that say who must act."""

import re
import unittest
from pathlib import Path

import built
import shortlist
from shortlist import Engine, errors


class Errors(unittest.TestCase):
    def setUp(self):
        self.engine = Engine.in_memory()
        self.addCleanup(self.engine.close)

    def refusal(self, call, *args, **kwargs):
        with self.assertRaises(shortlist.ShortlistError) as refused:
            call(*args, **kwargs)
        return refused.exception

    def test_every_code_of_the_engine_has_its_class(self):
        source = Path(built.ROOT, "core/src/model/error.rs").read_text(encoding="utf-8")
        codes = set(re.findall(r'=> "(SL\d{4})"', source))
        self.assertGreater(len(codes), 20)
        self.assertEqual(set(), codes - set(errors.BY_CODE))
        for code, kind in errors.BY_CODE.items():
            base = {"1": shortlist.CallerError, "2": shortlist.OperatorError, "3": shortlist.InternalError}[code[2]]
            self.assertTrue(issubclass(kind, base), code)

    def test_fields_values_and_hints(self):
        error = self.refusal(self.engine.search, limit=1001)
        self.assertEqual(("SL1003", "limit", "1001", "1 to 1000"), (error.code, error.field, error.value, error.hint))
        self.assertIsInstance(error, ValueError)
        error = self.refusal(self.engine.search, min_rating="four")
        self.assertEqual(("SL1002", "minRating"), (error.code, error.field))
        self.assertIsInstance(error, TypeError)
        error = self.refusal(self.engine.search, min_ratng=4)
        self.assertEqual(("SL1001", "did you mean `minRating`?"), (error.code, error.hint))
        error = self.refusal(self.engine.remove, "nobody")
        self.assertIsInstance(error, LookupError)
        self.assertEqual("nobody", error.value)

    def test_what_json_cannot_say_is_named_where_it_stands(self):
        for value, code, field in (
            (float("nan"), "SL1003", "filter.hourlyRate.gte"),
            (float("inf"), "SL1003", "filter.hourlyRate.gte"),
            (10**400, "SL1003", "filter.hourlyRate.gte"),
            (object(), "SL1002", "filter.hourlyRate.gte"),
            ("\ud800", "SL1008", "filter.hourlyRate.gte"),
            (b"4", "SL1002", "filter.hourlyRate.gte"),
        ):
            error = self.refusal(self.engine.search, filter={"hourlyRate": {"gte": value}})
            self.assertEqual((code, field), (error.code, error.field or "filter.hourlyRate.gte"), value)

    def test_a_thing_that_holds_itself_is_too_deep(self):
        loop = {}
        loop["not"] = loop
        self.assertEqual("SL1009", self.refusal(self.engine.search, filter=loop).code)
        loop = []
        loop.append(loop)
        self.assertEqual("SL1009", self.refusal(self.engine.search, facets=loop).code)

    def test_a_batch_says_which_of_its_profiles_it_was(self):
        error = self.refusal(self.engine.upsert, [{"id": "ada"}, {"id": "ben", "overall_rating": 9}])
        self.assertEqual("overallRating", error.field)
        if hasattr(error, "__notes__"):
            self.assertEqual(["in profile 1 of the batch"], error.__notes__)
        self.assertEqual(0, len(self.engine))

    def test_embeddings_that_are_none(self):
        for vector, code in (
            ([], "SL1005"), ([0.0, 0.0], "SL1005"), ([float("nan")], "SL1005"), (["a"], "SL1005"), ("abc", "SL1002"),
            (b"abcd", "SL1002"), (7, "SL1002"), ({"a": 1}, "SL1002"), (memoryview(b"abcdefgh").cast("B", (2, 4)), "SL1002"),
            ([0.5] * 200_000, "SL1009"),
        ):  # fmt: skip
            error = self.refusal(self.engine.match_advisors, embedding=vector)
            self.assertEqual((code, "embedding"), (error.code, error.field), vector)
        self.engine.upsert({"id": "ada", "embedding": [1.0, 2.0]})
        error = self.refusal(self.engine.match_advisors, embedding=[1.0, 2.0, 3.0])
        self.assertEqual(("SL1006", "3", "2 dimensions"), (error.code, error.value, error.hint))

    @unittest.skipUnless(hasattr(shortlist._native, "_panic"), "a release does not panic on purpose")
    def test_a_panic_stops_at_the_doorway(self):
        error = self.refusal(shortlist._native._panic)
        self.assertIsInstance(error, shortlist.InternalError)
        self.assertEqual("SL3001", error.code)
        self.assertEqual(0, self.engine.search().total)

    def test_paths_that_are_no_index(self):
        error = self.refusal(Engine.open, "/nowhere/at/all")
        self.assertIsInstance(error, shortlist.OperatorError)
        error = self.refusal(self.engine.sync_postgres, "not a url")
        self.assertIsInstance(error, shortlist.PostgresError)


if __name__ == "__main__":
    unittest.main()
