"""Whatever stands in a service file: it is read, or every problem is told inside the file."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ops_pipelines import language
from ops_pipelines_tests.settings.files import BASE, problems_of
from ops_pipelines_tests.settings.test_environment import FULL, paths_of, with_value

ENVIRONMENT = {"RAG_API_KEY": "k-123456", "ONE": "1", "ODD": "\x00 [", "EMPTY": ""}
SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates()),
    st.sampled_from(
        ["${ONE}", "${ODD}", "${EMPTY}", "${UNSET}", "http://", "s3://b", "~x", "/", ""]
    ),
)
KEYS = SCALARS.filter(lambda key: key == key)  # noqa: PLR0124 - NaN is the only one that is not
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
PATHS = st.sampled_from(list(paths_of(FULL)))


@pytest.fixture(scope="module")
def file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "rag.yaml")


def assert_read_or_told(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="")
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    for problem in problems_of(file, ENVIRONMENT):
        assert problem.column <= len(lines[problem.line - 1]) + 1
        assert isinstance(problem.facts.get("wanted", {}), dict)  # no word of pydantic's
        for tongue in language.LANGUAGES:
            with language.speaking(tongue):
                assert problem.message


@settings(deadline=None)
@given(path=PATHS, value=VALUES)
@example(path=("data_dir",), value="a\x00b")
@example(path=("health", "checks", 0, "status"), value="(" * 5000)
@example(path=("health", "checks", 0, "url"), value="http://[")
@example(path=("base_url",), value="http://[::1")
@example(path=("timezone",), value="../../etc/passwd")
def test_any_value_anywhere(file: Path, path: tuple[str | int, ...], value: Any) -> None:
    assert_read_or_told(file, yaml.safe_dump(with_value(FULL, path, value), allow_unicode=True))


@settings(deadline=None)
@given(path=PATHS, key=KEYS, value=SCALARS)
def test_any_key_anywhere(file: Path, path: tuple[str | int, ...], key: Any, value: Any) -> None:
    data = with_value(FULL, path, {key: value})

    assert_read_or_told(file, yaml.safe_dump(data, allow_unicode=True))


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")  # jmespath takes `a` as "a"
@settings(deadline=None)
@given(st.text(alphabet="ab.[]{}()*?@&|!<>='\"`\\-01, :^", max_size=12))
@example("a[?b==`1`]")
@example('"\\ud800"')
def test_any_path_into_a_body(file: Path, expression: str) -> None:
    check = {"name": "a", "url": "/a", "status": expression}

    assert_read_or_told(file, BASE + yaml.safe_dump({"health": {"checks": [check]}}))
