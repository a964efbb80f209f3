"""Checks of kind `rag`: a known question, and whether its answer and its sources are right."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ops_pipelines.health import body, paid
from ops_pipelines.health.network import Network
from ops_pipelines.health.paid import SPARE_SECONDS, Purse
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.health.request import Answer, Request, send
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.paid_checks import RagCheck
from ops_pipelines.settings.service import Service


async def probe(
    check: RagCheck, service: Service, network: Network, now: datetime
) -> list[Reading]:
    """Ask the question when the budget allows it."""

    async def ask() -> list[Reading]:
        request = Request(check.name, service.url(check.url), "POST", check.headers, check.body)
        try:
            async with network.in_time(check.name, SPARE_SECONDS):
                answer = await send(request, network)
        except NoAnswer as error:
            return [error.reading(check.name)]
        status, reason = judge(check, answer)
        return [Reading(check.name, None, status, answer.seconds, reason)]

    return await paid.probe(Purse(check, service, now), [None], ask, by_hand=network.by_hand)


def judge(check: RagCheck, answer: Answer) -> tuple[Status, Reason | None]:
    """Whether the answer says what it should, from the sources that it should."""
    document = answer.success()
    if isinstance(document, Reason):
        return (Status.UNKNOWN if answer.is_success else Status.UNHEALTHY), document
    said = body.at(check.answer, document)
    if not isinstance(said, str) or not said.strip():
        return Status.UNKNOWN, Reason("health.no_text", {"path": check.answer})
    wrong = _wrong(check, said, document)
    return (Status.UNHEALTHY, wrong) if wrong else (Status.HEALTHY, None)


def _wrong(check: RagCheck, said: str, document: Any) -> Reason | None:
    if check.expect and not _holds(said, check.expect):
        facts = {"expect": check.expect, "begins": body.one_line(said, 80)}
        return Reason("health.wrong_answer", facts)
    if check.sources or check.expect_source:
        wrong = _wrong_sources(check, document)
        if wrong is not None:
            return wrong
    if check.holds and body.at(check.holds, document) is not True:
        return Reason("health.does_not_hold", {"condition": check.holds})
    return None


def _wrong_sources(check: RagCheck, document: Any) -> Reason | None:
    path = check.sources or "sources"
    sources = body.at(path, document)
    texts = list(_texts(sources))
    if not texts:
        return Reason("health.no_sources", {"path": path})
    if check.expect_source and not any(_holds(text, check.expect_source) for text in texts):
        found = len(sources) if isinstance(sources, list) else 1
        return Reason("health.wrong_sources", {"expect": check.expect_source, "found": found})
    return None


def _holds(text: str, part: str) -> bool:
    return _plain(part) in _plain(text)


def _plain(text: str) -> str:
    """The letters alone: no case, width, space or Markdown, of which models are free to choose."""
    return re.sub(r"[\s*`]", "", unicodedata.normalize("NFKC", text)).casefold()


def _texts(value: Any) -> Iterable[str]:
    """Every text inside a JSON value: a source may be a title, or a mapping that has one."""
    match value:
        case str() | int() | float():
            yield str(value)
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
