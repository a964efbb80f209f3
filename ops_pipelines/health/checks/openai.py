"""Checks of kind `openai`: an OpenAI-compatible API, layer by layer, each with its own verdict.

In each round and free of charge: the port, and the model list. Within the budget: one small
completion, and one embedding whose length must be the promised one.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ops_pipelines.health import body, paid
from ops_pipelines.health.checks import tcp
from ops_pipelines.health.network import Network
from ops_pipelines.health.paid import SPARE_SECONDS, Purse
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.health.request import Answer, Request, send
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.paid_checks import OpenAiCheck
from ops_pipelines.settings.service import Service

# Enough for a word; a reasoning model spends it on thinking, and that is no illness.
MOST_TOKENS = 16
_LIMIT, _NEWER_LIMIT = "max_tokens", "max_completion_tokens"
_LIMIT_REACHED = "output limit was reached"
_SPOKEN = ("content", "reasoning_content", "reasoning", "tool_calls")
_PORTS = {"http": 80, "https": 443}
Judge = Callable[[Answer], tuple[Status, Reason | None]]


async def probe(
    check: OpenAiCheck, service: Service, network: Network, now: datetime
) -> list[Reading]:
    """Ask layer by layer, as far as the layer below carries."""
    url, paid_layers = service.url(check.url).rstrip("/"), _paid_layers(check)
    try:
        async with network.in_time(check.name, SPARE_SECONDS):
            reachable = await _reach(check, network.proxy or url, network)
    except NoAnswer as error:
        below = [_layer(check, "models"), *paid_layers]
        return [error.reading(check.name), *_not_asked(check, below, check.name)]
    request = Request(_layer(check, "models"), f"{url}/models", headers=check.headers)
    models = await _asked(check, request, network, partial(judge_models, check))
    if models.status is Status.UNHEALTHY or models.response_time_seconds is None:
        return [reachable, models, *_not_asked(check, paid_layers, request.check)]
    if not paid_layers:
        return [reachable, models]
    purse = Purse(check, service, now)
    ask = partial(_ask, check, url, network, purse)
    answered = await paid.probe(purse, paid_layers, ask, by_hand=network.by_hand)
    return [reachable, models, *answered]


def judge_models(check: OpenAiCheck, answer: Answer) -> tuple[Status, Reason | None]:
    """Whether the models are listed."""
    listed = _content(answer, "data[].id")
    if isinstance(listed, Reason):
        return _failed(answer), listed
    ids = {body.one_line(entry, 100).removesuffix(":latest") for entry in listed}
    wanted = [name for name in (check.model, check.embedding_model) if name]
    missing = [name for name in wanted if name.removesuffix(":latest") not in ids]
    if missing:
        facts = {"missing": missing, "listed": sorted(ids)[:10]}
        return Status.UNHEALTHY, Reason("health.model_not_listed", facts)
    return Status.HEALTHY, None


def judge_completion(answer: Answer) -> tuple[Status, Reason | None]:
    """Whether the model completes. Of a reasoning model a short or empty text is enough."""
    choice = _content(answer, "choices[0]")
    if isinstance(choice, Reason):
        # Some say with an error that the model was still thinking: it thinks, so it is.
        thinks = _LIMIT_REACHED in str(choice.facts.get("error"))
        return (Status.HEALTHY, None) if thinks else (_failed(answer), choice)
    message = choice.get("message") if isinstance(choice, Mapping) else None
    said = message if isinstance(message, Mapping) else {}
    if any(map(said.get, _SPOKEN)) or (said and choice.get("finish_reason") == "length"):
        return Status.HEALTHY, None
    return Status.UNKNOWN, Reason("health.no_completion", {"begins": body.one_line(choice, 60)})


def judge_embedding(check: OpenAiCheck, answer: Answer) -> tuple[Status, Reason | None]:
    """Whether an embedding comes, of the promised length."""
    vector = _content(answer, "data[0].embedding")
    if isinstance(vector, Reason):
        return _failed(answer), vector
    if not isinstance(vector, list) or not vector:
        return Status.UNKNOWN, Reason("health.no_embedding", {"begins": body.one_line(vector, 60)})
    if check.dimension is not None and len(vector) != check.dimension:
        facts = {"found": len(vector), "wanted": check.dimension}
        return Status.UNHEALTHY, Reason("health.embedding_length", facts)
    return Status.HEALTHY, None


def _content(answer: Answer, path: str) -> Any:
    """What a 2xx answer has at `path`; a `Reason` when it is none, or has nothing there."""
    document = answer.success()
    found = document if isinstance(document, Reason) else body.at(path, document)
    return Reason("health.no_verdict", {"path": path}) if found is None else found


def _failed(answer: Answer) -> Status:
    return Status.UNKNOWN if answer.is_success else Status.UNHEALTHY


def _layer(check: OpenAiCheck, layer: str) -> str:
    return f"{check.name}/{layer}"


def _paid_layers(check: OpenAiCheck) -> list[str]:
    layers = {"completion": check.model, "embedding": check.embedding_model}
    asked = [layer for layer, model in layers.items() if model and check.calls_per_day]
    return [_layer(check, layer) for layer in asked]


def _not_asked(check: OpenAiCheck, layers: Iterable[str], because_of: str) -> list[Reading]:
    """What can be said of layers when the one below them does not carry: nothing."""
    reason = Reason("health.not_asked", {"because_of": because_of})
    return [
        Reading(check.name, layer, Status.UNKNOWN, reason=reason, asked=False) for layer in layers
    ]


async def _reach(check: OpenAiCheck, url: str, network: Network) -> Reading:
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    seconds = await tcp.connect(parts.hostname or "", port, check.name, network)
    return Reading(check.name, None, Status.HEALTHY, seconds)


async def _ask(check: OpenAiCheck, url: str, network: Network, purse: Purse) -> list[Reading]:
    """The paid layers at once, so that one that hangs takes no time from the other."""
    layers = []
    if check.model is not None:
        layers.append(_completion(check, url, network, purse))
    if check.embedding_model is not None:
        layers.append(_embedding(check, url, network))
    return await asyncio.gather(*layers)


async def _completion(check: OpenAiCheck, url: str, network: Network, purse: Purse) -> Reading:
    asked = {"model": check.model, "messages": [{"role": "user", "content": "Say: ok"}]}
    to = f"{url}/chat/completions"
    request = Request(_layer(check, "completion"), to, "POST", check.headers)

    async def ask(limit: str) -> Reading:
        limited = replace(request, body={**asked, limit: MOST_TOKENS})
        return await _asked(check, limited, network, judge_completion)

    limit = purse.memory().learned or _LIMIT
    reading = await ask(limit)
    # Newer models refuse the older name of the limit, and say so; some servers know that one alone.
    if not (reading.reason and _NEWER_LIMIT in str(reading.reason.facts.get("error"))):
        return reading
    other = _LIMIT if limit == _NEWER_LIMIT else _NEWER_LIMIT
    purse.learn(other)
    if purse.spend(1, "confirming"):
        return await ask(other)
    return replace(reading, status=Status.UNKNOWN)


async def _embedding(check: OpenAiCheck, url: str, network: Network) -> Reading:
    asked = {"model": check.embedding_model, "input": "ok"}
    layer = _layer(check, "embedding")
    request = Request(layer, f"{url}/embeddings", "POST", check.headers, asked)
    return await _asked(check, request, network, partial(judge_embedding, check))


async def _asked(check: OpenAiCheck, request: Request, network: Network, judge: Judge) -> Reading:
    """What the layer that `request` is made for says."""
    try:
        async with network.in_time(request.check, SPARE_SECONDS):
            answer = await send(request, network)
    except NoAnswer as error:
        return error.reading(check.name, request.check)
    status, reason = judge(answer)
    return Reading(check.name, request.check, status, answer.seconds, reason)
