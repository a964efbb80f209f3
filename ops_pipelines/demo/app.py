"""The demo's web application: the endpoints that the operations guide expects of a RAG service."""

import asyncio
import time

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ops_pipelines.demo import health, openai_api
from ops_pipelines.demo.answering import answer
from ops_pipelines.demo.body import read_json
from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.request_log import interrupted, logged, refusal
from ops_pipelines.demo.running import Running, behind

MOST_CHARACTERS = 2000
"""The longest question that is answered."""


def create(running: Running) -> Starlette:
    """The application that serves `running`."""
    app = Starlette(
        routes=[
            Route("/api/health", _health),
            Route("/api/health/detailed", _health_detailed),
            Route("/api/health/{component}", _health_component),
            Route("/api/query", _query, methods=["POST"]),
            *openai_api.ROUTES,
        ],
        middleware=[Middleware(logged), Middleware(interrupted, running)],
        exception_handlers={RequestError: _refuse, HTTPException: _refuse},
    )
    app.state.running = running
    return app


async def _health(request: Request) -> JSONResponse:
    """Is the service there, with its documents? The models are not asked: this must be quick."""
    running = behind(request)
    database = await health.examine("database", running)
    return JSONResponse(
        {
            "status": database.status,
            "timestamp": health.timestamp(),
            "version": running.configuration.app.version,
            "uptime_seconds": round(time.monotonic() - running.started, 1),
            "error": database.error,
        }
    )


async def _health_detailed(request: Request) -> JSONResponse:
    running = behind(request)
    conditions = await asyncio.gather(*(health.examine(c, running) for c in health.COMPONENTS))
    return JSONResponse(
        {
            "status": max((c.status for c in conditions), key=health.BADNESS.index),
            "timestamp": health.timestamp(),
            "components": {
                name: health.shown(condition)
                for name, condition in zip(health.COMPONENTS, conditions, strict=True)
            },
        }
    )


async def _health_component(request: Request) -> JSONResponse:
    running = behind(request)
    component = request.path_params["component"]
    if component not in health.COMPONENTS:
        raise HTTPException(404, f"there is no component {component}")
    condition = await health.examine(component, running)
    return JSONResponse(
        {"component": component, "timestamp": health.timestamp(), **health.shown(condition)}
    )


async def _query(request: Request) -> JSONResponse:
    started = time.perf_counter()
    body = await read_json(request)
    question = body.get("question")
    if not isinstance(question, str) or not 0 < len(question.strip()) <= MOST_CHARACTERS:
        text = f"“question” must be a text of 1 to {MOST_CHARACTERS} characters"
        raise RequestError(400, "InvalidRequest", text)
    found = await answer(behind(request), question, request.state.facts)
    seconds = round(time.perf_counter() - started, 6)
    return JSONResponse({**found, "response_time": seconds, "timestamp": health.timestamp()})


async def _refuse(request: Request, error: Exception) -> Response:
    match error:
        case RequestError():
            status, kind, text = error.status, error.error_type, error.message
        case HTTPException():
            status, kind, text = error.status_code, "InvalidRequest", error.detail
        case _:
            raise error
    request.state.facts["error_type"] = kind
    return refusal(status, kind, text)
