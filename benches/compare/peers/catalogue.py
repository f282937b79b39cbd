"""The columns and requests that every peer is handed, and the conversation with the comparison.

A peer is started with the folder of the columns. It reads `ready`, `answers KIND` or `time KIND` from standard input and
says JSON, a line each. What it cannot say in its own terms it leaves out of `kinds`.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

TOP = 20


class Columns:
    """One array a column."""

    def __init__(self, folder):
        def column(name, kind):
            return np.fromfile(folder / name, dtype=kind)

        requests = json.loads((folder / "requests.json").read_text())
        dimension = requests["dimension"]
        self.industries = column("industries.u64", np.uint64)
        self.services = column("services.u64", np.uint64)
        names = ["rating", "reviews", "years", "rate", "created", "current", "most"]
        self.numbers = {name: column(f"{name}.f64", np.float64) for name in names}
        self.listed = column("listed.u8", np.bool_)
        self.available = column("available.u8", np.bool_)
        self.vectors = column("vectors.f32", np.float32).reshape(-1, dimension)
        self.ids = requests["ids"]
        self.dimension = dimension
        self.pages = [(page["conditions"], page["keys"]) for page in requests["pages"]]
        self.needs = {
            kind: list(zip(requests[kind], column(f"{kind}.f32", np.float32).reshape(-1, dimension)))
            for kind in ("match", "open")
        }

    @property
    def open(self):
        """Who has room."""
        return self.available & (self.numbers["current"] < self.numbers["most"])

    def orders(self):
        """The place of every row in each order that a page asks for, under a name."""
        named = {}
        for _, keys in self.pages:
            name = order_name(keys)
            if name not in named:
                columns = [self.key(key) for key in reversed(keys)]
                order = np.lexsort([np.arange(len(self.ids)), *columns])
                places = np.empty(len(order), dtype=np.int64)
                places[order] = np.arange(len(order))
                named[name] = places
        return named

    def key(self, key):
        """What sorts upwards, missing values last."""
        name, up = key
        values = self.numbers[name]
        return np.nan_to_num(values if up else -values, nan=np.inf)

    def business(self, asked, rows):
        """All of the score but similarity, of some rows."""
        years = np.nan_to_num(self.numbers["years"][rows])
        business, weight = 0.15 * np.minimum(years / 15, 1), 0.15
        for name, part in (("industries", 0.4), ("services", 0.3)):
            if asked[name]:
                mask = np.uint64(asked[name])
                shared = np.bitwise_count(getattr(self, name)[rows] & mask)
                business += part / int(asked[name]).bit_count() * shared
                weight += part
        if asked["maxRate"] is not None:
            budget = asked["maxRate"]
            fit = (budget - self.numbers["rate"][rows]) / (0.2 * budget)
            business += 0.15 * np.clip(fit, 0, 1)
            weight += 0.15
        return 0.3 / weight * business + 0.1 * self.numbers["rating"][rows] / 5

    def best(self, asked, rows, similarities):
        """The first twenty by the full score, of rows with their similarities."""
        scores = 0.6 * similarities + self.business(asked, rows)
        chosen = np.argpartition(-scores, TOP)[:TOP] if len(rows) > TOP else np.arange(len(rows))
        order = np.lexsort([rows[chosen], -scores[chosen]])
        best = chosen[order]
        return rows[best].tolist(), len(rows), scores[best].tolist()


def order_name(keys):
    return "order_" + "_".join(f"{name}_{'up' if up else 'down'}" for name, up in keys)


def bits(mask):
    """The values of a mask, by number."""
    return [bit for bit in range(64) if int(mask) >> bit & 1]


def serve(name, version, make):
    """Speaks for a peer, which `make` builds of the columns; without a version, the peer knows its own."""
    columns = Columns(Path(sys.argv[1]))
    started = time.perf_counter()
    peer = make(columns)
    built = time.perf_counter() - started
    for line in sys.stdin:
        what, _, kind = line.strip().partition(" ")
        if what == "ready":
            said = {"name": name, "version": version or peer.version, "built": built, "kinds": peer.kinds}
        else:
            said = answers(columns, peer, kind) if what == "answers" else times(columns, peer, kind)
        print(json.dumps(said), flush=True)


def calls(columns, peer, kind):
    if kind in ("page", "facets"):
        return [lambda page=page: peer.find(*page, kind == "facets") for page in columns.pages]
    return [lambda need=need: peer.rank(*need) for need in columns.needs[kind]]


def answers(columns, peer, kind):
    said = []
    for call in calls(columns, peer, kind):
        rows, total, more = call()
        answer = {"ids": [int(row) for row in rows], "total": int(total)}
        if kind == "facets":
            answer["counts"] = [int(count) for count in more if count > 0]
        elif kind != "page":
            answer["scores"] = [float(score) for score in more]
        said.append(answer)
    return said


def times(columns, peer, kind):
    taken = []
    for call in calls(columns, peer, kind):
        start = time.perf_counter_ns()
        call()
        taken.append((time.perf_counter_ns() - start) / 1e3)
    return taken
