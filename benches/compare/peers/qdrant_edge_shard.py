"""Qdrant Edge: payload indexes, an integer for the place in each order, exact search with the filter.

It answers similarities of all candidates; the rest of the full score is added by numpy in the client.
"""

import importlib.metadata
import tempfile

import numpy as np
from catalogue import TOP, bits, order_name, serve
from qdrant_edge import (
    CountRequest,
    Direction,
    Distance,
    EdgeConfig,
    EdgeShard,
    EdgeVectorParams,
    FacetRequest,
    FieldCondition,
    Filter,
    MatchAny,
    MatchValue,
    OrderBy,
    PayloadSchemaType,
    Point,
    Query,
    QueryRequest,
    RangeFloat,
    ScrollRequest,
    SearchParams,
    UpdateOperation,
)

BATCH = 1_000


class Shard:
    kinds = ["page", "facets", "match"]

    def __init__(self, columns):
        self.columns = columns
        self.folder = tempfile.TemporaryDirectory(prefix="shortlist-peer-")
        vectors = {"": EdgeVectorParams(size=columns.dimension, distance=Distance.Dot)}
        self.shard = EdgeShard.create(self.folder.name, EdgeConfig(vectors=vectors))
        orders = columns.orders()
        fields = [("industries", "Integer"), ("services", "Integer"), ("rating", "Float"), ("rate", "Float")]
        fields += [("listed", "Integer"), ("open", "Integer"), *[(name, "Integer") for name in orders]]
        for name, kind in fields:
            self.shard.update(UpdateOperation.create_field_index(name, getattr(PayloadSchemaType, kind)))
        rate = columns.numbers["rate"]
        for start in range(0, len(columns.ids), BATCH):
            points = []
            for row in range(start, min(start + BATCH, len(columns.ids))):
                payload = {
                    "id": columns.ids[row],
                    "industries": bits(columns.industries[row]),
                    "services": bits(columns.services[row]),
                    "rating": float(columns.numbers["rating"][row]),
                    # A boolean in a filter would match everything: numbers it is.
                    "listed": int(columns.listed[row]),
                    "open": int(columns.open[row]),
                    **{name: int(places[row]) for name, places in orders.items()},
                }
                if not np.isnan(rate[row]):
                    payload["rate"] = float(rate[row])
                points.append(Point(row, columns.vectors[row].tolist(), payload))
            self.shard.update(UpdateOperation.upsert_points(points))
        self.shard.optimize()

    @staticmethod
    def where(asked):
        must = [FieldCondition("listed", match=MatchValue(1))]
        if asked["open"]:
            must.append(FieldCondition("open", match=MatchValue(1)))
        for name in ("industries", "services"):
            if asked[name]:
                must.append(FieldCondition(name, match=MatchAny(bits(asked[name]))))
        if asked["minRating"] is not None:
            must.append(FieldCondition("rating", range=RangeFloat(gte=asked["minRating"])))
        if asked["maxRate"] is not None:
            must.append(FieldCondition("rate", range=RangeFloat(lte=asked["maxRate"])))
        return Filter(must=must)

    def find(self, asked, keys, facets):
        where = self.where(asked)
        order = OrderBy(order_name(keys), Direction.Asc)
        page, _ = self.shard.scroll(ScrollRequest(limit=TOP, filter=where, with_payload=["id"], order_by=order))
        total = self.shard.count(CountRequest(exact=True, filter=where))
        counts = None
        if facets:
            counts = []
            for name in ("industries", "services"):
                found = self.shard.facet(FacetRequest(name, limit=64, exact=True, filter=where))
                counts += [hit.count for hit in sorted(found, key=lambda hit: hit.value)]
        return [record.id for record in page], total, counts

    def rank(self, asked, query):
        where = self.where(asked)
        limit = max(1, self.shard.count(CountRequest(exact=True, filter=where)))
        wanted = QueryRequest(
            limit=limit, query=Query.Nearest(query.tolist()), filter=where, params=SearchParams(exact=True)
        )
        found = self.shard.query(wanted)
        rows = np.array([point.id for point in found], dtype=np.int64)
        return self.columns.best(asked, rows, np.array([point.score for point in found]))


if __name__ == "__main__":
    serve("Qdrant Edge", importlib.metadata.version("qdrant-edge-py"), Shard)
