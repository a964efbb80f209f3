"""What words and keys of a health answer mean, when nobody has said so.

Only what cannot be meant otherwise has a meaning here. Words that promise less (running, alive,
success) have none: that is the operator's to decide.
"""

import re
from collections.abc import Sequence
from typing import Any

from ops_pipelines.report import Status
from ops_pipelines.settings.words import DEGRADED_WORDS, HEALTHY_WORDS, UNHEALTHY_WORDS

LISTS = {
    Status.HEALTHY: HEALTHY_WORDS,
    Status.DEGRADED: DEGRADED_WORDS,
    Status.UNHEALTHY: UNHEALTHY_WORDS,
}
_LISTED = {word: status for status, words in LISTS.items() for word in words}
_CLEAR = {
    **dict.fromkeys(
        ("ready", "serving", "passing", "passed", "operational", "available", "online"),
        Status.HEALTHY,
    ),
    **dict.fromkeys(
        (
            "connected",
            "normal",
            "good",
            "就绪",
            "可用",
            "在线",
            "良好",
            "已连接",
            "通过",
            "运行正常",
        ),
        Status.HEALTHY,
    ),
    **dict.fromkeys(
        ("not ready", "not_ready", "not serving", "not_serving", "failing", "failure", "offline"),
        Status.UNHEALTHY,
    ),
    **dict.fromkeys(
        ("disconnected", "unreachable", "broken", "dead", "crashed", "fatal", "bad", "outage"),
        Status.UNHEALTHY,
    ),
    **dict.fromkeys(("未就绪", "离线", "未连接", "已断开", "未通过", "失败"), Status.UNHEALTHY),
}
_FLAGS = {"true": True, "false": False, "yes": True, "no": False}
_TROUBLED = re.compile(
    r"\b(not|no|un(healthy|available|reachable|ready|stable|responsive|able|known)|disconnect\w*"
    r"|fail\w*|err\w*|time\w*out|timed|refused|lost|stopp\w+|dead|down|crash\w*|fatal|bad)\b"
    r"|[未不无]|失败|错误|异常|超时|断开|停止"
)

# The last word of a key that holds a verdict, the strongest first.
_NAMES = (
    *("status", "health", "state", "overall", "verdict", "healthy", "ok", "ready", "up", "alive"),
    *("live", "available", "online", "connected", "reachable", "operational", "passed"),
    *("result", "condition", "indicator", "状态", "健康", "结果"),
)
_TROUBLES = (
    *("unhealthy", "down", "failed", "failing", "failure", "error", "errors", "degraded"),
    *("broken", "unavailable", "offline", "disconnected", "outage"),
)
# What a key, or the one above it, may say besides when it speaks of the service as a whole.
_GENERAL = {
    *("is", "overall", "service", "system", "app", "application", "server", "current", "global"),
    *("data", "result", "response", "payload", "body", "summary", "health", "status", "state"),
    *("整体", "总体", "系统", "服务", "健康", "运行"),
}
# Keys whose words are about something else than health.
_OTHER = {
    *("level", "severity", "color", "colour", "theme", "mode", "env", "environment", "branch"),
    *("type", "kind", "name", "title", "version", "message", "msg", "description", "text", "error"),
    *("reason", "detail", "hint", "region", "zone", "role", "id", "url", "service", "app", "last"),
    *("信息", "消息", "说明", "描述", "名称", "原因"),
}


def folded(value: Any) -> str:
    """`value` as the word that the judge of verdicts reads."""
    return (str(value).lower() if isinstance(value, bool) else str(value)).strip().casefold()


def flag(value: Any) -> bool | None:
    """The truth value that `value` is or spells."""
    return value if isinstance(value, bool) else _FLAGS.get(folded(value))


def meaning(value: Any) -> Status | None:
    """What a word means beyond doubt; of a truth value, where true is well."""
    truth = flag(value)
    if truth is not None:
        return Status.HEALTHY if truth else Status.UNHEALTHY
    return _LISTED.get(folded(value)) or _CLEAR.get(folded(value))


def is_listed(value: Any) -> bool:
    """Whether the judge knows the word by itself."""
    return folded(value) in _LISTED


def sounds_troubled(value: Any) -> bool:
    """Whether a word without a clear meaning may well mean trouble."""
    return _TROUBLED.search(re.sub("[_-]", " ", folded(value))) is not None


def key_words(key: str) -> list[str]:
    """The words of a key: `is_healthy`, `isHealthy` and `is-healthy` are the same."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)
    return re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]+", spaced.lower())


def rank(key: str) -> int | None:
    """How strongly a key says that it holds a verdict, 0 the strongest; None when it does not."""
    last = (key_words(key) or [""])[-1]
    ranks = (place for place, name in enumerate(_NAMES) if last == name or _ends(last, name))
    return next(ranks, None)


def _ends(word: str, name: str) -> bool:
    return not name.isascii() and word.endswith(name)


def is_general(place: Sequence[str]) -> bool:
    """Whether the keys that lead to a verdict name no part of the service."""
    spelled = [word for key in place for word in key_words(key)]
    last = next((name for name in _NAMES if spelled and _ends(spelled[-1], name)), "")
    spelled[-1:] = [spelled[-1].removesuffix(last)] if last else []
    return all(word in _GENERAL for word in spelled if word)


def is_trouble(key: str) -> bool:
    """Whether a key names trouble, so that true is not well."""
    return (key_words(key) or [""])[-1] in _TROUBLES


def is_of_something_else(key: str) -> bool:
    """Whether the words at a key are no verdicts, whatever they are."""
    return not _OTHER.isdisjoint(key_words(key))
