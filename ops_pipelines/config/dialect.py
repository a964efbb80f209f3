"""Layer 1, surprises: where YAML reads something else than what a person sees."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from ops_pipelines.config.mapping import last_name
from ops_pipelines.config.vocabulary import kind_of, normal
from ops_pipelines.located_yaml import Located, Path
from ops_pipelines.report import Problem, Severity

_LANGUAGE = re.compile(r"(^|_)(lang|language|country|country_code|locale|region)s?$")
_FLAG_WORDS = {"yes", "no", "on", "off"}
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_TRAILING_ZERO = re.compile(r"[0-9]+\.[0-9]*0")
_CURLY = re.compile(r"[“”‘’「『].*[“”‘’」』]", re.DOTALL)
_FULL_WIDTH = re.compile(r"[\w.-]+：")
_NO_SPACE = re.compile(r"[A-Za-z_][\w-]*:(?![\s/:])\S")
_INVISIBLE = re.compile("[\u00a0\u200b-\u200f\u2028\u2029\u3000\ufeff]")


def surprises(located: Located) -> Iterator[Problem]:
    """Every plain value and key that is read as something else."""
    values = dict(scalars(located.data, ()))
    for path, written in located.plain.items():
        if path in values and (code := _surprise(path, written, values[path], values)):
            yield located.problem(code, path, Severity.WARNING, read=_shown(values[path]))
        if path in values and (code := _colon(located, path, written)):
            yield located.problem(code, path)
    for path, written in located.plain_keys.items():
        if normal(written) in {*_FLAG_WORDS, "true", "false", "null"} and path[-1] != written:
            yield located.problem("config.key_not_text", path, Severity.WARNING, at_key=True)
    for path in located.keys:
        if _INVISIBLE.search(str(path[-1])):
            yield located.problem("config.invisible", path, Severity.WARNING, at_key=True)


def _surprise(path: Path, written: str, value: Any, values: dict[Path, Any]) -> str | None:
    key = last_name(path)
    kind = kind_of(key)
    if isinstance(value, bool):
        is_text = kind is not None and kind.name == "text"
        is_word = is_text or _LANGUAGE.search(normal(key)) or _is_among_texts(path, values)
        return "config.read_as_flag" if written.lower() in _FLAG_WORDS and is_word else None
    if isinstance(value, date):
        is_name = normal(key).endswith("version") or (kind is not None and kind.name == "text")
        return "config.read_as_date" if is_name else None
    if isinstance(value, int | float):
        return _odd_number(key, written, value)
    if isinstance(value, str) and _NUMBER.fullmatch(written):
        is_number = kind is not None and kind.is_number
        return "config.number_read_as_text" if is_number or "e" in written.lower() else None
    return "config.curly_quotes" if _CURLY.fullmatch(written) else None


def _colon(located: Located, path: Path, written: str) -> str | None:
    """Why a value that stands below its key looks like a key with a value of its own."""
    key, value = located.keys.get(path), located.values[path]
    is_below = key is not None and (key.line < value.line or path in located.tags)
    if _FULL_WIDTH.match(written) and (is_below or key is None):
        return "config.full_width_colon"
    return "config.colon_without_space" if is_below and _NO_SPACE.match(written) else None


def _odd_number(key: str, written: str, value: float) -> str | None:
    if _BASE_60.fullmatch(written):
        return "config.read_as_base_60"
    if isinstance(value, int) and _OCTAL.fullmatch(written) and value != _decimal(written):
        return "config.read_as_octal"
    if normal(key).endswith("version") and _TRAILING_ZERO.fullmatch(written):
        return "config.version_as_number"
    return None


def _decimal(written: str) -> int:
    return int(written.replace("_", ""))


def _is_among_texts(path: Path, values: dict[Path, Any]) -> bool:
    """Whether a list's item stands beside texts: `[en, no, fr]`."""
    if not isinstance(path[-1], int):
        return False
    return any(
        isinstance(value, str)
        for other, value in values.items()
        if len(other) == len(path) and other[:-1] == path[:-1]
    )


def _shown(value: Any) -> str:
    return "text" if isinstance(value, str) else str(value).lower()


def scalars(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every value in `data` that is neither mapping nor list, with its path."""
    match data:
        case dict():
            for key, value in data.items():
                yield from scalars(value, (*path, str(key)))
        case list():
            for index, value in enumerate(data):
                yield from scalars(value, (*path, index))
        case _:
            yield path, data
