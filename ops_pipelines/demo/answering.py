"""Answers a question: embeds it, finds passages, and has the model say what they say."""

import asyncio
import time
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from ops_pipelines.demo.embedding import embed
from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.model import Completion, complete
from ops_pipelines.demo.running import Running
from ops_pipelines.demo.store import Passage, search

Facts = dict[str, Any]
"""What the log says of a request besides its outcome."""


async def answer(running: Running, question: str, facts: Facts) -> dict[str, Any]:
    """The answer to `question` with its sources; what the log wants to know goes into `facts`.

    Raises:
        RequestError: a part that is needed fails, or the model takes longer than it may.
    """
    key = facts["request_hash"] = question_hash(question)
    if running.configuration.cache.enabled:
        kept = _recall(running, key)
        facts["cache_hit"] = kept is not None
        if kept is not None:
            return kept
    async with running.questions:
        found = await _work_out(running, question, facts)
    if running.configuration.cache.enabled:
        _remember(running, key, found)
    return found


def question_hash(question: str) -> str:
    """What tells questions apart, whatever their case and spaces."""
    return sha256(" ".join(question.casefold().split()).encode()).hexdigest()[:16]


def prompt(question: str, passages: Iterable[Passage]) -> list[dict[str, str]]:
    """The messages by which the model is asked `question`."""
    context = "\n".join(passage.text for passage in passages)
    return [{"role": "system", "content": context}, {"role": "user", "content": question}]


async def ask_model(
    running: Running, messages: list[dict[str, str]], most_tokens: int, facts: Facts
) -> Completion:
    """What the model says to `messages`.

    Raises:
        RequestError: it takes longer than it may.
    """
    section = running.configuration.llm
    facts.update(provider=section.provider, model=section.model)
    try:
        async with asyncio.timeout(section.timeout):
            completion = await complete(running, messages, most_tokens)
    except TimeoutError:
        text = f"the model gave no answer within {section.timeout:g} s"
        raise RequestError(504, "ModelTimeoutError", text) from None
    facts.update(
        tokens_input=completion.tokens_input,
        tokens_output=completion.tokens_output,
        first_token_seconds=round(completion.first_token_seconds, 4),
    )
    return completion


async def _work_out(running: Running, question: str, facts: Facts) -> dict[str, Any]:
    configuration = running.configuration
    embeddings = configuration.embeddings
    facts.update(provider=embeddings.provider, model=embeddings.model)  # until the model is asked
    [wanted] = await embed(running, [question])
    passages = search(running.database, question, wanted, configuration.retrieval.top_k)
    messages = prompt(question, passages)
    completion = await ask_model(running, messages, configuration.llm.max_tokens, facts)
    return {
        "answer": completion.text,
        "sources": [_source(passage) for passage in passages],
        "model": configuration.llm.model,
    }


def _source(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.document,
        "title": passage.title,
        "text": passage.text,
        "score": round(passage.score, 4),
    }


def _recall(running: Running, key: str) -> dict[str, Any] | None:
    expires, found = running.answers.get(key, (0.0, None))
    return found if time.monotonic() < expires else None


def _remember(running: Running, key: str, found: dict[str, Any]) -> None:
    section = running.configuration.cache
    running.answers[key] = (time.monotonic() + section.default_ttl, found)
    running.answers.move_to_end(key)
    while len(running.answers) > section.max_size:
        running.answers.popitem(last=False)
