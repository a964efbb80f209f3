"""Checks of kind `rag`: a known question, and whether its answer and its sources are right."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ops_pipelines.health import body, paid
from ops_pipelines.health.network import Network
from ops_pipelines.health.paid import Purse
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.health.request import Answer, Request, send
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.paid_checks import RagCheck
from ops_pipelines.settings.service import Service


async def probe(
    check: RagCheck, service: Service, network: Network, now: datetime
) -> list[Reading]:
    """Ask the question when the budget allows it."""

    async def ask(_purse: Purse) -> list[Reading]:
        request = Request(check.name, service.url(check.url), "POST", check.headers, check.body)
        try:
            answer = await send(request, network)
        except NoAnswer as error:
            return [Reading(check.name, None, error.status, reason=error.reason)]
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
        sources = list(_texts(body.at(check.sources or "sources", document)))
        if not any(_holds(source, check.expect_source or "") for source in sources):
            expect = check.expect_source or ""
            return Reason("health.wrong_sources", {"expect": expect, "found": len(sources)})
    if check.holds and body.at(check.holds, document) is not True:
        return Reason("health.does_not_hold", {"condition": check.holds})
    return None


def _holds(text: str, part: str) -> bool:
    return " ".join(part.split()).casefold() in " ".join(text.split()).casefold()


def _texts(value: Any) -> Iterable[str]:
    """Every text inside a JSON value: a source may be a title, or a mapping that has one."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
