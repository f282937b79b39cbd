"""The loop by hand with numpy: one array a column, boolean masks, one matrix product over the rows that pass.

Nothing is kept but the columns, which a live catalogue changes all the time: what follows from them (who has room,
what sorts last) is worked out in each request, as far as its rows need it.
"""

import numpy as np
from catalogue import TOP, serve


class Loop:
    kinds = ["page", "facets", "match", "open"]

    def __init__(self, columns):
        self.columns = columns
        bits = np.arange(64, dtype=np.uint64)
        self.has = [
            ((masks[:, None] >> bits) & np.uint64(1)).astype(np.int32)
            for masks in (columns.industries, columns.services)
        ]

    def rows(self, asked):
        columns, numbers = self.columns, self.columns.numbers
        mask = columns.listed.copy()
        if asked["open"]:
            mask &= columns.available
            mask &= numbers["current"] < numbers["most"]
        if asked["industries"]:
            mask &= (columns.industries & np.uint64(asked["industries"])) != 0
        if asked["services"]:
            mask &= (columns.services & np.uint64(asked["services"])) != 0
        if asked["minRating"] is not None:
            mask &= numbers["rating"] >= asked["minRating"]
        if asked["maxRate"] is not None:
            mask &= numbers["rate"] <= asked["maxRate"]
        return np.flatnonzero(mask)

    def key(self, key, rows):
        """What sorts upwards, missing values last."""
        name, up = key
        values = self.columns.numbers[name][rows]
        return np.nan_to_num(values if up else -values, nan=np.inf)

    def find(self, asked, keys, facets):
        rows = self.rows(asked)
        first = self.key(keys[0], rows)
        chosen = rows
        if len(rows) > TOP:
            # All that could stand among the first by the first key; the others then decide.
            bar = np.partition(first, TOP - 1)[TOP - 1]
            chosen = rows[first <= bar]
        order = np.lexsort([chosen, *[self.key(key, chosen) for key in reversed(keys)]])
        best = chosen[order[:TOP]]
        # A page shows who they are.
        _ = [self.columns.ids[row] for row in best]
        counts = [count for has in self.has for count in has[rows].sum(axis=0)] if facets else None
        return best, len(rows), counts

    def rank(self, asked, query):
        rows = self.rows(asked)
        vectors = self.columns.vectors
        # All rows: a product of the whole matrix reads it once and copies nothing.
        similarities = (vectors if len(rows) == len(vectors) else vectors[rows]) @ query
        return self.columns.best(asked, rows, similarities)


if __name__ == "__main__":
    serve("numpy loop", np.__version__, Loop)
