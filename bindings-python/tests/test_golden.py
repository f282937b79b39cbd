"""The golden cases of `data/golden`, asked through Python: equal to the last hit and the last digit."""

import json
import unittest

import sample
import shortlist
from built import GOLDEN

VOLATILE = {"tookUs", "nextCursor", "previousCursor", "generation"}


def steady(answer):
    return {name: value for name, value in answer.items() if name not in VOLATILE}


def cases(kind):
    for path in sorted((GOLDEN / kind).glob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


class Golden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = sample.engine()

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def same(self, expected, answer):
        """Equal by the text that an HTTP response would be, and by what Python's objects say."""
        self.assertEqual(steady(expected), steady(json.loads(answer.to_json())))

    def test_searches(self):
        count = 0
        for name, case in cases("search"):
            with self.subTest(name):
                answer = self.engine.search(case["request"])
                self.same(case["answer"], answer)
                self.check_hits(case["answer"]["hits"], answer)
                count += 1
        self.assertGreater(count, 40)

    def check_hits(self, expected, answer):
        self.assertEqual(len(expected), len(answer))
        for wire, hit in zip(expected, answer, strict=True):
            shown = hit.to_dict()
            for name, value in wire.items():
                snake = name if "." in name else "".join("_" + c.lower() if c.isupper() else c for c in name)
                if snake == "highlights":
                    self.assertEqual(list(value.values()), list(hit.highlights.values()))
                    continue
                self.assertEqual(value, shown[snake], name)
                if snake.isidentifier() and not snake.endswith("_at"):
                    self.assertEqual(value, getattr(hit, snake), name)

    def test_matches(self):
        count = 0
        for name, case in cases("match"):
            with self.subTest(name):
                answer = self.engine.match_advisors(case["request"])
                self.same(case["answer"], answer)
                for wire, one in zip(case["answer"]["matches"], answer, strict=True):
                    self.assertEqual(wire["score"], one.score)
                    self.assertEqual(wire["advisorId"], one.advisor_id)
                    self.assertEqual(wire["reasons"], one.reasons)
                    parts = [(part.name, part.value, part.weight, part.contribution) for part in one.breakdown.parts]
                    self.assertEqual([tuple(part.values()) for part in wire["breakdown"]["parts"]], parts)
                    self.assertEqual(wire["listing"].get("hourlyRate"), one.listing.to_dict().get("hourly_rate"))
                count += 1
        self.assertGreater(count, 10)

    def test_matches_in_one_call(self):
        all_cases = [case for _, case in cases("match")]
        answers = self.engine.match_many([case["request"] for case in all_cases])
        for case, answer in zip(all_cases, answers, strict=True):
            self.same(case["answer"], answer)

    def test_similar(self):
        for name, case in cases("similar"):
            with self.subTest(name):
                self.same(case["answer"], self.engine.similar_to(case["request"]))

    def test_suggestions(self):
        for name, case in cases("suggest"):
            with self.subTest(name):
                answer = self.engine.suggest(case["request"])
                found = [{"text": one.text, "kind": one.kind, "count": one.count} for one in answer]
                self.assertEqual(case["answer"]["suggestions"], found)

    def test_lists(self):
        for name, case in cases("lists"):
            with self.subTest(name):
                answers = self.engine.search_many(case["requests"])
                for expected, answer in zip(case["answers"], answers, strict=True):
                    self.same(expected, answer)

    def test_walks(self):
        for name, case in cases("walks"):
            with self.subTest(name):
                answer, request = self.engine.search(case["request"]), case["request"]
                answers = [answer]
                for step in case["steps"]:
                    if step == "nextCursor":
                        answer = self.engine.search(request, cursor=answer.next_cursor)
                    else:
                        answer = self.engine.search(request, before=answer.previous_cursor)
                    answers.append(answer)
                for expected, answer in zip(case["answers"], answers, strict=True):
                    wire = json.loads(answer.to_json())
                    ends = {
                        f"has{end[0].upper()}{end[1:]}": wire[end] is not None for end in ("nextCursor", "previousCursor")
                    }
                    self.assertEqual(expected, {**steady(wire), **ends})

    def test_refusals(self):
        asks = {
            "search": self.engine.search,
            "match": self.engine.match_advisors,
            "similar": self.engine.similar_to,
            "suggest": self.engine.suggest,
        }
        count = 0
        for name, case in cases("errors"):
            args = case["args"]
            if "--request" not in args:
                continue
            request, ask = args[args.index("--request") + 1], asks[args[0]]
            with self.subTest(name):
                # Text that is no JSON object is not mistaken for the short form of an id.
                parsed = request if args[0] in ("search", "match") else json.loads(request)
                with self.assertRaises(shortlist.ShortlistError) as refused:
                    ask(parsed)
                self.assertEqual(case["code"], refused.exception.code)
                self.assertIs(type(refused.exception), shortlist.errors.BY_CODE[case["code"]])
                count += 1
        self.assertGreater(count, 25)


if __name__ == "__main__":
    unittest.main()
