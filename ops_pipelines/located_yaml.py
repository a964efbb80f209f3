"""YAML that knows where each value stands.

Reads one YAML document into plain data, with the line and column of every key and value, and
with every problem of the text in one go. It builds data itself from the composed nodes: no tag
makes an object, a key that stands twice is seen, and anchors that explode or bite their own tail
are stopped.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from ops_pipelines.report import Problem, Severity
from ops_pipelines.yaml_loaders import Dialect
from ops_pipelines.yaml_reader import (
    Path,
    Place,
    Reader,
    Replace,
    TooMuchError,
    dotted,
    place_of,
)

__all__ = ["Located", "Path", "Place", "Replace", "dotted", "place_at", "read"]


@dataclass(frozen=True, slots=True)
class Located:
    """A document: its data, where everything stands, and what is wrong with the text.

    Attributes:
        plain: the values that stand without quotes, as they are written.
        plain_keys: likewise the keys.
        tags: the tags of others' readers, such as `!ENV`, that were looked past.
    """

    file: str
    data: Any
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    plain: dict[Path, str] = field(default_factory=dict)
    plain_keys: dict[Path, str] = field(default_factory=dict)
    tags: dict[Path, str] = field(default_factory=dict)

    def place_of_value(self, path: Path) -> Place:
        """Where the value at `path` stands, or the nearest thing above it that exists."""
        return self._nearest(self.values, path)

    def place_of_key(self, path: Path) -> Place:
        """Where the key at `path` stands, or the value (of a list's item)."""
        return self.keys.get(path) or self._nearest(self.values, path)

    def problem(
        self,
        code: str,
        path: Path,
        severity: Severity = Severity.CRITICAL,
        /,
        *,
        at_key: bool = False,
        **facts: Any,
    ) -> Problem:
        """A problem of the value at `path`, or of its key."""
        place = self.place_of_key(path) if at_key else self.place_of_value(path)
        line, column = place.line, place.column
        return Problem(code, self.file, line, column, dotted(path), severity, facts)

    def _nearest(self, places: dict[Path, Place], path: Path) -> Place:
        while path and path not in places:
            path = path[:-1]
        return places.get(path, Place())


def read(
    text: str,
    file: str,
    replace: Replace | None = None,
    *,
    dialect: Dialect = "1.1",
    foreign_tags: bool = False,
) -> Located:
    """Read the YAML document `text`; `file` is the name that problems bear.

    `replace` is handed the path and the text of every scalar value and returns the text to read
    in its place; a value that it changed stays text. With `foreign_tags` what bears a tag that only
    its own reader knows (`!ENV`, `!include`) is read as if it bore none.
    """
    reader = Reader(file, replace, dialect, foreign_tags=foreign_tags)
    node = _compose(text, reader)
    try:
        data = reader.build(node, ()) if node else None
    except TooMuchError:
        data = None
    return Located(
        file,
        data,
        reader.keys,
        reader.values,
        tuple(reader.problems),
        reader.plain,
        reader.plain_keys,
        reader.tags,
    )


def _compose(text: str, reader: Reader) -> yaml.Node | None:
    """The nodes of `text`; none where its syntax is wrong, of which `reader` is told."""
    loader: yaml.SafeLoader | None = None
    try:
        loader = reader.loader(text)
        return loader.get_single_node()
    except yaml.reader.ReaderError as error:
        reader.report_syntax(error.reason, place_at(text, error.position))
    except yaml.MarkedYAMLError as error:
        marks = [place_of(error.problem_mark), place_of(error.context_mark or error.problem_mark)]
        reader.report_syntax(error.problem or str(error), *marks)
    except (ValueError, OverflowError) as error:  # "\UFFFFFFFF" is no character
        reader.report_syntax(str(error), place_of(loader.get_mark() if loader else None))
    except RecursionError:
        reader.report("yaml.too_deep", (), place_of(loader.get_mark() if loader else None))
    return None


def place_at(text: str, position: int) -> Place:
    """Where the character at `position` of `text` stands."""
    lines = f"{text[:position]}?".splitlines()
    return Place(len(lines), len(lines[-1]))
