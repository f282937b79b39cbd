"""What a call costs from Python, and how many a second there are. Data by the command line:

    shortlist generate --advisors 15000 --dim 1536 --seed 7 --requests 200 --out DIR/profiles.jsonl \
        --embeddings-out DIR/profiles.f32 --schema-out DIR/schema.json
    python bindings-python/benches/calls.py DIR

Overhead is the wall time of a call less what the engine says it took itself (whole microseconds, cut off: the overhead is
overstated by half of one). Every answer that is timed is compared with the one that was worked out before.
"""

import json
import statistics
import sys
import threading
import time
from pathlib import Path

import numpy
import shortlist

folder, dimension = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1536
rounds = 40


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def overhead(name, calls, expected):
    walls, overheads = [], []
    for _ in range(rounds):
        for call, ids in zip(calls, expected, strict=True):
            start = time.perf_counter_ns()
            answer = call()
            wall = (time.perf_counter_ns() - start) / 1e3
            walls.append(wall)
            overheads.append(wall - answer.took_us)
            assert answer.ids == ids
    median = statistics.median(overheads)
    print(f"{name:58} overhead us: p50 {median:6.1f}  p95 {quantile(overheads, 0.95):6.1f}   wall p50 {statistics.median(walls):7.1f}")
    return median


def together(name, threads, seconds, calls, expected):
    counts, times, wrong = [0] * threads, [[] for _ in range(threads)], []
    end = time.perf_counter() + seconds

    def ask(at):
        n = at
        while (start := time.perf_counter()) < end:
            n = (n + 1) % len(calls)
            answer = calls[n]()
            times[at].append(time.perf_counter() - start)
            if answer.ids != expected[n]:
                wrong.append(n)
            counts[at] += 1

    asking = [threading.Thread(target=ask, args=(at,)) for at in range(threads)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert not wrong
    every = [value * 1e3 for one in times for value in one]
    print(f"{name:42} {threads} threads: {sum(counts) / seconds:8.0f}/s   ms p50 {statistics.median(every):.3f}  p99 {quantile(every, 0.99):.3f}")


start = time.perf_counter()
# Without kept answers: what is timed is the finding of one.
engine = shortlist.Engine.in_memory(json.loads((folder / "schema.json").read_text()), cache_bytes=0)
report = engine.build(folder / "profiles.jsonl", embeddings=folder / "profiles.f32", dimension=dimension)
print(f"built {report.upserted} x {dimension} in {time.perf_counter() - start:.1f} s")
engine.maintain()

searches = [json.loads(line) for line in (folder / "profiles.search.jsonl").read_text().splitlines()][:100]
searches = [{name: value for name, value in one.items() if name != "timeoutMs"} | {"limit": 20} for one in searches]
needs = [json.loads(line) for line in (folder / "profiles.match.jsonl").read_text().splitlines()][:100]
vectors = numpy.fromfile(folder / "profiles.match.f32", dtype="float32").reshape(-1, dimension)[: len(needs)]

pages = [engine.search(one).ids for one in searches]
plain = [engine.match_advisors(one).ids for one in needs]
fitting = [engine.match_advisors(one, embedding=vector).ids for one, vector in zip(needs, vectors, strict=True)]

print("bar 1")
overhead("search: a mapping, 20 listings, hits read lazily", [lambda one=one: engine.search(one) for one in searches], pages)
overhead("search: keywords", [lambda one=one: engine.search(**one) for one in searches], pages)
a = overhead("match: no embedding", [lambda one=one: engine.match_advisors(one) for one in needs], plain)
b = overhead("match: a numpy embedding", [lambda one=one, v=v: engine.match_advisors(one, embedding=v) for one, v in zip(needs, vectors, strict=True)], fitting)
print(f"{'a numpy embedding costs more than none':58} {b - a:6.1f} us")

walls, again = [], []
for _ in range(rounds):
    for one in searches:
        page = engine.search(one)
        start = time.perf_counter_ns()
        for hit in page:
            hit.id, hit.professional_title, hit.hourly_rate, hit.industries, hit.overall_rating
        walls.append((time.perf_counter_ns() - start) / 1e3)
        start = time.perf_counter_ns()
        page.to_json()
        again.append((time.perf_counter_ns() - start) / 1e3)
print(f"reading five fields of 20 hits {statistics.median(walls):.1f} us; to_json {statistics.median(again):.1f} us")

print("bar 2")
for threads in (1, 2, 4):
    together("list pages", threads, 4, [lambda one=one: engine.search(one) for one in searches], pages)
for threads in (1, 2, 4):
    together("matches with a numpy embedding", threads, 4, [lambda one=one, v=v: engine.match_advisors(one, embedding=v) for one, v in zip(needs, vectors, strict=True)], fitting)
