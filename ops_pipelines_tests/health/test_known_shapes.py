"""Real software's answers, read with settings that a user would write, give exactly their verdict.

The folder `shapes` has a file for each: the check as it stands in a service file, and answers with
what must be said of each. 'Unknown' is no easy way out: what is healthy or degraded must be seen.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import ops_pipelines.health
from ops_pipelines.health.probe import Round
from ops_pipelines_tests.health.bad_server import BadServer, answered
from ops_pipelines_tests.health.rounds import Words, made, service_from, words_of

PRODUCTS = (
    *("actuator", "litellm", "kubernetes", "elasticsearch", "grafana", "minio", "terminus"),
    *("dify", "ragflow", "fastgpt", "qdrant", "milvus", "weaviate", "chroma", "ollama", "vllm"),
    *("xinference", "langfuse", "langchain", "llamaindex", "spring", "asp.net", "nestjs"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One answer of a shape: the check that reads it, at a path of its own, and its verdict."""

    name: str
    check: dict[str, Any]
    answer: bytes
    gives: Words

    @property
    def path(self) -> str:
        return f"/{self.name}{self.check['url']}"

    @property
    def settings(self) -> dict[str, Any]:
        return {**self.check, "name": self.name, "url": self.path}


def _cases() -> Iterator[Case]:
    for file in sorted(Path(__file__).with_name("shapes").glob("*.yaml")):
        shape = yaml.safe_load(file.read_text(encoding="utf-8"))
        for number, answer in enumerate(shape["answers"], start=1):
            gives = {None if k == "itself" else k: words for k, words in answer["gives"].items()}
            yield Case(f"{file.stem}-{number}", shape["check"], _bytes(answer), gives)


def _bytes(answer: dict[str, Any]) -> bytes:
    body = answer.get("text", json.dumps(answer.get("body"), ensure_ascii=False))
    return answered(answer.get("status", 200), body.encode())


CASES = list(_cases())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    with BadServer({case.path: case.answer for case in CASES}) as server:
        health = {"checks": [case.settings for case in CASES]}
        text = yaml.safe_dump({"name": "rag", "base_url": server.url, "health": health})
        yield made(service_from(tmp_path_factory.mktemp("shapes"), text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_in_a_known_shape_gives_exactly_its_verdict(case: Case, found: Round) -> None:
    assert words_of(found.readings, case.name) == case.gives


def test_there_are_many_shapes_and_few_verdicts_are_unknown() -> None:
    verdicts = Counter(words.split(":")[0] for case in CASES for words in case.gives.values())
    assert len({case.check["url"] for case in CASES}) >= 20
    assert verdicts["healthy"] >= 20
    assert verdicts["degraded"] >= 10
    assert verdicts["unhealthy"] >= 10
    assert verdicts["unknown"] <= 6


def test_no_products_name_appears_in_the_package() -> None:
    folder = Path(ops_pipelines.health.__file__).parent
    found = {
        (file.name, product)
        for file in folder.rglob("*.py")
        for product in PRODUCTS
        if product in file.read_text(encoding="utf-8").lower()
    }
    assert not found
