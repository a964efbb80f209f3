"""Turns the nodes of a YAML document into data, and knows where each of them stood.

The inner part of `located_yaml`, which says what it is good for.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from ops_pipelines.report import Problem
from ops_pipelines.yaml_loaders import LOADERS, Dialect

Path = tuple[str | int, ...]
Replace = Callable[[Path, str], str]

MOST_NODES = 100_000
MOST_LEVELS = 64
_STANDARD = "tag:yaml.org,2002:"
_SCALARS = ("null", "bool", "int", "float", "str", "timestamp", "value", "merge")
_SCALAR_TAGS = {_STANDARD + name for name in _SCALARS}
_MERGE_TAG = _STANDARD + "merge"
# What PyYAML raises for values such as 2001-99-99, =, !!int "" and !!bool maybe.
_UNREADABLE = (ValueError, LookupError, AttributeError, OverflowError, yaml.YAMLError)
# Parts of what PyYAML says for the commonest mistakes, and our code that says what to do.
_SYNTAX_CODES = {
    "found character '\\t'": "yaml.tab",
    "found character": "yaml.first_character",
    "mapping values are not allowed": "yaml.colon",
    "could not find expected ':'": "yaml.missing_colon",
    "found unexpected end of stream": "yaml.unclosed",
    "<stream end>": "yaml.unclosed",
    "but found another document": "yaml.several_documents",
    "expected ',' or": "yaml.missing_comma",
    "expected <block end>": "yaml.misplaced",
    "found undefined alias": "yaml.undefined_alias",
    "special characters are not allowed": "yaml.control_character",
}
_TOLD_WHERE_IT_BEGAN = ("yaml.missing_colon", "yaml.unclosed")


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, counted from 1."""

    line: int = 1
    column: int = 1


def dotted(path: Path) -> str:
    """`path` as a person writes it: `health.checks[0].url`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def place_of(mark: yaml.Mark | None) -> Place:
    """Where `mark` stands; the beginning of the file for none."""
    return Place(mark.line + 1, mark.column + 1) if mark else Place()


class TooMuchError(Exception):
    """The document is larger than anything that a person writes; the reader has said so."""


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None


class Reader:
    """Turns nodes into data; keeps the places and the problems that it meets on the way."""

    def __init__(
        self, file: str, replace: Replace | None, dialect: Dialect, *, foreign_tags: bool
    ) -> None:
        self.file = file
        self.replace = replace
        self.loader = LOADERS[dialect]
        self.foreign_tags = foreign_tags
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.plain: dict[Path, str] = {}
        self.plain_keys: dict[Path, str] = {}
        self.tags: dict[Path, str] = {}
        self.problems: list[Problem] = []
        self._nodes = 0
        self._open: set[int] = set()
        self._scalars = self.loader("")

    def report(self, code: str, path: Path, place: Place, **facts: Any) -> None:
        """Keep a problem."""
        self.problems.append(
            Problem(code, self.file, place.line, place.column, dotted(path), facts=facts)
        )

    def report_syntax(self, detail: str, place: Place, began: Place | None = None) -> None:
        """Keep what PyYAML said, in our words for it."""
        codes = (code for part, code in _SYNTAX_CODES.items() if part in detail)
        code = next(codes, "yaml.syntax")
        began = began or place
        if code in _TOLD_WHERE_IT_BEGAN:
            place = began
        self.report(code, (), place, detail=detail, began=began.line)

    def build(self, node: yaml.Node, path: Path) -> Any:
        """The data of `node`, which stands at `path`."""
        place = place_of(node.start_mark)
        self.values[path] = place
        with self._inside(node, path, place) as is_new:
            return self._build(node, path, place) if is_new else None

    @contextmanager
    def _inside(self, node: yaml.Node, path: Path, place: Place) -> Iterator[bool]:
        """Counts what is expanded; false where `node` stands inside itself."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self.report("yaml.too_many_nodes", path, place, most=MOST_NODES)
            raise TooMuchError
        if len(self._open) > MOST_LEVELS:
            self.report("yaml.too_deep", path, place)
            raise TooMuchError
        if id(node) in self._open:
            self.report("yaml.own_tail", path, place)
            yield False
            return
        self._open.add(id(node))
        yield True
        self._open.discard(id(node))

    def _build(self, node: yaml.Node, path: Path, place: Place) -> Any:
        self._look_past_tag(node, path)
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self._mapping(node, path)
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
            case yaml.ScalarNode() if node.tag in _SCALAR_TAGS:
                return self._scalar(node, path, place)
        self.report("yaml.tag", path, place, tag=node.tag.replace(_STANDARD, "!!", 1)[:80])
        return None

    def _look_past_tag(self, node: yaml.Node, path: Path) -> None:
        """Read `node` without its tag, where that is one of somebody else's reader."""
        if not (self.foreign_tags and node.tag.startswith("!")):
            return
        self.tags[path] = node.tag
        match node:
            case yaml.MappingNode():
                node.tag = _STANDARD + "map"
            case yaml.SequenceNode():
                node.tag = _STANDARD + "seq"
            case _:
                node.tag = _STANDARD + "str"
                if node.end_mark.line > node.start_mark.line:  # its text stands below its tag
                    column = node.end_mark.column - len(node.value)
                    self.values[path] = Place(node.end_mark.line + 1, max(0, column) + 1)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Hashable, Any]:
        """Its data: what it merges first, so that its own keys win in value and place."""
        data: dict[Hashable, Any] = {}
        own: dict[Hashable, Place] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE_TAG:
                data |= self._merged(value_node, path)
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE_TAG:
                continue
            place = place_of(key_node.start_mark)
            key = self._key(key_node, path, place)
            inner = (*path, str(key))
            if key in own:
                self.report("yaml.duplicate_key", inner, place, first_line=own[key].line)
            self.keys[inner] = own[key] = place
            if _is_plain(key_node):
                self.plain_keys[inner] = key_node.value
            data[key] = self.build(value_node, inner)
        return data

    def _merged(self, node: yaml.Node, path: Path) -> dict[Hashable, Any]:
        """What `<<: node` brings in; of several mappings the first has the last word."""
        data: dict[Hashable, Any] = {}
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in reversed(sources):
            place = place_of(source.start_mark)
            with self._inside(source, path, place) as is_new:
                if not isinstance(source, yaml.MappingNode):
                    self.report("yaml.merge", path, place)
                elif is_new:
                    data |= self._mapping(source, path)
        return data

    def _key(self, node: yaml.Node, path: Path, place: Place) -> Hashable:
        if not isinstance(node, yaml.ScalarNode) or node.tag not in _SCALAR_TAGS:
            self.report("yaml.key", path, place)
            return f"?{place.line}:{place.column}"
        try:
            return self._construct(node)
        except _UNREADABLE:
            return str(node.value)

    def _scalar(self, node: yaml.ScalarNode, path: Path, place: Place) -> Any:
        if _is_plain(node):
            self.plain[path] = node.value
        if self.replace:
            replaced = self.replace(path, node.value)
            if replaced != node.value:
                return replaced
        try:
            return self._construct(node)
        except _UNREADABLE:
            self.report("yaml.value", path, place, text=node.value[:80])
            return None

    def _construct(self, node: yaml.ScalarNode) -> Hashable:
        value: Hashable = self._scalars.construct_object(node)
        if isinstance(value, int):
            str(value)  # Python refuses numbers of thousands of digits: here, and not in messages
        return value
