"""How answers look: in a line, and in a notebook."""

from __future__ import annotations

from html import escape
from typing import Any

STYLE = (
    "<style>.sl-t{border-collapse:collapse;font:13px/1.5 system-ui,sans-serif}"
    ".sl-t th{text-align:left;font-weight:600;border-bottom:2px solid #8886;padding:4px 10px}"
    ".sl-t td{border-bottom:1px solid #8883;padding:4px 10px;vertical-align:top;max-width:28em;text-align:left}"
    ".sl-t td:first-child{white-space:nowrap}.sl-t .n{text-align:right;font-variant-numeric:tabular-nums}"
    ".sl-b{display:flex;height:12px;width:220px;border-radius:3px;overflow:hidden;background:#8882}"
    ".sl-b i{display:block;height:100%}.sl-s{color:#888;font:12px system-ui,sans-serif;margin:4px 0}"
    ".sl-k{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 4px 0 10px}</style>"
)
COLOURS = {
    "similarity": "#4e79a7", "industries": "#f28e2b", "services": "#59a14f", "experience": "#b07aa1", "budget": "#edc948",
    "capacity": "#9c755f", "certifications": "#76b7b2", "attributes": "#ff9da7", "rating": "#e15759", "rules": "#7f7f7f",
}  # fmt: skip
COLUMNS = ("professional_title", "industries", "services", "hourly_rate", "years_experience", "overall_rating", "total_reviews")
SHOWN = 50


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    elif isinstance(value, float):
        value = round(value, 4)
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value[:6])) + (", …" if len(value) > 6 else "")
    shown = str(value)
    return escape(shown if len(shown) <= 160 else shown[:157] + "…")


def _cells(row: dict[str, Any], names: list[str]) -> str:
    return "".join(
        f"<td{' class=n' if isinstance(row.get(name), (int, float)) else ''}>{_text(row.get(name))}</td>" for name in names
    )


def _heads(names: list[str]) -> str:
    return "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names)


def _names(rows: list[dict[str, Any]]) -> list[str]:
    held = list(dict.fromkeys(name for row in rows for name in row))
    listed = [name for name in COLUMNS if name in held]
    chosen = ["id", *listed] if len(listed) >= 3 else held
    extra = [name for name in ("score", "distance_km") if name in held and name not in chosen]
    return [name for name in chosen if name in held] + extra


def _more(length: int) -> str:
    return f"<div class=sl-s>… and {length - SHOWN} more</div>" if length > SHOWN else ""


def search(answer: Any) -> str:
    """A page as a table, its facets below."""
    rows = [hit.to_dict() for hit in answer[:SHOWN]]
    names = _names(rows)
    body = "".join(f"<tr>{_cells(row, names)}</tr>" for row in rows)
    head = f"<div class=sl-s>{len(answer)} of {answer.total} · {answer.took_us} µs · generation {answer.generation}</div>"
    facets = "".join(
        f"<div class=sl-s><b>{escape(name)}</b>: "
        + ", ".join(f"{escape(one.value)} ({one.count})" for one in facet.counts[:12])
        + "</div>"
        for name, facet in answer.facets.items()
        if facet.counts
    )
    table = f"<table class=sl-t><thead><tr>{_heads(names)}</tr></thead><tbody>{body}</tbody></table>"
    return STYLE + head + table + _more(len(answer)) + facets


def _bar(one: Any, widest: float) -> str:
    pieces = "".join(
        f"<i style='width:{100 * part.contribution / widest:.1f}%;background:{COLOURS.get(part.name, '#7f7f7f')}' "
        f"title='{escape(part.name)}: {part.value:.3f} × {part.weight:.3f} = {part.contribution:.3f}'></i>"
        for part in one.breakdown.parts
        if part.contribution > 0
    )
    return f"<div class=sl-b>{pieces}</div>"


def _matches(matches: list[Any]) -> str:
    widest = max([one.score for one in matches if one.score > 0], default=1.0)
    rows = "".join(
        f"<tr><td>{escape(one.advisor_id)}</td><td>{_text(one.listing.to_dict().get('professional_title'))}</td>"
        f"<td class=n>{one.score:.4f}</td><td>{_bar(one, widest)}</td><td>{escape(', '.join(one.reasons))}</td></tr>"
        for one in matches
    )
    parts = dict.fromkeys(part.name for one in matches for part in one.breakdown.parts)
    key = "".join(f"<span class=sl-k style='background:{COLOURS.get(name, '#7f7f7f')}'></span>{escape(name)}" for name in parts)
    heads = _heads(["advisor", "title", "score", "parts", "reasons"])
    return f"<table class=sl-t><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table><div class=sl-s>{key}</div>"


def matches(answer: Any) -> str:
    """Matches as bars of their parts."""
    how = "exact" if answer.exact else "approximate"
    head = f"<div class=sl-s>{len(answer)} of {answer.considered} considered · {how} · {answer.took_us} µs</div>"
    return STYLE + head + _matches(answer[:SHOWN]) + _more(len(answer))


def one_match(one: Any) -> str:
    """One match as a bar of its parts."""
    return STYLE + _matches([one])


def similar(answer: Any) -> str:
    """Advisors with their likeness."""
    rows = [{**one.listing.to_dict(), "similarity": round(one.similarity, 4)} for one in answer[:SHOWN]]
    names = [*_names(rows), "similarity"]
    body = "".join(f"<tr>{_cells(row, names)}</tr>" for row in rows)
    table = f"<table class=sl-t><thead><tr>{_heads(names)}</tr></thead><tbody>{body}</tbody></table>"
    return STYLE + table + _more(len(answer))


def _few(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")


def line(shown: Any) -> str:
    """What an object says of itself."""
    kind = type(shown).__name__
    if kind == "SearchAnswer":
        return f"<SearchAnswer {len(shown)} of {shown.total}: {_few(shown.ids)}>"
    if kind == "MatchAnswer":
        how = "" if shown.exact else ", approximate"
        return f"<MatchAnswer {len(shown)} of {shown.considered} considered{how}: {_few(shown.ids)}>"
    if kind == "SimilarAnswer":
        return f"<SimilarAnswer {len(shown)} of {shown.considered} considered: {_few(shown.ids)}>"
    if kind == "AdvisorMatch":
        return f"<AdvisorMatch {shown.advisor_id} {shown.score:.4f}: {', '.join(shown.reasons)}>"
    if kind == "SimilarAdvisor":
        return f"<SimilarAdvisor {shown.advisor_id} {shown.similarity:.4f}>"
    told = shown.to_dict()
    rest = ", ".join(f"{name}={value!r}" for name, value in list(told.items())[:6] if name != "id" and value is not None)
    return f"<{kind} {told.get('id', '')}: {rest}>" if rest else f"<{kind} {told.get('id', '')}>"
