"""What the entries of a collection have in common: a name, a response time, an error."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops_pipelines.discovery import words
from ops_pipelines.discovery.places import is_writable, quoted

Entries = Sequence[Mapping[str, Any]]

_NAMES = (
    *("name", "id", "key", "component", "service", "model", "model_name", "title", "label"),
    *("componentName", "componentId", "checker", "host", "node", "endpoint", "url"),
    *("名称", "名字", "组件"),
)
_ENDS_OF_NAMES = ("name", "名称", "名字")  # of service_name, checkName, 服务名称
_ERRORS = ("error", "message", "output", "description", "reason", "detail", "说明", "错误", "原因")
_PARTS_OF_ERRORS = {"err", "error", "错误信息", "异常信息", "失败原因"}  # of err_msg, errorMessage
_TIMES = ("latency", "duration", "elapsed", "response", "ping", "took", "cost", "延迟", "耗时")
_UNITS = {"milliseconds": "ms", "millis": "ms", "seconds": "s", "sec": "s"}
_UNITS |= {unit: unit for unit in ("s", "ms", "us", "ns")}


def name_key(entries: Entries) -> str | None:
    """The key of the entries' names; one that tells them apart, where there is one."""

    def named(key: str) -> list[str]:
        return [str(entry[key]) for entry in entries if isinstance(entry.get(key), str | int)]

    keys = [*_NAMES, *(key for entry in entries[:1] for key in entry if _ends_as_name(key))]
    there = [key for key in keys if entries and len(named(key)) == len(entries)]
    unique = (key for key in there if len(set(named(key))) == len(entries))
    return next(unique, next(iter(there), None))


def names(entries: Entries) -> list[str]:
    """What the entries are called; their numbers, where they have no names."""
    key = name_key(entries)
    return [str(entry[key] if key else number) for number, entry in enumerate(entries, start=1)]


def fields(entries: Entries, verdict: str) -> dict[str, str]:
    """Where each entry keeps its fields, as far as that differs from the defaults of a check.

    `verdict` is the JMESPath to its verdict. A response time without a unit in its key is not
    read: nobody knows what it counts.
    """
    keys = {key: None for entry in entries for key in entry if is_writable(key)}
    found = {"status": verdict} if verdict != "status" else {}
    timed = (key for key in keys if _unit(key) and _are_numbers(entries, key))
    for key in list(timed)[:1]:
        found["response_time"] = quoted(key)
        found["response_time_unit"] = _unit(key) or "s"
    telling = (key for key in keys if _tells_an_error(entries, key))
    error = next((key for key in _ERRORS if key in keys), next(telling, "error"))
    return found | ({"error": quoted(error)} if error != "error" else {})


def _ends_as_name(key: str) -> bool:
    spelled = words.key_words(key) or [""]
    return spelled[-1].endswith(_ENDS_OF_NAMES)


def _tells_an_error(entries: Entries, key: str) -> bool:
    is_named = not _PARTS_OF_ERRORS.isdisjoint(words.key_words(key))
    return is_named and all(isinstance(entry.get(key), str | None) for entry in entries)


def _unit(key: str) -> str | None:
    """The unit of a response time that stands at `key`, if its name tells both."""
    spelled = words.key_words(key) or [""]
    return _UNITS.get(spelled[-1]) if not set(_TIMES).isdisjoint(spelled) else None


def _are_numbers(entries: Entries, key: str) -> bool:
    values = [entry[key] for entry in entries if entry.get(key) is not None]
    return bool(values) and all(isinstance(value, int | float) for value in values)
