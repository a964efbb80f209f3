"""What changed between two versions of a configuration, by meaning.

Order, comments, quotes and indentation are no change. A change says path, old and new value, with
secrets masked; what cannot be read as YAML or as a `.env` file is compared as a whole.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops_pipelines import located_yaml
from ops_pipelines.config.env_file import env_values, is_env_file
from ops_pipelines.config.secret import masked
from ops_pipelines.config.text import decode
from ops_pipelines.located_yaml import Path as At
from ops_pipelines.located_yaml import dotted
from ops_pipelines.redaction import MASK
from ops_pipelines.yaml_loaders import Dialect

_SECRET_NAME = re.compile(r"(?i)key|pass|pwd|secret|token|auth|cred")
_PLAIN = re.compile(r"(?i)|\d{1,6}|\d+\.\d+|[a-z]{1,12}|[\d.]+:\d+|https?://[\w.:-]+/?")
SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a file; a value that is not there is None, one that is null is `null`."""

    file: str
    path: str
    before: Any
    after: Any

    def rendered(self) -> dict[str, Any]:
        """As it is printed."""
        return {"file": self.file, "path": self.path, "from": self.before, "to": self.after}


def differences(
    file: str, before: bytes | None, after: bytes | None, dialect: Dialect = "1.1"
) -> list[Change]:
    """What changed in `file` from `before` to `after`, in the order of their paths.

    A version that is None is of a file that was not there.
    """
    if before == after:
        return []
    old, new = (_values(file, content, dialect) for content in (before, after))
    if old is None or new is None:
        return [Change(file, "", _digest(before), _digest(after))]
    shown = _shown_of_env if is_env_file(Path(file)) else _shown
    return [
        Change(file, dotted(path), shown(path, old.get(path)), shown(path, new.get(path)))
        for path in sorted({*old, *new}, key=lambda path: tuple(map(str, path)))
        if not _is_same(old.get(path, _ABSENT), new.get(path, _ABSENT))
    ]


_ABSENT = object()


def _is_same(old: Any, new: Any) -> bool:
    """Whether two values are one: 1 is not true, and not 1.0 either."""
    return type(old) is type(new) and bool(old == new)


def _values(file: str, content: bytes | None, dialect: Dialect) -> dict[At, Any] | None:
    """The values in `content` by their paths; None where it cannot be read."""
    if content is None:
        return {}
    text, problems = decode(content, file)
    if problems:
        return None
    if is_env_file(Path(file)):
        return {(name,): value for name, value in env_values(text).items()}
    if not file.endswith(SUFFIXES):
        return None
    located = located_yaml.read(text, file, dialect=dialect, foreign_tags=True)
    return None if located.problems else dict(_leaves(located.data, ()))


def _leaves(value: Any, path: At) -> Iterator[tuple[At, Any]]:
    match value:
        case Mapping() if value:
            for key, inner in value.items():
                yield from _leaves(inner, (*path, str(key)))
        case list() if any(isinstance(item, dict | list) for item in value):
            for index, item in enumerate(value):
                yield from _leaves(item, (*path, index))
        case None:
            yield path, "null"
        case _:
            yield path, value


def _shown(path: At, value: Any) -> Any:
    """A value as JSON can have it, with secrets masked."""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    match value:
        case list():
            return [_shown(path, item) for item in value]
        case str():
            return masked(key, value)
        case None | bool() | int() | dict():
            return value
        case float() if value - value == 0:
            return value
    return str(value)


def _shown_of_env(path: At, value: Any) -> Any:
    """A value of a `.env` file: such a file is for secrets, and only plain words are shown."""
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value)
    if value is not None and (not is_plain or _SECRET_NAME.search(dotted(path))):
        return MASK
    return _shown(path, value)


def _digest(content: bytes | None) -> str | None:
    return None if content is None else f"sha256:{hashlib.sha256(content).hexdigest()[:12]}"
