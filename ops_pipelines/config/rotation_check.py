"""Judges a logrotate file that is there, with what can be seen of it on this host."""

import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ops_pipelines.config.log_folders import look
from ops_pipelines.config.logrotate import At, Block, parse
from ops_pipelines.config.rotation_rules import Judged, judge, names_of
from ops_pipelines.config.text import content_of, decode
from ops_pipelines.report import Problem, Severity

# Names that logrotate leaves out of its folder: logrotate(8), tabooext.
_TABOO = (
    *(",v", ".bak", ".cfsaved", ".disabled", ".dpkg-bak", ".dpkg-del", ".dpkg-dist", ".dpkg-new"),
    *(".dpkg-old", ".rpmnew", ".rpmorig", ".rpmsave", ".swp", ".ucf-dist", ".ucf-new", ".ucf-old"),
    "~",
)
# How logging libraries call the settings of a rotation of their own.
_OWN_ROTATION = re.compile(
    r"(max_?(bytes|size)(_?(mb|kb|bytes))?|backup_?count|max_?(files|backups)|rotation|retention"
    r"|rotate|rollover)"
)
_OWN_HANDLER = re.compile(r"(Timed)?RotatingFileHandler|RollingFile")


def check(path: Path, configuration: Mapping[str, Any] | None = None) -> list[Problem]:
    """Every problem of the logrotate file at `path`, in the order of its lines.

    `configuration` is the data of the service's configuration files, by their paths.

    Raises:
        InputError: the file cannot be read at all.
    """
    text, problems = decode(content_of(path), str(path))
    if problems:
        return problems
    is_installed = path.resolve().parent.name == "logrotate.d"
    others = tuple(_neighbours(path)) if is_installed else ()
    found = check_text(text, str(path), configuration or {}, others, is_installed=is_installed)
    return [*_file(path), *found] if is_installed else found


def check_text(
    text: str,
    path: str,
    configuration: Mapping[str, Any],
    others: tuple[tuple[str, Block], ...] = (),
    *,
    is_installed: bool = False,
) -> list[Problem]:
    """The same for a text that is, or is to be, the file at `path`."""
    parsed = parse(text)
    patterns = [pattern.text for block in parsed.blocks for pattern in block.patterns]
    theirs = [pattern.text for _, block in others for pattern in block.patterns]
    seen = look([*patterns, *theirs], *names_of(parsed))
    own = next(_own_rotation(configuration, ()), None)
    return judge(Judged(path, parsed, seen, is_installed, others, own))


def _file(path: Path) -> Iterator[Problem]:
    """What makes logrotate ignore the file itself."""
    start = At("", 1, 1)
    if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield _problem(path, start, "rotation.writable_file", file=str(path))
    for ending in _TABOO:
        if path.name.endswith(ending):
            yield _problem(path, start, "rotation.ignored_name", ending=ending)


def _problem(path: Path, at: At, code: str, **facts: str) -> Problem:
    return Problem(code, str(path), at.line, at.column, "", Severity.CRITICAL, facts)


def _neighbours(path: Path) -> Iterator[tuple[str, Block]]:
    """The blocks of the other files that logrotate reads from the same folder."""
    for other in sorted(path.resolve().parent.iterdir()):
        if other.name != path.name and other.is_file() and not other.name.endswith(_TABOO):
            with suppress(OSError):
                text, _problems = decode(other.read_bytes(), str(other))
                yield from ((str(other), block) for block in parse(text).blocks)


def _own_rotation(data: Any, at: tuple[str, ...]) -> Iterator[str]:
    """Where a configuration tells the application to rotate its log by itself."""
    match data:
        case dict():
            for key, value in data.items():
                path = (*at, str(key))
                if _is_own(str(key).lower(), value, ".".join(at[1:]).lower()):
                    yield ": ".join((Path(path[0]).name, ".".join(path[1:])))
                yield from _own_rotation(value, path)
        case list():
            for index, item in enumerate(data):
                yield from _own_rotation(item, (*at, str(index)))


def _is_own(key: str, value: Any, above: str) -> bool:
    if isinstance(value, str) and _OWN_HANDLER.search(value):
        return True
    is_on = value not in (None, False, 0, "", "0", "none", "never")
    return "log" in above and bool(_OWN_ROTATION.fullmatch(key)) and is_on and value != {}
