"""A walk through the package, as a notebook's cells would have it: `python notebook.py profiles.jsonl embeddings.f32`."""

# %% The catalogue, from a file and its embeddings.
import sys

import shortlist

profiles, embeddings = sys.argv[1:3]
engine = shortlist.Engine.in_memory({"inferAttributes": True})
report = engine.build(profiles, embeddings=embeddings, dimension=int(sys.argv[3]) if len(sys.argv) > 3 else 384)
print(report.upserted, "profiles in", round(report.seconds, 2), "s;", engine.stats().memory_bytes >> 20, "MB")

# %% A list page, with counts beside it. In a notebook the answer shows itself as a table.
page = engine.search(text="cash flow", max_hourly_rate=300, sort="price_asc", limit=5, facets=["industries"])
for hit in page:
    print(f"{hit.id:12} {hit.professional_title or '':40.40} {hit.hourly_rate}")
print(page.facets["industries"].counts[:3])

# %% The next page starts where this one ended, whatever changed meanwhile.
if page.next_cursor:
    print(engine.search(text="cash flow", max_hourly_rate=300, sort="price_asc", limit=5, cursor=page.next_cursor, facets=["industries"]).ids)

# %% The best for a need, and why.
need = shortlist.ClientCriteria(required_services=["Financial Planning"], max_budget=300, limit=3)
like = engine.get(page[0].id)
if like is not None:
    need.embedding = like.embedding
for one in engine.match_advisors(need):
    parts = ", ".join(f"{part.name} {part.contribution:.3f}" for part in one.breakdown.parts)
    print(f"{one.advisor_id} {one.score:.3f} = {parts} ({', '.join(one.reasons)})")

# %% A frame, where pandas or polars is at hand.
try:
    print(page.to_pandas()[["id", "hourly_rate", "overall_rating"]])
except ImportError:
    print([row["id"] for row in page.to_dicts()])

# %% What a refusal says.
try:
    engine.search(min_ratng=4)  # type: ignore[call-arg]
except shortlist.UnknownFieldError as error:
    print(error.code, error.field, error.hint)

engine.close()
