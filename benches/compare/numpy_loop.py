"""The loop by hand with numpy: one array a column, boolean masks, one matrix product over the rows that pass.

Nothing is kept but the columns, which a live catalogue changes all the time: what follows from them (who has room,
what sorts last) is worked out in each request, as far as its rows need it.

Started by the comparison with the folder of its columns; reads `answers KIND` or `time KIND` from standard input
and says JSON, a line each.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

TOP = 20


class Catalogue:
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
        bits = np.arange(64, dtype=np.uint64)
        self.has = {
            name: ((masks[:, None] >> bits) & np.uint64(1)).astype(np.int32)
            for name, masks in (("industries", self.industries), ("services", self.services))
        }
        self.requests = {
            "page": [(page, False) for page in map(self.page, requests["pages"])],
            "facets": [(page, True) for page in map(self.page, requests["pages"])],
            "match": self.needs(requests["match"], column("match.f32", np.float32), dimension),
            "open": self.needs(requests["open"], column("open.f32", np.float32), dimension),
        }

    @staticmethod
    def conditions(asked):
        return asked | {name: np.uint64(asked[name]) for name in ("industries", "services")}

    def page(self, page):
        return self.conditions(page["conditions"]), page["keys"]

    def needs(self, asked, queries, dimension):
        return list(zip(map(self.conditions, asked), queries.reshape(-1, dimension)))

    def rows(self, asked):
        mask = self.listed.copy()
        if asked["open"]:
            mask &= self.available
            mask &= self.numbers["current"] < self.numbers["most"]
        if asked["industries"]:
            mask &= (self.industries & asked["industries"]) != 0
        if asked["services"]:
            mask &= (self.services & asked["services"]) != 0
        if asked["minRating"] is not None:
            mask &= self.numbers["rating"] >= asked["minRating"]
        if asked["maxRate"] is not None:
            mask &= self.numbers["rate"] <= asked["maxRate"]
        return np.flatnonzero(mask)

    def key(self, key, rows):
        """What sorts upwards, missing values last."""
        name, up = key
        values = self.numbers[name][rows]
        return np.nan_to_num(values if up else -values, nan=np.inf)

    def find(self, request):
        (asked, keys), facets = request
        rows = self.rows(asked)
        first = self.key(keys[0], rows)
        chosen = rows
        if len(rows) > TOP:
            # All that could stand among the first by the first key; the others then decide.
            bar = np.partition(first, TOP - 1)[TOP - 1]
            chosen = rows[first <= bar]
        order = np.lexsort([chosen, *[self.key(key, chosen) for key in reversed(keys)]])
        best = chosen[order[:TOP]]
        counts = [self.has[name][rows].sum(axis=0) for name in ("industries", "services")] if facets else None
        return best, [self.ids[row] for row in best], len(rows), counts

    def rank(self, request):
        asked, query = request
        rows = self.rows(asked)
        years = np.nan_to_num(self.numbers["years"][rows])
        business, weight = 0.15 * np.minimum(years / 15, 1), 0.15
        for name, part in (("industries", 0.4), ("services", 0.3)):
            if asked[name]:
                masks = getattr(self, name)[rows]
                business += part / int(asked[name]).bit_count() * np.bitwise_count(masks & asked[name])
                weight += part
        if asked["maxRate"] is not None:
            budget = asked["maxRate"]
            fit = (budget - self.numbers["rate"][rows]) / (0.2 * budget)
            business += 0.15 * np.clip(fit, 0, 1)
            weight += 0.15
        # All rows: a product of the whole matrix reads it once and copies nothing.
        vectors = self.vectors if len(rows) == len(self.vectors) else self.vectors[rows]
        scores = 0.6 * (vectors @ query) + 0.3 / weight * business
        scores += 0.1 * self.numbers["rating"][rows] / 5
        chosen = np.argpartition(-scores, TOP)[:TOP] if len(rows) > TOP else np.arange(len(rows))
        order = np.lexsort([rows[chosen], -scores[chosen]])
        best = chosen[order]
        return rows[best], [self.ids[row] for row in rows[best]], len(rows), scores[best]

    def ask(self, kind, request):
        return self.find(request) if kind in ("page", "facets") else self.rank(request)

    def answers(self, kind):
        said = []
        for request in self.requests[kind]:
            best, _, total, more = self.ask(kind, request)
            answer = {"ids": best.tolist(), "total": total}
            if kind == "facets":
                answer["counts"] = [int(n) for each in more for n in each if n > 0]
            elif kind != "page":
                answer["scores"] = more.tolist()
            said.append(answer)
        return said

    def time(self, kind):
        times = []
        for request in self.requests[kind]:
            start = time.perf_counter_ns()
            self.ask(kind, request)
            times.append((time.perf_counter_ns() - start) / 1e3)
        return times


def main():
    catalogue = Catalogue(Path(sys.argv[1]))
    for line in sys.stdin:
        what, _, kind = line.strip().partition(" ")
        said = {"numpy": np.__version__} if what == "ready" else getattr(catalogue, what)(kind)
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
