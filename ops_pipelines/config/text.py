"""Layer 1, the text: its encoding, its YAML, and what the YAML dialect makes of it.

PyYAML stops at the first mistake. Here the line that it stopped at is reported and left out (with
what is indented below it), and reading goes on: all mistakes show in one go.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from ops_pipelines import located_yaml
from ops_pipelines.errors import InputError
from ops_pipelines.located_yaml import Located, Replace, place_at
from ops_pipelines.report import Problem
from ops_pipelines.yaml_loaders import Dialect

BOM = "\ufeff"
MOST_BYTES = 1_048_576
MOST_MISTAKES = 25
_SYNTAX = {
    *("yaml.syntax", "yaml.tab", "yaml.colon", "yaml.first_character", "yaml.misplaced"),
    *("yaml.missing_colon", "yaml.unclosed", "yaml.missing_comma", "yaml.undefined_alias"),
}
_FULL_WIDTH = re.compile(r"(\s*(?:- +)*[\"']?[\w.-]+[\"']?)\s*：\s*")


@dataclass(frozen=True, slots=True)
class Text:
    """A file as it was read.

    Attributes:
        is_whole: whether no line had to be left out.
    """

    text: str
    located: Located
    is_whole: bool


def content_of(path: Path) -> bytes:
    """The bytes of `path`.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError("file.missing", file=str(path)) from None
    except OSError as error:
        raise InputError("file.unreadable", file=str(path), detail=error.strerror) from None


def decode(content: bytes, file: str) -> tuple[str, list[Problem]]:
    """The text in `content`, and why it is none."""
    if len(content) > MOST_BYTES:
        return "", [Problem("file.too_large", file, 1, 1, "", facts={"most_bytes": MOST_BYTES})]
    try:
        return content.decode().removeprefix(BOM), []
    except UnicodeDecodeError as error:
        readable = content[: error.start].decode()
        place = place_at(readable, len(readable))
        encoding = _other_encoding(content)
        code = "config.other_encoding" if encoding else "file.not_utf8"
        facts = {"offset": error.start, "encoding": encoding}
        return "", [Problem(code, file, place.line, place.column, "", facts=facts)]


def _other_encoding(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    try:
        return "GB18030" if re.search("[\u4e00-\u9fff]", content.decode("gb18030")) else None
    except UnicodeDecodeError:
        return None


def parse(text: str, file: str, replaced: Replace, dialect: Dialect) -> Text:
    """Read the YAML in `text`, past its mistakes."""
    lines = text.split("\n")
    mistakes: dict[int, Problem] = {}
    while True:
        located = located_yaml.read(
            "\n".join(lines), file, replaced, dialect=dialect, foreign_tags=True
        )
        mistake = next((p for p in located.problems if p.code in _SYNTAX), None)
        if mistake is None or (mistake.line in mistakes and not _is_new(mistake, mistakes)):
            break
        found = _explained(mistake, lines)
        mistakes.setdefault(found.line, found)
        if len(mistakes) >= MOST_MISTAKES or not _mend(lines, found):
            break
    others = [p for p in located.problems if p.code not in _SYNTAX]
    problems = [*mistakes.values(), *(_explained(p, lines) for p in others)]
    if templates := [p for p in problems if p.code == "config.template"]:
        problems = templates[:1]
    return Text(text, replace(located, problems=tuple(problems)), not mistakes)


def _is_new(mistake: Problem, mistakes: dict[int, Problem]) -> bool:
    return mistakes[mistake.line].code != mistake.code


def _explained(mistake: Problem, lines: list[str]) -> Problem:
    """`mistake` where it really began, with a better word for it."""
    if mistake.code in ("yaml.key", *_SYNTAX) and "{{" in lines[min(mistake.line, len(lines)) - 1]:
        return replace(mistake, code="config.template", facts={})
    if mistake.code not in _SYNTAX:
        return _without_value(mistake)
    for line in range(mistake.line, max(0, mistake.line - 2), -1):
        if found := _FULL_WIDTH.match(lines[min(line, len(lines)) - 1]):
            column = found.end(1) + 1
            return Problem("config.full_width_colon", mistake.file, line, column, "")
    facts = {"began": mistake.facts["began"], "detail": _without_names(mistake.facts["detail"])}
    return replace(mistake, facts=facts)


def _without_value(mistake: Problem) -> Problem:
    """`mistake` without the value that it is about: it may be secret."""
    if mistake.code != "yaml.value":
        return mistake
    return replace(mistake, code="config.unreadable_value", facts={})


def _without_names(detail: str) -> str:
    """What PyYAML says, without the words that it quotes from the file: they may be secret."""
    return re.sub(r"'[^']{2,}'|\"[^\"]{2,}\"", "…", detail)


def _mend(lines: list[str], mistake: Problem) -> bool:
    """Change the line of `mistake` so that reading can go on; whether that was possible."""
    at = min(mistake.line, len(lines)) - 1
    line = lines[at]
    match mistake.code:
        case "config.template":
            return False  # all of it is to be filled in first
        case "config.full_width_colon":
            lines[at] = _FULL_WIDTH.sub(r"\1: ", line, count=1)
        case "yaml.tab" if line[: len(line) - len(line.lstrip())].count("\t"):
            content = line.lstrip()
            width = len(line[: len(line) - len(content)].expandtabs(_step(lines)))
            lines[at] = " " * width + content
        case _:
            return _leave_out(lines, at)
    return lines[at] != line


def _step(lines: list[str]) -> int:
    """By how many spaces the file indents."""
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.lstrip(" ")[:1] != "\t"]
    return min((width for width in widths if width), default=2)


def _leave_out(lines: list[str], at: int) -> bool:
    """Make a comment of the line and of all that is indented below it."""
    if lines[at].lstrip().startswith("#") or not lines[at].strip():
        return False
    depth = len(lines[at]) - len(lines[at].lstrip())
    lines[at] = "#"
    for below in range(at + 1, len(lines)):
        if lines[below].strip() and len(lines[below]) - len(lines[below].lstrip()) <= depth:
            break
        lines[below] = "#"
    return True
