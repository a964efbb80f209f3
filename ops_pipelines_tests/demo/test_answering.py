import asyncio
import dataclasses
from typing import Any

import httpx
import pytest

from ops_pipelines.demo import app, faults, logs
from ops_pipelines.demo.faults import Fault
from ops_pipelines.demo.model import SLOWNESS, compose
from ops_pipelines.demo.running import Running

REFUND = {"question": "What is the refund period?"}


def changed(running: Running, section: str, **values: Any) -> Running:
    """`running` with other values in one section of its configuration."""
    old = getattr(running.configuration, section)
    update = {section: old.model_copy(update=values)}
    return dataclasses.replace(
        running, configuration=running.configuration.model_copy(update=update)
    )


async def query(running: Running, *bodies: dict[str, Any]) -> list[httpx.Response]:
    """The answers to `bodies`, one asked after the other."""
    with logs.opened(running.home, running.configuration):
        async with client_of(running) as client:
            return [await client.post("/api/query", json=body) for body in bodies]


def client_of(running: Running) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app.create(running))
    return httpx.AsyncClient(transport=transport, base_url="http://demo")


def log_of(running: Running) -> str:
    return (running.home.application / running.configuration.logging.file).read_text("utf-8")


def test_a_model_that_takes_longer_than_it_may_is_given_up(running: Running) -> None:
    [answer] = asyncio.run(query(changed(running, "llm", timeout=0.01), REFUND))

    assert (answer.status_code, answer.json()["error"]["type"]) == (504, "ModelTimeoutError")
    assert '"error_type": "ModelTimeoutError"' in log_of(running)


def test_the_cache_knows_a_question_again(running: Running) -> None:
    cached = changed(running, "cache", enabled=True, max_size=1)
    same = {"question": "  what is THE refund period?"}
    other = {"question": "退款期限是多少天？"}
    first, second, _, again = asyncio.run(query(cached, REFUND, same, other, REFUND))

    assert first.json()["answer"] == second.json()["answer"] == again.json()["answer"]
    assert second.json()["response_time"] < 0.05 < first.json()["response_time"]
    assert again.json()["response_time"] > 0.05, "it holds one answer only"
    assert log_of(running).count('"cache_hit": true') == 1
    assert log_of(running).count('"cache_hit": false') == 3


def test_the_cache_forgets_in_time(running: Running) -> None:
    cached = changed(running, "cache", enabled=True, default_ttl=1e-9)
    asyncio.run(query(cached, REFUND, REFUND))

    assert '"cache_hit": true' not in log_of(running)


def test_without_the_cache_every_question_is_worked_on(running: Running) -> None:
    asyncio.run(query(running, REFUND, REFUND))

    assert "cache_hit" not in log_of(running)


def test_a_lost_database_is_seen_by_health_and_by_questions(running: Running) -> None:
    async def ask() -> list[dict[str, Any]]:
        async with client_of(running) as client:
            paths = ("/api/health", "/api/health/detailed")
            answers = [await client.get(path) for path in paths]
            answers.append(await client.post("/api/query", json=REFUND))
            return [answer.json() for answer in answers]

    running.database.unlink()
    brief, health, answer = asyncio.run(ask())

    assert brief["status"] == "unhealthy"
    assert answer["error"]["type"] == "DatabaseError"
    assert health["status"] == health["components"]["database"]["status"] == "unhealthy"
    assert health["components"]["llm"]["status"] == "healthy"


def test_a_slow_model_takes_its_factor(running: Running) -> None:
    """The time is told by the work that was asked for, not by waiting for it."""
    asked: list[float] = []

    class Impatient(Running):
        async def work(self, seconds: float) -> None:
            asked.append(seconds)

    fields = {f.name: getattr(running, f.name) for f in dataclasses.fields(running)}
    impatient = Impatient(**fields)
    asyncio.run(query(impatient, REFUND))
    quick = sum(asked)
    asked.clear()
    faults.switch_on(running.home.faults_file, Fault.SLOW_MODEL)
    asyncio.run(query(impatient, REFUND))

    assert 0.1 < quick < 0.8
    assert sum(asked) > 0.8 * SLOWNESS * (quick - 0.05) > 3


def test_no_more_questions_at_once_than_configured(running: Running) -> None:
    at_once: list[int] = []

    at_work = 0

    class Counting(Running):
        async def work(self, seconds: float) -> None:
            nonlocal at_work
            at_work += 1
            at_once.append(at_work)
            await asyncio.sleep(seconds / 10)
            at_work -= 1

    fields = {f.name: getattr(running, f.name) for f in dataclasses.fields(running)}
    counting = Counting(**{**fields, "questions": asyncio.Semaphore(2)})

    async def ask() -> None:
        async with client_of(counting) as client:
            await asyncio.gather(*(client.post("/api/query", json=REFUND) for _ in range(6)))

    asyncio.run(ask())
    assert max(at_once) == 2


def test_the_log_makes_room(running: Running) -> None:
    small = changed(running, "logging", max_size_mb=0.001, backup_count=2)
    with logs.opened(small.home, small.configuration):
        for number in range(100):
            logs.write("x" * 100, number=number, nothing=None)

    names = {path.name for path in (running.home.application / "logs").iterdir()}
    assert names == {"rag-system.log", "rag-system.log.1", "rag-system.log.2"}
    assert '"number": 99' in log_of(running)
    assert "nothing" not in log_of(running)


@pytest.mark.parametrize(
    ("question", "context", "answer"),
    [
        ("Which colour has grass?", "The sky is blue. Grass is green.", "Grass is green."),
        ("草是什么颜色？", "天是蓝色的。草是绿色的。", "草是绿色的。"),
        ("cats", "Cats purr. Dogs bark.\nCats sleep.", "Cats purr. Cats sleep."),
        ("cats", "Dogs bark.", "The handbook does not say."),
        ("cats", "", "The handbook does not say."),
        ("草", "Dogs bark.", "手册中没有相关说明。"),
        ("", "Dogs bark.", "The handbook does not say."),
    ],
)
def test_the_model_says_what_it_was_told(question: str, context: str, answer: str) -> None:
    assert compose(question, [context]) == answer
