"""The part of the demo that speaks OpenAI's API: models, chat completions, embeddings."""

import time
from secrets import token_hex
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ops_pipelines.demo.answering import ask_model
from ops_pipelines.demo.body import read_json
from ops_pipelines.demo.embedding import embed
from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.running import behind
from ops_pipelines.demo.words import tokens

MOST_TEXTS = 2048
"""The most texts that one request may have embedded, as OpenAI has it."""


async def _models(request: Request) -> JSONResponse:
    configuration = behind(request).configuration
    models = (configuration.llm, configuration.embeddings)
    entries = [
        {"id": section.model, "object": "model", "created": 0, "owned_by": section.provider}
        for section in models
    ]
    return JSONResponse({"object": "list", "data": entries})


async def _chat_completions(request: Request) -> JSONResponse:
    running = behind(request)
    section = running.configuration.llm
    body = await read_json(request)
    _want_model(body, section.model)
    if body.get("stream"):
        raise RequestError(400, "InvalidRequest", "“stream” is not supported")
    most = body.get("max_completion_tokens") or body.get("max_tokens") or section.max_tokens
    if not isinstance(most, int) or most < 1:
        raise RequestError(400, "InvalidRequest", "“max_tokens” must be a number from 1 on")
    found = await ask_model(running, _messages(body), most, request.state.facts)
    message = {"role": "assistant", "content": found.text}
    return JSONResponse(
        {
            "id": f"chatcmpl-{token_hex(12)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": section.model,
            "choices": [{"index": 0, "message": message, "finish_reason": found.finish_reason}],
            "usage": _usage(found.tokens_input, found.tokens_output),
        }
    )


async def _embeddings(request: Request) -> JSONResponse:
    running = behind(request)
    section = running.configuration.embeddings
    body = await read_json(request)
    _want_model(body, section.model)
    texts = _texts(body)
    used = sum(len(tokens(text)) for text in texts)
    request.state.facts.update(
        provider=section.provider,
        model=section.model,
        tokens_input=used,
        batch_size=min(len(texts), section.batch_size),
        batch_limit=section.batch_size,
    )
    vectors = await embed(running, texts)
    entries = [
        {"object": "embedding", "index": index, "embedding": list(vector)}
        for index, vector in enumerate(vectors)
    ]
    return JSONResponse(
        {"object": "list", "data": entries, "model": section.model, "usage": _usage(used)}
    )


ROUTES = (
    Route("/v1/models", _models),
    Route("/v1/chat/completions", _chat_completions, methods=["POST"]),
    Route("/v1/embeddings", _embeddings, methods=["POST"]),
)


def _want_model(body: dict[str, Any], model: str) -> None:
    if body.get("model") != model:
        text = f"there is no model {body.get('model')!r} here; there is {model!r}"
        raise RequestError(404, "ModelNotFound", text)


def _messages(body: dict[str, Any]) -> list[dict[str, str]]:
    messages = body.get("messages")
    is_well = isinstance(messages, list) and all(
        isinstance(message, dict) and isinstance(message.get("content"), str)
        for message in messages
    )
    if not messages or not is_well:
        text = "“messages” must be a list of messages with a text as “content”"
        raise RequestError(400, "InvalidRequest", text)
    return [{"role": str(m.get("role")), "content": m["content"]} for m in messages]


def _texts(body: dict[str, Any]) -> list[str]:
    wanted = body.get("input")
    texts = [wanted] if isinstance(wanted, str) else wanted
    if (
        not isinstance(texts, list)
        or not 0 < len(texts) <= MOST_TEXTS
        or not all(isinstance(text, str) for text in texts)
    ):
        text = f"“input” must be a text or a list of 1 to {MOST_TEXTS} texts"
        raise RequestError(400, "InvalidRequest", text)
    return texts


def _usage(tokens_input: int, tokens_output: int = 0) -> dict[str, int]:
    return {
        "prompt_tokens": tokens_input,
        "completion_tokens": tokens_output,
        "total_tokens": tokens_input + tokens_output,
    }
