"""Reads the body of a request."""

from typing import Any

from starlette.requests import Request

from ops_pipelines.demo.failures import RequestError


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in the body of `request`.

    Raises:
        RequestError: there is none.
    """
    try:
        document = await request.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RequestError(400, "InvalidRequest", "the body must be a JSON object")
    return document
