"""What Python's world brings: arrays, dataclasses, models, frames, tables, files. Nothing of it is needed by the package."""

import csv
import dataclasses
import datetime
import decimal
import enum
import gzip
import importlib.util
import io
import json
import os
import sys
import tempfile
import unittest
import uuid
from array import array
from contextlib import redirect_stderr
from pathlib import Path
from unittest import mock

import built  # noqa: F401
import sample
import shortlist
from built import SAMPLE
from shortlist import Engine


def needs(*names):
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"{', '.join(missing)} is not installed")


class Embeddings(unittest.TestCase):
    def setUp(self):
        self.engine = Engine.in_memory()
        self.addCleanup(self.engine.close)
        self.engine.upsert([{"id": "ada", "embedding": [0.6, 0.8, 0.0]}, {"id": "ben", "embedding": (0, 0, 1)}])

    def nearest(self, vector):
        answer = self.engine.search(embedding=vector, scope="all", limit=1)
        return answer[0].id

    def test_lists_tuples_arrays_and_views(self):
        for vector in ([0.6, 0.8, 0], (0.6, 0.8, 0.0), array("f", [0.6, 0.8, 0]), array("d", [0.6, 0.8, 0]), memoryview(array("f", [3, 4, 0])), array("h", [3, 4, 0]), array("i", [3, 4, 0])):
            self.assertEqual("ada", self.nearest(vector), vector)

    @needs("numpy")
    def test_numpy_of_every_kind_of_number_and_order(self):
        import numpy

        for kind in ("float32", "float64", "float16", "int8", "uint8", "int16", "int32", "int64", ">f4", "longdouble"):
            self.assertEqual("ada", self.nearest(numpy.array([3, 4, 0], dtype=kind)), kind)
        self.assertEqual("ada", self.nearest(numpy.array([3, 9, 4, 9, 0, 9], dtype="float32")[::2]))
        half = numpy.array([0.1, -2.5, 6e-8], dtype="float16")
        self.engine.upsert({"id": "half", "embedding": half})
        self.engine.upsert({"id": "wide", "embedding": half.astype("float32")})
        self.assertEqual(self.engine.get("half").embedding, self.engine.get("wide").embedding)
        with self.assertRaises(shortlist.InvalidEmbeddingError):
            self.nearest(numpy.array([1, numpy.nan, 0], dtype="float32"))
        with self.assertRaises(shortlist.WrongTypeError):
            self.nearest(numpy.zeros((2, 3), dtype="float32"))

    @needs("numpy")
    def test_an_embedding_comes_back_without_a_copy(self):
        import numpy

        vector = self.engine.get("ada").embedding
        view = numpy.asarray(vector)
        self.assertEqual(numpy.float32, view.dtype)
        vector[0] = 7
        self.assertEqual(7, view[0])


class Colour(enum.Enum):
    ACTIVE = "active"


@dataclasses.dataclass
class Row:
    id: str
    hourly_rate: float | None = None
    services: tuple[str, ...] = ()


class Objects(unittest.TestCase):
    def setUp(self):
        self.engine = Engine.in_memory({"attributes": {"since": "date"}})
        self.addCleanup(self.engine.close)

    def test_dataclasses_and_generators(self):
        self.engine.upsert(Row(f"r{n}", 10.0 * n, ("Audit",)) for n in range(3))
        self.assertEqual((20.0, ["Audit"]), (self.engine.get("r2").hourly_rate, self.engine.get("r2").services))
        self.engine.upsert(Row("one"))
        self.assertIsNone(self.engine.get("one").hourly_rate)

    @needs("pydantic")
    def test_pydantic_models(self):
        import pydantic

        class Model(pydantic.BaseModel):
            id: str
            hourly_rate: float | None = None
            created_at: datetime.datetime | None = None

        moment = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
        self.engine.upsert([Model(id="ada", hourly_rate=5, created_at=moment), Model(id="ben")])
        self.assertEqual((5.0, moment), (self.engine.get("ada").hourly_rate, self.engine.get("ada").created_at))

    def test_values_of_the_standard_library(self):
        day = datetime.date(2020, 1, 2)
        key = uuid.UUID(int=7)
        self.engine.upsert({
            "id": "ada", "user_id": key, "marketplace_status": Colour.ACTIVE, "hourly_rate": decimal.Decimal("12.5"),
            "services": {"Audit"}, "created_at": day, "attributes": {"since": datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))},
        })  # fmt: skip
        found = self.engine.get("ada")
        self.assertEqual((str(key), "active", 12.5, ["Audit"]), (found.user_id, found.marketplace_status, found.hourly_rate, found.services))
        self.assertEqual(day, found.created_at.date())
        self.assertEqual("2020-01-01T22:00:00Z", found.attributes["since"])

    def test_a_moment_without_a_zone_is_refused(self):
        with self.assertRaises(shortlist.OutOfRangeError) as refused:
            self.engine.upsert({"id": "ada", "created_at": datetime.datetime(2020, 1, 2)})
        self.assertEqual("created_at", refused.exception.field)
        self.assertIn("time zone", refused.exception.hint)

    def test_what_an_iterable_raises_is_raised(self):
        def broken():
            yield {"id": "ada"}
            raise KeyError("mine")

        for call in (self.engine.upsert, self.engine.build):
            with self.assertRaisesRegex(KeyError, "mine"):
                call(broken())
        self.assertEqual(0, len(self.engine))


