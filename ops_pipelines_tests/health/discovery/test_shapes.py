"""Answers of real software, as `settings new` meets them, lead to checks that tell how it is.

The folder `shapes` has a file for each product: what it answers, what the proposed file must say of
that, and what it must say of later answers, when something has broken. Those marked `known` were
there while the discovery was built. The others were added when it was finished, and it was not
changed for them: what it does there is what it does at a service that nobody has seen.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops_pipelines.cli.main import main
from ops_pipelines.health import network
from ops_pipelines.health.discovery.trial import tried
from ops_pipelines.health.reading import display_names
from ops_pipelines.settings.load import load_file
from ops_pipelines_tests.health.bad_server import BadServer, answered

ENVIRONMENT = {"SHAPE_KEY": "key-of-the-shape"}


@dataclass(frozen=True)
class Shape:
    """One product's answers."""

    name: str
    text: str

    @property
    def data(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load(self.text)
        return loaded


SHAPES = [
    Shape(file.stem, file.read_text(encoding="utf-8"))
    for file in sorted(Path(__file__).with_name("shapes").glob("*.yaml"))
]


def answers_of(given: Mapping[str, Any]) -> dict[str, bytes]:
    return {path: _answer(answer) for path, answer in given.items()}


def _answer(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("text", json.dumps(answer.get("body"), ensure_ascii=False))
    body = body.replace("{now}", datetime.now(UTC).isoformat())
    headers = {"location": answer["location"]} if "location" in answer else {}
    return answered(answer.get("status", 200), body.encode(), **headers)


@contextmanager
def proposed(shape: Shape, folder: Path) -> Iterator[tuple[BadServer, dict[str, bytes], Path]]:
    """The product, its answers (to be changed), and the file that was proposed for it."""
    data = shape.data
    answers = answers_of(data["answers"])
    header = ["--header", data["header"]] if "header" in data else []
    with BadServer(answers) as server:
        file = folder / "proposed.yaml"
        url = server.url + data.get("url", "")
        arguments = ["settings", "new", "--url", url, *header, "--output", str(file)]
        assert main(arguments, ENVIRONMENT) == 0
        yield server, answers, file


def statuses(file: Path) -> dict[str, str]:
    """What each check and each component of the file says now."""
    service = load_file(file, ENVIRONMENT)
    found = network.run(tried(service, datetime.now(UTC))).readings
    names = display_names([r.key for r in found], [check.name for check in service.health.checks])
    return {names[reading.key]: str(reading.status) for reading in found}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_proposed_file_tells_how_the_service_is(shape: Shape, tmp_path: Path) -> None:
    data = shape.data
    with proposed(shape, tmp_path) as (_, answers, file):
        assert statuses(file) == data["gives"]
        written = " ".join(line.strip().removeprefix("#") for line in file.read_text().split("\n"))
        spoken = " ".join(written.split())
        assert [sentence for sentence in data.get("says", []) if sentence not in spoken] == []
        for later in data["later"]:
            before = dict(answers)
            answers.update(answers_of(later["answers"]))
            found = statuses(file)
            assert {name: found.get(name) for name in later["gives"]} == later["gives"]
            answers.update(before)


def test_half_of_the_shapes_were_not_known_when_the_discovery_was_built() -> None:
    known = [shape.name for shape in SHAPES if shape.data.get("known")]
    assert len(known) == 5
    assert len(SHAPES) - len(known) >= 5
