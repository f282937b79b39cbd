"""Answers as frames, as lines and as pages."""

import datetime
import html.parser
import importlib.util
import sys
import unittest
from unittest import mock

import built  # noqa: F401
import sample


def needs(*names):
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"{', '.join(missing)} is not installed")


class Balanced(html.parser.HTMLParser):
    """Whether every element that is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


class Frames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = sample.engine()
        fields = ["id", "industries", "hourlyRate", "yearsExperience", "isVerified", "createdAt", "attributes", "attributes.languages", "embedding", "headline"]
        cls.page = cls.engine.search(fields=fields, limit=30)
        cls.matches = cls.engine.match_advisors(max_budget=300, embedding=sample.embeddings()[0])
        cls.nearest = cls.engine.similar_to("adv-000001", scope="all")

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    @needs("pyarrow")
    def test_arrow(self):
        import pyarrow

        table = self.page.to_arrow()
        self.assertEqual(30, table.num_rows)
        self.assertEqual(self.page.ids, table["id"].to_pylist())
        self.assertEqual(pyarrow.list_(pyarrow.string()), table.schema.field("industries").type)
        self.assertEqual(pyarrow.float64(), table.schema.field("hourly_rate").type)
        self.assertEqual(pyarrow.int64(), table.schema.field("years_experience").type)
        self.assertEqual(pyarrow.timestamp("us", "UTC"), table.schema.field("created_at").type)
        self.assertEqual([hit.created_at for hit in self.page], table["created_at"].to_pylist())
        self.assertEqual([hit.industries for hit in self.page], table["industries"].to_pylist())
        self.assertEqual([hit["attributes.languages"] for hit in self.page], table["attributes.languages"].to_pylist())
        self.assertEqual(self.matches.ids, self.matches.to_arrow()["advisor_id"].to_pylist())
        self.assertEqual([one.breakdown.similarity for one in self.matches], self.matches.to_arrow()["similarity"].to_pylist())
        self.assertEqual([one.similarity for one in self.nearest], self.nearest.to_arrow()["similarity"].to_pylist())
        self.assertEqual(table.schema, pyarrow.table(self.page).schema)
        empty = self.engine.search(text="qqqqqqqq")
        self.assertEqual(0, empty.to_arrow().num_rows)

    @needs("polars")
    def test_polars(self):
        frame = self.page.to_polars()
        self.assertEqual((30, self.page.ids), (frame.height, frame["id"].to_list()))
        self.assertEqual([one.score for one in self.matches], self.matches.to_polars()["score"].to_list())

    @needs("pandas")
    def test_pandas(self):
        for patched in ({}, {"pyarrow": None}):
            with mock.patch.dict(sys.modules, patched):
                frame = self.page.to_pandas()
                self.assertEqual(self.page.ids, list(frame["id"]))
                matches = self.matches.to_pandas()
                self.assertEqual([one.score for one in self.matches], list(matches["score"]))
                self.assertEqual([one.listing.hourly_rate for one in self.matches], list(matches["hourly_rate"]))

    @needs("pyarrow")
    def test_a_page_goes_back_in(self):
        import shortlist

        with shortlist.Engine.in_memory(sample.schema()) as engine:
            fields = ["id", "professionalTitle", "industries", "hourlyRate", "attributes", "createdAt", "details"]
            page = self.engine.search(fields=fields, limit=20)
            self.assertEqual(20, engine.build(page).upserted)
            for hit in page:
                found = engine.get(hit.id)
                self.assertEqual((hit.professional_title, hit.hourly_rate, hit.attributes, hit.created_at, hit.details), (found.professional_title, found.hourly_rate, found.attributes, found.created_at, found.details))

    def test_dicts_have_names_in_snake_case_and_others_words_left_alone(self):
        row = self.page.to_dicts()[0]
        self.assertIn("hourly_rate", row)
        self.assertIn("attributes.languages", row)
        self.assertIn("responseHours", {name for one in self.page.to_dicts() for name in one["attributes"]})
        found = self.engine.search(fields=["id", "details"])[0].details
        self.assertIn("firstName", found)
        answer = self.matches.to_dict()
        self.assertEqual(self.matches.took_us, answer["took_us"])
        self.assertIn("advisor_id", answer["matches"][0])
        self.assertIsInstance(self.page[0].created_at, datetime.datetime)

    def test_a_line_says_something(self):
        self.assertRegex(repr(self.page), r"<SearchAnswer 30 of \d+: adv-\d+, adv-\d+, adv-\d+, …>")
        self.assertRegex(repr(self.matches), r"<MatchAnswer 20 of \d+ considered: adv-")
        self.assertRegex(repr(self.matches[0]), r"<AdvisorMatch adv-\d+ 0\.\d{4}: .*budget")
        self.assertRegex(repr(self.nearest), r"<SimilarAnswer")
        self.assertRegex(repr(self.nearest[0]), r"<SimilarAdvisor adv-\d+ 0\.\d{4}>")
        self.assertRegex(repr(self.page[0]), r"<Hit adv-\d+: industries=")
        self.assertRegex(repr(self.matches[0].listing), r"<Listing adv-\d+: ")
        self.assertRegex(repr(self.engine), r"<shortlist.Engine of 240 profiles, generation 1>")

    def test_notebooks_show_tables_and_bars(self):
        page = self.engine.search(text="cash", facets=["industries"])
        for answer in (page, self.matches, self.matches[0], self.nearest):
            reader = Balanced()
            reader.feed(answer._repr_html_())
            self.assertEqual([], reader.open)
        self.assertIn(f"20 of {page.total}", page._repr_html_())
        bars = self.matches._repr_html_()
        self.assertIn("similarity: ", bars)
        self.assertEqual(20, bars.count("class=sl-b"))

    def test_notebooks_do_not_run_what_a_profile_says(self):
        import shortlist

        with shortlist.Engine.in_memory() as engine:
            evil = "<script>alert(1)</script>"
            engine.upsert({"id": "<b>", "professional_title": evil, "industries": [evil], "marketplace_status": "active", "is_verified": True})
            for answer in (engine.search(facets=["industries"]), engine.match_advisors()):
                self.assertNotIn("<script>", answer._repr_html_())
                self.assertNotIn("<b>&", answer._repr_html_())


if __name__ == "__main__":
    unittest.main()