class Tables(unittest.TestCase):
    def setUp(self):
        self.engine = Engine.in_memory({"attributes": {"languages": "keywords", "years": "number"}})
        self.addCleanup(self.engine.close)
        self.rows = [
            {"id": f"a{n}", "hourly_rate": None if n % 3 == 0 else 10.5 * n, "years_experience": None if n % 2 else n, "services": ["Audit"] * (n % 2), "is_verified": n % 2 == 0, "attributes.languages": ["French"], "attributes.years": n}
            for n in range(10)
        ]  # fmt: skip

    def check(self, table, **options):
        report = self.engine.build(table, progress=False, **options)
        self.assertEqual((10, 10, ()), (report.records, report.upserted, report.rejected))
        for row in self.rows:
            found = self.engine.get(row["id"])
            self.assertEqual((row["hourly_rate"], row["years_experience"], row["services"], row["is_verified"]), (found.hourly_rate, found.years_experience, found.services, found.is_verified))
            self.assertEqual({"languages": ["French"], "years": row["attributes.years"]}, found.attributes)

    @needs("pyarrow")
    def test_pyarrow_tables_and_readers(self):
        import pyarrow

        table = pyarrow.Table.from_pylist(self.rows)
        self.check(table)
        self.check(table.to_reader(max_chunksize=3))
        self.check(table.to_batches()[0])

    @needs("pyarrow")
    def test_columns_of_every_kind(self):
        import pyarrow as pa

        moment = datetime.datetime(2024, 3, 10, 12, tzinfo=datetime.timezone.utc)
        table = pa.table({
            "id": pa.array(["a", "b"], pa.large_string()),
            "userId": pa.array(["x", None]).dictionary_encode(),
            "headline": pa.array(["h", None], pa.string_view()),
            "overallRating": pa.array([4.5, 3.0], pa.float32()),
            "hourlyRate": pa.array([decimal.Decimal("12.50"), None], pa.decimal128(10, 2)),
            "totalReviews": pa.array([1, 2], pa.uint8()),
            "createdAt": pa.array([moment, None], pa.timestamp("ms", "UTC")),
            "updatedAt": pa.array([moment.date(), None], pa.date32()),
            "industries": pa.array([["Retail"], None], pa.list_(pa.string())),
            "embedding": pa.array([[0.6, 0.8], [1.0, 0.0]], pa.list_(pa.float32(), 2)),
            "attributes": pa.array([{"languages": ["French"], "years": 3}, None]),
            "details": ['{"a": 1}', None],
        })  # fmt: skip
        self.engine.build(table)
        found = self.engine.get("a")
        self.assertEqual(("x", "h", 4.5, 12.5, 1, moment), (found.user_id, found.headline, found.overall_rating, found.hourly_rate, found.total_reviews, found.created_at))
        self.assertEqual((moment.date(), ["Retail"], {"a": 1}), (found.updated_at.date(), found.industries, found.details))
        self.assertEqual({"languages": ["French"], "years": 3}, found.attributes)
        self.assertEqual(2, self.engine.stats().embedded)
        with self.assertRaisesRegex(shortlist.WrongTypeError, "bio"):
            self.engine.build(pa.table({"id": ["a"], "bio": pa.array([b"x"], pa.binary())}))

    @needs("polars")
    def test_polars_frames_eager_and_lazy(self):
        import polars

        self.check(polars.DataFrame(self.rows))
        self.check(polars.DataFrame(self.rows).lazy())

    @needs("pandas", "pyarrow")
    def test_pandas_frames_by_arrow(self):
        import pandas

        self.check(pandas.DataFrame(self.rows))
        self.check(pandas.DataFrame(self.rows, index=[f"i{n}" for n in range(10)]))

    @needs("pandas")
    def test_pandas_frames_without_arrow(self):
        import pandas

        with mock.patch.dict(sys.modules, {"pyarrow": None}):
            self.check(pandas.DataFrame(self.rows))

    @needs("numpy")
    def test_a_matrix_beside_the_records(self):
        import numpy

        matrix = numpy.random.default_rng(7).normal(size=(10, 8))
        for given in (matrix.astype("float32"), matrix, matrix.astype("float32")[:, ::-1][:, ::-1], list(matrix), numpy.asfortranarray(matrix.astype("float32"))):
            self.check(iter([{k: v for k, v in row.items() if not k.startswith("attributes.")} | {"attributes": {"languages": ["French"], "years": row["attributes.years"]}} for row in self.rows]), embeddings=given)
            numpy.testing.assert_allclose(numpy.asarray(self.engine.get("a7").embedding), matrix[7], rtol=1e-5)
        for wrong in (matrix[:9], numpy.vstack([matrix, matrix[:1]]), matrix[0]):
            with self.assertRaises(shortlist.CallerError) as refused:
                self.engine.build(({"id": f"x{n}"} for n in range(10)), embeddings=wrong)
            self.assertEqual("embeddings", refused.exception.field)

    def test_what_makes_no_profile_is_raised_or_listed(self):
        rows = [{"id": "ada"}, {"id": "ben", "overall_rating": 7}, {"nothing": 1}, {"id": "ada"}, {"id": "cat"}]
        report = self.engine.build(iter(rows), on_error="skip")
        self.assertEqual((5, 2, [1, 2, 3]), (report.records, report.upserted, [one.at for one in report.rejected]))
        self.assertEqual(["SL1003", "SL1004", "SL1007"], [one.error.code for one in report.rejected])
        with self.assertRaises(shortlist.OutOfRangeError):
            self.engine.build(rows)
        with self.assertRaises(shortlist.OutOfRangeError):
            self.engine.build([], on_error="ignore")
        for wrong in (7, {"id": "ada"}, None):
            with self.assertRaises(shortlist.WrongTypeError):
                self.engine.build(wrong)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.engine = Engine.in_memory(sample.schema())
        self.addCleanup(self.engine.close)

    def test_the_sample_is_what_single_profiles_make(self):
        calls = []
        report = self.engine.build(
            SAMPLE / "profiles.jsonl", embeddings=str(SAMPLE / "profiles.f32"), dimension=32,
            progress=lambda done, total: calls.append((done, total)),
        )  # fmt: skip
        self.assertEqual((report.records, report.records), calls[-1])
        with sample.engine() as expected:
            for request in ({"text": "cash flow"}, {"sort": "newest", "facets": ["services"]}):
                ours, theirs = self.engine.search(request).to_dict(), expected.search(request).to_dict()
                self.assertEqual([ours[name] for name in ("hits", "total", "facets")], [theirs[name] for name in ("hits", "total", "facets")])
            vector = sample.embeddings()[3]
            self.assertEqual(self.engine.match_advisors(embedding=vector).to_dicts(), expected.match_advisors(embedding=vector).to_dicts())

    def test_gzip_and_csv(self):
        with gzip.open(self.folder / "a.jsonl.gz", "wt") as out:
            out.write('{"id": "ada"}\n{"id": "ben", "hourlyRate": 5}\nnot json\n')
        report = self.engine.build(self.folder / "a.jsonl.gz", on_error="skip")
        self.assertEqual((3, 2, [3], ["not json"]), (report.records, report.upserted, [one.at for one in report.rejected], [one.raw for one in report.rejected]))
        with open(self.folder / "b.csv", "w", newline="") as out:
            rows = csv.writer(out)
            rows.writerows([["id", "services", "hourlyRate"], ["cat", "Audit; Tax", "7.5"]])
        self.engine.build(str(self.folder / "b.csv"))
        self.assertEqual((["Audit", "Tax"], 7.5), (self.engine.get("cat").services, self.engine.get("cat").hourly_rate))

    @needs("pyarrow")
    def test_parquet(self):
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.table({"id": ["ada"], "yearsExperience": [4]}), self.folder / "a.parquet")
        self.assertEqual(1, self.engine.build(self.folder / "a.parquet").upserted)
        self.assertEqual(4, self.engine.get("ada").years_experience)

    def test_files_that_are_not_there(self):
        with self.assertRaises(shortlist.StorageError):
            self.engine.build(self.folder / "none.jsonl")
        with self.assertRaises(shortlist.OutOfRangeError):
            self.engine.build(self.folder / "none.txt")


