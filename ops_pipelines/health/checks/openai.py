"""Checks of kind `openai`: an OpenAI-compatible API, layer by layer, each with its own verdict.

In each round and free of charge: the port, and the model list. Within the budget: one small
completion, and one embedding whose length must be the promised one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ops_pipelines.health import body, paid
from ops_pipelines.health.checks import tcp
from ops_pipelines.health.network import Network
from ops_pipelines.health.paid import Purse
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.health.request import Answer, Request, send
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.paid_checks import OpenAiCheck
from ops_pipelines.settings.service import Service

# Enough for a word; a reasoning model spends it on thinking, and that is no illness.
MOST_TOKENS = 16
_SPOKEN = ("content", "reasoning_content", "reasoning", "tool_calls")
_PORTS = {"http": 80, "https": 443}
Judge = Callable[[Answer], tuple[Status, Reason | None]]


async def probe(
    check: OpenAiCheck, service: Service, network: Network, now: datetime
) -> list[Reading]:
    """Ask layer by layer, as far as the layer below carries.

    Raises:
        NoAnswer: not even the port answers.
    """
    url = service.url(check.url).rstrip("/")
    reachable = await _reach(check, network.proxy or url, network)
    models = await _models(check, url, network)
    if models.status is Status.UNHEALTHY or check.calls_per_day == 0:
        return [reachable, models]

    async def ask(purse: Purse) -> list[Reading]:
        readings = []
        if check.model is not None:
            readings.append(await _completion(check, url, network, purse))
        if check.embedding_model is not None:
            readings.append(await _embedding(check, url, network))
        return readings

    purse = Purse(check, service, now)
    answered = await paid.probe(purse, _paid_layers(check), ask, by_hand=network.by_hand)
    return [reachable, models, *answered]


def judge_models(check: OpenAiCheck, answer: Answer) -> tuple[Status, Reason | None]:
    """Whether the models are listed."""
    listed = _content(answer, "data[].id")
    if isinstance(listed, Reason):
        return _failed(answer), listed
    ids = {str(entry).removesuffix(":latest") for entry in listed if entry is not None}
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
        return _failed(answer), choice
    message = choice.get("message") if isinstance(choice, Mapping) else None
    said = message if isinstance(message, Mapping) else {}
    spoke = any(
        said.get(key) for key in ("content", "reasoning_content", "reasoning", "tool_calls")
    )
    if spoke or (said and choice.get("finish_reason") == "length"):
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


def _paid_layers(check: OpenAiCheck) -> list[str]:
    layers = {"completion": check.model, "embedding": check.embedding_model}
    return [f"{check.name}/{layer}" for layer, model in layers.items() if model is not None]


async def _reach(check: OpenAiCheck, url: str, network: Network) -> Reading:
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    seconds = await tcp.connect(parts.hostname or "", port, check.name, network)
    return Reading(check.name, None, Status.HEALTHY, seconds)


async def _models(check: OpenAiCheck, url: str, network: Network) -> Reading:
    request = Request(check.name, f"{url}/models", headers=check.headers)
    return await _layer(check, "models", request, network, partial(judge_models, check))


async def _completion(check: OpenAiCheck, url: str, network: Network, purse: Purse) -> Reading:
    asked = {"model": check.model, "messages": [{"role": "user", "content": "Say: ok"}]}
    request = Request(check.name, f"{url}/chat/completions", "POST", check.headers)

    async def ask(limit: str) -> Reading:
        limited = replace(request, body={**asked, limit: MOST_TOKENS})
        return await _layer(check, "completion", limited, network, judge_completion)

    reading = await ask("max_tokens")
    # Newer models refuse the older name of the limit, and say so.
    refused = reading.reason and "max_completion_tokens" in str(reading.reason.facts.get("error"))
    return await ask("max_completion_tokens") if refused and purse.spend(1) else reading


async def _embedding(check: OpenAiCheck, url: str, network: Network) -> Reading:
    asked = {"model": check.embedding_model, "input": "ok"}
    request = Request(check.name, f"{url}/embeddings", "POST", check.headers, asked)
    return await _layer(check, "embedding", request, network, partial(judge_embedding, check))


async def _layer(
    check: OpenAiCheck, layer: str, request: Request, network: Network, judge: Judge
) -> Reading:
    name = f"{check.name}/{layer}"
    try:
        answer = await send(request, network)
    except NoAnswer as error:
        return Reading(check.name, name, error.status, reason=error.reason)
    status, reason = judge(answer)
    return Reading(check.name, name, status, answer.seconds, reason)
