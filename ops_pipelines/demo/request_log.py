"""What every request passes through: the log line about it, and the outage."""

import logging
import time
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops_pipelines.demo import logs
from ops_pipelines.demo.faults import Fault
from ops_pipelines.demo.running import Running


def logged(app: ASGIApp) -> ASGIApp:
    """`app`, with a line in the log for each request, whatever becomes of it.

    Handlers put what else is to be logged into `request.state.facts`.
    """
    in_flight = 0

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal in_flight
        status = 500
        facts: dict[str, Any] = {}
        scope.setdefault("state", {})["facts"] = facts

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        in_flight += 1
        started = time.perf_counter()
        try:
            await app(scope, receive, observe)
        except Exception as error:  # whatever it is, the line in the log names it
            facts["error_type"] = type(error).__name__
            raise
        finally:
            facts["response_time"] = round(time.perf_counter() - started, 6)
            message, level = outcome(status)
            fields = described(scope["path"], scope["method"], status, facts)
            logs.write(message, level, **fields, in_flight=in_flight)
            in_flight -= 1

    return handle


def interrupted(app: ASGIApp, running: Running) -> ASGIApp:
    """`app`, unless there is an outage: then every request is answered with 503."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if not running.is_broken_by(Fault.OUTAGE):
            await app(scope, receive, send)
            return
        scope["state"]["facts"]["error_type"] = "ServiceUnavailable"
        answer = refusal(503, "ServiceUnavailable", "the service is out of order")
        await answer(scope, receive, send)

    return handle


def refusal(status: int, error_type: str, message: str) -> JSONResponse:
    """The answer to a request that cannot be answered as wanted, in the shape of OpenAI's API."""
    return JSONResponse({"error": {"message": message, "type": error_type}}, status)


def outcome(status: int) -> tuple[str, int]:
    """The message and the level of the line about a request that was answered with `status`."""
    if status >= 500:
        return "request failed", logging.ERROR
    if status >= 400:
        return "request rejected", logging.WARNING
    return "request completed", logging.INFO


def described(endpoint: str, method: str, status: int, facts: dict[str, Any]) -> dict[str, Any]:
    """The fields of the line about a request."""
    return {"endpoint": endpoint, "method": method, "status": status, **facts}