class Progress(unittest.TestCase):
    def build(self, stream, **options):
        engine = Engine.in_memory()
        self.addCleanup(engine.close)
        with redirect_stderr(stream):
            engine.build(({"id": f"a{n}"} for n in range(3000)), **options)
        return stream.getvalue()

    def test_a_terminal_has_a_bar_and_a_file_has_none(self):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        self.assertIn("3,000/3,000", self.build(Terminal()))
        self.assertEqual("", self.build(io.StringIO()))
        self.assertEqual("", self.build(Terminal(), progress=False))
        self.assertIn("100%", self.build(io.StringIO(), progress=True))

    def test_a_notebook_has_its_own(self):
        shown = []

        class ZMQInteractiveShell:
            pass

        class Display:
            def update(self, html):
                shown.append(html)

        ipython, display = mock.MagicMock(), mock.MagicMock()
        ipython.get_ipython = ZMQInteractiveShell
        display.HTML = str
        display.display = lambda html, display_id: shown.append(html) or Display()
        with mock.patch.dict(sys.modules, {"IPython": ipython, "IPython.display": display}):
            self.build(io.StringIO())
        self.assertIn("3,000 of 3,000 profiles", shown[-1])

    def test_what_a_callback_raises_ends_the_build(self):
        def stop(done, total):
            raise StopAsyncIteration

        with self.assertRaises(StopAsyncIteration):
            self.build(io.StringIO(), progress=stop)


if __name__ == "__main__":
    unittest.main()
