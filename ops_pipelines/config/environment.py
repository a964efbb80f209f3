"""Layer 2, the environment: what `${NAME}` in a configuration stands for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ops_pipelines.config.env_file import VARIABLE
from ops_pipelines.located_yaml import Located
from ops_pipelines.located_yaml import Path as At
from ops_pipelines.report import Problem, Severity

# ${NAME}, ${NAME:default}, ${NAME:-default}, ${NAME:?must}; ${env.NAME:=default} (llama-stack),
# ${oc.env:NAME,default} (OmegaConf), ${NAME,OTHER:default} (private-gpt); $${NAME} is none.
REFERENCE = re.compile(
    rf"(?<!\$)\$\{{\s*(?:env\.|env:|oc\.env:)?(?P<names>{VARIABLE}(?:,{VARIABLE})*)\s*"
    r"(?:(?P<sign>:?[-=+?]|[:,|])(?P<default>[^{}]*))?\}"
)
_LITELLM = re.compile(rf"os\.environ/({VARIABLE})")
MOST_NESTED = 5


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
