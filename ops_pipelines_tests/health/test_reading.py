"""A reading is kept whole, and every component has a name of its own in reports."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health.reading import Key, Reading, display_names, free_name
from ops_pipelines.report import Reason, Status

CHECKS = ["api", "api/llm", "b", "b/api"]
NAMES = st.sampled_from([None, "api", "b", "llm", "api/llm", "b/llm", "llm#2", "b/b/llm"])
KEYS = st.lists(st.tuples(st.sampled_from(CHECKS), NAMES), unique=True)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        pytest.param([("api", None)], ["api"], id="a check has its own name"),
        pytest.param([("api", "llm")], ["llm"], id="a component keeps its own name"),
        pytest.param([("api", "b")], ["api/b"], id="unless a check has it"),
        pytest.param(
            [("api", "api")], ["api/api"], id="be it the very check that reports the component"
        ),
        pytest.param(
            [("api", "llm"), ("b", "llm")], ["llm", "b/llm"], id="or an earlier check's component"
        ),
        pytest.param(
            [("b", "llm"), ("api", "llm")],
            ["b/llm", "llm"],
            id="earlier in the file, not in the answer",
        ),
        pytest.param(
            [("api", "b/llm"), ("api", "llm"), ("b", "llm")],
            ["b/llm", "llm", "b/llm#2"],
            id="and where that name is taken as well, there is a number",
        ),
    ],
)
def test_each_component_has_its_name_in_reports(keys: list[Key], names: list[str]) -> None:
    found = display_names(keys, ["api", "b"])
    assert [found[key] for key in keys] == names


@given(KEYS)
def test_no_two_components_share_a_name(keys: list[Key]) -> None:
    names = display_names(keys, CHECKS)
    assert names.keys() == set(keys)
    assert len(set(names.values())) == len(keys)


@given(KEYS)
def test_a_check_always_stands_under_its_own_name(keys: list[Key]) -> None:
    for (check, component), name in display_names(keys, CHECKS).items():
        assert (name == check) == (component is None)


@given(KEYS, st.randoms(use_true_random=False))
def test_names_do_not_depend_on_the_order_of_answers(
    keys: list[Key], chance: random.Random
) -> None:
    shuffled = chance.sample(keys, len(keys))
    assert list(display_names(keys, CHECKS).items()) == list(
        display_names(shuffled, CHECKS).items()
    )


def test_a_free_name_is_the_first_that_is_free() -> None:
    assert free_name("llm", {"db"}) == "llm"
    assert free_name("llm", {"llm", "llm#2", "llm#4"}) == "llm#3"


READINGS = st.builds(
    Reading,
    check=st.just("api"),
    component=st.none() | st.text(),
    status=st.sampled_from(Status),
    response_time_seconds=st.none() | st.floats(0, 1e6).map(lambda value: round(value, 6)),
    reason=st.none() | st.just(Reason("health.says", {"word": "down"})),
)


@given(READINGS)
def test_a_reading_survives_its_keeping(reading: Reading) -> None:
    kept = json.loads(json.dumps(reading.stored()))
    assert Reading.restored("api", kept) == reading
