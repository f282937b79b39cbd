"""SQLite: one table with bit masks for lists, an index for each order, vectors as blobs in a table beside it.

SQLite has no similarity: the candidates of a match are scored by numpy in the client, from the blobs it reads.
"""

import sqlite3

import numpy as np
from catalogue import TOP, bits, order_name, serve


class Tables:
    kinds = ["page", "facets", "match"]

    def __init__(self, columns):
        self.columns = columns
        orders = columns.orders()
        self.db = db = sqlite3.connect(":memory:")
        db.execute("PRAGMA cache_size = -262144")
        names = ", ".join(f"{name} INTEGER" for name in orders)
        db.execute(
            "CREATE TABLE advisors (row INTEGER PRIMARY KEY, id TEXT, industries INTEGER, services INTEGER, rating REAL, "
            f"rate REAL, listed INTEGER, open INTEGER, {names})"
        )
        db.execute("CREATE TABLE vectors (row INTEGER PRIMARY KEY, vector BLOB)")
        for name, values in (("industry", columns.industries), ("service", columns.services)):
            db.execute(f"CREATE TABLE {name} (value INTEGER, row INTEGER, PRIMARY KEY (value, row)) WITHOUT ROWID")
            links = ((bit, row) for row, mask in enumerate(values) for bit in bits(mask))
            db.executemany(f"INSERT INTO {name} VALUES (?, ?)", links)
        rate = columns.numbers["rate"]
        rows = zip(
            range(len(columns.ids)),
            columns.ids,
            columns.industries.tolist(),
            columns.services.tolist(),
            columns.numbers["rating"].tolist(),
            [None if np.isnan(value) else float(value) for value in rate],
            columns.listed.tolist(),
            columns.open.tolist(),
            *[places.tolist() for places in orders.values()],
        )
        db.executemany(f"INSERT INTO advisors VALUES ({', '.join('?' * (8 + len(orders)))})", rows)
        blobs = ((row, vector.tobytes()) for row, vector in enumerate(columns.vectors))
        db.executemany("INSERT INTO vectors VALUES (?, ?)", blobs)
        # A page walks the index of its order, which has all that its filter asks.
        asked = "industries, services, rating, rate, open"
        for name in orders:
            db.execute(f"CREATE INDEX by_{name} ON advisors ({name}, {asked}) WHERE listed")
        db.execute(f"CREATE INDEX whole ON advisors ({asked}) WHERE listed")
        db.execute("ANALYZE")

    @staticmethod
    def where(asked):
        parts, values = ["listed"], []
        if asked["open"]:
            parts.append("open")
        for name in ("industries", "services"):
            if asked[name]:
                parts.append(f"{name} & ? != 0")
                values.append(asked[name])
        if asked["minRating"] is not None:
            parts.append("rating >= ?")
            values.append(asked["minRating"])
        if asked["maxRate"] is not None:
            parts.append("rate <= ?")
            values.append(asked["maxRate"])
        return " AND ".join(parts), values

    def find(self, asked, keys, facets):
        where, values = self.where(asked)
        order = order_name(keys)
        page = f"SELECT row, id FROM advisors WHERE {where} ORDER BY {order} LIMIT {TOP}"
        rows = [row for row, _ in self.db.execute(page, values)]
        total = self.db.execute(f"SELECT count(*) FROM advisors WHERE {where}", values).fetchone()[0]
        counts = None
        if facets:
            counts = []
            for name in ("industry", "service"):
                counted = f"SELECT count(*) FROM {name} JOIN advisors USING (row) WHERE {where} GROUP BY value ORDER BY value"
                counts += [count for (count,) in self.db.execute(counted, values)]
        return rows, total, counts

    def rank(self, asked, query):
        where, values = self.where(asked)
        found = self.db.execute(
            f"SELECT row, vector FROM advisors JOIN vectors USING (row) WHERE {where} ORDER BY row", values
        ).fetchall()
        rows = np.array([row for row, _ in found], dtype=np.int64)
        vectors = np.frombuffer(b"".join(vector for _, vector in found), dtype=np.float32)
        return self.columns.best(asked, rows, vectors.reshape(-1, len(query)) @ query)


if __name__ == "__main__":
    serve("SQLite", sqlite3.sqlite_version, Tables)
