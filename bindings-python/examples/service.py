"""A service by FastAPI: `SHORTLIST_INDEX=./index uvicorn service:app`.

The engine is opened once a process, in its lifespan (after a server has forked its workers, never before). A list page goes
out as the engine wrote it: no objects are made in between.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import shortlist
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens the index of the environment, or an empty one in memory."""
    folder = os.environ.get("SHORTLIST_INDEX")
    engine = await shortlist.AsyncEngine.open(folder) if folder else shortlist.AsyncEngine.in_memory()
    async with engine:
        app.state.engine = engine
        yield


app = FastAPI(lifespan=lifespan)


def engine(request: Request) -> shortlist.AsyncEngine:
    """The engine of this process."""
    found: shortlist.AsyncEngine = request.app.state.engine
    return found


@app.exception_handler(shortlist.CallerError)
async def refused(request: Request, error: Exception) -> JSONResponse:
    """What a caller has wrong is a 400 (404 for an id that is not there) that says what would be right."""
    assert isinstance(error, shortlist.ShortlistError)
    status = 404 if isinstance(error, shortlist.NotFoundError) else 400
    body = {"code": error.code, "message": error.message, "field": error.field, "value": error.value, "hint": error.hint}
    return JSONResponse(body, status)


@app.post("/search")
async def search(request: Request, body: dict[str, Any]) -> Response:
    """A list page."""
    return Response((await engine(request).search(body)).to_json(), media_type="application/json")


@app.post("/match")
async def match(request: Request, body: dict[str, Any]) -> Response:
    """The advisors that fit best."""
    return Response((await engine(request).match_advisors(body)).to_json(), media_type="application/json")


@app.get("/advisors/{id}")
async def advisor(request: Request, id: str) -> dict[str, Any]:
    """One advisor, whole."""
    found = await engine(request).get(id)
    if found is None:
        raise HTTPException(404, f"no profile has the id {id}")
    shown = found.to_dict()
    shown.pop("embedding", None)
    return shown


@app.patch("/advisors/{id}", status_code=204)
async def change(request: Request, id: str, body: dict[str, Any]) -> None:
    """Changes single fields of one advisor."""
    await engine(request).patch({id: body})
