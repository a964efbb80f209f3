"""Layer 6, the team's own rules: files with rows like those of `rules/sense.yaml`."""

from pathlib import Path
from typing import Any

from jmespath.exceptions import JMESPathError

from ops_pipelines.config import own_file
from ops_pipelines.config.rules import Rule, rule
from ops_pipelines.report import Problem

_NEEDED = ("code", "when", "at", "message")


def read_rules(file: Path) -> tuple[list[Rule], list[Problem]]:
    """The rules in `file`, and what is wrong with it."""
    own = own_file.read(file)
    rules: list[Rule] = []
    problems = list(own.problems)
    if not problems and not isinstance(own.data, list):
        problems = [own.problem("config.rules_no_list", ())]
    for index, row in enumerate(own.data if isinstance(own.data, list) else []):
        if missing := _missing(row):
            problems.append(own.problem("config.rule_lacks", (index,), key=missing))
            continue
        try:
            rules.append(rule(row))
        except (JMESPathError, ValueError, TypeError, AttributeError) as error:
            name, detail = str(row["code"]), str(error).splitlines()[0]
            at = (index, "when")
            problems.append(own.problem("config.rule_broken", at, rule=name, detail=detail))
    return rules, problems


def _missing(row: Any) -> str | None:
    """The first of what a rule needs that `row` lacks."""
    return next((key for key in _NEEDED if not isinstance(row, dict) or not row.get(key)), None)
