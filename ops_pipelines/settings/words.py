"""The words in which services speak of their own health."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

# A word that promises less (running, alive, success) is not taken for health: the operator can
# list it.
HEALTHY_WORDS = ("healthy", "ok", "up", "pass", "green", "正常", "健康")
DEGRADED_WORDS = ("degraded", "warn", "warning", "partial", "yellow", "降级", "警告")
UNHEALTHY_WORDS = (
    *("unhealthy", "down", "fail", "failed", "error", "critical", "red"),
    *("out_of_service", "unavailable", "异常", "故障", "不健康", "不可用"),
)
_FLAGS = {True: ("true", "yes", "on"), False: ("false", "no", "off")}


def spellings(item: Any) -> tuple[str, ...]:
    """The words that an item of a list means: `true` is what YAML 1.1 reads as true, 1 is "1"."""
    return _FLAGS[item] if isinstance(item, bool) else (_folded(str(item)),)


def _folded(word: str) -> str:
    return word.strip().casefold()


def _words(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    words: list[Any] = []
    for item in value:
        words += spellings(item) if isinstance(item, bool | int) else [item]
    return words


def _all_folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_folded, words))


Words = Annotated[
    tuple[str, ...],
    BeforeValidator(_words, json_schema_input_type=list[str | bool | int]),
    AfterValidator(_all_folded),
]
