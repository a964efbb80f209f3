"""The example service files load, and say in their first lines whether they were run."""

import re
from pathlib import Path

import pytest

from ops_pipelines.settings.load import load_file

EXAMPLES = sorted((Path(__file__).parents[1] / "docs" / "examples").glob("*.yaml"))
KEYS = {
    name: f"a-{name.lower()}" for name in ("LITELLM_MASTER_KEY", "VLLM_API_KEY", "QDRANT_API_KEY")
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_and_says_whether_it_was_run(example: Path) -> None:
    first, second, *_ = example.read_text(encoding="utf-8").splitlines()
    said = f"{first} {second}"
    assert re.search(r"Run: with \S+ \d+\.\d+|Not run: written from its documentation", said)
    assert re.search(r"\d+\.\d+", said), "which version"
    service = load_file(example, KEYS)
    assert service.name == example.stem
    assert service.health.checks


def test_there_is_an_example_for_each_of_them() -> None:
    assert {path.stem for path in EXAMPLES} == {"chroma", "litellm", "ollama", "qdrant", "vllm"}
