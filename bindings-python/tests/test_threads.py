"""The interpreter is let go while the engine works; Ctrl-C is heard; a fork and a close are told apart from a crash."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
import unittest

import built  # noqa: F401
import sample
import shortlist


def in_a_process(script, **options):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=120, **options
    )


def large(rows=4000, dimension=256):
    """An engine whose matches take a while."""
    draw = random.Random(7)
    engine = shortlist.Engine.in_memory()
    vectors = [[draw.gauss(0, 1) for _ in range(dimension)] for _ in range(200)]
    engine.build(
        (
            {"id": f"a{n}", "services": ["Audit"], "marketplace_status": "active", "is_verified": True, "embedding": vectors[n % 200]}
            for n in range(rows)
        ),
        progress=False,
    )
    return engine, vectors


class Threads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine, cls.vectors = large()

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def test_another_thread_counts_on_while_a_long_call_runs(self):
        counted, stop = 0, threading.Event()

        def count():
            nonlocal counted
            while not stop.is_set():
                counted += 1
                time.sleep(0.001)

        criteria = [{"embedding": vector, "exact": True, "limit": 200, "diversity": 0.5} for vector in self.vectors]
        counter = threading.Thread(target=count)
        counter.start()
        try:
            start, before = time.monotonic(), counted
            self.engine.match_many(criteria)
            took, during = time.monotonic() - start, counted - before
        finally:
            stop.set()
            counter.join()
        # It would have counted a few times at most, had the call kept the interpreter.
        self.assertGreater(took, 0.05)
        self.assertGreater(during, took / 0.02)

    def test_threads_ask_at_once_and_get_the_same(self):
        expected = [self.engine.match_advisors(embedding=vector).ids for vector in self.vectors[:20]]
        wrong = []

        def ask():
            for _ in range(5):
                for vector, ids in zip(self.vectors[:20], expected, strict=True):
                    if self.engine.match_advisors(embedding=vector).ids != ids:
                        wrong.append(ids)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], wrong)

    def test_threads_are_in_the_engine_at_the_same_time(self):
        inside, end = [0] * 4, time.monotonic() + 0.5

        def ask(at):
            asked = 0
            while time.monotonic() < end:
                vector, asked = self.vectors[asked % 200], asked + 1
                inside[at] += self.engine.match_advisors(embedding=vector, exact=True, limit=100, diversity=0.5).took_us

        start = time.monotonic()
        asking = [threading.Thread(target=ask, args=(at,)) for at in range(4)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        # Of calls that keep the interpreter one ends before the next begins: their times sum to no more than has passed.
        # What four threads do more in a second than one does shows on a machine that is quiet: `benches/calls.py`.
        self.assertGreater(sum(inside) / 1e6, 1.5 * (time.monotonic() - start))

    def test_a_match_many_stops_at_an_interrupt(self):
        criteria = [{"embedding": vector, "exact": True, "limit": 500, "diversity": 0.5} for vector in self.vectors * 20]
        self.interrupted(lambda: self.engine.match_many(criteria))
        self.assertEqual(20, len(self.engine.match_advisors(embedding=self.vectors[0])))

    def test_a_build_stops_at_an_interrupt_and_keeps_whole_batches(self):
        engine = shortlist.Engine.in_memory()
        self.addCleanup(engine.close)

        def endless():
            n = 0
            while True:
                n += 1
                yield {"id": f"b{n}", "headline": "tax planning for clinics and shops"}

        self.interrupted(lambda: engine.build(endless(), progress=False))
        # Behind whatever was being committed when the interrupt came.
        engine.upsert({"id": "after"})
        self.assertEqual(1, len(engine) % 4096)
        engine.verify()

    def interrupted(self, call):
        """Calls, is interrupted, and ends within a tenth of a second (here thrice that, for machines that are busy)."""
        sent = []

        def interrupt():
            time.sleep(0.3)
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        thread = threading.Thread(target=interrupt)
        try:
            thread.start()
            with self.assertRaises(KeyboardInterrupt):
                call()
            ended = time.monotonic()
        finally:
            thread.join()
            signal.signal(signal.SIGINT, before)
        self.assertLess(ended - sent[0], 0.3)

    def test_a_close_under_many_calls_is_a_refusal_for_those_that_come_after(self):
        for _ in range(10):
            engine = shortlist.Engine.in_memory()
            engine.upsert([{"id": f"a{n}"} for n in range(100)])
            refused, others = [], []

            def ask(engine=engine, refused=refused, others=others):
                try:
                    while True:
                        engine.search(scope="all")
                except shortlist.ClosedError as error:
                    refused.append(error.code)
                except BaseException as error:
                    others.append(error)

            threads = [threading.Thread(target=ask) for _ in range(6)]
            for thread in threads:
                thread.start()
            time.sleep(0.01)
            engine.close()
            for thread in threads:
                thread.join()
            self.assertEqual((["SL2010"] * 6, []), (refused, others))


@unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
class Forks(unittest.TestCase):
    SCRIPT = """
        import os, warnings, shortlist
        warnings.simplefilter("ignore")
        engine = shortlist.Engine.in_memory()
        engine.upsert([{"id": f"a{n}"} for n in range(100)])
        child = os.fork()
        if child == 0:
            for call in (engine.search, shortlist.Engine.in_memory, lambda: engine.upsert({"id": "x"})):
                try:
                    call()
                    os._exit(1)
                except shortlist.ForkedError as error:
                    assert error.code == "SL2009" and "spawn" in error.hint, error
            del engine
            raise SystemExit(7)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 7, status
        assert engine.search(scope="all").total == 100
        print("sound")
    """

    def test_a_forked_child_is_refused_and_ends(self):
        done = in_a_process(self.SCRIPT)
        self.assertEqual(("sound\n", 0), (done.stdout, done.returncode), done.stderr)

    def test_a_child_of_a_parent_without_an_engine_may_have_one(self):
        done = in_a_process("""
            import os, warnings, shortlist
            warnings.simplefilter("ignore")
            child = os.fork()
            if child == 0:
                with shortlist.Engine.in_memory() as engine:
                    engine.upsert({"id": "ada"})
                    os._exit(engine.search(scope="all").total)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """)
        self.assertEqual("1\n", done.stdout, done.stderr)


class Ends(unittest.TestCase):
    def test_a_process_ends_with_an_engine_open_and_its_background_at_work(self):
        done = in_a_process("""
            import shortlist
            engine = shortlist.Engine.in_memory()
            engine.build(({"id": f"a{n}", "headline": f"tax {n}"} for n in range(3000)), progress=False)
            print(len(engine))
        """)
        self.assertEqual(("3000\n", 0), (done.stdout, done.returncode), done.stderr)


if __name__ == "__main__":
    unittest.main()
