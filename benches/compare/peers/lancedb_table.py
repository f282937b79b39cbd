"""LanceDB: label-list and bitmap indexes, exact search with the filter before it.

It has no order by a field: the rows of a page are ordered in the client, and so are facets counted. The rest of the full
score is added by numpy in the client.
"""

import tempfile

import lancedb
import numpy as np
import pyarrow as pa
from catalogue import TOP, bits, order_name, serve
from lancedb.index import Bitmap, BTree, LabelList


class Table:
    kinds = ["page", "facets", "match"]

    def __init__(self, columns):
        self.columns = columns
        self.folder = tempfile.TemporaryDirectory(prefix="shortlist-peer-")
        self.orders = columns.orders()
        rate = columns.numbers["rate"]
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(columns.vectors.ravel()), columns.dimension)
        table = pa.table(
            {
                "row": pa.array(np.arange(len(columns.ids), dtype=np.int64)),
                "id": pa.array(columns.ids),
                "industries": pa.array([bits(mask) for mask in columns.industries], pa.list_(pa.int32())),
                "services": pa.array([bits(mask) for mask in columns.services], pa.list_(pa.int32())),
                "rating": pa.array(columns.numbers["rating"]),
                "rate": pa.array(rate, mask=np.isnan(rate)),
                "listed": pa.array(columns.listed),
                "open": pa.array(columns.open),
                **{name: pa.array(places) for name, places in self.orders.items()},
                "vector": vectors,
            }
        )
        self.table = lancedb.connect(self.folder.name).create_table("advisors", table)
        indexes = {LabelList: ["industries", "services"], Bitmap: ["listed", "open"], BTree: ["rating", "rate"]}
        for kind, names in indexes.items():
            for name in names:
                self.table.create_index(name, config=kind())
        self.table.optimize()

    @staticmethod
    def where(asked):
        parts = ["listed"]
        if asked["open"]:
            parts.append("open")
        for name in ("industries", "services"):
            if asked[name]:
                values = ", ".join(map(str, bits(asked[name])))
                parts.append(f"array_has_any({name}, [{values}])")
        if asked["minRating"] is not None:
            parts.append(f"rating >= {asked['minRating']}")
        if asked["maxRate"] is not None:
            parts.append(f"rate <= {asked['maxRate']}")
        return " AND ".join(parts)

    def find(self, asked, keys, facets):
        order = order_name(keys)
        wanted = ["row", "id", order, *(["industries", "services"] if facets else [])]
        found = self.table.search().where(self.where(asked)).select(wanted).limit(len(self.columns.ids)).to_arrow()
        places = found[order].to_numpy()
        first = np.argsort(places)[:TOP] if len(places) else []
        rows = found["row"].to_numpy()[first] if len(places) else []
        counts = None
        if facets:
            counts = []
            for name in ("industries", "services"):
                values = found[name].combine_chunks().flatten().to_numpy()
                counts += np.bincount(values).tolist() if len(values) else []
        return rows, found.num_rows, counts

    def rank(self, asked, query):
        search = self.table.search(query).distance_type("dot").where(self.where(asked), prefilter=True)
        found = search.select(["row", "_distance"]).limit(len(self.columns.ids)).to_arrow()
        rows = found["row"].to_numpy()
        # What it calls the distance of a dot product is one less the product.
        return self.columns.best(asked, rows, 1.0 - found["_distance"].to_numpy().astype(np.float64))


if __name__ == "__main__":
    serve("LanceDB", lancedb.__version__, Table)
