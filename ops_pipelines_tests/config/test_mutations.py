"""Mistakes that a program makes in real configurations: each is told, and no secret with it.

`make drills` makes all of them and prints the share of each kind.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops_pipelines import language
from ops_pipelines.config.validate import validate
from ops_pipelines.config.verdict import Verdict
from ops_pipelines_tests.config.corpus import Valid, alarms, corpus
from ops_pipelines_tests.config.mutations import CANARY, Mutation, mutations
from ops_pipelines_tests.conftest import forget_secrets

IN_FULL = os.environ.get("OPS_DRILLS") == "full"
EVERY = 1 if IN_FULL else 23
# What no reader could tell: `- shield_id:x` is a text of a list, as `- redis:6379` is.
UNTOLD = {("llama-stack", "colon without space", 100)}


def made() -> Iterator[tuple[Valid, Mutation]]:
    """The mutations, or each so manieth of them."""
    every = [(valid, mutation) for valid in corpus() for mutation in mutations(valid.text)]
    return iter(every[::EVERY])


def judged(folder: Path, valid: Valid, mutation: Mutation) -> Verdict:
    forget_secrets()
    file, dotenv = folder / "config.yaml", folder / ".env"
    file.write_text(mutation.text, "utf-8")
    dotenv.unlink(missing_ok=True)
    if mutation.dotenv:
        dotenv.write_text(mutation.dotenv)
    return validate(file, None, valid.environment)


def is_told(verdict: Verdict, mutation: Mutation) -> bool:
    return any(p.line == mutation.line and p.code in mutation.codes for p in verdict.problems)


def beside(verdict: Verdict, valid: Valid, mutation: Mutation) -> int:
    """How many alarms speak of other lines, beyond what is true of them."""
    true = {line for line, _code in valid.true_findings}
    lines = {mutation.line, *(line + 1 for line in true), *true}
    return sum(p.line not in lines and p.file == verdict.file for p in alarms(verdict.problems))


def printed(verdict: Verdict) -> str:
    """All that can leave: what is printed for programs and for people, in each language."""
    text = ""
    for tongue in language.LANGUAGES:
        with language.speaking(tongue):
            text += json.dumps(verdict.rendered(), ensure_ascii=False)
            text += "".join(map(str, verdict.problems))
    return text + json.dumps([dict(p.facts) for p in verdict.problems], default=str)


@pytest.mark.drill
@pytest.mark.slow
def test_every_mistake_is_told_in_its_line_and_no_secret_leaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    total: Counter[str] = Counter()
    told: Counter[str] = Counter()
    false: Counter[str] = Counter()
    untold = []
    for valid, mutation in made():
        verdict = judged(tmp_path, valid, mutation)
        total[mutation.kind] += 1
        told[mutation.kind] += is_told(verdict, mutation)
        false[mutation.kind] += beside(verdict, valid, mutation)
        if not is_told(verdict, mutation):
            untold.append((valid.name, mutation.kind, mutation.line))
        assert CANARY not in printed(verdict), (valid.name, mutation.kind, mutation.line)
    with capsys.disabled():
        sys.stdout.write(_table(total, told, false))
    assert set(untold) <= UNTOLD


def _table(total: Counter[str], told: Counter[str], false: Counter[str]) -> str:
    rows = [(kind, count, told[kind], false[kind]) for kind, count in total.items()]
    rows.append(("all", total.total(), told.total(), false.total()))
    lines = (
        f"{kind:28}{made:6}{f'{right} ({right / made:.2%})':>18}{wrong:16}\n"
        for kind, made, right, wrong in rows
    )
    head = f"\n{'mistake':28}{'made':>6}{'told in its line':>18}{'of other lines':>16}\n"
    return head + "".join(lines)


# A secret may stand anywhere, and be told or not: it is never shown.
@pytest.mark.parametrize("valid", corpus(), ids=lambda valid: valid.name)
def test_no_comment_line_or_key_of_the_file_is_shown(tmp_path: Path, valid: Valid) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"# {CANARY}: ${{X}}\n{valid.text}\n# {CANARY}", "utf-8")

    assert CANARY not in printed(validate(file, None, valid.environment))
