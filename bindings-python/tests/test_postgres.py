"""Following a server of our own: it needs the programs of PostgreSQL, and is skipped where they are not."""

import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import built  # noqa: F401
import shortlist
from shortlist import postgres

VERSIONS = Path("/usr/lib/postgresql")
PROGRAMS = max((one / "bin" for one in VERSIONS.glob("*") if (one / "bin" / "postgres").exists()), default=None)
TABLE = """
    create table experts (id text primary key, services text[], hourly_rate numeric, marketplace_status text, is_verified boolean,
        updated_at timestamptz default now());
    insert into experts select 'e' || n, '{Audit}', n, 'active', true from generate_series(1, 50) n
"""


def command(program, *args):
    named = [str(PROGRAMS / program), *map(str, args)]
    # A server refuses to run as root: then it runs as the user that its package made.
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *named] if os.getuid() == 0 else named


@unittest.skipIf(PROGRAMS is None, "PostgreSQL is not installed")
class Postgres(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = 40_000 + os.getpid() % 20_000
        cls.url = f"postgres://postgres@127.0.0.1:{cls.port}/postgres?sslmode=disable"
        cls.folder = Path(tempfile.mkdtemp())
        if os.getuid() == 0:
            shutil.chown(cls.folder, "postgres", "postgres")
        data, quiet = cls.folder / "data", {"cwd": cls.folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"), check=True, **quiet)
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={cls.folder}", "-c", "fsync=off"]
        cls.server = subprocess.Popen(command("postgres", "-D", data, "-p", cls.port, *settings), **quiet)
        deadline = time.monotonic() + 30
        while True:
            try:
                cls.sql(TABLE)
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait(30)
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def sql(cls, text):
        asked = command("psql", "-h", "127.0.0.1", "-p", cls.port, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qc", text)
        subprocess.run(asked, check=True, cwd=cls.folder, capture_output=True)

    def test_a_sync_starts_full_stays_fresh_and_proves_it(self):
        mapping = {"table": "experts"}
        report = postgres.check(self.url, mapping)
        self.assertTrue(report.fits)
        self.assertEqual((50, (), False), (report.rows_tried, report.rows_wrong, report.outbox))
        self.assertIn("trigger", postgres.install_script(self.url, mapping).lower())
        self.assertIn("publication", postgres.install_script(self.url, mapping, source="replication").lower())
        postgres.install(self.url, mapping)
        self.assertTrue(postgres.check(self.url, mapping).outbox)
        self.assertIsInstance(postgres.indexes(self.url, mapping), list)
        self.assertIsInstance(postgres.make_indexes(self.url, mapping), int)
        with shortlist.Engine.in_memory() as engine:
            events = engine.subscribe(timeout=20)
            with engine.sync_postgres(self.url, mapping=mapping) as sync:
                self.assertEqual("live", sync.wait(30).state)
                self.assertEqual(50, engine.search().total)
                self.sql("update experts set hourly_rate = 500 where id = 'e7'; delete from experts where id = 'e8'")
                deadline = time.monotonic() + 20
                while engine.search().total > 49 and time.monotonic() < deadline:
                    time.sleep(0.02)
                self.assertEqual(500, engine.get("e7").hourly_rate)
                summary = sync.verify()
                self.assertEqual((49, 49, 0, ()), (summary.rows, summary.profiles, summary.different, summary.differences))
                self.assertTrue(summary.is_clean)
            self.assertEqual("stopped", sync.status.state)
            with self.assertRaises(shortlist.ClosedError):
                sync.verify()
            engine.close()
            told = list(events)
            self.assertIn("live", [event.state for event in told if isinstance(event, shortlist.SourceEvent)])
            touched = [(one.id, one.kind) for event in told if isinstance(event, shortlist.Changes) for one in event.profiles]
            self.assertIn(("e8", "removed"), touched)
            self.assertIn(("e7", "updated"), touched)
        postgres.uninstall(self.url)
        self.assertFalse(postgres.check(self.url, mapping).outbox)

    def test_what_cannot_be_is_refused(self):
        with self.assertRaises(shortlist.MappingError):
            postgres.check(self.url, {"table": "nobody"})
        with self.assertRaises(shortlist.WrongTypeError):
            postgres.install_script(self.url, source="poll")
        with self.assertRaises(shortlist.PostgresError):
            postgres.check("postgres://postgres@127.0.0.1:1/none")


if __name__ == "__main__":
    unittest.main()
