"""What the entries of a collection have in common, under whatever keys services keep it."""

from typing import Any

import pytest

from ops_pipelines.discovery.collections import find
from ops_pipelines.discovery.entries import fields, name_key


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"name": "a", "state": "up"}, "name"),
        ({"service_name": "a", "state": "up"}, "service_name"),
        ({"checkName": "a", "healthy": True}, "checkName"),
        ({"checker": "redis", "output": "ok", "passed": True}, "checker"),
        ({"服务名称": "a", "状态": "正常"}, "服务名称"),
        ({"name_count": 3, "state": "up"}, None),
        ({"state": "up"}, None),
    ],
)
def test_entries_are_called_by_what_is_their_name(entry: dict[str, Any], key: str | None) -> None:
    assert name_key([entry, {**entry}]) == key


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"state": "up", "err_msg": ""}, {"error": "err_msg"}),
        ({"state": "up", "errorMessage": None}, {"error": "errorMessage"}),
        ({"state": "up", "错误信息": ""}, {"error": '"错误信息"'}),
        ({"state": "up", "error_count": 3}, {}),
        ({"state": "up", "cost_ms": 12}, {"response_time": "cost_ms", "response_time_unit": "ms"}),
        ({"state": "up", "cost": 12}, {}),
    ],
)
def test_an_entry_keeps_its_error_and_its_time_where_the_keys_say_so(
    entry: dict[str, Any], found: dict[str, str]
) -> None:
    assert fields([entry], "state") == {"status": "state"} | found


def test_what_has_passed_is_a_verdict() -> None:
    results = [{"checker": "redis", "passed": True}, {"checker": "milvus", "passed": False}]
    (collection,) = find({"status": "success", "results": results})
    assert collection.names == ("redis", "milvus")
    assert collection.fields["status"] == "passed"
    assert find({"tests": {"passed": 12, "failed": 0}}) == []
