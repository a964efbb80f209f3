"""Layer 1, the text: its encoding, its YAML, and what the YAML dialect makes of it.

PyYAML stops at the first mistake. Here the line that it stopped at is reported and left out (with
what is indented below it), and reading goes on: all mistakes show in one go.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from ops_pipelines import located_yaml
from ops_pipelines.errors import InputError
from ops_pipelines.located_yaml import Located, Place, Replace, place_at
from ops_pipelines.report import Problem
from ops_pipelines.yaml_loaders import Dialect

BOM = "\ufeff"
MOST_BYTES = 1_048_576
MOST_MISTAKES = 25
_SYNTAX = {
    *("yaml.syntax", "yaml.tab", "yaml.colon", "yaml.first_character", "yaml.misplaced"),
    *("yaml.missing_colon", "yaml.unclosed", "yaml.missing_comma", "yaml.undefined_alias"),
}
# A key with a colon that is none in YAML.
_COLONS = {
    "config.full_width_colon": re.compile(r"(\s*(?:- +)*[\"']?[\w.-]+[\"']?)\s*：\s*"),
    "config.colon_without_space": re.compile(r"(\s*(?:- +)*[A-Za-z_][\w-]*):(?=[^\s/:])(?!.*: )"),
}

_BLOCK = re.compile(r"\s*(- )?[\w\"'.$-]+\s*:(\s|$)|\s*- ")


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

    def read(lines: list[str], replaced: Replace | None = None) -> Located:
        whole = "\n".join(lines)
        return located_yaml.read(whole, file, replaced, dialect=dialect, foreign_tags=True)

    lines = text.split("\n")
    mistakes: dict[int, Problem] = {}
    located = read(lines, replaced)  # which is asked only where nothing ends the reading
    while (mistake := _mistake(located)) and len(mistakes) < MOST_MISTAKES:
        found = _explained(mistake, lines)
        mistakes.setdefault(found.line, found)
        if not _mend(lines, found, read):
            break
        located = read(lines)
    if mistakes:
        located = read(lines, replaced)
    others = [p for p in located.problems if p.code not in _SYNTAX]
    problems = [*mistakes.values(), *(_explained(p, lines) for p in others)]
    if any(p.code == "config.template" for p in problems):
        place = place_at(text, text.index("{{"))
        problems = [Problem("config.template", file, place.line, place.column, "")]
    return Text(text, replace(located, problems=tuple(problems)), not mistakes)


def _mistake(located: Located) -> Problem | None:
    """What ended the reading."""
    return next((p for p in located.problems if p.code in _SYNTAX), None)


def _explained(mistake: Problem, lines: list[str]) -> Problem:
    """`mistake` where it really began, with a better word for it."""
    if mistake.code in ("yaml.key", *_SYNTAX) and "{{" in lines[min(mistake.line, len(lines)) - 1]:
        return replace(mistake, code="config.template", facts={})
    if mistake.code not in _SYNTAX:
        return _without_value(mistake)
    near = () if mistake.code == "yaml.tab" else (mistake.line, mistake.line - 1)
    for line in filter(None, near):
        for code, pattern in _COLONS.items():
            if found := pattern.match(lines[min(line, len(lines)) - 1]):
                return Problem(code, mistake.file, line, found.end(1) + 1, "")
    if (began := _never_closed(mistake, lines)) is not None:
        return Problem("yaml.unclosed", mistake.file, began.line, began.column, "")
    facts = {"began": mistake.facts["began"], "detail": _without_names(mistake.facts["detail"])}
    return replace(mistake, facts=facts)


def _without_value(mistake: Problem) -> Problem:
    """`mistake` without the value that it is about: it may be secret."""
    if mistake.code != "yaml.value":
        return mistake
    return replace(mistake, code="config.unreadable_value", facts={})


def _never_closed(mistake: Problem, lines: list[str]) -> Place | None:
    """Where a quote or bracket was opened that swallowed the lines up to the mistake."""
    began = mistake.facts["began"]
    if mistake.code in ("yaml.missing_comma", "yaml.syntax") and began < mistake.line:
        is_block = _BLOCK.match(lines[min(mistake.line, len(lines)) - 1])
        return Place(began, len(lines[began - 1].rstrip())) if is_block else None
    try:
        for token in yaml.scan("\n".join(lines), yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken) and _swallows(token, mistake.line - 1):
                return Place(token.start_mark.line + 1, token.start_mark.column + 1)
    except yaml.YAMLError:
        pass
    return None


def _swallows(token: yaml.ScalarToken, line: int) -> bool:
    """Whether a quoted text holds keys of the lines before `line` (from 0), where it ends."""
    is_quoted = token.style in ("'", '"') and re.search(r":(\s|$)", token.value)
    return bool(is_quoted) and token.start_mark.line < token.end_mark.line == line


def _without_names(detail: str) -> str:
    """What PyYAML says, without the words that it quotes from the file: they may be secret."""
    return re.sub(r"'[^']{2,}'|\"[^\"]{2,}\"", "…", detail)


def _mend(lines: list[str], mistake: Problem, read: Callable[[list[str]], Located]) -> bool:
    """Change the line of `mistake` so that reading can go on; whether that was possible."""
    at = min(mistake.line, len(lines)) - 1
    line = lines[at]
    match mistake.code:
        case "config.template":
            return False  # all of it is to be filled in first
        case "config.full_width_colon" | "config.colon_without_space":
            lines[at] = _COLONS[mistake.code].sub(r"\1: ", line, count=1)
        case "yaml.tab" if "\t" in _before(line):
            lines[at] = max(
                (" " * width + line.lstrip() for width in _widths(lines, at)),
                key=lambda spaced: _reach(read([*lines[:at], spaced, *lines[at + 1 :]])),
            )
        case _:
            return _leave_out(lines, at)
    return lines[at] != line


def _before(line: str) -> str:
    """What stands before the text of a line."""
    return line[: len(line) - len(line.lstrip())]


def _widths(lines: list[str], at: int) -> list[int]:
    """How many spaces the tabs before a line may stand for: by the file's step, or as beside it."""
    beside = [len(_before(line)) for line in lines[max(0, at - 1) : at + 2] if line.strip()]
    steps = [width for line in lines if "\t" not in _before(line) and (width := len(_before(line)))]
    step = min(steps, default=2)
    width = len(_before(lines[at]).expandtabs(step))
    return [width, *beside, beside[0] + step, max(0, width - step)]


def _reach(located: Located) -> tuple[float, int]:
    """How far a reading got, and with how little trouble."""
    mistake = _mistake(located)
    return (mistake.line if mistake else math.inf, -len(located.problems))


def _leave_out(lines: list[str], at: int) -> bool:
    """Make a comment of the line and of all that is indented below it."""
    if lines[at].lstrip().startswith("#"):
        return False
    depth = len(lines[at]) - len(lines[at].lstrip())
    lines[at] = "#"
    for below in range(at + 1, len(lines)):
        if lines[below].strip() and len(lines[below]) - len(lines[below].lstrip()) <= depth:
            break
        lines[below] = "#"
    return True
