"""Layer 2, `.env` files: what they set, where, and what is wrong with them."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from ops_pipelines.config.text import decode
from ops_pipelines.report import Problem, Severity

VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What a `.env` file sets, where, and what is wrong with it."""

    file: str
    values: dict[str, str]
    lines: dict[str, int]
    problems: tuple[Problem, ...]


def env_files(file: Path, listed: tuple[str, ...]) -> list[Path]:
    """The `.env` files that go with `file`: those `listed`, or the one beside it or a folder up."""
    named = [Path(name) for name in listed if is_env_file(Path(name))]
    near = [folder / ".env" for folder in (file.parent, file.resolve().parent.parent)]
    return named or [path for path in near if path.is_file()][:1]


def is_env_file(path: Path) -> bool:
    """Whether `path` has the name of a `.env` file."""
    return path.name.startswith(".env") or path.suffix == ".env"


def read_env(path: Path) -> EnvFile:
    """What the `.env` file at `path` sets; of one that is not there, nothing."""
    try:
        text, problems = decode(path.read_bytes(), str(path))
    except OSError as error:
        text, problems = "", [_at(path, "config.env_unreadable", 1, detail=error.strerror)]
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    for binding in parse_stream(io.StringIO(text)):
        problems += _judge(path, binding, lines)
        if name := _name(binding):
            values[name], lines[name] = binding.value or "", _line(binding)
    return EnvFile(str(path), values, lines, tuple(problems))


def env_values(text: str) -> dict[str, str]:
    """What the text of a `.env` file sets."""
    bindings = parse_stream(io.StringIO(text))
    return {name: binding.value or "" for binding in bindings if (name := _name(binding))}


def _name(binding: Binding) -> str | None:
    """The variable that a line sets, if it sets one."""
    is_one = binding.key and not binding.error and re.fullmatch(VARIABLE, binding.key)
    return binding.key if is_one else None


def _judge(path: Path, binding: Binding, lines: Mapping[str, int]) -> Iterator[Problem]:
    line, name = _line(binding), _name(binding)
    if name is None:
        if binding.error or binding.key:
            yield _at(path, "config.env_syntax", line)
        return
    if binding.value is None:
        yield _at(path, "config.env_no_value", line, Severity.WARNING, name=name)
    if name in lines:
        yield _at(path, "config.env_twice", line, Severity.WARNING, name=name, first=lines[name])
    if re.match(r"(export\s+)?\w+(\s+=|=[ \t]+\S)", binding.original.string.strip()):
        yield _at(path, "config.env_spaces", line, Severity.WARNING, name=name)


def unused(env: EnvFile, names: set[str]) -> Iterator[Problem]:
    """What a `.env` file sets and the configuration never uses; other programs may."""
    for name in env.values.keys() - names:
        yield _at(Path(env.file), "config.env_unused", env.lines[name], Severity.INFO, name=name)


def _line(binding: Binding) -> int:
    """Where a binding begins; dotenv counts the empty lines before it as its own."""
    string, line = binding.original.string, binding.original.line
    before = string[: len(string) - len(string.lstrip())]
    return line + before.count("\n") if string.strip() else line


def _at(
    path: Path, code: str, line: int, severity: Severity = Severity.CRITICAL, **facts: object
) -> Problem:
    return Problem(code, str(path), line, 1, str(facts.get("name", "")), severity, facts)
