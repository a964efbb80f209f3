"""YAML that knows where each value stands.

Reads one YAML document into plain data, with the line and column of every key and value, and
with every problem of the text in one go. It builds data itself from the composed nodes: no tag
makes an object, a key that stands twice is seen, and anchors that explode or bite their own tail
are stopped.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from ops_pipelines.report import Problem, Severity
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


def dotted(path: Path) -> str:
    """`path` as a person writes it: `health.checks[0].url`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


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
    reader = _Reader(file, replace, dialect, foreign_tags=foreign_tags)
    node = _compose(text, reader)
    try:
        data = reader.build(node, ()) if node else None
    except _TooMuchError:
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


class _TooMuchError(Exception):
    """The document is larger than anything that a person writes; the reader has said so."""


def _compose(text: str, reader: "_Reader") -> yaml.Node | None:
    """The nodes of `text`; none where its syntax is wrong, of which `reader` is told."""
    loader: yaml.SafeLoader | None = None
    try:
        loader = reader.loader(text)
        return loader.get_single_node()
    except yaml.reader.ReaderError as error:
        reader.report_syntax(error.reason, place_at(text, error.position))
    except yaml.MarkedYAMLError as error:
        marks = [_place(error.problem_mark), _place(error.context_mark or error.problem_mark)]
        reader.report_syntax(error.problem or str(error), *marks)
    except (ValueError, OverflowError) as error:  # "\UFFFFFFFF" is no character
        reader.report_syntax(str(error), _place(loader.get_mark() if loader else None))
    except RecursionError:
        reader.report("yaml.too_deep", (), _place(loader.get_mark() if loader else None))
    return None


def _place(mark: yaml.Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place()


def place_at(text: str, position: int) -> Place:
    """Where the character at `position` of `text` stands."""
    lines = f"{text[:position]}?".splitlines()
    return Place(len(lines), len(lines[-1]))


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None


class _Reader:
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
        self.problems.append(
            Problem(code, self.file, place.line, place.column, dotted(path), facts=facts)
        )

    def report_syntax(self, detail: str, place: Place, began: Place | None = None) -> None:
        codes = (code for part, code in _SYNTAX_CODES.items() if part in detail)
        code = next(codes, "yaml.syntax")
        began = began or place
        if code in _TOLD_WHERE_IT_BEGAN:
            place = began
        self.report(code, (), place, detail=detail, began=began.line)

    def build(self, node: yaml.Node, path: Path) -> Any:
        place = _place(node.start_mark)
        self.values[path] = place
        with self._inside(node, path, place) as is_new:
            return self._build(node, path, place) if is_new else None

    @contextmanager
    def _inside(self, node: yaml.Node, path: Path, place: Place) -> Iterator[bool]:
        """Counts what is expanded; false where `node` stands inside itself."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self.report("yaml.too_many_nodes", path, place, most=MOST_NODES)
            raise _TooMuchError
        if len(self._open) > MOST_LEVELS:
            self.report("yaml.too_deep", path, place)
            raise _TooMuchError
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
            place = _place(key_node.start_mark)
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
            place = _place(source.start_mark)
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
