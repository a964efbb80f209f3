"""YAML that knows where each value stands.

Reads one YAML 1.1 document into plain data, with the line and column of every key and value, and
with every problem of the text in one go. It builds data itself from the composed nodes: no tag
makes an object, a key that stands twice is seen, and anchors that explode or bite their own tail
are stopped.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ops_pipelines.report import Problem

Path = tuple[str | int, ...]
Replace = Callable[[Path, str], str]

MOST_NODES = 100_000
_SCALAR_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("null", "bool", "int", "float", "str", "timestamp", "value")
}
_MERGE_TAG = "tag:yaml.org,2002:merge"
# What PyYAML says for the commonest mistakes, and our code that says what to do.
_SYNTAX_CODES = {
    "found character '\\t'": "yaml.tab",
    "mapping values are not allowed": "yaml.colon",
    "could not find expected ':'": "yaml.missing_colon",
    "found unexpected end of stream": "yaml.unclosed",
    "expected a single document": "yaml.several_documents",
    "found undefined alias": "yaml.undefined_alias",
    "special characters are not allowed": "yaml.control_character",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Located:
    """A document: its data, where everything stands, and what is wrong with the text."""

    file: str
    data: Any
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def place_of_value(self, path: Path) -> Place:
        """Where the value at `path` stands, or the nearest thing above it that exists."""
        return self._nearest(self.values, path)

    def place_of_key(self, path: Path) -> Place:
        """Where the key at `path` stands, or the value (of a list's item)."""
        return self.keys.get(path) or self._nearest(self.values, path)

    def _nearest(self, places: dict[Path, Place], path: Path) -> Place:
        while path and path not in places:
            path = path[:-1]
        return places.get(path, Place())


def dotted(path: Path) -> str:
    """`path` as a person writes it: `health.checks[0].url`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read(text: str, file: str, replace: Replace | None = None) -> Located:
    """Read the YAML document `text`; `file` is the name that problems bear.

    `replace` is handed the path and the text of every scalar value and returns the text to read
    in its place; a value that it changed stays text.
    """
    reader = _Reader(file, replace)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = reader.build(node, ()) if node else None
    except yaml.YAMLError as error:
        reader.problems.append(_syntax_problem(error, file))
        data = None
    except RecursionError:
        reader.report("yaml.too_deep", (), Place())
        data = None
    return Located(file, data, reader.keys, reader.values, tuple(reader.problems))


def _syntax_problem(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    detail = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    code = next(
        (c for start, c in _SYNTAX_CODES.items() if detail.startswith(start)), "yaml.syntax"
    )
    place = _place(mark) if mark else Place()
    return Problem(code, file, place.line, place.column, "", facts={"detail": detail})


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


class _Reader:
    """Turns nodes into data; keeps the places and the problems that it meets on the way."""

    def __init__(self, file: str, replace: Replace | None) -> None:
        self.file = file
        self.replace = replace
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.problems: list[Problem] = []
        self._nodes = 0
        self._open: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def report(self, code: str, path: Path, place: Place, **facts: Any) -> None:
        self.problems.append(
            Problem(code, self.file, place.line, place.column, dotted(path), facts=facts)
        )

    def build(self, node: yaml.Node, path: Path) -> Any:
        place = _place(node.start_mark)
        self.values[path] = place
        self._nodes += 1
        if self._nodes == MOST_NODES:
            self.report("yaml.too_many_nodes", path, place, most=MOST_NODES)
        if self._nodes >= MOST_NODES:
            return None
        if id(node) in self._open:
            self.report("yaml.own_tail", path, place)
            return None
        self._open.add(id(node))
        try:
            return self._build(node, path, place)
        finally:
            self._open.discard(id(node))

    def _build(self, node: yaml.Node, path: Path, place: Place) -> Any:
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self._mapping(node, path)
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
            case yaml.ScalarNode() if node.tag in _SCALAR_TAGS:
                return self._scalar(node, path, place)
        self.report("yaml.tag", path, place, tag=node.tag.removeprefix("tag:yaml.org,2002:"))
        return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Hashable, Any]:
        merged: dict[Hashable, Any] = {}
        own: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            place = _place(key_node.start_mark)
            if key_node.tag == _MERGE_TAG:
                for source in self._merge_sources(value_node):
                    merged = {**self._mapping(source, path), **merged}
                continue
            key = self._key(key_node, path, place)
            if key in own:
                first = self.keys[(*path, str(key))]
                self.report("yaml.duplicate_key", (*path, str(key)), place, first_line=first.line)
            self.keys[(*path, str(key))] = place
            own[key] = self.build(value_node, (*path, str(key)))
        return {**merged, **own}

    def _merge_sources(self, node: yaml.Node) -> Iterator[yaml.MappingNode]:
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(source, yaml.MappingNode):
                yield source
            else:
                self.report("yaml.merge", (), _place(source.start_mark))

    def _key(self, node: yaml.Node, path: Path, place: Place) -> Hashable:
        if isinstance(node, yaml.ScalarNode) and node.tag in _SCALAR_TAGS:
            key = self._construct(node, path, place)
            return key if isinstance(key, Hashable) else str(key)
        self.report("yaml.key", path, place)
        return f"?{place.line}:{place.column}"

    def _scalar(self, node: yaml.ScalarNode, path: Path, place: Place) -> Any:
        if self.replace:
            replaced = self.replace(path, node.value)
            if replaced != node.value:
                return replaced
        return self._construct(node, path, place)

    def _construct(self, node: yaml.ScalarNode, path: Path, place: Place) -> Any:
        try:
            return self._scalars.construct_object(node)
        except (ValueError, yaml.YAMLError):
            self.report("yaml.value", path, place, text=node.value[:80])
            return None
