"""What an engine does through Python, fact by fact."""

import dataclasses
import datetime
import os
import pickle
import tempfile
import unittest
from array import array

import sample
import shortlist
from shortlist import AdvisorProfile, ClientCriteria, Engine, SearchRequest


def advisor(id, **fields):
    return {"id": id, "marketplace_status": "active", "is_verified": True, **fields}


class Calls(unittest.TestCase):
    def setUp(self):
        self.engine = Engine.in_memory({"attributes": {"languages": "keywords", "licensed": "date", "office": "geo"}})
        self.addCleanup(self.engine.close)

    def test_all_forms_of_a_request_mean_the_same(self):
        self.engine.upsert([advisor("ada", hourly_rate=150), advisor("ben", hourly_rate=90)])
        forms = [
            self.engine.search(max_hourly_rate=100, sort="price_asc"),
            self.engine.search(SearchRequest(max_hourly_rate=100, sort="price_asc")),
            self.engine.search({"maxHourlyRate": 100, "sort": "priceAsc"}),
            self.engine.search({"max_hourly_rate": 100}, sort="price_asc"),
            self.engine.search(SearchRequest(max_hourly_rate=1, sort="price_asc"), max_hourly_rate=100),
            self.engine.search('{"maxHourlyRate": 100, "sort": "priceAsc"}'),
        ]
        self.assertEqual([["ben"]] * len(forms), [answer.ids for answer in forms])

    def test_a_profile_comes_back_as_it_went(self):
        moment = datetime.datetime(2024, 3, 10, 12, 0, 0, 250, tzinfo=datetime.timezone.utc)
        given = AdvisorProfile(
            id="ada", user_id="u1", professional_title="CFO", headline="h", bio="b", industries=["Retail"], services=["Audit"],
            certifications=["CPA"], hourly_rate=150.5, monthly_retainer_min=1000.0, years_experience=12, total_reviews=3,
            current_clients=4, max_clients=9, overall_rating=4.5, marketplace_status="active", is_verified=True,
            is_available=False, created_at=moment, updated_at=moment, deleted_at=None, profile_image_url="https://x/y.jpg",
            embedding=array("f", [0.6, 0.8]),
            attributes={"languages": ["French"], "licensed": "2001-02-03T00:00:00Z", "office": {"lat": 1.5, "lon": 2.5}},
            details={"a": [1, None, {"b": True}]},
        )  # fmt: skip
        self.engine.upsert(given)
        found = self.engine.get("ada")
        self.assertEqual(given.to_dict(), found.to_dict())
        self.assertEqual(found, pickle.loads(pickle.dumps(found)))
        self.engine.upsert(found)
        self.assertEqual(found, self.engine.get("ada"))
        self.assertIn("ada", self.engine)
        self.assertEqual(1, len(self.engine))

    def test_a_patch_sets_clears_and_asks(self):
        self.engine.upsert(advisor("ada", hourly_rate=150, bio="old", embedding=[1.0, 0.0]))
        self.engine.patch("ada", hourly_rate=None, bio="new", attributes={"languages": ["French"]})
        self.engine.patch([("ada", {"embedding": None})])
        found = self.engine.get("ada")
        self.assertEqual((None, "new", ["French"], None), (found.hourly_rate, found.bio, found.attributes["languages"], found.embedding))
        with self.assertRaises(shortlist.ConditionNotMetError):
            self.engine.patch({"ada": {"bio": "newer", "if": {"hourlyRate": {"exists": True}}}})
        self.assertEqual("new", self.engine.get("ada").bio)

    def test_hits_show_what_was_asked_for(self):
        self.engine.upsert(advisor("ada", bio="tax", created_at="2024-03-10T12:00:00Z", attributes={"languages": ["French"]}))
        hit = self.engine.search(fields=["id", "bio", "createdAt", "attributes", "attributes.languages"])[0]
        self.assertEqual("tax", hit.bio)
        self.assertEqual(datetime.datetime(2024, 3, 10, 12, tzinfo=datetime.timezone.utc), hit.created_at)
        self.assertEqual({"languages": ["French"]}, hit.attributes)
        self.assertEqual(["French"], hit["attributes.languages"])
        self.assertIn("bio", hit)
        with self.assertRaisesRegex(AttributeError, 'fields=\\[..., "headline"\\]'):
            hit.headline
        with self.assertRaises(KeyError):
            hit["headline"]

    def test_an_answer_is_a_sequence(self):
        self.engine.upsert([advisor(f"a{n}", overall_rating=5 - n) for n in range(5)])
        page = self.engine.search()
        self.assertEqual(5, len(page))
        self.assertEqual("a4", page[-1].id)
        self.assertEqual(["a1", "a3"], [hit.id for hit in page[1::2]])
        self.assertEqual(page.ids, [hit.id for hit in page])
        self.assertEqual(page.ids, [hit.id for hit in page.hits])
        with self.assertRaises(IndexError):
            page[5]

    def test_an_answer_outlives_changes_and_the_engine(self):
        engine = Engine.in_memory()
        engine.upsert(advisor("ada", headline="before"))
        page = engine.search()
        engine.patch("ada", headline="after")
        engine.close()
        self.assertEqual("before", page[0].headline)

    def test_a_closed_engine_says_so(self):
        engine = Engine.in_memory()
        with engine as same:
            self.assertIs(engine, same)
        self.assertTrue(engine.closed)
        engine.close()
        for call in (engine.search, engine.stats, lambda: engine.upsert([]), lambda: engine.get("x"), lambda: len(engine)):
            with self.assertRaises(shortlist.ClosedError) as refused:
                call()
            self.assertEqual("SL2010", refused.exception.code)
        self.assertIn("closed", repr(engine))

    def test_keeping_and_opening(self):
        with tempfile.TemporaryDirectory() as folder:
            self.engine.upsert(advisor("ada"))
            report = self.engine.snapshot(folder)
            self.assertTrue(report.path.exists())
            with Engine.open(folder) as again:
                self.assertEqual(["ada"], again.search().ids)
                self.assertGreater(len(again.verify().sections), 3)
            file = os.path.join(folder, "carried.slx")
            self.engine.snapshot_to(file)
            with Engine.open_snapshot(file) as copy:
                self.assertTrue(copy.is_read_only)
                with self.assertRaises(shortlist.ReadOnlyError):
                    copy.remove("ada")

    def test_a_directory_keeps_what_was_acknowledged(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(shortlist.NotAnIndexError):
                Engine.open(folder)
            for durability in ("synced", "none", 0.01):
                with Engine.open(folder, create=True, durability=durability, schema={"attributes": {"languages": "keywords"}}) as engine:
                    engine.upsert(advisor(f"by-{durability}", attributes={"languages": ["French"]}))
                    kept = engine.stats().keeping
                    self.assertGreater(kept.journal_generation, 0)
                    with self.assertRaises(shortlist.LockedError):
                        Engine.open(folder)
            with Engine.open(folder) as engine:
                self.assertEqual({"by-synced", "by-none", "by-0.01"}, {profile.id for profile in engine.profiles()})
            for wrong in ({"durability": "often"}, {"durability": -1}, {"no_such": 1}):
                with self.assertRaises(shortlist.CallerError):
                    Engine.open(folder, **wrong)

    def test_a_generation_is_waited_for(self):
        applied = self.engine.upsert(advisor("ada"))
        self.assertEqual(applied.generation, self.engine.wait_for(applied.generation, 0))
        with self.assertRaises(shortlist.NotYetError) as refused:
            self.engine.wait_for(applied.generation + 1, 0.12)
        self.assertIsInstance(refused.exception, TimeoutError)
        self.assertIn("120 ms", str(refused.exception))

    def test_a_tenant_sees_its_own_and_nobody_else(self):
        engine = sample.engine()
        self.addCleanup(engine.close)
        tenant = engine.for_tenant({"industries": "Healthcare"})
        own = {hit.id for hit in engine.search(filter={"industries": "Healthcare"}, scope="all", limit=1000)}
        page = tenant.search(scope="all", limit=1000)
        self.assertEqual(own, set(page.ids))
        other = next(profile.id for profile in engine.profiles() if profile.id not in own)
        self.assertIsNone(tenant.get(other))
        self.assertEqual([None], tenant.get_many([other]))
        self.assertLessEqual(set(tenant.match_advisors(limit=1000).ids), own)
        self.assertLessEqual(set(tenant.match_many([{}])[0].ids), own)
        self.assertLessEqual(set(tenant.similar_to(sorted(own)[0], scope="all").ids), own)
        self.assertEqual(page.total, tenant.facets("marketplaceStatus", scope="all")["marketplaceStatus"].to_dict()["active"] + sum(
            one.count for one in tenant.facets("marketplaceStatus", scope="all")["marketplaceStatus"] if one.value != "active"))  # fmt: skip
        cursor = engine.search(limit=5).next_cursor
        with self.assertRaises(shortlist.CursorRefusedError):
            tenant.search(limit=5, cursor=cursor)
        with self.assertRaises(shortlist.UnknownFieldError):
            engine.for_tenant({"industry": "Healthcare"})

    def test_what_was_done_is_counted(self):
        self.engine.upsert(advisor("ada"))
        for _ in range(3):
            self.engine.search(text="x")
        with self.assertRaises(shortlist.OutOfRangeError):
            self.engine.search(filter={"hourlyRate": {"gte": 1}}, sort=[{"field": "nothing"}] * 65)
        counted = self.engine.metrics()
        self.assertEqual({"search", "write"}, {one.kind for one in counted.requests})
        self.assertEqual(3, sum(one.took_us.count for one in counted.requests if one.kind == "search"))
        self.assertEqual(self.engine.stats().generation, counted.generation)
        self.assertGreater(counted.cache.capacity_bytes, 0)

    def test_one_answer_has_all_that_the_others_say(self):
        engine = sample.engine()
        self.addCleanup(engine.close)
        request = {"text": "cash flow", "facets": ["industries", {"field": "hourlyRate", "stats": True, "buckets": [100, 200]}]}
        page = engine.search(request, explain=True, highlight=True)
        self.assertGreater(page.total, 3)
        self.assertEqual(page.facets["industries"].counts[0].count, max(one.count for one in page.facets["industries"]))
        rates = page.facets["hourlyRate"]
        self.assertEqual(3, len(rates.buckets))
        self.assertLessEqual(rates.stats.min, rates.stats.max)
        self.assertTrue(page.explain.path and page.explain.why)
        self.assertTrue(any(hit.highlights for hit in page))
        answer = engine.match_advisors(required_services=["Financial Planning"], max_budget=300, explain=True)
        for one in answer:
            self.assertAlmostEqual(one.score, sum(part.contribution for part in one.breakdown.parts), places=12)
            self.assertEqual(one.breakdown["services"].weight, [p.weight for p in one.breakdown.parts if p.name == "services"][0])

    def test_an_embedder_of_ones_own_is_asked(self):
        class Letters:
            name, dimension = "letters", 26

            def embed(self, text):
                counts = [0.0] * 26
                for letter in text.lower():
                    if "a" <= letter <= "z":
                        counts[ord(letter) - 97] += 1
                return counts if any(counts) else None

        with Engine.in_memory(embedder=Letters()) as engine:
            engine.upsert([advisor("ada", headline="aaaa"), advisor("ben", headline="bbbb"), advisor("cat")])
            self.assertEqual(2, engine.stats().embedded)
            self.assertEqual("ben", engine.match_advisors(text="bbb", weights={"similarity": 1, "business": 0, "rating": 0})[0].advisor_id)

        class Broken(Letters):
            def embed(self, text):
                raise RuntimeError("no model")

        with Engine.in_memory(embedder=Broken()) as engine, self.assertRaisesRegex(shortlist.EmbedderFailedError, "no model"):
            engine.upsert(advisor("ada", headline="x"))

    def test_every_field_of_the_engine_has_its_place_here(self):
        fields = shortlist._native._fields()
        renamed = {"available": "availability"}
        for name in ("SearchRequest", "ClientCriteria", "SimilarRequest", "SuggestRequest", "AdvisorProfile"):
            ours = [field.name for field in dataclasses.fields(getattr(shortlist, name))]
            self.assertEqual(sorted(renamed.get(field, field) for field in fields[name]), sorted(ours), name)
        typed = {
            "SearchRequest": "SearchFields", "ClientCriteria": "MatchFields", "SimilarRequest": "SimilarFields",
            "SuggestRequest": "SuggestFields", "ProfilePatch": "PatchFields",
        }  # fmt: skip
        for name, kind in typed.items():
            ours = set(getattr(shortlist.requests, kind).__annotations__)
            theirs = {renamed.get(field, field) for field in fields[name]}
            positional = {"SimilarRequest": {"id"}, "SuggestRequest": {"text"}}.get(name, set())
            self.assertEqual(theirs - positional, ours, kind)
        for name in ("Breakdown", "Part", "Suggestion", "SuggestAnswer", "FacetCount", "FacetRest", "FacetStats", "SectionSize"):
            self.assertEqual(fields[name], [field.name for field in dataclasses.fields(getattr(shortlist, name))], name)
        for field in fields["AdvisorProfile"]:
            self.assertTrue(hasattr(shortlist.Listing, field), field)


class Pickles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = sample.engine()

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def test_requests(self):
        for request in (
            SearchRequest(text="tax", limit=3, embedding=array("f", [1, 2])),
            ClientCriteria(max_budget=3, weights={"rating": 1}),
            shortlist.SimilarRequest(id="ada"),
            shortlist.SuggestRequest(text="t"),
        ):
            self.assertEqual(request, pickle.loads(pickle.dumps(request)))

    def test_answers_read_the_same_as_before(self):
        asked = dict(text="cash flow", facets=["industries"], highlight=True, explain=True, fields=["id", "attributes", "details", "createdAt"])
        for answer in (
            self.engine.search(**asked),
            self.engine.match_advisors(max_budget=300, relax=True, explain=True),
            self.engine.similar_to("adv-000001", scope="all"),
        ):
            again = pickle.loads(pickle.dumps(answer))
            self.assertIs(type(answer), type(again))
            self.assertEqual(answer.to_json(), again.to_json())
            self.assertEqual(answer.to_dict(), again.to_dict())
            self.assertEqual(answer.ids, again.ids)
            self.assertEqual(answer.explain, again.explain)
            self.assertEqual(repr(answer), repr(again))
            self.assertEqual(answer._repr_html_(), again._repr_html_())
            for one, other in zip(answer, again, strict=True):
                self.assertEqual(one.to_dict(), other.to_dict())
                self.assertEqual(one.to_dict(), pickle.loads(pickle.dumps(one)).to_dict())
        page = self.engine.search(**asked)
        again = pickle.loads(pickle.dumps(page))
        self.assertEqual((page.total, page.next_cursor, page.facets, page.generation), (again.total, again.next_cursor, again.facets, again.generation))
        self.assertEqual(page[0].created_at, again[0].created_at)
        best = self.engine.match_advisors(max_budget=300)
        again = pickle.loads(pickle.dumps(best))
        self.assertEqual(best[0].breakdown, again[0].breakdown)
        self.assertEqual((best.exact, best.considered, best[0].reasons), (again.exact, again.considered, again[0].reasons))

    def test_an_engine_is_not_pickled(self):
        with self.assertRaisesRegex(TypeError, "open it anew"):
            pickle.dumps(self.engine)

    def test_errors(self):
        try:
            self.engine.search(limit=0)
        except shortlist.OutOfRangeError as error:
            again = pickle.loads(pickle.dumps(error))
            self.assertEqual((error.code, error.field, error.value, error.hint, str(error)), (again.code, again.field, again.value, again.hint, str(again)))


if __name__ == "__main__":
    unittest.main()
