"""Layer 2, the environment: what `${NAME}` stands for, and the `.env` files that say so."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import parse_stream

from ops_pipelines.config.text import decode
from ops_pipelines.located_yaml import Located
from ops_pipelines.located_yaml import Path as At
from ops_pipelines.report import Problem, Severity

# ${NAME}, ${NAME:default}, ${NAME:-default}, ${NAME:?must}; ${env.NAME:=default} (llama-stack),
# ${oc.env:NAME,default} (OmegaConf), ${NAME,OTHER:default} (private-gpt); $${NAME} is none.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
REFERENCE = re.compile(
    rf"(?<!\$)\$\{{\s*(?:env\.|env:|oc\.env:)?(?P<names>{_NAME}(?:,{_NAME})*)\s*"
    r"(?:(?P<sign>:?[-=+?]|[:,|])(?P<default>[^{}]*))?\}"
)
_LITELLM = re.compile(rf"os\.environ/({_NAME})")
MOST_NESTED = 5


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What a `.env` file sets, where, and what is wrong with it."""

    file: str
    values: dict[str, str]
    lines: dict[str, int]
    problems: tuple[Problem, ...]


@dataclass
class References:
    """Replaces the references of one file; knows afterwards what was used, and what is unset.

    Attributes:
        variables: what names stand for.
        is_all: whether `variables` hold all that the service is given: a `.env` file was there.
        names: the names that stood in each value.
        unset: where a name was used that is unset and has no default.
    """

    variables: Mapping[str, str]
    is_all: bool
    names: dict[At, list[str]] = field(default_factory=dict)
    unset: list[tuple[At, str]] = field(default_factory=list)

    def replace(self, path: At, text: str) -> str:
        """`text`, the value at `path`, with its references replaced."""
        if found := _LITELLM.fullmatch(text.strip()):
            return self._value(path, found[1], None, text)
        for _ in range(MOST_NESTED):
            replaced = REFERENCE.sub(lambda found: self._of(found, path), text)
            if replaced == text:
                break
            text = replaced
        return text

    def problems(self, located: Located) -> Iterator[Problem]:
        """The names that are unset. Without any `.env` file the service may know them all."""
        severity = Severity.CRITICAL if self.is_all else Severity.WARNING
        code = "config.unset_variable" if self.is_all else "config.unknown_variable"
        for path, name in dict.fromkeys(self.unset):
            yield located.problem(code, path, severity, name=name)

    def _of(self, found: re.Match[str], path: At) -> str:
        sign = found["sign"]
        default = None if sign is None or sign.endswith("?") else found["default"]
        names = found["names"].split(",")
        if is_of_a_text(names[0], found.string, found.group()) and names[0] not in self.variables:
            return found.group()
        for name in names[:-1]:
            if name in self.variables:
                return self._value(path, name, default, found.group())
        return self._value(path, names[-1], default, found.group())

    def _value(self, path: At, name: str, default: str | None, written: str) -> str:
        self.names.setdefault(path, []).append(name)
        value = self.variables.get(name)
        if value or (value is not None and default is None):
            return value
        if default is None:
            self.unset.append((path, name))
            return written
        return default


def is_of_a_text(name: str, text: str, reference: str) -> bool:
    """Whether `${name}` is a place in a text, such as a prompt, and no environment variable."""
    return name.upper() != name and text.strip() != reference


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
        line = _first_line(binding.original.string, binding.original.line)
        name, written = binding.key, binding.original.string.strip()
        if binding.error or (name and not re.fullmatch(_NAME, name)):
            problems.append(_at(path, "config.env_syntax", line))
        elif name is None:
            continue
        else:
            problems += _judge(path, name, binding.value, written, line, lines)
            values[name], lines[name] = binding.value or "", line
    return EnvFile(str(path), values, lines, tuple(problems))


def _judge(
    path: Path, name: str, value: str | None, written: str, line: int, lines: Mapping[str, int]
) -> Iterator[Problem]:
    if value is None:
        yield _at(path, "config.env_no_value", line, Severity.WARNING, name=name)
    if name in lines:
        yield _at(path, "config.env_twice", line, Severity.WARNING, name=name, first=lines[name])
    if re.match(r"(export\s+)?\w+(\s+=|=[ \t]+\S)", written):
        yield _at(path, "config.env_spaces", line, Severity.WARNING, name=name)


def unused(env: EnvFile, names: set[str]) -> Iterator[Problem]:
    """What a `.env` file sets and the configuration never uses; other programs may."""
    for name in env.values.keys() - names:
        yield _at(Path(env.file), "config.env_unused", env.lines[name], Severity.INFO, name=name)


def in_comments(text: str, located: Located, variables: Mapping[str, str]) -> Iterator[Problem]:
    """Unset names in comments: a service that replaces before it parses stumbles over them."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#"):
            continue
        for found in REFERENCE.finditer(line):
            name = found["names"]
            if found["sign"] is None and name not in variables and name.upper() == name:
                at = found.start() + 1
                facts = {"name": name}
                yield Problem(
                    "config.unset_in_comment", located.file, number, at, "", Severity.INFO, facts
                )


def _first_line(string: str, line: int) -> int:
    """Dotenv counts the empty lines before a binding as its own."""
    return line + len(string) - len(string.lstrip("\n")) if string.strip() else line


def _at(
    path: Path, code: str, line: int, severity: Severity = Severity.CRITICAL, **facts: object
) -> Problem:
    return Problem(code, str(path), line, 1, str(facts.get("name", "")), severity, facts)
