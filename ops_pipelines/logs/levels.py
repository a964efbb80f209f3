"""How bad a log level is: words in any case and language, and the numbers of syslog and pino."""

from typing import Any

TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL = range(6)
_WORDS = {
    TRACE: ("trace", "verbose", "silly", "finest", "t", "v"),
    DEBUG: ("debug", "dbg", "fine", "d", "调试"),
    INFO: ("info", "information", "informational", "notice", "log", "ok", "i", "信息"),
    WARNING: ("warning", "warn", "w", "警告"),
    ERROR: ("error", "err", "severe", "e", "错误"),
    CRITICAL: (
        *("critical", "crit", "fatal", "alert", "emergency", "emerg", "panic", "dpanic"),
        *("c", "f", "严重", "致命"),
    ),
}
_RANKS = {word: rank for rank, words in _WORDS.items() for word in words}
NAMES = tuple(sorted(_RANKS))
# syslog's severities, RFC 5424, 6.2.1: 0 emergency, 1 alert, 2 critical, 3 error, … 7 debug.
_SYSLOG = (CRITICAL, CRITICAL, CRITICAL, ERROR, WARNING, INFO, INFO, DEBUG)


def rank(level: Any) -> int | None:
    """Its place between `TRACE` and `CRITICAL`; None when it is no level that we know.

    Numbers, as text too: those up to 7 are syslog's, from 10 pino's (30 is info, 50 error).
    """
    if isinstance(level, bool):
        return None
    if isinstance(level, str):
        word = level.strip().lower()
        if not word.isdecimal():
            return _RANKS.get(word)
        level = int(word[:9])
    if not isinstance(level, int | float):
        return None
    if 0 <= level <= 7:
        return _SYSLOG[int(level)]
    return min(int(level) // 10 - 1, CRITICAL) if level >= 10 else None
