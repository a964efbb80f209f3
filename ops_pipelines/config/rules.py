"""Layers 4 and 5, sense: rows of a rule file are asked of each mapping of a configuration.

`rules/sense.yaml` explains a row. Rules see values; messages never do, except numbers and the words
of our own tables.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError

from ops_pipelines.config.mapping import Section, last_name
from ops_pipelines.config.models import model_row, provider_row
from ops_pipelines.config.vocabulary import canonical, load
from ops_pipelines.located_yaml import Located, Path
from ops_pipelines.report import Problem, Severity

_STAGES = ("environment", "app.environment", "api.environment")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: when it holds, what is to blame, and what is said.

    Attributes:
        when: holds where this gives true.
        at: dotted paths from the mapping; the first that exists is to blame (`=…` gives one).
        facts: expressions for the message.
        each: whether it is asked of each mapping, or once of the whole file.
        lacks: whether it speaks of what is missing.
        says: the text of a team's own rule, and what it advises.
    """

    code: str
    when: Any
    at: tuple[str, ...]
    severity: Severity
    facts: Mapping[str, Any] = field(default_factory=dict)
    each: bool = True
    lacks: bool = False
    says: tuple[str, str] | None = None


def rule(row: Mapping[str, Any]) -> Rule:
    """A row as it is read.

    Raises:
        JMESPathError: an expression is none.
        KeyError: something is missing.
        ValueError: its severity is none.
    """
    at = row["at"]
    return Rule(
        row["code"],
        jmespath.compile(row["when"]),
        tuple(at) if isinstance(at, list) else (at,),
        Severity(row.get("severity", "warning")),
        {name: jmespath.compile(text) for name, text in row.get("facts", {}).items()},
        row.get("each", True),
        row.get("lacks", False),
        (row["message"], row.get("suggestion", "")) if "message" in row else None,
    )


@cache
def known_rules() -> tuple[Rule, ...]:
    """The rules that we ship."""
    return tuple(map(rule, load("sense.yaml")))


def broken_rules(
    rules: Iterable[Rule], sections: list[Section], located: Located, *, is_whole: bool
) -> Iterator[Problem]:
    """Every rule that the file breaks, where."""
    rules = [found for found in rules if is_whole or not found.lacks]
    for section in sections:
        scope = _scope(section, sections[0])
        for found in rules:
            if (found.each or section is sections[0]) and _ask(found.when, scope) is True:
                yield _broken(found, section, scope, located)


def _scope(section: Section, whole: Section) -> dict[str, Any]:
    here, file = section.data, whole.data
    embeddings = file.get("embeddings")
    return {
        "here": here,
        "file": file,
        "key": canonical(last_name(section.path)),
        "model": model_row(here),
        "provider": provider_row(here),
        "file_model": model_row(embeddings) if isinstance(embeddings, dict) else None,
        "stage": _stage(here) or _stage(file),
    }


def _stage(data: Mapping[str, Any]) -> str:
    found = (jmespath.search(path, data) for path in _STAGES)
    return next((text.lower() for text in found if isinstance(text, str)), "")


def _ask(expression: Any, scope: Mapping[str, Any]) -> Any:
    """What `expression` gives; None where it does not fit what the file holds."""
    try:
        return expression.search(scope, _OPTIONS)
    except (JMESPathError, TypeError, re.error):  # jmespath compares texts with numbers, and raises
        return None


def _broken(found: Rule, section: Section, scope: Mapping[str, Any], located: Located) -> Problem:
    facts = {name: _fact(_ask(expression, scope)) for name, expression in found.facts.items()}
    path = _blamed(found, section, scope)
    code = f"config.{found.code}"
    if found.says:
        code = "config.own_rule"
        facts = {"rule": found.code, "says": found.says[0], "advice": found.says[1]}
    is_key = path == section.path
    return located.problem(code, path, found.severity, at_key=is_key, **facts)


def _fact(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) else value


def _blamed(found: Rule, section: Section, scope: Mapping[str, Any]) -> Path:
    """Where in the file the first of `at` that exists stands; else the mapping itself."""
    for at in found.at:
        text = _ask(jmespath.compile(at[1:]), scope) if at.startswith("=") else at
        path = section.origin.get(tuple(str(text).split(".")))
        if path is not None:
            return path
    return section.path


class _Functions(functions.Functions):
    """What rules need beside JMESPath's own functions."""

    @functions.signature({"types": ["number", "null"]}, {"types": ["number", "null"]})
    def _func_product(self, a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a * b

    @functions.signature({"types": ["number", "null"]}, {"types": ["number", "null"]})
    def _func_plus(self, a: float | None, b: float | None) -> float | None:
        return None if a is None else a + (b or 0)

    @functions.signature({"types": [], "variadic": True})
    def _func_first(self, *values: Any) -> Any:
        return next((value for value in values if value is not None), None)

    @functions.signature({"types": []})
    def _func_lower(self, value: Any) -> str | None:
        return value.lower() if isinstance(value, str) else None

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_matches(self, text: str, pattern: str) -> bool:
        return re.search(pattern, text) is not None

    @functions.signature({"types": ["object"]}, {"types": ["string"]})
    def _func_has_key_like(self, data: Mapping[str, Any], part: str) -> bool:
        return any(part in key for key in data)

    @functions.signature({"types": ["object"]})
    def _func_min_above_max(self, data: Mapping[str, Any]) -> str | None:
        for name, least in data.items():
            most = data.get(re.sub("^min(?=_|$)|(?<=_)min(?=_|$)", "max", name))
            if name.startswith("min") and _is_above(least, most):
                return name
        return None


def _is_above(least: Any, most: Any) -> bool:
    numbers = [v for v in (least, most) if isinstance(v, int | float) and not isinstance(v, bool)]
    return len(numbers) == 2 and numbers[0] > numbers[1] >= 0


_OPTIONS = jmespath.Options(custom_functions=_Functions())
